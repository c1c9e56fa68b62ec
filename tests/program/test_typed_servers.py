"""Typed commands in an organization whose servers are asked: what waits for a site that is cut off and what does not,
what an activation says of the servers, and a previous certificate that has to be brought to servers first."""

import unittest

import exchange
import metadata
import pki
import probed

PASSWORD = "twenty characters and more"


class TypedServers(unittest.TestCase):
    def bed(self, current, **options):
        options.setdefault("servers", exchange.servers(4, sites=2))
        options.setdefault("data", [one.der for one in (current, options.get("next"), options.get("previous")) if one])
        return self.enterContext(probed.Bed(current, **options))

    def take_key(self, bed, certificate):
        """The certificate's key is kept on the agent's host."""
        file = bed.program.file("kept.pfx", certificate.pfx(PASSWORD.encode()), 0o600)
        seen = bed.program.run("import", file, "--password-file", bed.program.secret("pfx-password", PASSWORD + "\n"))
        self.assertEqual(seen.status, 0, seen)

    def cut_off_a_site(self, bed):
        bed.cut_off("ex2.contoso.test", "ex4.contoso.test")

    def assert_waits(self, bed, seen, before):
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("no server of a site answered", seen.stderr)
        self.assertIn("Site2 (ex2.contoso.test, ex4.contoso.test)", seen.stderr)
        self.assertEqual(bed.slots(), before)

    def test_renew_waits_for_a_site(self):
        bed = self.bed(pki.auth_certificate(60))
        before = bed.slots()
        self.cut_off_a_site(bed)
        self.assert_waits(bed, bed.run("renew"), before)
        self.assertEqual(bed.keys(), [])
        bed.back("ex4.contoso.test")
        seen = bed.run("renew")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn("2", bed.slots())

    def test_activate_waits_for_a_site(self):
        bed = self.bed(pki.auth_certificate(60), next=pki.auth_certificate(1500, key=pki.new_key()),
                       date=pki.now() - pki.days(1))
        before = bed.slots()
        self.cut_off_a_site(bed)
        self.assert_waits(bed, bed.run("activate"), before)
        self.assert_waits(bed, bed.run("activate", "--now", "--yes"), before)
        bed.back("ex2.contoso.test")
        seen = bed.run("activate")
        self.assertEqual((seen.status, bed.slots()), (0, {"0": before["2"], "1": before["0"]}), seen)
        done = seen.report["done"][-1]
        self.assertRegex(done["detail"], "^written at .*; 0 of 4 servers serve it already, and Exchange needs up to 12.5 hours")
        self.assertRegex("\n".join(one["text"] for one in seen.report["decision"]["reasons"]),
                         "became current less than an hour ago, and 0 of 4 servers serve it already")

    def test_activate_in_an_emergency_waits_for_no_site(self):
        bed = self.bed(pki.auth_certificate(-1), next=pki.auth_certificate(1500, key=pki.new_key()),
                       date=pki.now() + pki.days(9))
        before = bed.slots()
        self.cut_off_a_site(bed)
        seen = bed.run("activate", "--now", "--yes")
        self.assertEqual((seen.status, bed.slots()["0"]), (0, before["2"]), seen)

    def test_recover_waits_for_no_site(self):
        bed = self.bed(pki.auth_certificate(-1))
        before = bed.slots()
        self.cut_off_a_site(bed)
        seen = bed.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        self.assertNotEqual(bed.slots()["0"], before["0"], seen)
        self.assertEqual(bed.presence(seen), {"ex1": "present", "ex2": "missing", "ex3": "present", "ex4": "missing"})

    def test_run_replaces_without_the_site(self):
        bed = self.bed(pki.auth_certificate(-1))
        before = bed.slots()
        self.cut_off_a_site(bed)
        bed.run("run")
        self.assertNotEqual(bed.slots()["0"], before["0"])

    def test_a_previous_that_no_server_has(self):
        """It is brought there by hand and confirmed; then recover takes it."""
        previous = pki.auth_certificate(400, key=pki.new_key())
        bed = self.bed(pki.auth_certificate(-1), previous=previous, delivery=False)
        before = bed.slots()
        self.take_key(bed, previous)
        for name in bed.servers.peers:
            bed.servers.serve(name, metadata.document(name, []))
        seen = bed.run("recover", "--yes")
        self.assertEqual((seen.status, bed.slots()), (0, before), seen)
        self.assertIn(f"export {previous.thumbprint}", seen.stderr)
        self.assertIn(f"deliver --confirm {previous.thumbprint}", seen.stderr)
        self.assertIn("ex4.contoso.test", seen.stderr)
        seen = bed.run("deliver", "--confirm", previous.thumbprint)
        self.assertEqual(seen.status, 0, seen)
        seen = bed.run("recover", "--yes")
        self.assertEqual((seen.status, bed.slots()["0"]), (0, previous.thumbprint), seen)

    def test_deliver_what_is_not_kept_here(self):
        """That the key of next is kept does not bring current to a server that lacks it."""
        next = pki.auth_certificate(1500, key=pki.new_key())
        bed = self.bed(pki.auth_certificate(200), next=next, date=pki.now() + pki.days(90))
        self.take_key(bed, next)
        self.assertEqual(bed.run("deliver", "--confirm", next.thumbprint).status, 0)
        bed.servers.serve("ex2.contoso.test", metadata.document("ex2.contoso.test", []))
        seen = bed.run("deliver")
        self.assertEqual((seen.status, bed.delivered()), (1, []), seen)
        self.assertIn("is missing on these servers:\n  ex2.contoso.test", seen.stderr)
        self.assertIn("no private key", seen.stderr)


if __name__ == "__main__":
    unittest.main()
