#!/usr/bin/env bash
# Install Debian packages as root; otherwise say the exact line to run, and stop.
set -eu
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing: $*. Run this once, then try again:"
  echo "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends $*"
  exit 1
fi
# PostgreSQL's programs are wanted, no server of Debian's own: a setting that is there before the package is kept.
clusters=/etc/postgresql-common/createcluster.conf
if [[ " $* " == *" postgresql-"* && ! -e $clusters ]]; then
  mkdir -p "${clusters%/*}"
  echo "create_main_cluster = false" >"$clusters"
fi
# A mail server of Debian's own is not wanted either: nothing is started as it is installed.
policy=/usr/sbin/policy-rc.d
if [[ " $* " == *" dovecot-"* && ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
apt-get update -qq
apt-get install --yes -qq --no-install-recommends "$@" >/dev/null
