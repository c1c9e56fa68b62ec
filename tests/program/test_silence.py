"""Unknown is never taken for missing, but blindness ends: that nothing is learned from the servers is told, once."""

import unittest

import pki
import probed
import smtp


def night(day):
    return (pki.now() + pki.days(day)).strftime("%Y-%m-%d %H:%M:%S")


class Silence(unittest.TestCase):
    def setUp(self):
        self.relay = self.enterContext(smtp.Relay())
        self.bed = self.enterContext(probed.Bed(pki.auth_certificate(800), policy={"mode": "monitor"}))
        self.bed.program.change("mail", relay=f"smtp://127.0.0.1:{self.relay.port}", tls="off", to="a@contoso.test",
                                **{"from": "b@contoso.test"})

    def run_at(self, day):
        before = len(self.relay.messages)
        self.bed.servers.set_clock((pki.now() + pki.days(day)).timestamp())
        seen = self.bed.run("run", now=night(day))
        self.assertEqual(seen.status, 0, seen)
        ids = [one["id"] for one in seen.report["decision"]["reasons"]]
        return seen.report["status"], ids, self.relay.messages[before:]

    def test_all_at_once_500_after_good_ones(self):
        status, ids, mails = self.run_at(0)
        self.assertEqual((status, mails), ("ok", []))
        for peer in self.bed.servers.peers.values():
            self.bed.servers.serve(peer.fqdn, None)
        status, ids, mails = self.run_at(1)
        self.assertEqual(status, "warning")
        self.assertIn("servers-refuse", ids)
        self.assertEqual(len(mails), 1)
        for day in (2, 3):
            status, ids, mails = self.run_at(day)
            self.assertEqual((status, mails), ("warning", []), "told once")

    def test_three_nights_without_a_good_document(self):
        self.assertEqual(self.run_at(0)[0], "ok")
        self.bed.servers.cut_off()
        for day in (1, 2):
            status, ids, mails = self.run_at(day)
            self.assertEqual((status, mails), ("ok", []))
        status, ids, mails = self.run_at(3)
        self.assertEqual(status, "warning")
        self.assertIn("servers-silent", ids)
        self.assertEqual(len(mails), 1)
        metrics = self.bed.program.run("--format", "prometheus", "check", now=night(3)).stdout
        since = [float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines()
                 if line.startswith("authcert_server_silent_since_timestamp_seconds{")]
        self.assertEqual(len(since), 3, metrics)
        first = (pki.now() + pki.days(1)).timestamp()
        self.assertTrue(all(abs(one - first) < 3600 for one in since), since)
        self.assertEqual(self.bed.run("check", "--last", now=night(3)).report["status"], "warning")
        self.assertEqual(self.run_at(4)[2], [], "told once")
        self.bed.servers.back()
        status, ids, mails = self.run_at(5)
        self.assertEqual((status, len(mails)), ("ok", 1))
        self.assertNotIn("silent_since_timestamp_seconds{",
                         self.bed.program.run("--format", "prometheus", "check", now=night(5)).stdout)

    def test_a_tls_certificate_that_has_ended(self):
        """What a probe saw on its way is told, though the other servers answer: once, and the all-clear."""
        self.assertEqual(self.run_at(0)[0], "ok")
        peer = self.bed.servers.peers["ex2.contoso.test"]
        self.bed.servers.tls(peer.fqdn, pki.authority().server(peer.fqdn, not_before=pki.now() - pki.days(90),
                                                               not_after=pki.now() - pki.days(1)))
        status, ids, [mail] = self.run_at(1)
        self.assertEqual(status, "warning")
        self.assertIn("server-tls-ended", ids)
        self.assertIn("The TLS certificate has ended of ex2.contoso.test", " ".join(mail.body.split()))
        self.assertEqual(self.run_at(2)[::2], ("warning", []), "told once")
        self.bed.servers.tls(peer.fqdn, pki.authority().server(peer.fqdn))
        status, ids, mails = self.run_at(3)
        self.assertEqual((status, len(mails)), ("ok", 1))
        self.assertNotIn("server-tls-ended", ids)


if __name__ == "__main__":
    unittest.main()
