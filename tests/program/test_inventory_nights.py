#!/usr/bin/python3 -B
"""The other certificates night by night: what `run` tells of them, and what it leaves alone."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bed"))

import inventory  # noqa: E402
import pki  # noqa: E402
import places  # noqa: E402
import smtp  # noqa: E402

MAIL, AUTODISCOVER = inventory.MAIL, inventory.AUTODISCOVER
OFFICE = "Outbound to Office 365 - 1234"
R3, R10 = pki.Authority("R3"), pki.Authority("R10")


def issued(authority, begins, ends, *names):
    """A certificate from one day to another, counted from now."""
    return authority.server(*(names or (MAIL, AUTODISCOVER)), not_before=pki.now() + pki.days(begins),
                            not_after=pki.now() + pki.days(ends))


class Nights(unittest.TestCase):
    def open(self, **options):
        bed = self.enterContext(inventory.Bed(**options))
        self.relay = self.enterContext(smtp.Relay())
        bed.program.change("mail", relay=self.relay.uri, tls="off", to="admins@contoso.test",
                           **{"from": "authcert@contoso.test"})
        # Postfix takes old versions of TLS by default, which would be told in the first night.
        bed.program.file("state/inventory.json", json.dumps({
            "schema": 1, "asked_old_tls": None, "night": None, "places": [], "threads": [], "upcoming": None,
            "told": [{"id": "old-tls", "place": "", "about": "old", "severity": "warning", "threshold": 0, "text": "",
                      "at": None}]}))
        return bed

    def night(self, bed, number, **options):
        """The messages of that night."""
        before = len(self.relay.messages)
        self.seen = bed.run("run", now=inventory.after(number), **options)
        self.assertEqual(self.seen.report["status"], "ok", self.seen)  # of the auth certificate, whatever else there is
        return self.relay.messages[before:]

    def body(self, message):
        """The plain text as one line."""
        return " ".join(message.body.split())

    def subject(self, messages):
        self.assertEqual(len(messages), 1, self.seen)
        return str(messages[0].mail["subject"])

    def test_a_renewal_in_fourteen_steps(self):
        old, new = issued(R3, -57, 33), issued(R10, 8, 98)
        bed = self.open(servers=3, certificate=old, ca=R10, roots=[R3], objects=[
            lambda o: places.send(o, OFFICE, places.name_of(old), ["EX1", "EX2"], places.VALIDATES)])
        # 1, 2: a month is far away
        self.assertEqual(self.night(bed, 0), [])
        self.assertEqual(self.night(bed, 1), [])
        # 3: thirty days
        first = self.night(bed, 4)
        self.assertRegex(self.subject(first), r"^WARNING authcert Contoso: certificate of mail\.contoso\.test ends in "
                                              r"28 days; and 1 more$")
        self.assertIn("Import-ExchangeCertificate -Server EX1", first[0].body)
        self.assertIn(f'Set-SendConnector "{OFFICE}"', first[0].body)
        # 4: nothing new
        self.assertEqual(self.night(bed, 5), [])
        # 5: the first server shows the new one, which may take its time
        for name in "ex1", "ex2":
            bed.show(name, 443, new)
        bed.ports.apply()
        self.assertEqual(self.night(bed, 9), [])
        # 6: after three days the last one was forgotten
        forgotten = self.night(bed, 12)
        self.assertRegex(self.subject(forgotten), r"^WARNING authcert Contoso: ex3: 443 shows the old certificate")
        self.assertIn(f"Enable-ExchangeCertificate -Server EX3 -Thumbprint {new.thumbprint} -Services IIS",
                      forgotten[0].body)
        self.assertEqual(forgotten[0].mail["in-reply-to"], first[0].mail["message-id"])
        self.assertEqual(self.night(bed, 13), [])
        # 7: it is mended
        bed.show("ex3", 443, new)
        bed.ports.apply()
        over = self.night(bed, 14)
        self.assertRegex(self.subject(over), "^RECOVERED authcert Contoso: mail.contoso.test: ")
        # 8: fourteen days before the end, mail still goes by the old one
        nearer = self.night(bed, 20)
        self.assertIn("ends in 12 days", self.subject(nearer))
        self.assertIn("Nearer, warning", nearer[0].body)
        # 9: SMTP of two servers
        for name in "ex1", "ex2":
            bed.show(name, 25, new)
        bed.ports.apply()
        step = self.night(bed, 21)
        self.assertIn("ex3: 25 shows the old certificate", self.body(step[0]))
        # 10: a server that is away for a night is not mended
        bed.ports.close(bed.address("ex3"), 25)
        bed.ports.apply()
        self.assertEqual(self.night(bed, 22), [])
        # 11: the last place; the connector is left and finds nothing any more
        bed.show("ex3", 25, new)
        bed.ports.apply()
        left = self.night(bed, 23)
        self.assertRegex(self.subject(left), f'^CRITICAL authcert Contoso: the send connector "{OFFICE}"')
        self.assertEqual(left[0].mail["importance"], "high")
        self.assertIn(f"$c = Get-ExchangeCertificate -Thumbprint {new.thumbprint}", left[0].body)
        # 12: nobody repeats it every night
        self.assertEqual(self.night(bed, 24), [])
        # 13: it is typed
        dn = ("CN=%s,CN=Connections,CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups,CN=Exchange "
              "Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," % OFFICE + bed.organization.dn)
        bed.directory.replace(dn, msExchSmtpTLSCertificate=places.name_of(new))
        self.assertRegex(self.subject(self.night(bed, 25)), "^RECOVERED authcert Contoso: " + OFFICE)
        # 14: all is well
        self.assertEqual(self.night(bed, 26), [])
        self.assertEqual(bed.run("inventory", "--last", now=inventory.after(26)).report["status"], "ok")

    def test_from_the_pre_flight_to_the_all_clear(self):
        old, new = issued(R3, -57, 60), issued(R10, -1, 89)
        bed = self.open(servers=2, certificate=old, ca=R10, roots=[R3], objects=[
            lambda o: places.send(o, OFFICE, places.name_of(old), ["EX1"], places.VALIDATES)])
        path = bed.program.file("new.p7b", new.p7b(R10))
        seen = bed.program.run("inventory", "--new", path)
        self.assertEqual(seen.status, 1, seen)  # its key is of elliptic curves
        commands = re.findall(r"^    (\S.*)$", seen.stdout, re.MULTILINE)
        self.assertEqual([command.split()[0] for command in commands],
                         ["Import-ExchangeCertificate"] * 2 + ["Enable-ExchangeCertificate"] * 2 + ["$c",
                                                                                                    "Set-SendConnector"],
                         seen)
        self.assertIn("Names that it lacks:  none", seen.stdout)
        self.assertIn(OFFICE, seen.stdout)
        self.night(bed, 0)
        bed.show("ex1", 443, new)
        bed.ports.apply()
        told = self.night(bed, 1)
        self.assertIn("is shown at 3 of 6 places; still old: ex1: 25; ex2: 443 25", self.body(told[0]))
        for name, port in (("ex1", 25), ("ex2", 443), ("ex2", 25)):
            bed.show(name, port, new)
        bed.ports.apply()
        cleared = self.night(bed, 2)
        self.assertIn("all-clear", cleared[0].body)
        self.assertIsNone(json.loads((bed.program.state / "inventory.json").read_text())["upcoming"])

    def test_seven_nights_of_silence_are_told_once(self):
        bed = self.open(servers=2)
        self.assertEqual(self.night(bed, 0), [])
        bed.ports.close(bed.address("ex2"), 25)
        bed.ports.apply()
        for number in range(1, 7):
            self.assertEqual(self.night(bed, number), [], number)
        told = self.night(bed, 7)
        self.assertRegex(self.subject(told), "^UNKNOWN authcert Contoso: ex2.contoso.test:25 has shown no certificate "
                                             "for 7 nights")
        self.assertEqual(self.night(bed, 8), [])
        self.assertEqual(bed.run("inventory", "--last", now=inventory.after(8)).status, 3)

    def test_beside_the_auth_certificate(self):
        """One message a night: the auth certificate's, with a section on the others."""
        bed = self.open(servers=1, certificate=issued(R3, -70, 20), ca=R3)
        soon = pki.auth_certificate(40)
        bed.directory.replace(bed.organization.auth_dn, msExchAuthCertificateThumbprint=["0:" + soon.thumbprint],
                              msExchAuthCertificateData=[soon.der])
        seen = bed.run("run", now=inventory.after(0))
        self.assertEqual(seen.report["status"], "warning", seen)
        self.assertEqual(len(self.relay.messages), 1)
        message = self.relay.messages[0]
        self.assertRegex(str(message.mail["subject"]), "^WARNING authcert Contoso: auth certificate ends in (39|40) days")
        self.assertIn("== Other certificates ==", message.body)
        self.assertIn("the certificate of mail.contoso.test", self.body(message))
        self.assertIn("Other certificates", message.html)

    def test_who_does_not_want_it_is_not_watched(self):
        bed = self.open(servers=1, certificate=issued(R3, -70, 20), ca=R3, sections={"inventory": {"watch": "no"}})
        self.assertEqual(self.night(bed, 0), [])
        self.assertIsNone(self.seen.report["inventory"])

    def test_ten_years_of_short_lives(self):
        """47 days each, renewed with 16 left, as ACME does: nobody is told anything in the years in which nobody forgets
        anything. Each renewal is looked at on its day and the days around it."""
        certificate = issued(R10, -1, 46)
        bed = self.open(servers=1, certificate=certificate, ca=R10)
        told = 0
        for renewal in range(1, 79):
            for number in (31 * renewal - 1, 31 * renewal, 31 * renewal + 4):
                if number >= 31 * renewal and number < 31 * renewal + 1:
                    certificate = issued(R10, number, number + 47)
                    for port in (443, 25):
                        bed.show("ex1", port, certificate)
                    bed.ports.apply()
                told += len(self.night(bed, number))
            if renewal == 12 and "FULL" not in os.environ:
                break
        self.assertLess(told, 12, self.seen)


if __name__ == "__main__":
    unittest.main()
