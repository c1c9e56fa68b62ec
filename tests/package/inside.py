"""Inside the machine: a directory and a mail sink, configured as an admin would, then ready for systemd.

inside.py FOLDER DAYS: slapd with an organization whose certificate has so many days left, a mail relay that writes what
it takes into FOLDER. Five lines of the package's own configuration file are edited.
"""

import os
import re
import signal
import socket
import sys
from pathlib import Path

import exchange
import pki
import slapd
import smtp

CONFIGURATION = Path("/etc/authcert/authcert.conf")


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


def main(folder, days):
    Path(folder).mkdir(parents=True, exist_ok=True)
    organization = exchange.Organization(current=pki.auth_certificate(int(days)), servers=[])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with slapd.Slapd([organization]) as directory, smtp.Relay(starttls=True, folder=folder) as relay:
        authority = Path("/etc/authcert/ca.pem")
        authority.write_bytes(Path(directory.ca_file).read_bytes())
        authority.chmod(0o644)
        Path("/etc/credstore/directory-password").write_text(directory.password + "\n")
        text = edit(CONFIGURATION.read_text(), "directory", uri=directory.uri, bind_dn=directory.bind_dn, ca_file=authority)
        CONFIGURATION.write_text(edit(text, "mail", relay=relay.uri, ca_file=authority, to="admins@contoso.test",
                                      **{"from": "authcert@contoso.test"}))
        ready()
        signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    main(*sys.argv[1:])
