"""When the program tells: nights of the real program against a real directory, by a clock that goes from night to night.

Each track is told by itself and none is lost, but a run sends one message at most.
"""

import contextlib
import time
import unittest

import exchange
import pki
import renewal
import slapd
import smtp
from program import Program

ADMINS, MANAGER = "exchange-admins@contoso.test", "it-manager@contoso.test"
NIGHT = 86400

# As many servers as the file `good` says get it, and the others fail.
DELIVERY = """#!/bin/sh
cat >/dev/null
left=$(cat {folder}/good)
for server in $AUTHCERT_SERVERS; do
    [ "$left" -gt 0 ] && echo "$server present" || echo "$server failed no space"
    left=$((left - 1))
done
[ "$left" -ge 0 ]
"""


class Nights(unittest.TestCase):
    """`self.night(program, n)` runs it in night n and returns the message of that night, None when there was none."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.began = int(time.time())
        self.relay = self.stack.enter_context(smtp.Relay(starttls=True))

    def mail(self, **more):
        return {"relay": self.relay.uri, "ca_file": self.relay.ca_file, "from": "authcert@contoso.test",
                "to": [ADMINS], "escalate_to": [MANAGER], **more}

    def night(self, program, number, status=0):
        before = len(self.relay.messages)
        self.seen = program.run("run", json=True, now=self.began + number * NIGHT + 60)
        self.assertEqual(self.seen.status, status, self.seen)
        self.assertLessEqual(len(self.relay.messages) - before, 1)
        told = [(told["channel"], told["result"]) for told in self.seen.report["told"]]
        new = self.relay.messages[before:]
        for message in new:
            self.assertRegex(message.mail["Subject"], r"^[A-Z]+ authcert Contoso: .*(\d days?\b|hours?\b|minutes?\b)")
        self.assertEqual(told, [("mail", "sent")] * len(new))
        return new[0] if new else None

    def nights(self, program, numbers, status=0):
        """The nights in which there was a message."""
        return [number for number in numbers if self.night(program, number, status)]


class Failed(Nights):
    def test_a_failure_that_repeats(self):
        """At once, after a week, at a threshold; a new one at once; then the all-clear, once."""
        bed = self.stack.enter_context(renewal.Bed(current=pki.auth_certificate(78.5), sections={"mail": self.mail()}))
        folder = bed.program.folder
        bed.program.file("deliver", DELIVERY.format(folder=folder), 0o755)
        (folder / "good").write_text("0")
        first = self.night(bed.program, 0, status=1)
        self.assertRegex(first.mail["Subject"], "^WARNING .*: .* failed|FAILED")
        self.assertIn("present on 0 of 3", " ".join(first.body.split()))
        self.assertIn(bed.organization.current.thumbprint, first.body)
        self.assertEqual(self.nights(bed.program, range(1, 21), status=1), [7, 14, 19])
        (folder / "good").write_text("1")
        self.assertEqual(self.nights(bed.program, (21,), status=1), [21])
        self.assertIn("present on 1 of 3", " ".join(self.relay.messages[-1].body.split()))
        (folder / "good").write_text("0")
        # Now it is asked of two servers only, which is news, and then no more.
        self.assertEqual(self.nights(bed.program, range(22, 29), status=1), [22])
        (folder / "good").write_text("9")
        done = self.night(bed.program, 29)
        self.assertRegex(done.mail["Subject"], "^(DONE|RECOVERED) ")
        if done.mail["Subject"].startswith("DONE"):
            self.assertIn("It is the all-clear too", done.body)
        self.assertEqual(done.mail["In-Reply-To"], first.mail["Message-ID"])
        self.assertEqual(self.nights(bed.program, range(30, 34)), [])


class Blocked(Nights):
    def test_a_block_is_told_again_as_the_end_comes_nearer(self):
        bed = self.stack.enter_context(renewal.Bed(current=pki.auth_certificate(62.5), hybrid=True,
                                                   sections={"mail": self.mail()}))
        first = self.night(bed.program, 0)
        self.assertIn("hybrid = proceed", first.body)
        self.assertEqual(self.nights(bed.program, range(1, 34)), [3, 18, 33])  # 60, 45 and 30 days
        for message in self.relay.messages:
            self.assertIn("hybrid = proceed", message.body)


class Seen(Nights):
    """Mode monitor: what the directory shows, and whether it can be read."""

    def setUp(self):
        super().setUp()
        self.near, self.far = pki.auth_certificate(15.5), pki.auth_certificate(1000)
        self.organization = exchange.Organization(current=self.near, servers=exchange.servers(2))
        self.directory = self.stack.enter_context(slapd.Slapd([self.organization]))
        self.program = self.stack.enter_context(
            Program({"directory": self.directory.directory_config(), "mail": self.mail()}))
        self.uri = self.program.sections["directory"]["uri"]

    def set_current(self, certificate):
        self.directory.modify(
            f"dn: {self.organization.auth_dn}\nchangetype: modify\nreplace: {renewal.THUMBPRINTS}\n"
            f"{renewal.THUMBPRINTS}: 0:{certificate.thumbprint}\n-\nreplace: msExchAuthCertificateData\n"
            + exchange._line("msExchAuthCertificateData", certificate.der) + "\n")

    def blind(self, yes):
        self.program.change("directory", uri="ldaps://127.0.0.1:1" if yes else self.uri)

    def test_thresholds_escalation_and_one_all_clear(self):
        self.assertEqual(self.night(self.program, 0).recipients, [ADMINS])
        self.assertIsNone(self.night(self.program, 1))
        self.assertEqual(self.night(self.program, 2).recipients, [ADMINS, MANAGER])  # 14 days
        self.assertEqual(self.nights(self.program, range(3, 17)), [9, 13, 15, 16])  # 7, 3, 1, and every day from then on
        self.set_current(self.far)
        clear = self.night(self.program, 17)
        self.assertEqual(clear.recipients, [ADMINS, MANAGER])
        self.assertRegex(clear.mail["Subject"], "^RECOVERED ")
        self.assertEqual(self.nights(self.program, range(18, 21)), [])

    def test_malformed_in_the_midst_of_a_critical_state(self):
        """Another trouble of the same status does not wait for the next threshold."""
        self.assertEqual(self.nights(self.program, (0, 2, 3)), [0, 2])
        self.directory.modify(f"dn: {self.organization.auth_dn}\nchangetype: modify\nadd: {renewal.THUMBPRINTS}\n"
                              f"{renewal.THUMBPRINTS}: 0:{'A' * 40}\n")
        message = self.night(self.program, 4)
        self.assertRegex(message.mail["Subject"], "^CRITICAL ")
        self.assertIn("Two values claim the same slot", " ".join(message.body.split()))
        self.assertEqual(self.nights(self.program, (5, 6)), [])

    def test_blind_near_the_end(self):
        """In the first night; then the thresholds go on by what was last known."""
        self.night(self.program, 0)
        self.night(self.program, 2)
        self.blind(True)
        message = self.night(self.program, 3, status=3)
        self.assertRegex(message.mail["Subject"], "^UNKNOWN ")
        self.assertEqual(message.recipients, [ADMINS, MANAGER])
        self.assertEqual(self.nights(self.program, range(4, 11), status=3), [9, 10])  # 7 days, and a week
        self.blind(False)
        seen = self.night(self.program, 11)
        self.assertIn("can be read again", seen.body)
        self.assertIsNone(self.night(self.program, 12))

    def test_blind_far_from_the_end(self):
        self.set_current(self.far)
        self.assertIsNone(self.night(self.program, 0))
        self.blind(True)
        self.assertEqual(self.nights(self.program, range(1, 18), status=3), [2, 9, 16])
        self.blind(False)
        self.assertRegex(self.night(self.program, 18).mail["Subject"], "^RECOVERED ")
        self.assertIsNone(self.night(self.program, 19))


if __name__ == "__main__":
    unittest.main()
