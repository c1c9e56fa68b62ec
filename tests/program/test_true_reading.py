"""The object is read exactly as Exchange reads it: what Exchange does not see is critical and mended without a key, what
is nothing to Exchange is a remark, and no date is invented."""

import unittest

import exchange
import pki
import renewal


def ids(seen):
    return [one["id"] for one in seen.report["decision"]["reasons"]]


class Case(unittest.TestCase):
    def bed(self, **options):
        options.setdefault("current", pki.auth_certificate(800))
        return self.enterContext(renewal.Bed(**options))


class Hidden(Case):
    def setUp(self):
        self.current = pki.auth_certificate(800)
        self.previous = pki.auth_certificate(30)
        self.thumbprint, self.old = self.current.thumbprint, self.previous.thumbprint

    def hidden(self, spelled, **options):
        return self.bed(current=self.current, values=[spelled.format(self.thumbprint), "1:" + self.old],
                        data=[self.current.der, self.previous.der], **options)

    def test_run_writes_the_prefix(self):
        for spelled in ("{}", " 0:{}", "0 :{}"):
            with self.subTest(spelled=spelled):
                bed = self.hidden(spelled)
                seen = bed.run("check")
                self.assertEqual((seen.status, seen.report["decision"]["id"], seen.report["decision"]["act"]),
                                 (2, "malformed", "mend"), seen)
                self.assertIn("hidden-current", ids(seen))
                seen = bed.run("run")
                self.assertEqual(seen.status, 0, seen)
                self.assertEqual([(one["act"], one["result"]) for one in seen.report["done"]], [("mend", "ok")])
                self.assertEqual(bed.slots(), {"0": self.thumbprint, "1": self.old})
                self.assertEqual((seen.report["status"], bed.keys()), ("ok", []))

    def test_recover_writes_the_prefix_and_makes_nothing(self):
        bed = self.hidden("{}", policy={"mode": "monitor"})
        seen = bed.run("run")
        self.assertEqual((seen.status, seen.report["status"], seen.report["decision"]["blocked"]["by"]),
                         (0, "critical", "mode"), seen)
        seen = bed.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual((bed.slots(), bed.keys()), ({"0": self.thumbprint, "1": self.old}, []))
        seen = bed.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn("nothing to recover", seen.stderr)


class Twice(Case):
    """Two values of one slot stop Exchange. Where both say the same, nothing is lost by taking one out."""

    def test_one_goes(self):
        current, previous = pki.auth_certificate(800), pki.auth_certificate(30)
        one = current.thumbprint
        for command in (("run",), ("recover", "--yes")):
            with self.subTest(command=command):
                bed = self.bed(current=current, data=[current.der, previous.der],
                               values=["0:" + one, "0: " + one.lower(), "1:" + previous.thumbprint])
                seen = bed.run("check")
                self.assertEqual((seen.status, seen.report["decision"]["id"], seen.report["decision"]["act"]),
                                 (2, "malformed", "mend"), seen)
                self.assertIn("two-values", ids(seen))
                seen = bed.run(*command)
                self.assertEqual(seen.status, 0, seen)
                self.assertEqual(bed.values(), ["0:" + one, "1:" + previous.thumbprint])
                self.assertEqual((bed.run("check").report["decision"]["id"], bed.keys()), ("none", []))

    def test_two_that_differ_are_left_to_a_person(self):
        current, other = pki.auth_certificate(800), pki.auth_certificate(900)
        bed = self.bed(current=current, data=[current.der, other.der],
                       values=["0:" + current.thumbprint, "0:" + other.thumbprint])
        before = bed.values()
        seen = bed.run("run")
        self.assertEqual((seen.report["decision"]["act"], seen.report["done"], bed.values()), ("none", [], before), seen)


class Leftover(Case):
    def test_a_date_without_next_is_a_remark(self):
        bed = self.bed(date=pki.now() + pki.days(3), policy={"mode": "monitor"})
        seen = bed.run("check")
        self.assertEqual((seen.status, seen.report["status"], seen.report["decision"]["id"]), (0, "ok", "leftover"), seen)
        self.assertIn("date-without-next", ids(seen))
        self.assertIn("$null", seen.report["decision"]["blocked"]["how_to_unblock"])
        self.assertNotIn("malformed", seen.report["summary"])

    def test_next_that_is_current_is_a_remark_and_goes(self):
        current = pki.auth_certificate(800)
        bed = self.bed(current=current, next=current, date=pki.now() + pki.days(3))
        seen = bed.run("check")
        self.assertEqual((seen.status, seen.report["decision"]["id"], seen.report["certificates"]["next"]),
                         (0, "leftover", None), seen)
        self.assertIn("next-is-current", ids(seen))
        seen = bed.run("run")
        self.assertEqual((seen.status, [one["act"] for one in seen.report["done"]]), (0, ["mend"]), seen)
        self.assertEqual(bed.slots(), {"0": current.thumbprint})
        self.assertIsNone(seen.report["next_effective"])

    def test_a_stage_takes_it_along(self):
        current = pki.auth_certificate(60)
        bed = self.bed(current=current, next=current, date=pki.now() + pki.days(3))
        seen = bed.run("run")
        self.assertEqual((seen.status, [one["act"] for one in seen.report["done"]]), (0, ["deliver", "stage"]), seen)
        self.assertEqual(sorted(bed.slots()), ["0", "2"])
        self.assertNotEqual(bed.slots()["2"], current.thumbprint)

    def test_no_date_is_invented(self):
        for following in (None, pki.auth_certificate(900)):
            with self.subTest(next=following):
                bed = self.bed(next=following, date="00010101000000.0Z", policy={"mode": "monitor"})
                seen = bed.run("check")
                self.assertEqual(seen.status, 2 if following else 0, seen)
                self.assertIn("not-a-date" if following else "date-without-next", ids(seen))
                for text in (seen.stdout, bed.program.run("check").stdout,
                             bed.program.run("--format", "prometheus", "check").stdout):
                    self.assertNotIn("1970", text)


class Conflicts(Case):
    def test_what_replication_left_over_is_inert_and_remarked(self):
        organization = exchange.Organization()
        mark = "\\0ACNF:3f2b5d7e-0b55-4f0e-8f3b-1c8e8f3f7a01"
        auth = f"CN=Auth Configuration{mark},{organization.dn}"
        copy = f"CN=Contoso{mark},{exchange.EXCHANGE}"
        server = f"CN=EX1{mark},{organization.servers_dn}"
        extra = (exchange.entry(auth, "msExchAuthAuthConfig", msExchAuthCertificateThumbprint="0:" + "A" * 40)
                 + exchange.entry(copy, "msExchOrganizationContainer")
                 + exchange.entry(f"CN=Auth Configuration,{copy}", "msExchAuthAuthConfig")
                 + exchange.entry(server, "msExchExchangeServer"))
        current = pki.auth_certificate(800)
        bed = self.bed(current=current, extra=extra, policy={"mode": "monitor"})
        seen = bed.run("check")
        self.assertEqual((seen.status, seen.report["status"]), (0, "ok"), seen)
        self.assertEqual(seen.report["directory"]["dn"].lower(), organization.auth_dn.lower())
        self.assertEqual(len(seen.report["servers"]), 3)
        said = [one["text"] for one in seen.report["decision"]["reasons"] if one["id"] == "inert-object"]
        for dn in (auth, copy, server):
            self.assertTrue([text for text in said if text.lower().startswith(dn.lower())], (dn, said))


class Genuine(Case):
    def test_alternative_names_and_a_blank_are_no_problem(self):
        for subject in (pki.AUTH_SUBJECT, " " + pki.AUTH_SUBJECT):
            current = pki.auth_certificate(800, subject=subject, names=["contoso.com"])
            seen = self.bed(current=current, policy={"mode": "monitor"}).run("check")
            self.assertEqual((seen.status, seen.report["certificates"]["current"]["problems"]), (0, []), seen)
            self.assertIn("certificate-note", ids(seen))
            self.assertNotIn("wrong place", seen.stdout)


class Hybrid(Case):
    def judged(self, *, current=None, **options):
        bed = self.bed(current=current or pki.auth_certificate(60), **options)
        seen = bed.run("run")
        self.assertEqual(seen.status, 0, seen)
        return bed, seen.report

    def test_each_sign_stands_alone_and_is_named(self):
        organization = exchange.Organization()
        connector = f"CN=HybridIOC - 1,{organization.dn}"
        servers = "CN=Auth Servers," + organization.auth_dn
        cases = [({"auth_servers": [exchange.AuthServer("ACS - 1", type=1, application=None)]}, "CN=ACS - 1," + servers),
                 ({"auth_servers": [exchange.AuthServer()]}, "CN=EvoSTS - 1," + servers),
                 ({"extra": exchange.entry(connector, "msExchIntraOrganizationConnector")}, connector),
                 ({"hybrid": True}, f"CN=Hybrid Configuration,CN=Hybrid Configuration,{organization.dn}")]
        for options, dn in cases:
            with self.subTest(dn=dn):
                bed, report = self.judged(**options)
                self.assertEqual((report["hybrid"], report["hybrid_signs"]), ("yes", report["hybrid_signs"]))
                self.assertEqual([sign.lower() for sign in report["hybrid_signs"]], [dn.lower()])
                self.assertEqual((report["decision"]["blocked"] or {}).get("by"), "hybrid", report)
                self.assertIn(dn.lower(), report["decision"]["blocked"]["how_to_unblock"].lower())
                self.assertIn("-UpdateCertificate", report["decision"]["blocked"]["how_to_unblock"])
                self.assertEqual(bed.keys(), [])
                for command in ("check", "doctor"):
                    self.assertIn(dn.lower(), " ".join(bed.program.run(command).stdout.lower().split()))
                last = bed.run("check", "--last").report
                self.assertEqual((last["hybrid_signs"], last["decision"]["blocked"]["by"]),
                                 (report["hybrid_signs"], "hybrid"))

    def test_what_needs_nothing_in_entra_is_not_held_back(self):
        for application in (None, exchange.SERVICE_NAME):
            bed, report = self.judged(auth_servers=[exchange.AuthServer(application=application)])
            self.assertEqual((report["hybrid"], [one["act"] for one in report["done"]]), ("yes", ["deliver", "stage"]))
            self.assertIn("hybrid-harmless", [one["id"] for one in report["decision"]["reasons"]])

    def test_what_is_switched_off_is_no_sign(self):
        _, report = self.judged(auth_servers=[exchange.AuthServer("ACS", type=1, enabled=False),
                                              exchange.AuthServer("ADFS", type=4)])
        self.assertEqual((report["hybrid"], report["hybrid_signs"]), ("no", []))


class LocalTime(Case):
    def test_what_recover_makes_begins_a_day_back(self):
        bed = self.bed(current=pki.auth_certificate(-1))
        seen = bed.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        new = bed.run("check").report["certificates"]["current"]
        begun = pki.datetime.datetime.strptime(new["not_before"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=pki.UTC)
        self.assertLess(abs((pki.now() - begun).total_seconds() - 86400), 600)

    def test_the_last_half_day_is_an_emergency(self):
        current = pki.auth_certificate(not_after=pki.now() + pki.days(0.4))
        bed = self.bed(current=current, hybrid=True)
        seen = bed.run("check")
        self.assertEqual((seen.status, seen.report["decision"]["id"], seen.report["decision"]["blocked"]),
                         (2, "replace", None), seen)
        self.assertIn("ends-early", ids(seen))
        seen = bed.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        self.assertNotEqual(bed.slots()["0"], current.thumbprint)
        self.assertEqual(bed.slots()["1"], current.thumbprint)

    def test_recover_takes_what_every_server_takes(self):
        """A next that began this morning is refused by servers ahead of UTC; previous is taken everywhere."""
        fresh = pki.auth_certificate(not_before=pki.now() - pki.days(0.1), not_after=pki.now() + pki.days(900))
        previous = pki.auth_certificate(100)
        bed = self.bed(current=pki.auth_certificate(-1), previous=previous, next=fresh,
                       date=pki.now() + pki.days(20))
        seen = bed.run("recover", "--yes")
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual(bed.slots()["0"], previous.thumbprint)


if __name__ == "__main__":
    unittest.main()
