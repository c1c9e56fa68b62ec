"""The installed package under a real systemd: the timer fires, the mail arrives, the journal has the events, a certificate
is renewed within the sandbox, a missed night is made up for, and what fails is shouted about."""

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
SEEN, UNREADABLE, TOLD, DONE = ("67320f4daaa248dca018cfbaf88ea1b7", "220949918f56470295b782411c1918aa",
                                "6694ccfa4e0e4cdfaa5cdffd59d0a2d0", "8c392804e28f4813b138b8c58c4e4592")
# systemd: the unit has finished starting, as a oneshot has when it ended well; or it has failed.
ENDED, FAILED = "39f53479d3a045ac8e11786248231fbf", "d9b373ed55a64feb8242e02dbe79a49c"
STAMP = "/var/lib/systemd/timers/stamp-authcert.timer"
KEYTAB = "[directory]\nuri = ldaps://dc1.contoso.test\nbind = gssapi\nkeytab = /etc/authcert/authcert.keytab\n"

SERVICE = """[Unit]
Description=A directory and a mail sink for the test
[Service]
Type=notify
NotifyAccess=all
Environment=PYTHONPATH=/bed PYTHONDONTWRITEBYTECODE=1
ExecStart=/usr/bin/python3 /package/inside.py /var/mail-sink
[Install]
WantedBy=multi-user.target
"""
AFTER = "[Unit]\nAfter=bed.service"
SOON = "[Timer]\nOnCalendar=\nOnActiveSec=1\nRandomizedDelaySec=0\nAccuracySec=1\n"  # once, instead of waiting for the night
NIGHTLY = "[Timer]\nRandomizedDelaySec=0\n"
ON_FAILURE = "#!/bin/sh\nprintf '%s\\n' \"$@\" >>/var/shouted\n"
# What systemctl shows beside a run; asked when it has ended, while systemd still knows.
STATUS = "[Service]\nExecStopPost=+/bin/sh -c 'systemctl show -P StatusText %n >/var/status'\n"
# A runtime that makes code while it runs, as PowerShell and Java do.
CODE_MAKER = """#!/usr/bin/python3
import mmap, os, sys
pfx, password = sys.stdin.buffer.read(), os.read(3, 100)
mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
print(f"took {len(pfx) > 1000} {len(password)} for '{os.environ['AUTHCERT_SERVERS']}'", file=sys.stderr)
"""
# Another process at work in the state folder, from before the run begins.
HOLDER = """[Unit]
Before=authcert@second.service
[Service]
Type=notify
NotifyAccess=all
ExecStart=flock -n /var/lib/authcert/second/lock sh -c 'systemd-notify --ready; exec sleep infinity'
[Install]
WantedBy=multi-user.target
"""


@unittest.skipIf(machine.why_not(), machine.why_not())
class Boot(unittest.TestCase):
    def setUp(self):
        self.host = machine.Machine().__enter__()
        self.addCleanup(self.host.__exit__)
        self.host.install(package.build())
        self.host.path("/var/log/journal").mkdir(exist_ok=True)
        for name in ("/bed", "/package"):
            self.host.path(name).mkdir()
        self.host.write("/etc/systemd/system/bed.service", SERVICE)
        # Nothing in the journal shows who of two at once had the state folder first: the doctor has, where it comes at all.
        for name, others in (("authcert", " authcert-doctor.service"), ("authcert-doctor", ""), ("authcert@", "")):
            self.host.write(f"/etc/systemd/system/{name}.service.d/bed.conf", AFTER + others + "\n")
        self.host.shell("systemctl enable bed.service authcert.timer")

    def entries(self, message_id):
        return self.host.journal("MESSAGE_ID=" + message_id)

    def messages(self, *matches):
        return [entry.get("MESSAGE") for entry in self.host.journal(*matches)]

    def ended(self, unit):
        """How many times a run of it has ended well."""
        return len(self.messages("UNIT=" + unit, "MESSAGE_ID=" + ENDED))

    def start_at_boot(self, unit):
        """Until the link that is returned is removed."""
        wants = self.host.path(f"/etc/systemd/system/multi-user.target.wants/{unit}")
        wants.symlink_to("/usr/lib/systemd/system/" + unit.split("@")[0] + ("@.service" if "@" in unit else ""))
        return wants

    def doctor(self):
        """What the doctor has said so far."""
        return "\n".join(str(text) for text in self.messages("_SYSTEMD_UNIT=authcert-doctor.service"))

    def boot(self, until):
        self.host.boot(until=until, binds=[f"{BED}:/bed", f"{HERE}:/package"])

    def deliver_by(self, command):
        """Sets the command in the package's own configuration."""
        path = self.host.path("/etc/authcert/authcert.conf")
        text = path.read_text().replace("#method = manual", "method = command")
        path.write_text(text.replace("#command = /usr/local/sbin/deliver-to-exchange", f"command = {command}"))

    def timer(self, text, last_fired=None, unit="authcert"):
        self.host.write(f"/etc/systemd/system/{unit}.timer.d/test.conf", text)
        if last_fired is not None:
            stamp = self.host.path(STAMP)
            stamp.touch()
            os.utime(stamp, (time.time() - last_fired,) * 2)

    def mails(self, to):
        paths = sorted(self.host.path("/var/mail-sink").glob("*.eml"))
        mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP) for path in paths]
        return [mail for mail in mails if to in mail["To"]]

    def test_nights(self):
        with self.subTest("the timer fires: a mail, and an entry for each event"):
            self.timer(SOON)
            self.timer(SOON, unit="authcert@second")
            self.host.shell("systemctl enable authcert@second.timer")
            self.host.write("/etc/systemd/system/authcert@second.service.d/test.conf", STATUS)
            self.host.write("/usr/local/sbin/code-maker", CODE_MAKER, 0o755)
            self.deliver_by("/usr/local/sbin/code-maker")
            doctor = self.start_at_boot("authcert-doctor.service")
            self.boot(lambda: self.ended("authcert.service") and self.ended("authcert@second.service") and
                      self.messages("UNIT=authcert-doctor.service", "MESSAGE_ID=" + FAILED))
            for unit in ("authcert.service", "authcert@second.service"):
                self.assertEqual(len(self.messages("MESSAGE_ID=" + TOLD, "_SYSTEMD_UNIT=" + unit)), 1)
            self.host.shell("systemctl disable authcert@second.timer")
            seen = next(entry for entry in self.entries(SEEN) if entry["_SYSTEMD_UNIT"] == "authcert.service")
            self.assertEqual((seen["AUTHCERT_ORGANIZATION"], seen["AUTHCERT_STATUS"], seen["PRIORITY"]),
                             ("Contoso", "warning", "4"))
            self.assertRegex(seen["AUTHCERT_THUMBPRINT"], "^[0-9A-F]{40}$")
            [mail] = self.mails("admins@contoso.test")
            self.assertIn("WARNING", mail["Subject"])
            self.assertIn(seen["AUTHCERT_THUMBPRINT"], mail.get_body().get_content())
            lines = self.messages("_SYSTEMD_UNIT=authcert.service")
            self.assertEqual([line for line in lines if "Certificates" in line or "SLOT" in line or "open directory" in line], [],
                             "what stands in the journal as an entry stands there once")
            last = json.loads(self.host.path("/var/lib/authcert/default/last.json").read_text())
            self.assertEqual(last["told"], [{"channel": "mail", "result": "sent", "to": 1}])
            explained = self.host.shell(f"journalctl -x --directory /var/log/journal --no-pager MESSAGE_ID={SEEN}")
            self.assertIn("The auth certificate of Contoso is warning", explained)

        with self.subTest("a certificate is renewed within the sandbox, by an instance of its own"):
            [staged] = [entry for entry in self.entries(DONE) if entry["AUTHCERT_ACT"] == "stage"]
            self.assertEqual((staged["AUTHCERT_ORGANIZATION"], staged["_SYSTEMD_UNIT"]),
                             ("Fabrikam", "authcert@second.service"))
            state = self.host.path("/var/lib/authcert/second")
            last = json.loads((state / "last.json").read_text())
            following = last["certificates"]["next"]
            self.assertEqual((following["thumbprint"], following["key_kept"]), (staged["AUTHCERT_THUMBPRINT"], True))
            self.assertRegex((state / "delivered").read_text(), f"^{staged['AUTHCERT_THUMBPRINT']} next 26 [0-9]{{4}}\n$")
            [key] = (state / "keys").glob("*.key")
            self.assertIn("ENCRYPTED PRIVATE KEY", key.read_text())
            self.assertIn(staged["AUTHCERT_THUMBPRINT"], self.mails("second@contoso.test")[0].get_body().get_content())
            calls = self.host.path("/var/mail-sink/calls").read_text().split()
            self.assertEqual(calls[:2], ["/secret-uuid/start", "/secret-uuid"])
            self.assertRegex(self.host.path("/var/status").read_text(), "^ok: .*the next one takes over")

        with self.subTest("it sees nothing of the other organization, and runs nothing that it has written itself"):
            around = (state / "around").read_text().splitlines()
            self.assertCountEqual([line for line in around if not line.startswith("/var/lib/authcert/second/")],
                             ["/var/lib/authcert/second", "/etc/authcert/secrets/second",
                              "/etc/authcert/secrets/second/password", "/etc/authcert/secrets/second/ping-url",
                              "/run/credentials/authcert@second.service",
                              "/run/credentials/authcert@second.service/second-key-password",
                              "Max data size             unlimited            unlimited            bytes     "])
            self.assertTrue(self.host.path("/var/lib/authcert/default/history.json").exists())
            self.assertTrue(self.host.path("/etc/authcert/secrets/default/authcert.keytab").exists())

        with self.subTest("what the unit reads, a command that root types reads too"):
            seen = self.host.shell("authcert -c /etc/authcert/second.conf check --last")
            self.assertIn("Fabrikam", seen)
            self.host.shell("authcert -c /etc/authcert/second.conf config check")
            self.host.write("/etc/authcert/krb.conf", KEYTAB)
            self.host.shell("install -o authcert -g authcert -m 600 /etc/hostname /etc/authcert/authcert.keytab")
            for account in ("root", "authcert"):
                self.host.shell(f"setpriv --reuid {account} --clear-groups authcert -c /etc/authcert/krb.conf config check")

        with self.subTest("the doctor has worked in the same sandbox, and the delivery command has not"):
            self.assertEqual(self.messages("_SYSTEMD_UNIT=authcert-doctor.service", "PRIORITY=3"), [])
            self.assertIn("dc1.contoso.test answers", self.doctor())
            self.assertIn("FAILED  delivery tried: /usr/local/sbin/code-maker was run for no server and did not end with 0",
                          self.doctor())
            self.assertIn("PermissionError", self.doctor())
            self.assertIn("delivery-command.conf", self.doctor())
            self.assertEqual(self.doctor().count("\nFAILED"), self.doctor().count("FAILED  delivery tried"), self.doctor())

        with self.subTest("a night that was slept through is made up for at boot, and the loosened sandbox lets it deliver"):
            loosened = self.host.path("/usr/share/doc/authcert/examples/delivery-command.conf").read_text()
            loosened = loosened.replace("#MemoryDenyWriteExecute=no", "MemoryDenyWriteExecute=no")
            self.host.write("/etc/systemd/system/authcert-doctor.service.d/delivery-command.conf", loosened)
            runs, nights = len(self.entries(SEEN)), self.ended("authcert.service")
            self.timer(NIGHTLY, last_fired=3 * 86400)
            self.boot(lambda: self.ended("authcert.service") > nights and self.ended("authcert-doctor.service"))
            doctor.unlink()
            self.assertEqual(len(self.entries(SEEN)), runs + 1)
            self.assertIn("ok      delivery tried: standard error of the delivery command: took True 26 for ''",
                          self.doctor())

        with self.subTest("a directory that does not answer is shouted about"):
            self.host.write("/etc/systemd/system/holder.service", HOLDER)
            self.host.shell("systemctl disable bed.service; systemctl enable holder.service")
            self.host.write("/etc/authcert/on-failure", ON_FAILURE, 0o755)
            self.host.write("/etc/systemd/system/authcert-failure@.service.d/test.conf", "[Service]\nReadWritePaths=/var\n")
            self.host.write("/etc/authcert/broken.conf", "[directory]\nuri = ldaps://dc1.contoso.test\nbnd = simple\n")
            self.start_at_boot("authcert@broken.service")
            self.start_at_boot("authcert@second.service")
            self.timer(NIGHTLY, last_fired=3 * 86400)
            shouted = self.host.path("/var/shouted")
            units = {"authcert.service", "authcert@broken.service", "authcert@second.service"}
            self.boot(lambda: all(self.ended(f"authcert-failure@{unit}.service") for unit in units))
            self.assertLessEqual(units, set(shouted.read_text().split("\n")))
            [unreadable] = self.entries(UNREADABLE)
            self.assertEqual((unreadable["AUTHCERT_STATUS"], unreadable["PRIORITY"]), ("unknown", "3"))
            emergencies = self.messages("SYSLOG_IDENTIFIER=authcert", "PRIORITY=0")
            # One night without a directory wakes nobody who is logged in.
            self.assertEqual({emergency.split()[0] for emergency in emergencies}, units - {"authcert.service"})
            [quiet] = [text for text in self.messages("SYSLOG_IDENTIFIER=authcert", "PRIORITY=3") if "not being watched" in text]
            self.assertTrue(quiet.startswith("authcert.service "))
            self.assertTrue(all("failed: the auth certificate" in emergency for emergency in emergencies))

        with self.subTest("what a run cannot even begin with is an error in the journal too"):
            for unit, words in (("broken", "broken.conf:3"), ("second", "/var/lib/authcert/second is in use by")):
                errors = self.messages(f"_SYSTEMD_UNIT=authcert@{unit}.service", "PRIORITY=3", "SYSLOG_IDENTIFIER=authcert")
                self.assertTrue(any(words in error for error in errors), errors)

        with self.subTest("what it remembers belongs to its account"):
            self.assertEqual(self.host.shell("stat -c %U /var/lib/authcert/default/history.json").strip(), "authcert")


if __name__ == "__main__":
    unittest.main()
