"""An organization that authcert may renew, on two domain controllers that replicate on command only.

    with controllers_bed.Bed(forest, current=certificate) as bed:
        bed.agent(writer="dc2.contoso.test")       a program.Program; see tests/bed/renewal.py for the rest
        bed.values_at(1), bed.slots_at(1), bed.date_at(1)      the object as one controller has it
        bed.write(1, ("0:...",), date)             another writer's change at one controller
"""

import ad
import exchange as exchange_objects
import pki
import renewal

THUMBPRINTS, DATE = renewal.THUMBPRINTS, renewal.DATE


def replicate(forest, source, destination):
    """What changed at one controller arrives at the other. One that was stopped breaks the first attempt."""
    for attempt in range(4, -1, -1):
        try:
            forest.replicate(source, destination, (exchange_objects.CONFIGURATION,))
            return
        except RuntimeError:
            if not attempt:
                raise


def exchange(forest):
    replicate(forest, 0, 1)
    replicate(forest, 1, 0)


class Bed(renewal.Bed):
    def __init__(self, forest, current=None, values=None, date=None, data=(), directory=None, **options):
        super().__init__(current=None, executable=forest.executable(), **options)
        self.organization, self.directory = forest.organizations[0], forest
        self.forest, self.keys_of_directory = forest, directory or {}
        self.current = current or pki.auth_certificate(21)
        self.first = ["0:" + self.current.thumbprint] if values is None else list(values)
        self.first_date, self.data = date, [self.current.der, *data]

    def __enter__(self):
        replicate(self.forest, 1, 0)  # what was written most often wins: what follows has to come after it
        for dn in self.forest.search(ad.CONTAINER, "(objectClass=msDS-AppData)", ["1.1"]):
            self.forest.delete(dn)
        self.forest.replace(self.organization.auth_dn, msExchAuthCertificateData=self.data)
        self.write(0, self.first, self.first_date)
        replicate(self.forest, 0, 1)
        self.program = self.agent()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()

    def agent(self, **directory):
        program = super().agent()
        program.change("directory", **{"uri": [dc.uri for dc in self.forest.dc], **self.keys_of_directory, **directory})
        return program

    def write(self, dc, values, date=None):
        self.forest.replace(self.organization.auth_dn, dc=dc, msExchAuthNextEffectiveDate=[date] if date else [],
                            msExchAuthCertificateThumbprint=list(values))

    def values_at(self, dc):
        return sorted(value.decode() for value in self.forest.read(self.organization.auth_dn, THUMBPRINTS, dc=dc))

    def slots_at(self, dc):
        values = self.values_at(dc)
        slots = dict(value.split(":", 1) for value in values)
        assert len(slots) == len(values), values
        return slots

    def date_at(self, dc):
        dates = self.forest.read(self.organization.auth_dn, DATE, dc=dc)
        return dates[0].decode() if dates else None
