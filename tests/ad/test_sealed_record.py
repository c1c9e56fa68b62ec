"""The sealed key pair in a record, on a real Active Directory, with its own opinion of who may read what; and that a
directory without access lists like those gets none."""

import subprocess
import tempfile
import unittest

import ad
import exchange
import pki
import renewal
import test_records

RECOVERY = pki.auth_certificate(7000, key="rsa3072", subject="authcert recovery")
SEALED = bytes.fromhex("060b2a864886f70d0109100117")  # the type of CMS AuthEnvelopedData
REMARK = "sealed to the recovery key was not added"


def sealed_of(values):
    return [value for value in values if SEALED in value[:20]]


class Bed(renewal.Bed):
    """An organization of its own for each test, on a domain controller that they share."""

    def __init__(self, directory, recovery=True, **options):
        super().__init__(current=None, executable=directory.executable(), **options)
        self.organization, self.directory = directory.organizations[0], directory
        self.recovery = recovery
        self.current = pki.auth_certificate(21)

    def __enter__(self):
        self.reset()
        self.program = self.agent()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()

    def reset(self):
        self.directory.replace(self.organization.auth_dn, msExchAuthCertificateData=[self.current.der],
                               msExchAuthNextEffectiveDate=[],
                               msExchAuthCertificateThumbprint=["0:" + self.current.thumbprint])
        for dn in self.directory.search(ad.CONTAINER, "(objectClass=msDS-AppData)", ["1.1"]):
            self.directory.delete(dn)

    def agent(self):
        program = super().agent()
        if self.recovery:
            program.change("state", recovery_certificate=program.file("recovery.crt", RECOVERY.pem))
        return program

    def text(self, *words, program=None):
        """What a command says to a person, on one line."""
        seen = (program or self.program).run(*words)
        assert seen.status == 0, seen
        return " ".join(seen.stdout.split())

    def record(self):
        """The DN of next's record."""
        return f"CN={self.slots()['2']},{ad.CONTAINER}"

    def values(self):
        return sorted(value.decode() for value in self.directory.read(self.organization.auth_dn, renewal.THUMBPRINTS))

    def kept(self, user=ad.ADMINISTRATOR):
        """The record's byte values as `user` sees them."""
        return self.directory.read(self.record(), "msDS-ByteArray", user=user)


@ad.required
class ActiveDirectory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        organization = exchange.Organization(servers=exchange.servers(3, sites=2), current=pki.auth_certificate(21))
        cls.directory = cls.enterClassContext(ad.Forest([organization]))

    def bed(self, **options):
        made = Bed(self.directory, **options)
        made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        return made

    def assert_hidden_from_joe(self, bed):
        """A record that says nothing, or none at all: directories differ."""
        self.assertEqual(self.directory.search(ad.CONTAINER, user=ad.JOE, scope="base").keys(), {ad.CONTAINER})
        try:
            self.assertEqual(bed.kept(ad.JOE), [])
        except RuntimeError as error:
            self.assertIn("No such object", str(error))

    def unlock(self, sealed):
        """OpenSSL's own command with the recovery key, as the manual says."""
        folder = self.enterContext(tempfile.TemporaryDirectory())
        certificate, key = RECOVERY.write(folder, "recovery")
        done = subprocess.run(["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-recip", certificate, "-inkey",
                               key], input=sealed, capture_output=True, check=True)
        return done.stdout

    def test_a_new_record_holds_the_pair_for_administrators_alone(self):
        bed = self.bed()
        self.assertNotIn(REMARK, bed.text("run"))
        sealed = sealed_of(bed.kept())
        self.assertEqual((len(sealed), len(bed.kept())), (1, 2))
        self.assertEqual(bed.kept(ad.AGENT), bed.kept())
        self.assert_hidden_from_joe(bed)
        before = bed.kept()
        self.assertNotIn(REMARK, bed.text("run"))
        self.assertEqual(bed.kept(), before, "the same again changes nothing")

        # The record still gives its certificate, and what the recovery key opens makes another agent a holder of the key.
        second = bed.agent()
        report = second.run("check", json=True).report
        self.assertEqual(report["certificates"]["next"]["source"], "record")
        self.assertFalse(report["certificates"]["next"]["key_kept"])
        pair = second.secret("pair.pem", self.unlock(sealed[0]).decode())
        self.assertIn("PRIVATE KEY", pair.read_text())
        self.assertEqual(second.run("import", pair).status, 0)
        self.assertTrue(second.run("check", json=True).report["certificates"]["next"]["key_kept"])
        self.assertEqual(bed.keys(second), [bed.slots()["2"] + ".key"])
        bed.text("run", program=second)
        self.assertEqual(bed.kept(), before, "the other agent adds no second one")

    def test_a_record_from_before_is_closed_first(self):
        bed = self.bed(recovery=False)
        bed.text("run")
        self.assertEqual((len(bed.kept()), bed.kept(ad.JOE)), (1, bed.kept()))
        bed.program.change("state", recovery_certificate=bed.program.file("recovery.crt", RECOVERY.pem))
        self.assertNotIn(REMARK, bed.text("run"))
        self.assertEqual(len(sealed_of(bed.kept())), 1)
        self.assert_hidden_from_joe(bed)

    def test_what_only_begins_like_a_pair_does_not_stand_for_one(self):
        """Nor does a pair for a recovery certificate of before: the kept pair is sealed once more."""
        bed = self.bed(recovery=False)
        bed.text("run")
        begins = bytes.fromhex("30820400") + SEALED + b"x" * 1024
        self.directory.replace(bed.record(), msDS__ByteArray=[*bed.kept(), begins])
        bed.program.change("state", recovery_certificate=bed.program.file("recovery.crt", RECOVERY.pem))
        self.assertNotIn(REMARK, bed.text("run"))
        sealed = [value for value in sealed_of(bed.kept()) if value != begins]
        self.assertEqual(len(sealed), 1)
        self.assertIn("PRIVATE KEY", self.unlock(sealed[0]).decode())

        other = pki.auth_certificate(7000, key="rsa3072", subject="another recovery")
        bed.program.change("state", recovery_certificate=bed.program.file("other.crt", other.pem))
        self.assertNotIn(REMARK, bed.text("run"))
        kept = bed.kept()
        self.assertEqual(len([value for value in sealed_of(kept) if value != begins]), 2)
        self.assertNotIn(REMARK, bed.text("run"))
        self.assertEqual(bed.kept(), kept, "the same again changes nothing")

    def test_what_others_may_read_and_the_agent_cannot_close_gets_none(self):
        """The record is an administrator's, and inherits leave for everybody who logged in."""
        bed = self.bed(recovery=False)
        bed.text("run")
        dn, values = bed.record(), bed.kept()
        self.directory.delete(dn)
        self.directory.modify(exchange.entry(dn, "msDS-AppData", msDS__ByteArray=values, keywords=["authcert"]))
        self.directory.grant(dn, "(A;;RPLCRC;;;AU)")
        bed.program.change("state", recovery_certificate=bed.program.file("recovery.crt", RECOVERY.pem))
        said = bed.text("run")
        self.assertIn(REMARK, said)
        self.assertIn("S-1-5-11", said)
        self.assertEqual(bed.kept(), values)

    def test_what_is_inherited_reaches_no_new_record(self):
        self.directory.grant(ad.CONTAINER, "(A;CI;RPLCRC;;;AU)")
        bed = self.bed()
        bed.text("run")
        self.assertEqual(len(sealed_of(bed.kept())), 1)
        self.assertNotIn(";AU)", self.directory.access(bed.record()))

    def test_a_recovery_certificate_that_will_not_do_is_a_remark(self):
        for content, words in ((None, "there is no such file"), (pki.auth_certificate(900).pem, "at least 3072 bits"),
                               (RECOVERY.pem + RECOVERY.key_pem, "holds a private key")):
            with self.subTest(words=words):
                bed = self.bed(recovery=False)
                path = bed.program.folder / "recovery.crt"
                if content is not None:
                    path.write_bytes(content)
                bed.program.change("state", recovery_certificate=path)
                said = bed.text("run")
                self.assertIn(REMARK, said)
                self.assertIn(words, said)
                self.assertEqual(len(bed.kept()), 1)


class NoActiveDirectory(unittest.TestCase):
    def test_nothing_is_added_and_one_remark_says_so(self):
        bed = test_records.bed(current=pki.auth_certificate(21))
        self.addCleanup(bed.__exit__, None, None, None)
        bed.program.change("state", recovery_certificate=bed.program.file("recovery.crt", RECOVERY.pem))
        said = " ".join(bed.program.run("run").stdout.split())
        self.assertEqual(said.count(REMARK), 1, said)
        self.assertIn("tokenGroups", said)
        found = bed.directory.search(test_records.CONTAINER, "(objectClass=msDS-AppData)", ["msDS-ByteArray"])
        self.assertEqual([len(entry["msDS-ByteArray"]) for entry in found.values()], [1])


if __name__ == "__main__":
    unittest.main()
