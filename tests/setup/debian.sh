#!/usr/bin/env bash
# Install Debian packages as root; otherwise say the exact line to run, and stop.
set -eu
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing: $*. Run this once, then try again:"
  echo "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends $*"
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install --yes -qq --no-install-recommends "$@" >/dev/null
