"""Organizations in which no server is counted: those whose servers certainly use no auth certificate, and those in which
that is not known; and servers that the configuration names in `ignore`."""

import unittest

import exchange
import pki
import renewal

OLD = exchange.Server("OLD1", version=exchange.EXCHANGE_2010, serial="Version 14.3 (Build 30123.4)")
EDGE = exchange.Server("EDGE1", roles=exchange.EDGE)
PROVISIONED = exchange.Server("NEW1", roles=exchange.PROVISIONED)


class Uncounted(unittest.TestCase):
    def bed(self, servers, days=-1, **options):
        return self.enterContext(renewal.Bed(current=pki.auth_certificate(days), servers=servers, **options))

    def assert_nothing_made(self, bed, before):
        self.assertEqual((bed.keys(), bed.delivered(), bed.slots()), ([], [], before))

    def test_no_server_uses_it(self):
        """Certificate expired, near its end, malformed: nobody is harmed, and nobody is told each night."""
        for days in (-1, 5, 400):
            for delivery in (True, False):
                with self.subTest(days=days, by_command=delivery):
                    bed = self.bed([OLD, EDGE, PROVISIONED], days, delivery=delivery)
                    before = bed.slots()
                    for words in (("check",), ("run",), ("run",), ("check",), ("check", "--last")):
                        seen = bed.run(*words)
                        self.assertEqual((seen.status, seen.report["status"]), (0, "ok"), seen)
                        self.assertEqual((seen.report["decision"]["id"], seen.report["decision"]["act"], seen.report["due"],
                                          seen.report["done"]), ("none", "none", [], []), seen)
                        self.assertIn("no Exchange server uses the auth certificate", seen.report["summary"])
                        self.assertIn("No Exchange server of this organization uses", seen.report["decision"]["reasons"][0]["text"])
                    for words in (("renew",), ("recover", "--yes"), ("deliver",)):
                        seen = bed.run(*words)
                        self.assertEqual((seen.status, seen.report["done"]), (0, []), seen)
                        self.assertIn("nothing to do", seen.stderr)
                    self.assert_nothing_made(bed, before)

    def test_malformed_and_used_by_none(self):
        bed = self.bed([OLD], values=["2:" + "A" * 40])
        self.assertEqual(bed.run("check").report["status"], "ok")
        self.assertEqual(bed.run("recover", "--yes").status, 0)
        self.assertEqual(bed.values(), ["2:" + "A" * 40])

    def test_one_that_may_use_it(self):
        """Its version cannot be read, or it is named in ignore: that is no proof that nobody uses the certificate. No pair
        is made that could be brought nowhere."""
        hidden = exchange.Server("EX1", version=None, serial=None)
        ignored = exchange.Server("EX2")
        for server, section in ((hidden, {}), (ignored, {"ignore": "EX2"})):
            with self.subTest(server=server.name):
                bed = self.bed([OLD, server], 5, sections={"servers": section})
                before = bed.slots()
                seen = bed.run("run")
                self.assertEqual(seen.report["status"], "critical", seen)
                self.assertEqual((seen.report["decision"]["id"], seen.report["decision"]["blocked"]["by"]), ("stage", "hybrid"),
                                 seen)
                bed.program.change("policy", hybrid="proceed")
                seen = bed.run("run")
                self.assertEqual((seen.report["decision"]["id"], seen.report["decision"]["blocked"]["by"]),
                                 ("stage", "delivery"), seen)
                self.assertIn("no Exchange server is known that could take a key pair",
                              seen.report["decision"]["blocked"]["how_to_unblock"])
                self.assertEqual(seen.report["done"], [])
                seen = bed.run("renew")
                self.assertEqual(seen.status, 1, seen)
                self.assertIn("no Exchange server is known that could take a key pair", seen.stderr)
                self.assert_nothing_made(bed, before)

    def test_ignored_by_their_first_label(self):
        bed = self.bed([exchange.Server("EX1"), exchange.Server("EX2"), exchange.Server("EX22")], 400,
                       sections={"servers": {"ignore": "EX2, ex9, gone.contoso.test"}})
        report = bed.run("check").report
        self.assertEqual([server["fqdn"] for server in report["servers"] if server["counted"]],
                         ["ex1.contoso.test", "ex22.contoso.test"])
        for seen in (bed.program.run("check"), bed.program.run("doctor")):
            text = " ".join(seen.stdout.split())
            for name in ("ex9", "gone.contoso.test"):
                self.assertIn(f"ignore in [servers] names {name}, which is none of the 3 Exchange servers", text)
            self.assertNotIn("names EX2,", text)


if __name__ == "__main__":
    unittest.main()
