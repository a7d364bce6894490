"""A real IMAP server of this run's own: Debian's Dovecot on a free port of loopback, with its own certificate and folders."""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "sesame:open@1"  # noqa: S105
CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert
ssl_key = <{folder}/key
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
auth_failure_delay = 0
service stats {{
  chroot =
}}
"""


class Dovecot:
    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    def url(self, user, folder="INBOX"):
        return f"imaps://{user}:{quote(PASSWORD)}@127.0.0.1:{self.port}/{folder}?ca={self.folder}/cert"

    @contextmanager
    def signed_in(self, user):
        client = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=ssl.create_default_context(cafile=f"{self.folder}/cert"), timeout=10)
        client.login(user, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, user, *messages):
        with self.signed_in(user) as client:
            for message in messages:
                body = message if isinstance(message, bytes) else message.as_bytes()
                assert client.append("INBOX", None, None, body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0] == "OK"

    def flags(self, user):
        """Of each message that is there."""
        with self.signed_in(user) as client:
            client.select("INBOX", readonly=True)
            return [imaplib.ParseFlags(line) for line in client.fetch("1:*", "(FLAGS)")[1] if line]

    def forget_numbers(self, user):
        """As after a restore from a backup: the messages are there, their numbers are new."""
        home = self.folder / "mail" / user
        for file in [*home.glob("dovecot*")]:
            file.unlink()
        for file in (home / "cur").iterdir():
            file.rename(home / "new" / file.name)
        (home / "dovecot-uidlist").write_text(f"3 V{int(time.time()) + 1000} N1 G0123456789abcdef0123456789abcdef\n")
        (home / "dovecot-uidlist").chmod(0o666)


@contextmanager
def running():
    folder = Path(tempfile.mkdtemp(prefix="crm-dovecot-"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")], check=True, capture_output=True)  # fmt: skip
    user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    for name in ("mail", "run", "state"):
        (folder / name).mkdir()
        (folder / name).chmod(0o777)
    (folder / "conf").write_text(CONF.format(folder=folder, port=port, user=user, group=group, password=PASSWORD))
    server = subprocess.Popen([PROGRAM, "-F", "-c", str(folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        _wait(server, port, folder)
        yield Dovecot(folder, port)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server, port, folder):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # until it listens
    log = folder / "log"
    raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
