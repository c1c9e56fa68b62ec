"""Values and answers as a real Active Directory gives them: pages, very many values, escaped and foreign names, dates."""

import unittest

import ad
import exchange
import pki

NAMES = ['EX,2 "a"', "EX+b;c", "EX\\d", "EX#<e>", " EX f ", "ÉX-Größe", "交換1"]


@ad.required
class Values(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        servers = exchange.servers(1100, sites=2)
        servers[0].address = [f"ncacn_spx:{number}" for number in range(2000)] + ["ncacn_ip_tcp:ex1.contoso.test"]
        odd = [exchange.Server(name, "Site1", address=["netbios:x", f"ncacn_ip_tcp:odd{number}.contoso.test"])
               for number, name in enumerate(NAMES)]
        cls.current, cls.next = pki.auth_certificate(60), pki.auth_certificate(1200)
        cls.organization = exchange.Organization(name="Größe \"Ω\", 会社 + Söhne;#1", servers=servers + odd, current=cls.current,
                                                 next=cls.next, date=pki.now() + pki.days(30))
        cls.forest = cls.enterClassContext(ad.Forest([cls.organization]))

    def check(self, **changes):
        seen = self.forest.program(changes).run("check", json=True)
        self.assertIn(seen.status, (0, 1), seen.stderr)
        return seen.report

    def assert_whole(self, report):
        names = {server["fqdn"] for server in report["servers"] if server["counted"]}
        self.assertEqual(len(names), 1100 + len(NAMES))
        self.assertLessEqual({"ex1.contoso.test", "ex1100.contoso.test", "odd0.contoso.test", "odd6.contoso.test"}, names)

    def test_more_servers_than_one_page_holds(self):
        """And one with so many addresses as another server than this one would give in parts."""
        self.assert_whole(self.check())

    def test_names_of_any_alphabet_and_with_escapes(self):
        report = self.check()
        self.assertEqual(report["organization"], self.organization.name)
        named = self.check(organization=self.organization.name)
        self.assertEqual(named["directory"]["dn"], report["directory"]["dn"])

    def test_dates_and_certificates(self):
        report = self.check()
        self.assertEqual(report["certificates"]["current"]["source"], "attribute")
        self.assertEqual(report["certificates"]["next"]["thumbprint"], self.next.thumbprint)
        self.assertEqual(report["next_effective"], self.organization.date.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertEqual(report["directory"]["clock_skew_seconds"], 0)

    def test_sealed_in_many_messages(self):
        """A large answer under Kerberos's own seal, which comes in many tokens."""
        self.assert_whole(self.check(bind="gssapi", uri=self.forest.dc[0].plain_uri, tls="off",
                                     keytab=self.forest.account().keytab))


if __name__ == "__main__":
    unittest.main()
