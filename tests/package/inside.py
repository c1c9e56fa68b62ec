"""Inside the machine: two directories, a mail sink and a dead man's switch, configured as an admin would, then ready for
systemd.

inside.py FOLDER: an organization whose certificate has 21 days left, for authcert.service, which five edited lines of the
package's own configuration file make work; and another one that is due for renewal, for authcert@second.service, with
secret files of the account, a delivery command, and a key password from the credential store. Mails and calls of the
switch are written into FOLDER.
"""

import http.server
import os
import re
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

import exchange
import pki
import program
import slapd
import smtp

CONFIGURATION = Path("/etc/authcert/authcert.conf")
DELIVERY = Path("/usr/local/sbin/deliver-second")

# Reads both secrets, and writes where the sandbox lets it. Looks around as whoever took this process over would, and tries
# to put a program of its own there and run it.
DELIVERY_TEXT = """#!/bin/sh
set -eu
find /var/lib/authcert /etc/authcert/secrets /run/credentials -mindepth 1 >/var/lib/authcert/second/around 2>/dev/null || true
cp /bin/true /var/lib/authcert/second/own
if /var/lib/authcert/second/own 2>/dev/null; then echo ran >>/var/lib/authcert/second/around; fi
grep Max.data /proc/self/limits >>/var/lib/authcert/second/around
password=$(cat <&3)
size=$(wc -c)
echo "$AUTHCERT_THUMBPRINT $AUTHCERT_SLOT ${#password} $size" >>/var/lib/authcert/second/delivered
for server in $AUTHCERT_SERVERS; do echo "$server present"; done
"""


def edit(text, section, **values):
    """Sets keys of one section as an admin's editor would: on the line that shows them."""
    head, title, rest = text.partition(f"[{section}]\n")
    body, following, tail = rest.partition("\n[")
    for key, value in values.items():
        body, count = re.subn(rf"(?m)^#?{key} = .*$", f"{key} = {value}", body, count=1)
        if count != 1:
            sys.exit(f"{CONFIGURATION} has no line for {key} in [{section}]")
    return head + title + body + following + tail


def ready():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])


class Switch(http.server.BaseHTTPRequestHandler):
    """Notes the calls."""

    def do_GET(self):
        with open(self.server.calls, "a") as file:
            file.write(self.path + "\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def call_taker(folder):
    """The address of a switch that runs until this process ends."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Switch)
    server.calls = Path(folder, "calls")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/secret-uuid"


def secret(organization, name, text):
    """A secret file as the manual wants it for the units: of the account, for no other organization."""
    path = CONFIGURATION.parent / "secrets" / organization / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n")
    path.chmod(0o600)
    shutil.chown(path, "authcert", "authcert")
    return path


def configure_second(directory, relay, authority, folder):
    """The configuration of authcert@second.service."""
    DELIVERY.write_text(DELIVERY_TEXT)
    DELIVERY.chmod(0o755)
    for name in ("key-password", "second-key-password"):
        key_password = Path("/etc/credstore", name)
        key_password.write_text("correct horse battery staple\n")
        key_password.chmod(0o600)
    secret("default", "authcert.keytab", "a key table")
    password = secret("second", "password", directory.password)
    (CONFIGURATION.parent / "second.conf").write_text(program.configuration({
        "directory": directory.directory_config(password_file=password, ca_file=authority),
        "policy": {"mode": "renew"},
        "servers": {"probe": "none"},
        "delivery": {"method": "command", "command": DELIVERY},
        "mail": {"relay": relay.uri, "ca_file": authority, "from": "authcert@contoso.test", "to": "second@contoso.test"},
        "metrics": {"ping_url_file": secret("second", "ping-url", call_taker(folder))},
        "state": {"directory": "/var/lib/authcert/second", "key_password_credential": "second-key-password"}}))


def main(folder):
    Path(folder).mkdir(parents=True, exist_ok=True)
    organization = exchange.Organization(current=pki.auth_certificate(21), servers=[])
    due = exchange.Organization(name="Fabrikam", current=pki.auth_certificate(60), servers=exchange.servers(2))
    # A handler, not a mask: what is started here would inherit that, and never end.
    asked_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.set())
    with slapd.Slapd([organization]) as directory, slapd.Slapd([due]) as second, \
            smtp.Relay(starttls=True, folder=folder) as relay:
        authority = Path("/etc/authcert/ca.pem")
        authority.write_bytes(Path(directory.ca_file).read_bytes())
        authority.chmod(0o644)
        Path("/etc/credstore/directory-password").write_text(directory.password + "\n")
        text = edit(CONFIGURATION.read_text(), "directory", uri=directory.uri, bind_dn=directory.bind_dn, ca_file=authority)
        CONFIGURATION.write_text(edit(text, "mail", relay=relay.uri, ca_file=authority, to="admins@contoso.test",
                                      **{"from": "authcert@contoso.test"}))
        configure_second(second, relay, authority, folder)
        ready()
        asked_to_end.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
