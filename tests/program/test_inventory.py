#!/usr/bin/python3 -B
"""`authcert inventory`: every other certificate of an organization, in a real directory and on real ports."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bed"))

import exchange  # noqa: E402
import inventory  # noqa: E402
import pki  # noqa: E402
import places  # noqa: E402

MAIL, AUTODISCOVER = inventory.MAIL, inventory.AUTODISCOVER
OFFICE = "Outbound to Office 365 - 1234"
R3, R10 = pki.Authority("R3"), pki.Authority("R10")


def issued(authority, begun, left, *names, **options):
    """A certificate for the usual names that began so many days ago and has so many left."""
    return authority.server(*(names or (MAIL, AUTODISCOVER)), not_before=pki.now() - pki.days(begun),
                            not_after=pki.now() + pki.days(left) + pki.days(0.5), **options)


def send(name, certificate, sources=("EX1", "EX2"), flags=places.CLOUD, **options):
    return lambda o: places.send(o, name, certificate, sources, flags, **options)


class Case(unittest.TestCase):
    def ids(self, seen):
        return sorted({(one["id"], one["severity"]) for one in seen.report["inventory"]["findings"]
                       if one["id"] != "old-tls"})

    def finding(self, seen, id):
        found = [one for one in seen.report["inventory"]["findings"] if one["id"] == id]
        self.assertEqual(len(found), 1, seen)
        return found[0]


class Places(Case):
    def test_a_healthy_organization_has_nothing_to_say(self):
        with inventory.Bed() as bed:
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [], seen)
            shown = {one["place"]: one["thumbprint"] for one in seen.report["inventory"]["places"]
                     if one["state"] == "shown" and one["kind"] != "transport"}
            expected = [f"ex{n}.contoso.test:{port}" for n in (1, 2, 3) for port in (443, 25)] + [MAIL, AUTODISCOVER]
            self.assertEqual(shown, dict.fromkeys(expected, bed.certificate.thumbprint), seen)
            self.assertEqual(inventory.place(seen, MAIL)["fits"], True)
            self.assertEqual(inventory.place(seen, "ex1.contoso.test:993")["state"], "closed")
            text = bed.program.run("inventory").stdout
            self.assertIn("ex1 ex2 ex3: 443 25", text)
            nagios = bed.program.run("--format", "nagios", "inventory").stdout
            self.assertRegex(nagios, r"\| nearest_days=\d+;30:;7: places=11 critical=0 warning=\d\n")
            for port, arguments in ((443, []), (25, ["-starttls", "smtp"])):
                with self.subTest(port=port):  # another pair of eyes sees the same certificate
                    peer = subprocess.run(["openssl", "s_client", *arguments, "-connect", f"{bed.address('ex2')}:{port}"],
                                          stdin=subprocess.DEVNULL, capture_output=True, check=True)
                    theirs = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha1"], input=peer.stdout,
                                            capture_output=True, check=True).stdout.decode()
                    self.assertIn(bed.certificate.thumbprint, theirs.replace(":", ""))

    def test_the_end_is_near(self):
        for left, severity, status in ((20, "warning", 1), (6, "critical", 2), (-2, "critical", 2)):
            with self.subTest(left=left), inventory.Bed(servers=1, certificate=issued(R10, 170, left), ca=R10) as bed:
                seen = bed.run("inventory")
                self.assertEqual((seen.status, self.ids(seen)), (status, [("ends", severity)]), seen)
                finding = self.finding(seen, "ends")
                self.assertIn(f"{(pki.now() + pki.days(left) + pki.days(0.5)).strftime('%Y-%m-%d')}", finding["text"])
                self.assertIn("Enable-ExchangeCertificate -Server EX1 -Thumbprint NEW-THUMBPRINT -Services IIS,SMTP",
                              finding["commands"])

    def test_a_short_life_warns_later(self):
        """Of 47 days a third is 15: the warning does not stand there for two weeks before anybody renews."""
        with inventory.Bed(servers=1, certificate=issued(R10, 29, 18), ca=R10) as bed:
            self.assertEqual(self.ids(bed.run("inventory")), [])

    def test_one_server_was_forgotten(self):
        old, new = issued(R3, 80, 10), issued(R10, 4, 86)
        with inventory.Bed(certificate=new, ca=R10) as bed:
            bed.show("ex3", 25, old)
            bed.show("ex3", 443, old)
            bed.ports.apply()
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [("differs", "warning")], seen)
            finding = self.finding(seen, "differs")
            self.assertEqual(finding["place"], "ex3.contoso.test")
            self.assertEqual(finding["commands"], [f"Enable-ExchangeCertificate -Server EX3 -Thumbprint "
                                                   f"{new.thumbprint} -Services IIS,SMTP"])
            self.assertIn("overwrite the default SMTP certificate", finding["then"])

    def test_a_renewal_may_take_three_days(self):
        with inventory.Bed(certificate=issued(R10, 1, 89), ca=R10) as bed:
            bed.show("ex3", 25, issued(R3, 50, 40))
            bed.ports.apply()
            self.assertEqual(self.ids(bed.run("inventory")), [])

    def test_a_server_back_from_installation_shows_its_own(self):
        with inventory.Bed() as bed:
            bed.show("ex3", 443, pki.auth_certificate(1000, subject="EX3", names=("EX3", "ex3.contoso.test")))
            bed.ports.apply()
            self.assertEqual(self.ids(bed.run("inventory")), [("differs", "warning")])

    def test_own_certificates_at_port_25_are_no_difference(self):
        with inventory.Bed() as bed:
            for name in ("EX1", "EX2", "EX3"):
                fqdn = f"{name.lower()}.contoso.test"
                bed.show(name, 25, pki.auth_certificate(1000, subject=name, names=(name, fqdn), key=pki.new_key()))
            bed.ports.apply()
            self.assertEqual(self.ids(bed.run("inventory")), [])

    def test_what_is_ignored_is_not_asked(self):
        with inventory.Bed(sections={"inventory": {"ignore": 'ex3.contoso.test:25, "EX2.contoso.test"'}}) as bed:
            bed.show("ex3", 25, issued(R3, 80, 2))
            bed.ports.apply()
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [], seen)
            names = [one["place"] for one in seen.report["inventory"]["places"]]
            self.assertIn("ex3.contoso.test:443", names)
            self.assertFalse([name for name in names if name.startswith("ex2") or name == "ex3.contoso.test:25"])

    def test_what_is_not_there_is_not_seen(self):
        with inventory.Bed() as bed:
            bed.ports.close(bed.address("ex2"), 443)
            bed.show("ex3", 25, None)
            bed.names.point("ex1.contoso.test", None)
            bed.ports.apply()
            seen = bed.run("inventory")
            self.assertEqual([inventory.place(seen, name)["state"] for name in
                              ("ex1.contoso.test:443", "ex2.contoso.test:443", "ex3.contoso.test:25")],
                             ["silent", "closed", "no-starttls"], seen)
            self.assertEqual(self.ids(seen), [("no-starttls", "warning")], seen)

    def test_without_a_directory_nothing_is_known(self):
        with inventory.Bed(servers=1) as bed:
            bed.directory.stop()
            seen = bed.run("inventory")
            self.assertEqual((seen.status, seen.report["status"]), (3, "unknown"), seen)
            self.assertTrue(seen.report["inventory"]["trouble"], seen)
            self.assertEqual(bed.program.run("inventory").status, 3)


class Names(Case):
    def test_a_name_is_not_covered(self):
        with inventory.Bed(certificate=issued(R10, 4, 86, MAIL), ca=R10) as bed:
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [("name", "warning")], seen)
            finding = self.finding(seen, "name")
            self.assertEqual(finding["place"], AUTODISCOVER)
            self.assertIn('Set-ClientAccessService "EX1" -AutoDiscoverServiceInternalUri '
                          '"https://RIGHT-NAME/Autodiscover/Autodiscover.xml"', finding["commands"])

    def test_a_wildcard_is_for_one_label(self):
        with inventory.Bed(certificate=issued(R10, 4, 86, "*.contoso.test"), ca=R10,
                           sections={"inventory": {"names": "a.b.contoso.test"}}) as bed:
            bed.names.point("a.b.contoso.test", bed.address("ex1"))
            finding = self.finding(bed.run("inventory"), "name")
            self.assertEqual(finding["place"], "a.b.contoso.test")

    def test_nobody_vouches(self):
        with inventory.Bed(servers=1, certificate=issued(R3, 4, 86), ca=R10) as bed:
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [("trust", "warning")], seen)
            bed.show("ex1", 443, pki.auth_certificate(1000, subject=MAIL, names=(MAIL, AUTODISCOVER)))
            bed.ports.apply()
            self.assertEqual(self.ids(bed.run("inventory")), [("trust", "warning")])

    def test_the_domain_vouches(self):
        with inventory.Bed(servers=1, certificate=issued(R3, 4, 86), ca=R10, roots=[R3]) as bed:
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [], seen)
            self.assertEqual(inventory.place(seen, MAIL)["trust"], "own")

    def test_an_intermediate_is_not_sent(self):
        root = pki.Authority("Root X")
        above = pki.Authority("Between", above=root)
        whole = issued(above, 4, 86)
        bare = issued(above, 4, 86)
        bare.pem = whole.pem.split(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n"
        bare.key, bare.thumbprint = whole.key, whole.thumbprint
        with inventory.Bed(servers=2, certificate=whole, ca=root) as bed:
            bed.show("ex2", 443, bare)
            bed.ports.apply()
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [("chain", "warning")], seen)
            self.assertIn("ex2: 443", self.finding(seen, "chain")["text"])

    def test_weak(self):
        with inventory.Bed(servers=1, certificate=issued(R10, 4, 86, key="rsa1024"), ca=R10) as bed:
            self.assertIn("RSA 1024", self.finding(bed.run("inventory"), "weak")["text"])

    def test_exchange_2016_wants_rsa(self):
        with inventory.Bed(servers=1, certificate=issued(R10, 4, 86), ca=R10,
                           versions=("Version 15.1 (Build 32507.6)",)) as bed:
            self.assertIn("EC 256", self.finding(bed.run("inventory"), "weak")["text"])


    def test_the_request_is_for_what_clients_use(self):
        with inventory.Bed(servers=2, sections={"inventory": {"names": "smtp.contoso.test"}}) as bed:
            seen = bed.program.run("inventory", "--request")
            self.assertEqual(seen.status, 0, seen)
            self.assertIn(f'-GenerateRequest -SubjectName "CN={MAIL}" -DomainName '
                          f"{MAIL},{AUTODISCOVER},smtp.contoso.test -KeySize 2048", seen.stdout)
            names = bed.run("inventory", "--request").report["request"]["names"]
            self.assertEqual(names, [MAIL, AUTODISCOVER, "smtp.contoso.test"])

    def test_a_new_one_in_every_form(self):
        lacking = issued(R10, 1, 89, MAIL, key="rsa2048")
        with inventory.Bed(servers=1, ca=R10, certificate=issued(R10, 40, 50)) as bed:
            password = bed.program.secret("password", "correct horse battery staple")
            for name, content, more in (("new.pem", lacking.pem, ()), ("new.cer", lacking.der, ()),
                                        ("new.p7b", lacking.p7b(R10), ()), ("chain.p7b", R10.p7b(lacking), ()),
                                        ("new.pfx", lacking.pfx(b"correct horse battery staple"),
                                         ("--password-file", password))):
                with self.subTest(name=name):
                    seen = bed.run("inventory", *more, "--new", bed.program.file(name, content))
                    self.assertEqual(seen.status, 1, seen)
                    new = seen.report["new"]
                    self.assertEqual((new["thumbprint"], new["lacking"], new["covered"], new["problems"]),
                                     (lacking.thumbprint, [AUTODISCOVER], [MAIL], []), seen)
            self.assertEqual(bed.run("inventory", "--new", bed.program.file("new.txt", "nothing")).status, 3)
            self.assertEqual(bed.run("inventory", "--new", "/nowhere").status, 3)


class Connectors(Case):
    def test_another_issuer(self):
        """Renewed by another CA: mail to Exchange Online is about to stop."""
        old, new = issued(R3, 87, 3), issued(R10, 5, 85)
        with inventory.Bed(certificate=new, ca=R10, objects=[send(OFFICE, places.name_of(old))]) as bed:
            bed.show("ex3", 25, old)
            bed.ports.apply()
            finding = self.finding(bed.run("inventory"), "connector-end")
            self.assertEqual((finding["severity"], finding["place"]), ("critical", OFFICE))
            self.assertEqual(finding["commands"],
                             [f"$c = Get-ExchangeCertificate -Thumbprint {new.thumbprint}",
                              f'Set-SendConnector "{OFFICE}" -TlsCertificateName "<I>$($c.Issuer)<S>$($c.Subject)"'])
            bed.show("ex3", 25, new)  # the last place that showed the old one
            bed.ports.apply()
            finding = self.finding(bed.run("inventory"), "connector-unseen")
            self.assertEqual(finding["severity"], "critical")
            self.assertIn(new.thumbprint, finding["commands"][0])

    def test_the_name_still_fits(self):
        old, new = issued(R10, 80, 10), issued(R10, 5, 85)
        with inventory.Bed(certificate=new, ca=R10,
                           objects=[send("Partner", places.name_of(old), flags=0)]) as bed:
            self.assertEqual(self.ids(bed.run("inventory")), [])
            bed.show("ex3", 25, old)
            bed.ports.apply()
            self.assertIn(("connector-two", "remark"), self.ids(bed.run("inventory")))

    def test_what_cannot_be_read_is_no_finding_of_its_own(self):
        for name in ("mail.contoso.test", "<I>CN=R10<S>CN=\"mail", "<S>XY=1", "<I>", "<S>", "<S>CN=a\x01b,,"):
            with self.subTest(name=name), inventory.Bed(servers=1, objects=[send("Odd", name)]) as bed:
                self.assertEqual(self.ids(bed.run("inventory")), [("connector-unread", "remark")])

    def test_who_is_not_seen_lacks_nothing(self):
        gone = issued(R3, 4, 86, "smtp.contoso.test")
        with inventory.Bed(objects=[send("Partner", places.name_of(gone), ["EX2"], flags=0)]) as bed:
            self.assertEqual(self.ids(bed.run("inventory")), [("connector-unseen", "warning")])
            bed.names.point("ex2.contoso.test", None)  # its source server cannot be asked
            self.assertEqual(self.ids(bed.run("inventory")), [])

    def test_disabled_and_ignored_ones_are_left_alone(self):
        gone = issued(R3, 4, 86, "smtp.contoso.test")
        with inventory.Bed(objects=[send("Off", places.name_of(gone), enabled="FALSE"),
                                    send("Old partner", places.name_of(gone))],
                           sections={"inventory": {"ignore": "Old partner"}}) as bed:
            self.assertEqual(self.ids(bed.run("inventory")), [])

    def test_hostile_names_stay_text(self):
        gone = issued(R3, 4, 86, "smtp.contoso.test")
        name = "a'; Remove-Mailbox * ;\u2019$(1)\u202e\"`"
        with inventory.Bed(servers=1, objects=[send(name, places.name_of(gone), flags=0)]) as bed:
            finding = self.finding(bed.run("inventory"), "connector-unseen")
            self.assertEqual(finding["commands"][1].split(" -Tls")[0],
                             "Set-SendConnector 'a''; Remove-Mailbox * ;\u2019\u2019$(1)\\xe2\\x80\\xae\"`'")

    def test_receive_and_hybrid(self):
        old = issued(R3, 87, 3)
        hybrid = exchange.entry  # the coexistence object lies in its own container
        with inventory.Bed(servers=1, certificate=old, ca=R3, objects=[
                lambda o: places.receive(o, "EX1", "From partner", places.name_of(old), (587,)),
                lambda o: hybrid("CN=Coexistence,CN=Hybrid Configuration," + o.dn, "msExchCoexistenceRelationship",
                                 msExchCoexistenceSecureMailCertificateThumbprint=places.name_of(old))]) as bed:
            found = inventory.findings(bed.run("inventory"))
            self.assertEqual(found["connector-end", "EX1\\From partner EX1"]["severity"], "warning")
            self.assertIn('Set-ReceiveConnector "EX1\\From partner EX1" -TlsCertificateName',
                          found["connector-end", "EX1\\From partner EX1"]["commands"][1])
            self.assertEqual(found["connector-end", "Coexistence"]["severity"], "critical")
            self.assertIn("Set-HybridConfiguration -TlsCertificateName",
                          found["connector-end", "Coexistence"]["commands"][1])


class Directory(Case):
    def test_transport_federation_and_partners(self):
        soon, gone = pki.auth_certificate(40, subject="Federation"), pki.auth_certificate(-3, subject="SharePoint")
        with inventory.Bed(servers=1, transport=False, objects=[
                lambda o: places.federation(o, soon.serialized()),
                lambda o: places.partner(o, "SharePoint", gone.der)]) as bed:
            seen = bed.run("inventory")
            self.assertEqual(self.ids(seen), [("federation", "warning"), ("partner", "warning")], seen)
            dn = places.server_dn(bed.organization, "EX1")
            bed.directory.replace(dn, msExchServerInternalTLSCert=pki.auth_certificate(50, subject="EX1").serialized())
            finding = self.finding(bed.run("inventory"), "transport")
            self.assertIn("Answer Yes", finding["then"])
            bed.directory.replace(dn, msExchServerInternalTLSCert=b"\x20\0\0\0\1\0\0\0\xff\xff\xff\xff")
            self.assertEqual(inventory.place(bed.run("inventory"), "ex1.contoso.test: internal transport")["state"],
                             "unclear")


if __name__ == "__main__":
    unittest.main()
