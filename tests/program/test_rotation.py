"""Twelve Exchange servers in three sites through a whole rotation, night by night: what they serve changes as Exchange's
servicelets change it, one site cannot be reached for a day in the middle, and one server falls behind."""

import json
import time
import unittest

import exchange
import metadata
import pki
import probed
import smtp

HOUR, DAY = 3600, 86400
POLICY = {"warn_days": 30, "renew_before": "39d", "activate_after": "5d", "retire_after": "3d", "mode": "renew"}


def fqdn(number):
    return f"ex{number}.contoso.test"


SITE3 = [fqdn(number) for number in (3, 6, 9, 12)]
SITE3_AWAY = {"present": 8, "unreachable": 4}


class Rotation(unittest.TestCase):
    def setUp(self):
        names = ("127.0.0.1", "localhost")
        lasting = pki.authority().server(*names, not_after=pki.now() + pki.days(60))
        self.relay = self.enterContext(smtp.Relay(starttls=True, certificate=lasting))
        mail = {"relay": self.relay.uri, "ca_file": self.relay.ca_file, "from": "authcert@contoso.test",
                "to": ["exchange-admins@contoso.test"]}
        self.old = pki.auth_certificate(39.5)
        self.bed = self.enterContext(probed.Bed(self.old, servers=exchange.servers(12, sites=3), policy=POLICY,
                                                changed=pki.now() - pki.days(1800), sections={"mail": mail}))
        self.start = time.time()
        self.mails = 0

    def at(self, night, hours=0):
        # A few minutes later each night, so that what is due after whole days is due.
        return self.start + night * (DAY + 300) + hours * HOUR

    def night(self, night, decision, status="ok", blocked=None, done=(), mailed=False, hours=0):
        """One run, and what its report says in short."""
        seen = self.seen = self.bed.night(self.at(night, hours))
        report = seen.report
        with self.subTest(night=night, hours=hours):
            self.assertEqual((report["decision"]["id"], report["status"], seen.status), (decision, status, 0), seen)
            self.assertEqual((report["decision"]["blocked"] or {}).get("by"), blocked, seen)
            self.assertEqual([(act["act"], act["result"]) for act in report["done"]], [(act, "ok") for act in done],
                             seen)
        new = len(self.relay.messages) - self.mails
        self.mails += new
        self.assertEqual(new, 1 if mailed else 0, [message.mail["Subject"] for message in self.relay.messages[-new:]])
        return report

    def text(self, night, hours=0):
        """The text of check so many hours after a night."""
        self.bed.go_on(self.at(night, hours))
        return self.bed.program.run("check", now=self.at(night, hours)).stdout

    def presence(self, slot="current"):
        """How many servers of the last report are present, missing, ..."""
        found = list(self.bed.presence(self.seen, slot).values())
        return {state: found.count(state) for state in sorted(set(found))}

    def reasons(self):
        return [one["text"] for one in self.seen.report["decision"]["reasons"]]

    def documents(self):
        """What the servers serve."""
        return [json.loads((self.bed.servers.folder / fqdn(number) / "document").read_bytes()) for number in range(1, 13)]

    def serving(self, thumbprint, night, hours):
        """Which servers list a certificate so many hours after a night."""
        self.bed.go_on(self.at(night, hours))
        listed = [[key["keyinfo"]["x5t"] for key in document["keys"]] for document in self.documents()]
        return [fqdn(number + 1) for number, keys in enumerate(listed) if metadata.thumbprint_id(thumbprint) in keys]

    def mail(self):
        return self.relay.messages[-1].body

    def stage(self):
        """The first two nights: all is well, then a new certificate is brought to all servers and staged."""
        self.night(0, "none")
        self.assertEqual(self.presence(), {"present": 12})
        self.night(1, "none", done=["deliver", "stage"], mailed=True)
        new = self.bed.slots()["2"]
        self.assertEqual(self.bed.slots(), {"0": self.old.thumbprint, "2": new})
        self.assertEqual((self.presence(), self.presence("next")), ({"present": 12}, {"present": 12}))
        self.assertEqual(self.bed.delivered(), [(new, "next", [fqdn(number) for number in range(1, 13)])])
        return new

    def assert_served(self, count, night, hours):
        """What check says of the servers that serve current, so many hours after a night."""
        text = " ".join(self.text(night, hours).split())
        self.assertIn(f"{count} of 12 servers serve it already" if count < 12 else "all 12 servers serve it already", text)
        self.assertEqual("12.5 hours" in text, count < 12, text)

    def test_a_whole_rotation(self):
        bed, old = self.bed, self.old.thumbprint
        new = self.stage()
        self.night(2, "none")
        bed.cut_off(*SITE3)
        self.night(3, "none")
        self.assertEqual((self.presence(), self.presence("next")), (SITE3_AWAY, {"present": 12}))
        self.assertIn("No connection could be made to " + ", ".join(SITE3), " ".join(self.reasons()))
        bed.back(*SITE3)
        for night in (4, 5):
            self.night(night, "none")
            self.assertEqual((self.presence(), self.presence("next")), ({"present": 12}, {"present": 12}))
            self.assertNotIn("12.5 hours", self.text(night))
        bed.servers.peers[fqdn(5)].asleep = True

        self.night(6, "none", done=["activate"], mailed=True)
        self.assertEqual((bed.slots(), bed.date()), ({"0": new, "1": old}, None))
        self.assertIn("0 of 12 servers serve it already, and Exchange needs up to 12.5 hours",
                      " ".join(self.mail().split()))
        counts = []
        for hours in (1, 6, 13):
            counts.append(len(self.serving(new, 6, hours)))
            self.assert_served(counts[-1], 6, hours)
        self.assertLess(counts[0], counts[1])
        self.assertEqual(counts[2], 11)
        self.night(7, "none")
        self.assertIn("11 of 12 servers serve it already", " ".join(self.reasons()))

        self.assertRegex(" ".join(self.text(7, 23).split()), "current certificate is missing on ex5.contoso.test")
        self.night(8, "none", done=["deliver"], mailed=True)
        self.assertEqual(bed.delivered()[1:], [(new, "current", [fqdn(5)])])
        bed.servers.peers[fqdn(5)].asleep = False
        self.assertNotIn("missing", self.text(8, 13))

        self.night(9, "none", done=["retire"], mailed=True)
        self.assertEqual(bed.slots(), {"0": new})
        self.night(10, "none")
        self.assertEqual(self.presence(), {"present": 12})
        self.assertEqual([document["keys"][0]["keyinfo"]["x5t"] for document in self.documents()],
                         [metadata.thumbprint_id(new)] * 12)
        self.assertEqual({len(document["keys"]) for document in self.documents()}, {1})

    def test_a_site_cut_off_on_the_day_of_staging(self):
        self.night(0, "none")
        self.bed.cut_off(*SITE3)
        self.night(1, "stage", "warning", "unreachable", mailed=True)
        self.assertEqual(self.presence(), SITE3_AWAY)
        blocked = self.seen.report["decision"]["blocked"]["how_to_unblock"]
        for word in ("Site3", *SITE3):
            self.assertIn(word, blocked)
            self.assertIn(word, self.mail())
        self.assertEqual((self.bed.delivered(), self.bed.keys()), ([], []))
        self.bed.back(*SITE3)
        self.night(2, "none", done=["deliver", "stage"], mailed=True)
        self.assertEqual((self.presence(), self.presence("next")), ({"present": 12}, {"present": 12}))

    def test_a_site_cut_off_on_the_day_of_activation(self):
        """We wait for the site; Exchange does not, and promotes by itself."""
        bed, old = self.bed, self.old.thumbprint
        new = self.stage()
        self.night(5, "none")
        bed.cut_off(*SITE3)
        self.night(6, "activate", "warning", "unreachable", mailed=True)
        self.assertEqual((self.presence(), bed.slots()), (SITE3_AWAY, {"0": old, "2": new}))
        bed.go_on(self.at(6, 9))
        bed.promote(self.at(6, 9))
        self.assert_served(0, 6, 9)
        bed.back(*SITE3)
        self.night(7, "none", mailed=True)
        self.assertEqual((self.presence(), bed.slots()), ({"present": 12}, {"0": new, "1": old}))
        self.assertEqual(self.serving(new, 7, 0), [fqdn(number) for number in range(1, 13)])
        self.night(8, "none")
        self.night(10, "none", done=["retire"], mailed=True)


if __name__ == "__main__":
    unittest.main()
