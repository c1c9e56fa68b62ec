"""Conflicting writes at two real domain controllers while nothing replicates: after it resumes one of the two states has
won, the agents recognise what is left, mend it and go on."""

import unittest

import ad
import controllers_bed
import exchange as objects
import pki


@ad.required
class Conflict(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.forest = ad.Forest([objects.Organization()], controllers=2)
        cls.forest.__enter__()
        cls.addClassCleanup(cls.forest.__exit__)
        cls.one, cls.two = cls.forest.dc

    def agents(self, **options):
        """Two agents, each of which takes another controller for the one writer."""
        bed = controllers_bed.Bed(self.forest, **options)
        bed.__enter__()
        self.addCleanup(bed.__exit__)
        return bed, bed.agent(writer=self.one.host), bed.agent(writer=self.two.host)

    def settle(self, bed, *agents):
        """Replication, then both agents look; returns what the directory has in the end, the same everywhere."""
        controllers_bed.exchange(self.forest)
        for _ in range(2):
            for agent in agents:
                seen = agent.run("run", json=True)
                self.assertEqual(seen.status, 0, seen)
            controllers_bed.exchange(self.forest)
        self.assertEqual((bed.values_at(0), bed.date_at(0)), (bed.values_at(1), bed.date_at(1)))
        return bed.slots_at(0)

    def test_both_stage(self):
        bed, first, second = self.agents()
        for agent in (first, second):
            seen = agent.run("run", json=True)
            self.assertEqual([done["result"] for done in seen.report["done"] if done["act"] == "stage"], ["ok"], seen)
        self.assertNotEqual(bed.slots_at(0)["2"], bed.slots_at(1)["2"])
        staged = {bed.slots_at(0)["2"], bed.slots_at(1)["2"]}
        slots = self.settle(bed, first, second)
        self.assertEqual(set(slots), {"0", "2"})
        self.assertIn(slots["2"], staged)
        self.assertIsNotNone(bed.date_at(0))
        report = first.run("check", json=True).report
        self.assertEqual((report["status"], report["decision"]["id"]), ("ok", "none"), report)
        # Whoever lost still keeps the key of what it made.
        self.assertEqual(len(bed.keys(first)) + len(bed.keys(second)), 2)

    def test_date_of_another(self):
        """One stages; at the other controller somebody sets another date later, which wins by itself."""
        bed, first, second = self.agents()
        self.assertEqual(first.run("run", json=True).status, 0)
        staged = bed.slots_at(0)["2"]
        late = objects.generalized(pki.now() + pki.days(20.9))
        for day in (3, 20.9):  # a higher version beats
            self.forest.replace(bed.organization.auth_dn, dc=1,
                                msExchAuthNextEffectiveDate=objects.generalized(pki.now() + pki.days(day)))
        controllers_bed.exchange(self.forest)
        self.assertEqual((bed.slots_at(0)["2"], bed.date_at(0)[:10]), (staged, late[:10]))
        slots = self.settle(bed, first, second)
        self.assertEqual(slots["2"], staged)
        self.assertLess(bed.date_at(0), objects.generalized(pki.now() + pki.days(19.6)))

    def test_lost_half(self):
        """The thumbprints of one, the date of the other: a date is left without a next, and is cleared, or used."""
        bed, first, second = self.agents(current=pki.auth_certificate(400))
        self.forest.replace(bed.organization.auth_dn, dc=0,
                            msExchAuthNextEffectiveDate=objects.generalized(pki.now() + pki.days(9)))
        controllers_bed.exchange(self.forest)
        self.assertEqual(first.run("check", json=True).report["decision"]["id"], "leftover")
        self.assertEqual(set(self.settle(bed, first, second)), {"0"})
        self.assertIsNone(bed.date_at(0))

    def test_both_replace(self):
        """An emergency on both sides ends with one current that works, and nothing lost."""
        bed, first, second = self.agents(current=pki.auth_certificate(-1))
        for agent in (first, second):
            seen = agent.run("run", json=True)
            self.assertEqual([done["result"] for done in seen.report["done"] if done["act"] == "replace"], ["ok"], seen)
        made = {bed.slots_at(0)["0"], bed.slots_at(1)["0"]}
        self.assertEqual(len(made), 2)
        slots = self.settle(bed, first, second)
        self.assertIn(slots["0"], made)
        for agent in (first, second):
            self.assertEqual(agent.run("check", json=True).report["certificates"]["current"]["thumbprint"], slots["0"])


if __name__ == "__main__":
    unittest.main()
