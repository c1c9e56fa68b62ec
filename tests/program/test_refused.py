"""A directory that refuses a write for good with a result that elsewhere means a lost race (16, 19, 20): typed commands
fail with its reason instead of blaming somebody who was faster. The refusal is slapd's own, by its overlay constraint."""

import unittest

import pki
import renewal


class Refused(unittest.TestCase):
    def bed(self, *constraints, **options):
        made = renewal.Bed(**options)
        made.directory.extra += ["moduleload constraint", "overlay constraint",
                                 *(f"constraint_attribute {line}" for line in constraints)]
        made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        return made

    def assert_refused(self, made, *words):
        before = made.values(), made.date()
        seen = made.run(*words)
        self.assertEqual((seen.status, (made.values(), made.date())), (1, before), seen)
        # A person who typed it reads it on standard error, too.
        for text in [seen.report["done"][-1]["detail"]] + ([seen.stderr] if words != ("run",) else []):
            self.assertIn("the directory refused it as if someone else had changed the object, but the object is as it was", text)
            self.assertIn("Constraint violation (19)", text)
        self.assertEqual(seen.report["done"][-1]["result"], "failed")

    def test_a_date_that_it_does_not_take(self):
        made = self.bed(f"{renewal.DATE} regex ^1999", current=pki.auth_certificate(60))
        self.assert_refused(made, "renew")
        self.assert_refused(made, "run")

    def test_thumbprints_that_it_does_not_take(self):
        other = pki.auth_certificate(1500, key=pki.new_key())
        current = pki.auth_certificate(200)
        previous = pki.auth_certificate(100, key=pki.new_key())
        made = self.bed(f"{renewal.THUMBPRINTS} count 3", f"{renewal.THUMBPRINTS} regex ^0:{current.thumbprint}|^[12]:",
                        current=current, next=other, previous=previous, date=pki.now() - pki.days(1),
                        data=[one.der for one in (current, other, previous)])
        self.assert_refused(made, "activate", "--now", "--yes")
        self.assert_refused(made, "activate", "--previous", "--yes")

    def test_recover(self):
        current = pki.auth_certificate(-1)
        made = self.bed(f"{renewal.THUMBPRINTS} regex ^0:{current.thumbprint}", current=current)
        self.assert_refused(made, "recover", "--yes")


if __name__ == "__main__":
    unittest.main()
