"""The one writer, on two real domain controllers: who it is, that one connection is enough, and what goes on without it."""

import unittest

import ad
import controllers_bed
import exchange
import pki

OWNER = "fSMORoleOwner"
PARTITIONS = "CN=Partitions," + exchange.CONFIGURATION


@ad.required
class Writer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.forest = ad.Forest([exchange.Organization()], controllers=2)
        cls.forest.__enter__()
        cls.addClassCleanup(cls.forest.__exit__)
        cls.one, cls.two = cls.forest.dc

    def bed(self, **options):
        bed = controllers_bed.Bed(self.forest, **options)
        bed.__enter__()
        self.addCleanup(bed.__exit__)
        return bed

    def stop(self, dc):
        self.forest.stop(dc)
        self.addCleanup(self.forest.start, dc)

    def seen_at(self, program, *args):
        report = program.run(*args, json=True).report
        return report["directory"]["server"], report

    # Who it is

    def test_auto_is_the_domain_naming_master(self):
        bed = self.bed()
        for uri in ([self.two.uri, self.one.uri], [self.two.uri], [self.one.uri]):
            server, report = self.seen_at(bed.agent(uri=uri), "check")
            self.assertEqual(server, self.one.host, uri)
            self.assertEqual(report["directory"]["uri"], self.one.uri)

    def test_global_catalog_is_left_for_the_writer(self):
        for uri in (self.one.uri + ":3269", self.two.uri + ":3269"):
            server, report = self.seen_at(self.bed().agent(uri=uri), "check")
            self.assertEqual((server, report["directory"]["uri"]), (self.one.host, self.one.uri))

    def test_role_moves(self):
        owner = self.forest.read(PARTITIONS, OWNER)[0].decode()
        self.assertIn("CN=DC1,", owner)
        agent = self.bed().agent()
        self.forest.replace(PARTITIONS, fSMORoleOwner=owner.replace("CN=DC1,", "CN=DC2,"))
        self.addCleanup(self.forest.replace, PARTITIONS, fSMORoleOwner=owner)
        # The new one has not heard of it yet: nobody is sure to be the writer.
        server, report = self.seen_at(agent, "run")
        self.assertEqual((server, report["decision"]["blocked"]["by"]), (self.one.host, "unreachable"))
        controllers_bed.exchange(self.forest)
        self.addCleanup(controllers_bed.exchange, self.forest)
        self.assertEqual(self.seen_at(agent, "check")[0], self.two.host)

    def test_pinned(self):
        bed = self.bed()
        for name, uri in ((self.two.host, [self.one.uri, self.two.uri]), (self.two.host.upper(), self.one.uri),
                          (self.two.host, self.two.uri)):
            self.assertEqual(self.seen_at(bed.agent(uri=uri, writer=name), "check")[0], self.two.host)

    def test_run_writes_there(self):
        bed = self.bed()
        bed.program.change("directory", uri=self.two.uri)
        seen = bed.run("run")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn("2", bed.slots_at(0))
        self.assertNotIn("2", bed.slots_at(1))

    # Without it

    def test_reads_elsewhere_and_waits(self):
        bed = self.bed()
        self.stop(0)
        seen = bed.run("run")
        self.assertEqual(seen.status, 0, seen)
        report = seen.report
        self.assertEqual(report["directory"]["server"], self.two.host)
        self.assertEqual(report["decision"]["id"], "stage")
        self.assertEqual(report["decision"]["blocked"]["by"], "unreachable")
        self.assertIn(self.one.host, report["decision"]["blocked"]["how_to_unblock"])
        self.assertEqual(list(bed.slots_at(1)), ["0"])
        self.assertIn(f"({self.one.host}) was not reached", bed.program.run("check").stdout.replace("\n    ", " "))
        typed = bed.program.run("renew", "--yes")
        self.assertEqual(typed.status, 1, typed)
        self.assertIn(self.one.host + " did not answer: bring it back", typed.stderr)

    def test_what_was_delivered_is_not_forgotten_meanwhile(self):
        """The other controller does not know yet what was staged."""
        bed = self.bed(sections={"directory": {"records": "no"}})
        seen = bed.run("run")
        self.assertEqual({server["next"] for server in seen.report["servers"]}, {"present"})
        staged = bed.slots_at(0)
        self.forest.stop(0)
        try:
            self.assertIsNone(bed.run("run").report["certificates"]["next"])
        finally:
            self.forest.start(0)
        seen = bed.run("run")
        self.assertEqual((bed.slots_at(0), len(bed.delivered())), (staged, 1))
        self.assertEqual({server["next"] for server in seen.report["servers"]}, {"present"}, seen)

    def test_emergency_is_written_elsewhere(self):
        """promote, restore and replace do not wait, and say so."""
        old, good = pki.auth_certificate(-1), pki.auth_certificate(900)
        date = exchange.generalized(pki.now() + pki.days(9))
        cases = {"promote": (["0:" + old.thumbprint, "2:" + good.thumbprint], date),
                 "restore": (["0:" + old.thumbprint, "1:" + good.thumbprint], None),
                 "replace": (["0:" + old.thumbprint], None)}
        for row, (values, date) in cases.items():
            with self.subTest(row):
                bed = self.bed(current=old, values=values, date=date, data=[good.der])
                self.forest.stop(0)
                try:
                    seen = bed.run("run")
                    self.assertEqual(seen.status, 0, seen)
                    wrote = [done for done in seen.report["done"] if done["act"] != "deliver"]
                    self.assertEqual([done["result"] for done in wrote], ["ok"], seen)
                    self.assertIn(f"written at {self.two.uri}, for the domain controller that all agents write to, "
                                  f"{self.one.host} did not answer", wrote[0]["detail"])
                    now = bed.slots_at(1)["0"]
                    self.assertNotEqual(now, old.thumbprint)
                finally:
                    self.forest.start(0)
                controllers_bed.exchange(self.forest)
                self.assertEqual(bed.slots_at(0)["0"], now)

    def test_recover_is_written_elsewhere(self):
        old = pki.auth_certificate(-1)
        bed = self.bed(current=old)
        self.stop(0)
        seen = bed.program.run("recover", "--yes", json=True)
        self.assertEqual(seen.status, 0, seen)
        self.assertNotEqual(bed.slots_at(1)["0"], old.thumbprint)
        self.assertIn("did not answer", seen.report["done"][-1]["detail"])

    def test_emergency_never_at_a_global_catalog(self):
        """Its port takes no writes; where nothing else answers, the act waits and says why."""
        old = pki.auth_certificate(-1)
        bed = self.bed(current=old)
        bed.program.change("directory", uri=self.two.uri + ":3269", writer="gone.contoso.test")
        self.forest.stop(0)
        try:
            report = bed.run("run").report
        finally:
            self.forest.start(0)
        self.assertEqual((report["decision"]["id"], report["decision"]["blocked"]["by"]), ("replace", "unreachable"))
        self.assertEqual(bed.slots_at(1)["0"], old.thumbprint)
        # Where another one is named, that is taken instead.
        bed.program.change("directory", uri=[self.two.uri + ":3269", self.two.uri])
        seen = bed.run("run")
        self.assertEqual([done["result"] for done in seen.report["done"] if done["act"] == "replace"], ["ok"], seen)
        self.assertNotEqual(bed.slots_at(1)["0"], old.thumbprint)


if __name__ == "__main__":
    unittest.main()
