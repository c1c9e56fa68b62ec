"""An organization that authcert may renew: a real slapd, a configuration in mode renew, and a delivery command that an
admin could have written, which notes what it got.

    with renewal.Bed(current=pki.auth_certificate(21)) as bed:
        bed.run("run")            a Result of the program, as JSON
        bed.slots()               {"0": thumbprint, ...} as the directory has them
        bed.delivered()           [(thumbprint, slot, [servers]), ...], oldest first
"""

import json

import exchange
import pki
import slapd
from program import Program

THUMBPRINTS = "msExchAuthCertificateThumbprint"
DATE = "msExchAuthNextEffectiveDate"

# Says "present" for every server it was asked for, after proving that the PFX opens with the password.
DELIVERY = """#!/bin/sh
set -eu
folder={folder}
[ ! -e "$folder/refuse" ] || {{ for server in $AUTHCERT_SERVERS; do echo "$server failed refused"; done; exit 1; }}
cat >"$folder/delivered.pfx"
openssl pkcs12 -in "$folder/delivered.pfx" -passin fd:3 -nokeys -out "$folder/delivered.pem" 2>>"$folder/delivery.log"
rm "$folder/delivered.pfx"
echo "$AUTHCERT_THUMBPRINT $AUTHCERT_SLOT $AUTHCERT_SERVERS" >>"$folder/delivered"
for server in $AUTHCERT_SERVERS; do echo "$server present"; done
"""


class Bed:
    def __init__(self, current, delivery=True, servers=None, executable=None, policy=None, sections=None, **organization):
        self.organization = exchange.Organization(servers=exchange.servers(3, sites=2) if servers is None else servers,
                                                  current=current, **organization)
        self.directory = slapd.Slapd([self.organization])
        self.by_command, self.executable = delivery, executable
        self.policy, self.more = policy or {}, sections or {}
        self.programs = []

    def __enter__(self):
        self.directory.__enter__()
        self.program = self.agent()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()
        self.directory.__exit__(None, None, None)

    def agent(self):
        """One more agent with a state folder of its own."""
        program = Program({"directory": self.directory.directory_config(),
                           "policy": {"mode": "renew", **self.policy},
                           "servers": {"probe": "none"}}, executable=self.executable)
        self.programs.append(program)
        if self.by_command:
            command = program.file("deliver", DELIVERY.format(folder=program.folder), 0o755)
            program.change("delivery", method="command", command=command)
        password = program.secret("key-password", "correct horse battery staple\n")
        program.change("state", directory=program.state, key_password_file=password)
        for section, keys in self.more.items():
            program.change(section, **keys)
        return program

    def run(self, *args, **options):
        return self.program.run(*args, json=True, **options)

    def values(self):
        return sorted(value.decode() for value in self.directory.read(self.organization.auth_dn, THUMBPRINTS))

    def add_values(self, *values):
        """Puts values beside those that are there, as another writer's modify does."""
        lines = "".join(f"{THUMBPRINTS}: {value}\n" for value in values)
        self.directory.modify(f"dn: {self.organization.auth_dn}\nchangetype: modify\nadd: {THUMBPRINTS}\n{lines}")

    def slots(self):
        """The slots as the directory has them; two values of one slot are an AssertionError."""
        values = self.values()
        slots = dict(value.split(":", 1) for value in values)
        assert len(slots) == len(values), values
        return slots

    def date(self):
        dates = self.directory.read(self.organization.auth_dn, DATE)
        return dates[0].decode() if dates else None

    def delivered(self):
        path = self.program.folder / "delivered"
        if not path.exists():
            return []
        lines = [line.split() for line in path.read_text().splitlines()]
        return [(words[0], words[1], words[2:]) for words in lines]

    def keys(self, program=None):
        """Names of the kept keys."""
        folder = (program or self.program).state / "keys"
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []

    def history(self):
        return json.loads((self.program.state / "history.json").read_text())
