#!/usr/bin/env python3
"""A throwaway Prosody on loopback: own folder, own CA, free ports, gone when the test ends.

As a library:

    with Prosody(accounts=["alice", "bob"]) as server:
        connect(server.host, server.port, server.ca_file, server.jid("alice"), server.password("alice"))

As a program it prints the same facts as `name=value` lines and runs until it is interrupted:

    tests/server/prosody.py --account alice --account bob

The server never runs as root: a test started by root gives the server's process and folder to `nobody`.
It talks to no other server and is reached by its loopback address only, so its domain needs no DNS.
"""

import argparse
import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import processes  # noqa: E402

LOOPBACK = "127.0.0.1"
DEFAULT_DOMAIN = "chat.test"
UNPRIVILEGED_ID = 65534  # nobody and nogroup, on every Debian
START_ATTEMPTS = 3  # another program may take a free port between its choice and its use
START_SECONDS = 15
STOP_SECONDS = 10

CONFIG = """\
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}/certs"
log = {{ info = "{folder}/prosody.log" }}
run_as_root = false

interfaces = {{ "{host}" }}
local_interfaces = {{ "{host}" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ }}
http_ports = {{ }}
https_interfaces = {{ "{host}" }}
https_ports = {{ {https_port} }}

modules_enabled = {{
  "roster"; "saslauth"; "tls"; "disco"; "posix"; "ping"; "mam"; "smacks"; "carbons"; "blocklist";
  "user_account_management"; "time"; "version"; "offline"; {pep}
}}
modules_disabled = {{ "s2s"; "s2s_auth_certs" }}

authentication = "internal_hashed"
c2s_require_encryption = true
allow_unencrypted_plain_auth = false
ssl = {{ certificate = "{folder}/certs/server.crt"; key = "{folder}/certs/server.key" }}
https_ssl = ssl
storage = "internal"
archive_expires_after = "1w"

VirtualHost "{domain}"

Component "conference.{domain}" "muc"
  modules_enabled = {{ {archive} }}
  restrict_room_creation = false

Component "upload.{domain}" "http_file_share"
  http_host = "{host}"
  http_external_url = "https://{host}:{https_port}/"
"""


class ServerError(Exception):
    """The server could not be started or did not do what it was told."""


def free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def run(*command):
    status, output, _ = processes.run(command, given="", stderr=subprocess.STDOUT)
    if status != 0:
        raise ServerError(f"{command[0]} failed:\n{output}")


def new_key():
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


def make_authority(folder, name):
    """Writes a self-signed CA as <name>.crt and <name>.key and returns the certificate's path."""
    certificate = pathlib.Path(folder) / f"{name}.crt"
    run("openssl", "req", "-x509", *new_key(), "-keyout", str(certificate.with_suffix(".key")),
        "-out", str(certificate), "-subj", f"/CN=Throwaway CA {name}",
        "-addext", "keyUsage=critical,keyCertSign")
    return certificate


def make_certificate(folder, authority, domain):
    """Writes server.crt and server.key for the domain and its components, signed by the authority."""
    names = [f"DNS:{domain}", f"DNS:conference.{domain}", f"DNS:upload.{domain}", f"IP:{LOOPBACK}"]
    run("openssl", "req", "-x509", *new_key(), "-keyout", str(folder / "server.key"),
        "-out", str(folder / "server.crt"), "-subj", f"/CN={domain}",
        "-CA", str(authority), "-CAkey", str(authority.with_suffix(".key")),
        "-addext", "subjectAltName=" + ",".join(names), "-addext", "basicConstraints=critical,CA:false")


class Prosody:
    """One server with its folder. start(), stop() and start() again keep accounts, rooms and archives."""

    def __init__(self, accounts=(), domain=DEFAULT_DOMAIN, pep=True, archive=True):
        self.host = LOOPBACK
        self.port = None
        self.domain = domain
        self.folder = None
        self.process = None
        self._pep = pep
        self._archive = archive
        self._wanted = list(accounts)
        self._passwords = {}

    def __enter__(self):
        try:
            self._make_folder()
            for user in self._wanted:
                self.add_user(user)
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def ca_file(self):
        return self.folder / "ca" / "ca.crt"

    @property
    def data(self):
        """Where the server keeps what it was told: the place to look for what it should not know."""
        return self.folder / "data"

    @property
    def log(self):
        path = self.folder / "prosody.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def jid(self, user):
        return f"{user}@{self.domain}"

    def room(self, name):
        return f"{name}@conference.{self.domain}"

    def password(self, user):
        return self._passwords[user]

    def add_user(self, user):
        """Creates the account with a random password. Works while the server runs and before it does."""
        if not (self.folder / "prosody.cfg.lua").exists():
            self._configure(0, 0)
        self._passwords[user] = secrets.token_urlsafe(12)
        run(*self._unprivileged(), "prosodyctl", "--config", str(self.folder / "prosody.cfg.lua"),
            "register", user, self.domain, self._passwords[user])

    def start(self):
        """Starts the server; after the first time on the same port, so that clients find it again."""
        for _ in range(START_ATTEMPTS):
            port = self.port or free_port()
            self._configure(port, free_port())
            self._launch()
            if self._wait_until_open(port):
                self.port = port
                return
            self.stop()
        raise ServerError(f"Prosody did not start:\n{self.log}")

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self):
        self.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def _make_folder(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mls-prosody-"))
        for name in ("ca", "certs", "data"):
            (self.folder / name).mkdir(mode=0o700)
        authority = make_authority(self.folder / "ca", "ca")
        make_certificate(self.folder / "certs", authority, self.domain)
        authority.with_suffix(".key").unlink()  # one certificate was all it was made for
        self._hand_over()

    def _hand_over(self):
        if os.geteuid() != 0:
            return
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID)

    def _configure(self, port, https_port):
        text = CONFIG.format(folder=self.folder, host=self.host, domain=self.domain, port=port,
                             https_port=https_port, pep='"pep";' if self._pep else "",
                             archive='"muc_mam"' if self._archive else "")
        (self.folder / "prosody.cfg.lua").write_text(text)
        self._hand_over()

    def _unprivileged(self):
        """The start of a command line that gives up root and does not outlive this process."""
        command = ["setpriv", "--pdeathsig=TERM"]
        if os.geteuid() == 0:
            command += [f"--reuid={UNPRIVILEGED_ID}", f"--regid={UNPRIVILEGED_ID}", "--clear-groups"]
        return command

    def _launch(self):
        with open(self.folder / "console.log", "ab") as console, processes.uninterrupted():
            # A session of its own: Ctrl-C in the terminal reaches the test, which then stops the server.
            self.process = subprocess.Popen(
                [*self._unprivileged(), "prosody", "-F", "--config", str(self.folder / "prosody.cfg.lua")],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=self.folder, start_new_session=True)

    def _wait_until_open(self, port):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((self.host, port), timeout=1):
                return True
            time.sleep(0.05)
        return False


def stop_on_signals():
    """Makes SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that `with` blocks clean up."""
    def leave(number, _frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def main():
    parser = argparse.ArgumentParser(description="Run a throwaway Prosody on loopback until interrupted.")
    parser.add_argument("--account", action="append", default=[], metavar="NAME", help="create this account")
    parser.add_argument("--domain", default=DEFAULT_DOMAIN)
    parser.add_argument("--no-pep", action="store_true", help="a server without personal eventing")
    parser.add_argument("--no-archive", action="store_true", help="a server whose rooms keep no archive")
    options = parser.parse_args()
    stop_on_signals()
    with Prosody(options.account, options.domain, not options.no_pep, not options.no_archive) as server:
        print(f"host={server.host}\nport={server.port}\nca_file={server.ca_file}\ndata={server.data}")
        for user in options.account:
            print(f"account={server.jid(user)} password={server.password(user)}")
        print("ready", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.process.wait()


if __name__ == "__main__":
    sys.exit(main())
