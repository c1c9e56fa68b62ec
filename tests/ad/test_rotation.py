"""A whole rotation on a real Active Directory, logged in by Kerberos: staged, activated, retired, and the emergency. The
domain controller's clock cannot be moved, so what a run would do on a later date is typed."""

import unittest

import ad
import exchange
import pki
import renewal


class Bed(renewal.Bed):
    """One organization on a forest of its own, and an agent that logs in by Kerberos."""

    def __init__(self, forest, directory=None, **options):
        super().__init__(current=None, executable=forest.executable(), **options)
        self.directory, self.organization = forest, forest.organizations[0]
        self.section = directory or {}

    def __enter__(self):
        self.program = self.agent()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()

    def agent(self):
        program = super().agent()
        program.write({**program.sections, "directory": self.directory.directory_config(
            bind="gssapi", keytab=self.directory.account().keytab, **self.section)})
        return program


@ad.required
class Rotation(unittest.TestCase):
    def forest(self, current, **options):
        organization = exchange.Organization(name="Müller, Söhne + Co", current=current, servers=exchange.servers(3, sites=2))
        return self.enterContext(ad.Forest([organization], **options))

    def acts(self, seen):
        self.assertEqual(seen.status, 0, seen)
        return [(done["act"], done["result"]) for done in seen.report["done"]]

    def rotate(self, forest, **directory):
        current = forest.organizations[0].current
        bed = self.enterContext(Bed(forest, directory))
        seen = bed.run("run")
        self.assertEqual(self.acts(seen), [("deliver", "ok"), ("stage", "ok")])
        new = seen.report["certificates"]["next"]["thumbprint"]
        self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": new})
        self.assertRegex(bed.date(), r"^[0-9]{14}\.0Z$")
        at = bed.date()
        self.assertEqual(seen.report["next_effective"],
                         f"{at[:4]}-{at[4:6]}-{at[6:8]}T{at[8:10]}:{at[10:12]}:{at[12:14]}Z")
        self.assertEqual(seen.report["certificates"]["next"]["source"], "record")
        self.assertEqual(self.acts(bed.run("run")), [])

        self.assertEqual(self.acts(bed.run("activate", "--now", "--yes")), [("activate", "ok")])
        self.assertEqual((bed.slots(), bed.date()), ({"0": new, "1": current.thumbprint}, None))
        self.assertEqual(self.acts(bed.run("run")), [])

        self.assertEqual(self.acts(bed.run("retire", "--now", "--yes")), [("retire", "ok")])
        self.assertEqual(bed.slots(), {"0": new})
        seen = bed.run("check")
        self.assertEqual((seen.status, seen.report["organization"]), (0, "Müller, Söhne + Co"), seen)

    def test_sealed_by_kerberos(self):
        forest = self.forest(pki.auth_certificate(21))
        self.rotate(forest, uri=forest.dc[0].plain_uri, tls="off")

    def test_under_tls(self):
        self.rotate(self.forest(pki.auth_certificate(21)))

    def test_an_expired_certificate(self):
        forest = self.forest(pki.auth_certificate(-1))
        bed = self.enterContext(Bed(forest))
        seen = bed.run("run")
        self.assertEqual(self.acts(seen), [("deliver", "ok"), ("replace", "ok")])
        self.assertEqual(bed.slots(), {"0": seen.report["certificates"]["current"]["thumbprint"]})

    def test_without_the_right_to_write(self):
        """What is refused is told, with the right that is missing, and nothing changed."""
        forest = self.forest(pki.auth_certificate(21), rights=False)
        bed = self.enterContext(Bed(forest))
        seen = bed.run("run")
        self.assertEqual(bed.slots(), {"0": forest.organizations[0].current.thumbprint})
        self.assertEqual(seen.report["decision"]["blocked"]["by"], "rights", seen)


if __name__ == "__main__":
    unittest.main()
