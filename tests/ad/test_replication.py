"""Replication between two real domain controllers: before some acts the other one is read, after every write it is looked
at, and what is not yet everywhere is confirmed by a later run."""

import unittest

import ad
import controllers_bed
import exchange as objects
import pki


@ad.required
class Replication(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.forest = ad.Forest([objects.Organization()], controllers=2)
        cls.forest.__enter__()
        cls.addClassCleanup(cls.forest.__exit__)
        cls.one, cls.two = cls.forest.dc

    def bed(self, **options):
        bed = controllers_bed.Bed(self.forest, **options)
        bed.__enter__()
        self.addCleanup(bed.__exit__)
        return bed

    def test_not_yet_everywhere_is_confirmed_later(self):
        bed = self.bed()
        seen = bed.run("run")
        self.assertEqual(seen.status, 0, seen)
        staged = [done for done in seen.report["done"] if done["act"] == "stage"][0]
        self.assertEqual(staged["result"], "ok")
        self.assertIn(f"written at {self.one.uri}; not yet on {self.two.host}", staged["detail"])
        self.assertIn(f"not on every domain controller yet: not yet on {self.two.host}", " ".join(one["text"] for one in seen.report["decision"]["reasons"]))
        self.assertEqual(seen.report["status"], "ok")
        since = bed.history()["spreading_since"]
        self.assertIsNotNone(since)
        # It stays so, and is no failure.
        again = bed.run("run")
        self.assertEqual((again.status, again.report["done"], again.report["status"]), (0, [], "ok"))
        self.assertEqual(bed.history()["spreading_since"], since)
        controllers_bed.exchange(self.forest)
        self.assertEqual(bed.run("run").status, 0)
        self.assertIsNone(bed.history()["spreading_since"])
        self.assertIn("on every domain controller now", bed.program.run("history").stdout)
        # From then on nobody else is asked.
        self.assertNotIn("domain controller", " ".join(one["text"] for one in bed.run("run").report["decision"]["reasons"]))

    def test_other_controller_down_is_no_failure(self):
        bed = self.bed()
        self.forest.stop(1)
        try:
            seen = bed.run("run")
        finally:
            self.forest.start(1)
        self.assertEqual(seen.status, 0, seen)
        self.assertIn(f"not to be asked: {self.two.host}", seen.report["done"][-1]["detail"])
        self.assertIsNotNone(bed.history()["spreading_since"])

    def planned(self, row):
        """A bed in which this row is due."""
        if row == "retire":
            current, previous = pki.auth_certificate(900), pki.auth_certificate(400)
            bed = self.bed(current=current, values=["0:" + current.thumbprint, "1:" + previous.thumbprint],
                           data=[previous.der], policy={"retire_after": "37h"})
            self.late = (pki.now() + pki.days(3)).strftime("%Y-%m-%d %H:%M:%S")
        elif row == "reschedule":
            current, following = pki.auth_certificate(30), pki.auth_certificate(1500)
            bed = self.bed(current=current, values=["0:" + current.thumbprint, "2:" + following.thumbprint],
                           date=objects.generalized(pki.now() + pki.days(40)), data=[following.der])
            self.late = None
        else:
            current, following = pki.auth_certificate(60), pki.auth_certificate(70)
            bed = self.bed(current=current, values=["0:" + current.thumbprint, "2:" + following.thumbprint],
                           date=objects.generalized(pki.now() + pki.days(20)), data=[following.der])
            self.late = None
        return bed

    def test_waits_while_another_differs(self):
        for row in ("reschedule", "restage"):
            with self.subTest(row):
                bed = self.planned(row)
                before = bed.values_at(0), bed.date_at(0)
                other = pki.auth_certificate(500)
                bed.write(1, ["0:" + bed.current.thumbprint, "2:" + other.thumbprint],
                          objects.generalized(pki.now() + pki.days(9)))
                seen = bed.run("run")
                decision = seen.report["decision"]
                self.assertEqual((decision["id"], decision["blocked"]["by"]), (row, "unreachable"), seen)
                self.assertIn(self.two.host + " has another auth configuration", decision["blocked"]["how_to_unblock"])
                self.assertEqual((bed.values_at(0), bed.date_at(0)), before)
                # A check asks nobody else; a typed command is held back too.
                self.assertEqual(bed.run("check").report["decision"]["blocked"], None)
                if row == "restage":
                    typed = bed.program.run("renew", "--again", "--yes")
                    self.assertEqual(typed.status, 1, typed)
                    self.assertIn(self.two.host + " has another auth configuration", typed.stderr)

    def test_goes_on_where_they_agree(self):
        for row in ("reschedule", "restage"):
            with self.subTest(row):
                bed = self.planned(row)
                seen = bed.run("run")
                self.assertEqual([done["result"] for done in seen.report["done"] if done["act"] != "deliver"], ["ok"], seen)

    def test_goes_on_where_the_other_is_down(self):
        bed = self.planned("reschedule")
        self.forest.stop(1)
        try:
            seen = bed.run("run")
        finally:
            self.forest.start(1)
        self.assertEqual([done["result"] for done in seen.report["done"]], ["ok"], seen)

    def test_emergency_does_not_wait(self):
        bed = self.bed(current=pki.auth_certificate(-1))
        bed.write(1, ["0:" + pki.auth_certificate(800).thumbprint])
        seen = bed.run("run")
        self.assertEqual([(done["act"], done["result"]) for done in seen.report["done"] if done["act"] != "deliver"],
                         [("replace", "ok")], seen)

    def test_doctor_shows_who_differs(self):
        bed = self.bed()
        bed.write(1, ["0:" + pki.auth_certificate(800).thumbprint])
        self.assertRegex(bed.program.run("doctor").stdout, f"warning {self.two.host}: has another auth configuration")


if __name__ == "__main__":
    unittest.main()
