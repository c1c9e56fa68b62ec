"""What the account may not read is never taken for empty: a real slapd whose access rules hide attributes of the auth
configuration, from accounts that may write them and from those that may not."""

import unittest

import pki
import renewal

THUMBPRINTS, DATE = renewal.THUMBPRINTS, renewal.DATE
WRITE_ONLY, NOTHING, READ = "=w", "none", "read"


class Unread(unittest.TestCase):
    def bed(self, rights, current=None, **options):
        """`rights` of the account on single attributes."""
        made = renewal.Bed(current=current or pki.auth_certificate(400), **options)
        for attribute, right in rights.items():
            made.directory.access.append(f'access to dn.base="{made.organization.auth_dn}" attrs={attribute} '
                                         f'by dn.base="{made.directory.bind_dn}" {right} by * none')
        made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        return made

    def doctor(self, made):
        return [line for line in made.program.run("doctor").stdout.splitlines() if " read rights: " in line or
                " write rights: " in line]

    def assert_unread(self, made):
        before = made.values()
        for words, status in ((("check",), 3), (("run",), 3), (("recover", "--yes"), 3), (("renew", "--again", "--yes"), 3),
                              (("activate", "--now", "--yes"), 3), (("retire", "--now", "--yes"), 3), (("deliver",), 3)):
            with self.subTest(words=words):
                seen = made.run(*words)
                self.assertEqual((seen.status, seen.report["status"], seen.report["decision"]["id"]),
                                 (status, "unknown", "unreadable"), seen)
                self.assertIn(f"may not read {THUMBPRINTS} of ", seen.report["summary"])
                self.assertEqual(seen.report["done"], [])
        self.assertEqual((made.values(), made.keys()), (before, []))

    def test_thumbprints(self):
        """Where they may be written all the same, a healthy current that was never seen stays."""
        for right, said in ((NOTHING, "FAILED  write rights: "), (WRITE_ONLY, "ok      write rights: ")):
            with self.subTest(right=right):
                made = self.bed({THUMBPRINTS: right})
                self.assert_unread(made)
                read, write = self.doctor(made)
                self.assertTrue(read.startswith(f"FAILED  read rights: the account may not read {THUMBPRINTS} of "), read)
                self.assertTrue(write.startswith(said), write)

    def test_thumbprints_that_are_not_set(self):
        """An account that may read them sees that: the object is malformed, and recover mends it."""
        made = self.bed({}, values=[])
        self.assertEqual(made.run("check").report["decision"]["id"], "malformed")
        self.assertTrue(self.doctor(made)[0].startswith("ok      read rights: "))
        seen = made.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual(list(made.slots()), ["0"])
        hidden = self.bed({THUMBPRINTS: WRITE_ONLY}, values=[])
        self.assert_unread(hidden)

    def test_date(self):
        """Next is there, and its date cannot be seen: nothing is made of that, and it is told."""
        for right in (NOTHING, WRITE_ONLY):
            with self.subTest(right=right):
                current, next = pki.auth_certificate(400), pki.auth_certificate(1500, key=pki.new_key())
                made = self.bed({DATE: right}, current=current, next=next, date=pki.now() + pki.days(30),
                                data=[current.der, next.der])
                before, date = made.values(), made.date()
                for words in (("check",), ("run",), ("check", "--last")):
                    seen = made.run(*words)
                    self.assertEqual((seen.report["status"], seen.report["decision"]["act"], seen.report["done"]),
                                     ("warning", "none", []), seen)
                    self.assertNotEqual(seen.report["decision"]["id"], "malformed")
                self.assertTrue(self.doctor(made)[0].startswith(f"FAILED  read rights: the account may not read {DATE} of "))
                self.assertEqual((made.values(), made.date()), (before, date))

    def test_all_can_be_read(self):
        made = self.bed({THUMBPRINTS: "write", DATE: "write"})
        self.assertEqual(made.run("check").report["status"], "ok")
        self.assertTrue(self.doctor(made)[0].startswith("ok      read rights: the auth configuration and 3 servers"))


if __name__ == "__main__":
    unittest.main()
