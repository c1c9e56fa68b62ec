"""What doctor says of rights where the directory itself does not tell them, as slapd does not: it sends a change that
cannot come about, and nothing is changed by it."""

import unittest

import pki
import renewal

THUMBPRINTS, DATE = renewal.THUMBPRINTS, renewal.DATE


class Probe(unittest.TestCase):
    def bed(self, rule=None):
        made = renewal.Bed(current=pki.auth_certificate(21), date="20300101000000.0Z")
        if rule is not None:
            made.directory.access.append(f'access to dn.base="{made.organization.auth_dn}" {rule} by users read')
        made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        return made

    def doctor(self, made):
        """Its line about write rights, after which the object is as it was."""
        before = made.directory.search(made.organization.auth_dn, attributes=["*", "entryCSN"])
        text = made.program.run("doctor").stdout
        self.assertEqual(made.directory.search(made.organization.auth_dn, attributes=["*", "entryCSN"]), before)
        return next((line for line in text.splitlines() if " write rights: " in line), "")

    def test_all_may_be_written(self):
        made = self.bed()
        self.assertEqual(self.doctor(made), f"ok      write rights: Write Property on {THUMBPRINTS} and {DATE} of the auth "
                         "configuration")
        made.program.change("policy", mode="monitor")
        self.assertTrue(self.doctor(made).startswith("warning write rights: mode is monitor, but the account may write"))

    def test_nothing_may_be_written(self):
        made = self.bed("")
        self.assertRegex(self.doctor(made), f"FAILED  write rights: .* lacks Write Property on {THUMBPRINTS} and {DATE} of ")
        made.program.change("policy", mode="monitor")
        self.assertEqual(self.doctor(made), "ok      write rights: none, and mode monitor needs none")

    def test_one_may_not_be_written(self):
        for closed, other in ((DATE, THUMBPRINTS), (THUMBPRINTS, DATE)):
            with self.subTest(closed):
                said = self.doctor(self.bed(f"attrs={closed}"))
                self.assertRegex(said, f"FAILED  write rights: .* lacks Write Property on {closed} of ")
                self.assertNotIn(other, said)

    def test_a_directory_that_answers_otherwise(self):
        made = renewal.Bed(current=pki.auth_certificate(21))
        made.directory.extra.append("readonly on")
        made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        self.assertEqual(self.doctor(made), "warning write rights: the directory does not tell whether the account may write "
                         f"{THUMBPRINTS} and {DATE}")


if __name__ == "__main__":
    unittest.main()
