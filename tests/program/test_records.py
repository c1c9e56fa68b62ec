"""Our own records in the directory, and what they are good for: a second agent, and a place to look bytes up."""

import unittest

import exchange
import pki
import renewal
import slapd

CONTAINER = "CN=authcert,CN=Services," + exchange.CONFIGURATION
WRITABLE = f'access to dn.subtree="{CONTAINER}" by dn.base="{slapd.SERVICE_DN}" write by users read'

MAY_MAKE = f'access to dn.base="{exchange.SERVICES}" attrs=children by dn.base="{slapd.SERVICE_DN}" write by users read'


def bed(*, container=True, writable=True, may_make=False, **options):
    made = renewal.Bed(**options)
    made.directory.access += ([WRITABLE] if writable else []) + ([MAY_MAKE] if may_make else [])
    made.__enter__()
    if container:
        made.directory.modify(exchange.entry(CONTAINER, "container"))
    return made


class Records(unittest.TestCase):
    def bed(self, **options):
        made = bed(**options)
        self.addCleanup(made.__exit__, None, None, None)
        return made

    def records(self, made):
        """{thumbprint: (DERs, keywords)}"""
        found = made.directory.search(CONTAINER, "(objectClass=msDS-AppData)", ["cn", "msDS-ByteArray", "keywords"])
        return {entry["cn"][0].decode(): (entry["msDS-ByteArray"], sorted(word.decode() for word in entry["keywords"]))
                for entry in found.values()}

    def test_what_a_run_stages_is_recorded_and_a_second_agent_learns_it(self):
        current = pki.auth_certificate(21)
        made = self.bed(current=current)
        self.assertEqual(made.run("run").status, 0)
        staged = made.slots()["2"]
        records = self.records(made)
        self.assertEqual(list(records), [staged], "current's key is not ours, so it is not ours to record")
        certificates, words = records[staged]
        self.assertEqual([pki.hashlib.sha1(der).hexdigest().upper() for der in certificates], [staged])
        self.assertEqual(words, ["+ex1.contoso.test", "+ex2.contoso.test", "+ex3.contoso.test", "authcert"])
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(self.records(made), records, "the same again changes nothing")

        second = made.agent()
        report = second.run("check", json=True).report
        self.assertEqual(report["certificates"]["next"]["source"], "record")
        self.assertEqual({server["next"] for server in report["servers"]}, {"present"})
        self.assertFalse(report["certificates"]["next"]["key_kept"])
        # It can activate from the record alone.
        seen = second.run("activate", "--now", "--yes", json=True)
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual(made.slots(), {"0": staged, "1": current.thumbprint})

    def test_without_records_a_second_agent_knows_nothing(self):
        made = self.bed(current=pki.auth_certificate(21), sections={"directory": {"records": "no"}})
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(self.records(made), {})
        self.assertEqual(made.agent().run("check", json=True).report["certificates"]["next"]["source"], "unknown")

    def test_a_record_comes_before_the_attribute(self):
        current = pki.auth_certificate(300)
        made = self.bed(current=current)
        made.directory.modify(exchange.entry(f"CN={current.thumbprint},{CONTAINER}", "msDS-AppData",
                                             msDS__ByteArray=[current.der], keywords=["authcert"]))
        self.assertEqual(made.run("check").report["certificates"]["current"]["source"], "record")
        made.program.change("directory", records="no")
        self.assertEqual(made.run("check").report["certificates"]["current"]["source"], "attribute")

    def test_a_confirmation_by_hand_is_recorded(self):
        made = self.bed(current=pki.auth_certificate(21), delivery=False)
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(self.records(made), {}, "what is not staged is not recorded")
        candidate = made.keys()[0].split(".")[0]
        self.assertEqual(made.run("deliver", "--confirm", candidate, "ex1.contoso.test", "ex2.contoso.test").status, 0)
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(made.slots()["2"], candidate)
        self.assertEqual(self.records(made)[candidate][1], ["+ex1.contoso.test", "+ex2.contoso.test", "authcert"])
        self.assertEqual(made.run("deliver", "--confirm", candidate).status, 0)
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(len(self.records(made)[candidate][1]), 4)

    def test_without_a_container_or_the_right_it_is_a_remark(self):
        for options, words in (({"container": False}, "there is no container"),
                               ({"writable": False}, "grant it on")):
            with self.subTest(options=options):
                made = self.bed(current=pki.auth_certificate(21), **options)
                seen = made.program.run("run")
                self.assertEqual(seen.status, 0, seen)
                self.assertIn(words, " ".join(seen.stdout.split()), seen)
                self.assertIn("2", made.slots())
                self.assertEqual(made.run("check").report["status"], "ok")

    def test_the_container_is_made_where_that_is_allowed(self):
        made = self.bed(current=pki.auth_certificate(21), container=False, may_make=True)
        self.assertEqual(made.run("check").status, 1)
        self.assertEqual(made.run("renew", "--dry-run").status, 0)
        self.assertEqual(made.directory.search(exchange.SERVICES, "(cn=authcert)", ["cn"]), {})
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(list(self.records(made)), [made.slots()["2"]])
        self.assertEqual(made.directory.read(CONTAINER, "objectClass"), [b"container"])
        self.assertNotIn("container", made.program.run("check").stdout)

    def test_doctor_says_how_to_make_the_container(self):
        made = self.bed(current=pki.auth_certificate(300), container=False)
        seen = made.program.run("doctor").stdout
        for word in ("ldifde", "dsacls", CONTAINER.lower(), "msDS-AppData", "objectClass: container"):
            self.assertIn(word.lower(), seen.lower())
        made.directory.modify(exchange.entry(CONTAINER, "container"))
        seen = made.program.run("doctor").stdout
        self.assertNotIn("ldifde", seen)
        self.assertIn("does not tell whether", seen)
        made.program.change("directory", records="no")
        self.assertNotIn("records:", made.program.run("doctor").stdout)

    def test_a_dry_run_and_mode_monitor_record_nothing(self):
        made = self.bed(current=pki.auth_certificate(21))
        self.assertEqual(made.run("renew", "--dry-run").status, 0)
        made.program.change("policy", mode="monitor")
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(self.records(made), {})

    def test_a_record_without_bytes_or_mark_counts_for_nothing(self):
        current = pki.auth_certificate(300)
        names = ["+ex1.contoso.test", "+ex2.contoso.test", "+ex3.contoso.test"]
        for ders, words, presence in (([], ["authcert"], "unknown"), ([current.der], [], "unknown"),
                                      ([current.der], ["authcert"], "present")):
            with self.subTest(ders=len(ders), words=words):
                made = self.bed(current=current)
                made.directory.modify(exchange.entry(f"CN={current.thumbprint},{CONTAINER}", "msDS-AppData",
                                                     msDS__ByteArray=ders, keywords=words + names))
                report = made.run("check").report
                self.assertEqual({server["current"] for server in report["servers"]}, {presence})
                self.assertEqual("nothing counts that it says" in " ".join(made.program.run("check").stdout.split()),
                                 presence == "unknown")

    def test_a_record_does_not_beat_servers_that_were_asked(self):
        current = pki.auth_certificate(300)
        made = self.bed(current=current, sections={"servers": {"probe": "metadata", "timeout": "1s"}})
        made.directory.modify(exchange.entry(
            f"CN={current.thumbprint},{CONTAINER}", "msDS-AppData", msDS__ByteArray=[current.der],
            keywords=["authcert", "+ex1.contoso.test", "+ex2.contoso.test", "+ex3.contoso.test"]))
        self.assertEqual({server["current"] for server in made.run("check").report["servers"]}, {"unreachable"})

    def test_a_record_of_somebody_else_does_not_stage_our_candidate(self):
        current = pki.auth_certificate(21)
        made = self.bed(current=current, delivery=False)
        self.assertEqual(made.run("run").status, 0)
        candidate = made.keys()[0].split(".")[0]
        pem = (made.program.state / "keys" / made.keys()[0]).read_bytes()
        der = pki.x509.load_pem_x509_certificate(pem).public_bytes(pki.serialization.Encoding.DER)
        made.directory.modify(exchange.entry(
            f"CN={candidate},{CONTAINER}", "msDS-AppData", msDS__ByteArray=[der],
            keywords=["authcert", "+ex1.contoso.test", "+ex2.contoso.test", "+ex3.contoso.test"]))
        seen = made.program.run("run")
        self.assertEqual(made.slots(), {"0": current.thumbprint}, seen)
        for text in (seen.stdout, made.program.run("check").stdout):
            text = " ".join(text.split())
            self.assertIn(f"has a record of {candidate}", text)
            self.assertIn(CONTAINER, text)
            self.assertEqual(text.count("has a record of"), 1)
        # What the admin says still counts.
        self.assertEqual(made.run("deliver", "--confirm", candidate).status, 0)
        self.assertEqual(made.run("run").status, 0)
        self.assertEqual(made.slots()["2"], candidate)

    def test_odd_records_are_no_help_and_no_harm(self):
        current, other = pki.auth_certificate(300), pki.auth_certificate(9, key=pki.new_key())
        made = self.bed(current=current)
        made.directory.modify("".join((
            exchange.entry(f"CN={current.thumbprint},{CONTAINER}", "msDS-AppData", msDS__ByteArray=[other.der, b"junk"],
                           keywords=["authcert", "+", "+a b", "+ex1.contoso.test", "+" + "x" * 255]),
            exchange.entry(f"CN=something else,{CONTAINER}", "msDS-AppData", msDS__ByteArray=[other.der]),
            exchange.entry(f"CN={other.thumbprint},{CONTAINER}", "container"))))
        report = made.run("check").report
        self.assertEqual(report["certificates"]["current"]["source"], "attribute")
        self.assertEqual([server["current"] for server in report["servers"]], ["unknown", "unknown", "unknown"])
        self.assertIn("does not hold its certificate", " ".join(made.program.run("check").stdout.split()))


if __name__ == "__main__":
    unittest.main()
