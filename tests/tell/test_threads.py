"""Reminders of one incident are one thread in a mail reader; another incident is another one."""

import json
import unittest

from test_tracks import ADMINS, MANAGER, Seen


class Threads(Seen):
    test_malformed_in_the_midst_of_a_critical_state = None
    test_thresholds_escalation_and_one_all_clear = test_blind_near_the_end = test_blind_far_from_the_end = None

    def incident(self):
        return json.loads((self.program.state / "history.json").read_text())["incident"]

    def assert_begins(self, message):
        self.assertNotIn("In-Reply-To", message.mail)
        self.assertNotIn("References", message.mail)
        self.assertEqual(message.mail["Thread-Topic"], message.mail["Subject"])

    def assert_replies(self, message, first):
        self.assertEqual(message.mail["In-Reply-To"], first.mail["Message-ID"])
        self.assertEqual(message.mail["References"], first.mail["Message-ID"])
        self.assertEqual(message.mail["Thread-Topic"], first.mail["Subject"])
        self.assertNotEqual(message.mail["Message-ID"], first.mail["Message-ID"])

    def test_one_incident_and_the_next(self):
        first = self.night(self.program, 0)
        self.assert_begins(first)
        self.assertEqual(self.incident()["message_id"], first.mail["Message-ID"])
        self.assert_replies(self.night(self.program, 2), first)
        self.blind(True)
        self.assert_replies(self.night(self.program, 3, status=3), first)
        self.blind(False)
        self.assert_replies(self.night(self.program, 4), first)
        self.set_current(self.far)
        clear = self.night(self.program, 5)
        self.assert_replies(clear, first)
        self.assertEqual(clear.recipients, [ADMINS, MANAGER])
        self.assertEqual(self.incident(), {"since": None, "escalated": False, "message_id": "", "topic": ""})
        self.set_current(self.near)
        second = self.night(self.program, 6)
        self.assert_begins(second)
        self.assert_replies(self.night(self.program, 9), second)
        self.assertEqual(len({message.mail["Message-ID"] for message in self.relay.messages}),
                         len(self.relay.messages))

    def test_a_message_that_waits_begins_the_thread(self):
        """Replies go to it even if they arrive first."""
        self.program.change("mail", relay="smtp://127.0.0.1:1")
        queued = self.program.run("run", json=True, now=self.began + 60)
        self.assertEqual((queued.status, queued.report["told"][0]["result"]), (1, "queued"), queued)
        [waiting] = (self.program.state / "outbox").glob("*.json")
        identifier = json.loads(waiting.read_text())["id"]
        self.program.change("mail", relay=self.relay.uri)
        seen = self.program.run("run", json=True, now=self.began + 2 * 86400 + 60)
        self.assertEqual([told["result"] for told in seen.report["told"]], ["sent", "sent"], seen)
        late, reply = self.relay.messages
        self.assertEqual(late.mail["Message-ID"], identifier)
        self.assert_begins(late)
        self.assert_replies(reply, late)

    def test_a_hostile_history(self):
        """What stands there is no header that it likes."""
        self.night(self.program, 0)
        path = self.program.state / "history.json"
        history = json.loads(path.read_text())
        history["incident"]["message_id"] = "<a@b>\r\nBcc: all@contoso.test"
        path.write_text(json.dumps(history))
        message = self.night(self.program, 2)
        self.assertNotIn("Bcc", message.mail)
        self.assertIn("set aside", self.seen.stderr)
        history["incident"].update(message_id="<a@b>", topic="x\r\nBcc: all@contoso.test\u202e\u00fc")
        path.write_text(json.dumps(history))
        message = self.night(self.program, 9)
        self.assertNotIn("Bcc", message.mail)
        self.assertEqual(message.mail["In-Reply-To"], "<a@b>")


del Seen  # its tests are run where they stand


if __name__ == "__main__":
    unittest.main()
