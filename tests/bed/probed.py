"""An organization as Exchange keeps it: the directory holds thumbprints alone, and the servers say the rest.

    with probed.Bed(current=pki.auth_certificate(21), servers=exchange.servers(3, sites=2)) as bed:
        bed.servers          the metadata.Servers; names, documents and clocks change through it
        bed.run("check")     a Result of the program, which knows the servers' names
        bed.presence(seen)   {name: "present", ...} of current
        bed.night(now)       what the directory and Exchange do until then, a run, and what was delivered
"""

import datetime

import exchange
import metadata
import program
import renewal
from pki import UTC, days, now

# Brings a certificate to those servers that are there, and leaves it for the test to put into their stores.
DELIVERY = """#!/bin/sh
set -eu
folder={folder}
openssl pkcs12 -passin fd:3 -nokeys -out "$folder/delivered-$AUTHCERT_THUMBPRINT.pem" 2>>"$folder/delivery.log"
echo "$AUTHCERT_THUMBPRINT $AUTHCERT_SLOT $AUTHCERT_SERVERS" >>"$folder/delivered"
status=0
for server in $AUTHCERT_SERVERS; do
    if grep -qxF "$server" "$folder/away"; then
        echo "$server failed it does not answer"
        status=1
    else
        echo "$server present"
    fi
done
exit $status
"""


class Bed(renewal.Bed):
    def __init__(self, current, tls_name=None, data=(), section=None, executable=None, **options):
        changed = options.pop("changed", now() - days(100))
        super().__init__(current, data=list(data), changed=changed, **options)
        self.servers = metadata.Servers(self.organization, tls_name)
        self.section = section or {}
        self.real = executable or program.binary()
        self.installed = 0

    def __enter__(self):
        self.servers.__enter__()
        try:
            self.executable = self.servers.executable(self.real)
            self.more = {"servers": self.servers.section(**self.section), **self.more}
            return super().__enter__()
        except BaseException:
            self.servers.__exit__()
            raise

    def __exit__(self, *_):
        try:
            super().__exit__()
        finally:
            self.servers.__exit__()

    def agent(self):
        program = super().agent()
        program.file("away", "")
        if self.by_command:
            program.file("deliver", DELIVERY.format(folder=program.folder), 0o755)
        return program

    def cut_off(self, *names):
        self.servers.cut_off(*names)
        self.program.file("away", "".join(f"{peer.fqdn}\n" for peer in self.servers.peers.values() if peer.away))

    def back(self, *names):
        self.servers.back(*names)
        self.program.file("away", "".join(f"{peer.fqdn}\n" for peer in self.servers.peers.values() if peer.away))

    def presence(self, seen, slot="current"):
        return {server["fqdn"].split(".")[0]: server[slot] for server in seen.report["servers"] if server["counted"]}

    # Nights

    def note_change(self, at):
        """The directory notes when the thumbprints changed, as Active Directory does; `at` in seconds."""
        when = datetime.datetime.fromtimestamp(at, UTC)
        self.directory.replace(self.organization.auth_dn, whenChanged=exchange.generalized(when),
                               msDS__ReplAttributeMetaData=[exchange.metadata(renewal.THUMBPRINTS, when)])

    def take_deliveries(self):
        """What the delivery command brought to servers since the last time is in their stores now."""
        done = self.delivered()[self.installed:]
        self.installed += len(done)
        for thumbprint, _, names in done:
            pem = (self.program.folder / f"delivered-{thumbprint}.pem").read_bytes()
            here = [name for name in names if not self.servers.peers[name].away]
            if here:
                self.servers.install(metadata.of_pem(pem), *here)

    def promote(self, at):
        """What Exchange's AuthAdmin servicelet does once the date is over: next becomes current."""
        slots = self.slots()
        assert exchange.generalized(datetime.datetime.fromtimestamp(at, UTC)) >= self.date()
        self.directory.replace(self.organization.auth_dn, msExchAuthNextEffectiveDate=[],
                               msExchAuthCertificateThumbprint=["0:" + slots["2"], "1:" + slots["0"]])
        self.note_change(at)

    def go_on(self, at):
        """Exchange's servicelets run until then (seconds)."""
        self.servers.go_on(at, self.slots())

    def night(self, at, *args, **options):
        """Until `at` (seconds) Exchange goes on by itself; then the program runs. Returns its Result."""
        self.go_on(at)
        before = self.slots()
        seen = self.run(*(args or ("run",)), now=at, **options)
        self.take_deliveries()
        if self.slots() != before:
            self.note_change(at)
        return seen
