"""The installed package under a real systemd: the timer fires, the mail arrives, the journal has the events, a missed night
is made up for, and a failing directory is shouted about."""

import email
import email.policy
import json
import os
import time
import unittest
from pathlib import Path

import machine
import package

BED = Path(__file__).resolve().parents[1] / "bed"
HERE = Path(__file__).resolve().parent
SEEN, UNREADABLE, TOLD = ("67320f4daaa248dca018cfbaf88ea1b7", "220949918f56470295b782411c1918aa",
                          "6694ccfa4e0e4cdfaa5cdffd59d0a2d0")
ENDED = "39f53479d3a045ac8e11786248231fbf"  # systemd: the unit has finished starting, as a oneshot has when it ended well
STAMP = "/var/lib/systemd/timers/stamp-authcert.timer"

SERVICE = """[Unit]
Description=A directory and a mail sink for the test
[Service]
Type=notify
NotifyAccess=all
Environment=PYTHONPATH=/bed PYTHONDONTWRITEBYTECODE=1
ExecStart=/usr/bin/python3 /package/inside.py /var/mail-sink 21
[Install]
WantedBy=multi-user.target
"""
AFTER = "[Unit]\nAfter=bed.service\n"
OFTEN = "[Timer]\nRandomizedDelaySec=0\nAccuracySec=1\nOnCalendar=*-*-* *:*:0/5\n"  # instead of waiting for the night
NIGHTLY = "[Timer]\nRandomizedDelaySec=0\n"
ON_FAILURE = "#!/bin/sh\nprintf '%s\\n' \"$@\" >/var/shouted\n"


class Boot(unittest.TestCase):
    def setUp(self):
        self.host = machine.Machine().__enter__()
        self.addCleanup(self.host.__exit__)
        self.host.install(package.build())
        self.host.path("/var/log/journal").mkdir(exist_ok=True)
        for name in ("/bed", "/package"):
            self.host.path(name).mkdir()
        self.host.write("/etc/systemd/system/bed.service", SERVICE)
        for name in ("authcert", "authcert-doctor"):
            self.host.write(f"/etc/systemd/system/{name}.service.d/bed.conf", AFTER)
        self.host.shell("systemctl enable bed.service authcert.timer")

    def entries(self, message_id):
        return self.host.journal("MESSAGE_ID=" + message_id)

    def messages(self, *matches):
        return [entry.get("MESSAGE") for entry in self.host.journal(*matches)]

    def boot(self, until):
        self.host.boot(until=until, binds=[f"{BED}:/bed", f"{HERE}:/package"])

    def boot_for(self, message_id):
        """Boots until there is one more entry of this kind."""
        before = len(self.entries(message_id))
        self.boot(lambda: len(self.entries(message_id)) > before)

    def timer(self, text, last_fired=None):
        self.host.write("/etc/systemd/system/authcert.timer.d/test.conf", text)
        if last_fired is not None:
            stamp = self.host.path(STAMP)
            stamp.touch()
            os.utime(stamp, (time.time() - last_fired,) * 2)

    def mails(self):
        paths = sorted(self.host.path("/var/mail-sink").glob("*.eml"))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP) for path in paths]

    def test_nights(self):
        with self.subTest("the timer fires: a mail, and an entry for each event"):
            self.timer(OFTEN)
            wants = self.host.path("/etc/systemd/system/multi-user.target.wants/authcert-doctor.service")
            wants.symlink_to("/usr/lib/systemd/system/authcert-doctor.service")
            doctor = ("UNIT=authcert-doctor.service", "MESSAGE_ID=" + ENDED)
            self.boot(lambda: self.entries(TOLD) and self.messages(*doctor))
            wants.unlink()
            seen = self.entries(SEEN)[0]
            self.assertEqual((seen["AUTHCERT_ORGANIZATION"], seen["AUTHCERT_STATUS"], seen["PRIORITY"]),
                             ("Contoso", "warning", "4"))
            self.assertRegex(seen["AUTHCERT_THUMBPRINT"], "^[0-9A-F]{40}$")
            self.assertEqual(seen["_SYSTEMD_UNIT"], "authcert.service")
            [mail] = self.mails()
            self.assertIn("WARNING", mail["Subject"])
            self.assertIn(seen["AUTHCERT_THUMBPRINT"], mail.get_body().get_content())
            last = json.loads(self.host.path("/var/lib/authcert/default/last.json").read_text())
            self.assertEqual(last["told"], [{"channel": "mail", "result": "sent", "to": 1}])
            explained = self.host.shell(f"journalctl -x --directory /var/log/journal --no-pager MESSAGE_ID={SEEN}")
            self.assertIn("The auth certificate of Contoso is warning", explained)

        with self.subTest("the doctor has worked in the same sandbox"):
            self.assertEqual(self.messages("_SYSTEMD_UNIT=authcert-doctor.service", "PRIORITY=3"), [])
            said = "\n".join(self.messages("_SYSTEMD_UNIT=authcert-doctor.service"))
            self.assertIn("dc1.contoso.test answers", said)

        with self.subTest("a night that was slept through is made up for at boot"):
            runs = len(self.entries(SEEN))
            self.timer(NIGHTLY, last_fired=3 * 86400)
            self.boot_for(SEEN)
            self.assertEqual(len(self.entries(SEEN)), runs + 1)

        with self.subTest("a directory that does not answer is shouted about"):
            self.host.shell("systemctl disable bed.service")
            self.host.write("/etc/authcert/on-failure", ON_FAILURE, 0o755)
            self.timer(NIGHTLY, last_fired=3 * 86400)
            shouted = self.host.path("/var/shouted")
            self.boot(shouted.exists)
            [unreadable] = self.entries(UNREADABLE)
            self.assertEqual((unreadable["AUTHCERT_STATUS"], unreadable["PRIORITY"]), ("unknown", "3"))
            self.assertEqual(shouted.read_text().split("\n")[0], "authcert.service")
            [emergency] = self.messages("SYSLOG_IDENTIFIER=authcert", "PRIORITY=0")
            self.assertIn("authcert.service failed", emergency)

        with self.subTest("what it remembers belongs to its account"):
            self.assertEqual(self.host.shell("stat -c %U /var/lib/authcert/default/history.json").strip(), "authcert")


if __name__ == "__main__":
    unittest.main()
