"""What the Exchange servers themselves say, over HTTPS: where the directory holds thumbprints alone, their documents
give the certificates and tell who has them."""

import json
import re
import time
import unittest

import exchange
import metadata
import misbehaving
import pki
import probed
import strace

# More servers of which the same is said in one sentence.
OTHERS = r"(?:, [\w.-]+\.contoso\.test)*(?: and \d+ more)?"

HOUR = pki.datetime.timedelta(hours=1)
MINUTE = pki.datetime.timedelta(minutes=1)


class Case(unittest.TestCase):
    def bed(self, current=None, start=True, **options):
        """A bed in mode monitor with thumbprints alone in the directory, healthy unless told otherwise."""
        options.setdefault("policy", {"mode": "monitor"})
        bed = probed.Bed(current or pki.auth_certificate(), **options)
        return self.enterContext(bed) if start else bed

    def source(self, seen, slot="current"):
        return seen.report["certificates"][slot]["source"]

    def blocked(self, seen):
        return (seen.report["decision"]["blocked"] or {}).get("by")


class Learning(Case):
    def test_bytes_are_learned_and_kept_by_run(self):
        bed = self.bed()
        thumbprint = bed.organization.current.thumbprint
        seen = bed.run("check")
        self.assertEqual((seen.status, seen.report["decision"]["id"]), (0, "none"), seen)
        self.assertEqual(self.source(seen), "metadata")
        self.assertEqual(seen.report["certificates"]["current"]["not_after"],
                         bed.organization.current.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertEqual(bed.presence(seen), {"ex1": "present", "ex2": "present", "ex3": "present"})
        self.assertFalse((bed.program.state / "certificates" / f"{thumbprint}.der").exists(), "check wrote")
        seen = bed.run("run")
        self.assertEqual((seen.status, seen.report["status"]), (0, "ok"), seen)
        kept = (bed.program.state / "certificates" / f"{thumbprint}.der").read_bytes()
        self.assertEqual(kept, bed.organization.current.der)
        bed.servers.cut_off()
        seen = bed.run("check")
        self.assertEqual(self.source(seen), "store", seen)
        self.assertEqual(set(bed.presence(seen).values()), {"unreachable"})

    def test_the_night_on_which_it_ends(self):
        """Documents no longer list a certificate that has ended: what was kept before says what it was."""
        bed = self.bed(pki.auth_certificate(2))
        self.assertEqual(bed.run("run").status, 0)
        seen = bed.night(time.time() + 3 * 86400)
        self.assertEqual(bed.servers.peers["ex1.contoso.test"].keys(), [])
        self.assertEqual(seen.report["decision"]["id"], "replace", seen)
        self.assertEqual(self.source(seen), "store")
        self.assertEqual(set(bed.presence(seen).values()), {"unknown"}, "an ended certificate is not missing")

    def test_nobody_is_asked_where_probe_is_none(self):
        bed = self.bed(start=False)
        for name in ("ex1", "ex2", "ex3"):
            bed.servers.peers[name + ".contoso.test"].listens = False
        self.enterContext(bed)
        deaf = self.enterContext(misbehaving.Servers(bed.servers, {n: misbehaving.closes for n in bed.servers.peers}))
        bed.run("check")
        self.assertEqual(set(deaf.connections.values()) & {0}, set(), "nobody was asked where probe is metadata")
        before = dict(deaf.connections)
        bed.program.change("servers", probe="none")
        seen = bed.run("check")
        self.assertEqual(seen.report["decision"]["id"], "unknown-certificate", seen)
        self.assertEqual(set(bed.presence(seen).values()), {"unknown"})
        self.assertEqual(deaf.connections, before)

    def test_ignored_servers_are_not_asked(self):
        bed = self.bed(section={"ignore": "ex2.contoso.test"})
        bed.servers.cut_off("ex2.contoso.test")
        seen = bed.run("check")
        self.assertEqual((seen.status, bed.presence(seen)), (0, {"ex1": "present", "ex3": "present"}), seen)

    def test_one_at_a_time(self):
        bed = self.bed(servers=exchange.servers(12, sites=3), section={"parallel": 1})
        self.assertEqual(set(bed.presence(bed.run("check")).values()), {"present"})

    def test_hundreds_of_servers(self):
        bed = self.bed(servers=exchange.servers(500, sites=7), section={"parallel": 64})
        seen = bed.run("check")
        self.assertEqual(seen.status, 0, seen.stderr)
        self.assertEqual(list(bed.presence(seen).values()), ["present"] * 500)

    def test_those_that_never_answer_hold_up_nobody(self):
        """They are more than may be asked at once."""
        bed = self.bed(servers=exchange.servers(100, sites=7), section={"timeout": "5s", "parallel": 4})
        hole = self.enterContext(misbehaving.BlackHole(bed.servers))
        for number in range(1, 100, 10):
            bed.servers.names.point(f"ex{number}.contoso.test", hole.address)
        bed.program.executable = bed.servers.executable(strace.release())
        done, seconds = strace.waited(bed.program, "check")
        found = [server["current"] for server in json.loads(done.stdout)["servers"] if server["counted"]]
        self.assertLess(seconds, 5 * 1.2 + 1)
        self.assertEqual((found.count("present"), found.count("unreachable")), (90, 10))


class Presence(Case):
    def presence_of_an_old_document(self, ago):
        """EX2 still lists only the certificate from before; the attribute changed so long ago."""
        old = pki.auth_certificate(200)
        bed = self.bed(changed=pki.now() - ago, previous=old)
        bed.servers.serve("ex2.contoso.test", metadata.document("ex2.contoso.test", [old]))
        seen = bed.run("check")
        found = bed.presence(seen)
        self.assertEqual((found["ex1"], found["ex3"]), ("present", "present"), seen)
        return found["ex2"], seen

    def test_missing_only_after_25_hours(self):
        self.assertEqual(self.presence_of_an_old_document(25 * HOUR - 2 * MINUTE)[0], "unknown")
        found, seen = self.presence_of_an_old_document(25 * HOUR + 2 * MINUTE)
        self.assertEqual(found, "missing")
        self.assertEqual((seen.status, seen.report["status"]), (1, "warning"), seen)

    def test_a_server_that_lacks_current_answers_500(self):
        bed = self.bed()
        bed.servers.remove(bed.organization.current.thumbprint, "ex2.contoso.test")
        bed.servers.refresh(None, "ex2.contoso.test")
        seen = bed.run("check")
        self.assertEqual(bed.presence(seen), {"ex1": "present", "ex2": "unknown", "ex3": "present"})
        self.assertIn("500", bed.program.run("check").stdout)

    def test_next_is_never_listed(self):
        coming = pki.auth_certificate(1500, key=pki.new_key())
        bed = self.bed(pki.auth_certificate(80), next=coming, date=pki.now() + pki.days(10), data=[coming.der])
        self.assertEqual(set(bed.presence(bed.run("check"), "next").values()), {"unknown"})

    def test_one_name_for_all(self):
        bed = self.bed(tls_name="mail.contoso.test")
        self.assertEqual(set(bed.presence(bed.run("check")).values()), {"present"})
        bed.program.change("servers", tls_name=None)
        seen = bed.run("check")
        self.assertEqual(set(bed.presence(seen).values()), {"unknown"}, seen)
        self.assertIn("its TLS certificate is not for the name ex1.contoso.test", bed.program.run("check").stdout)
        self.assertIn("mail.contoso.test", bed.program.run("doctor").stdout)

    def test_without_verification_documents_give_bytes_alone(self):
        bed = self.bed(section={"verify": "no", "ca_file": None})
        seen = bed.run("check")
        self.assertEqual(self.source(seen), "metadata", seen)
        self.assertEqual(set(bed.presence(seen).values()), {"unknown"})

    def test_the_authority(self):
        bed = self.bed(section={"ca_file": None})
        seen = bed.run("check")
        self.assertEqual(set(bed.presence(seen).values()), {"unknown"}, seen)
        self.assertIn("its TLS certificate is of a CA that is not trusted here", bed.program.run("check").stdout)
        self.assertIn("authcert test CA", bed.program.run("doctor").stdout)
        bed.program.change("servers", ca_file="/nonexistent/ca.pem")
        seen = bed.program.run("check")
        self.assertIn("could not be asked: cannot use ca_file", " ".join((seen.stdout + seen.stderr).split()))
        bed.program.change("servers", ca_file=bed.servers.ca_file)
        self.assertEqual(set(bed.presence(bed.run("check")).values()), {"present"})

    def test_the_forms_of_a_ca_file(self):
        bed = self.bed()
        ca, other = bed.servers.ca, pki.Authority("another CA")
        good = {"der": ca.der, "two.der": other.der + ca.der, "p7b": other.p7b(ca), "pem.p7b": ca.p7b(pem=True),
                "crlf.pem": ca.pem.replace(b"\n", b"\r\n")}
        for name, data in good.items():
            with self.subTest(name):
                bed.program.change("servers", ca_file=bed.program.file(name, data))
                self.assertEqual(set(bed.presence(bed.run("check")).values()), {"present"})
        bed.program.change("servers", ca_file=bed.program.file("other.der", other.der))
        self.assertEqual(set(bed.presence(bed.run("check")).values()), {"unknown"})
        bad = {"empty": b"", "cut.der": ca.der[:-9], "text": b"no certificate\n", "more.der": ca.der + b"x",
               "cut.pem": ca.pem[:-40], "half.pem": ca.pem + ca.pem[:-40], "key.pem": other.key_pem}
        for name, data in bad.items():
            with self.subTest(name):
                bed.program.change("servers", ca_file=bed.program.file(name, data))
                for command in ("check", "doctor"):
                    seen = bed.program.run(command)
                    words = " ".join((seen.stdout + seen.stderr).split())
                    self.assertRegex(words, r"cannot use ca_file = \S+ of \[servers\]: \S+ could not be read as cert")

    def test_a_proxy_of_the_environment_is_not_used(self):
        bed = self.bed()
        proxy = {name: "http://127.0.0.1:9" for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")}
        self.assertEqual(set(bed.presence(bed.run("check", env=proxy)).values()), {"present"})


class Blocking(Case):
    def dated(self, ahead, names=("ex2",), current=None, clock=None):
        """A renewal is due, and the clocks of some servers are so many seconds ahead."""
        bed = self.bed(current or pki.auth_certificate(21), start=False, policy={"mode": "renew"})
        bed.directory.clock = clock
        names = [f"{name}.contoso.test" for name in names]
        for name in names:
            bed.servers.peers[name].listens = False
        self.enterContext(bed)
        self.enterContext(misbehaving.Servers(bed.servers, {
            name: misbehaving.Dated(name, [bed.organization.current], ahead) for name in names}))
        seen = bed.run("check")
        if not current:
            self.assertEqual((seen.report["decision"]["id"], bed.presence(seen)["ex2"]), ("stage", "present"), seen)
        return self.blocked(seen), bed

    def test_clocks_more_than_a_day_apart(self):
        for ahead, expected in ((86400 + 60, "clock"), (-86400 - 60, "clock"), (86400 - 60, None),
                                (-86400 + 60, None), ("Thu, 01 Jan 1970 00:00:00 GMT", "clock"), ("yesterday", None)):
            with self.subTest(ahead=ahead):
                found, bed = self.dated(ahead, ("ex1", "ex2"))
                self.assertEqual(found, expected)
                if expected:
                    self.assertIn("ex2.contoso.test", bed.program.run("check").stdout)

    def test_one_servers_clock_is_a_remark(self):
        found, bed = self.dated(2 * 86400)
        self.assertIsNone(found)
        self.assertIn("The clock of ex2.contoso.test is", " ".join(bed.program.run("check").stdout.split()))
        seen = bed.run("run")
        self.assertIn("2", bed.slots(), seen)

    def test_the_domain_controllers_clock_outranks_all_servers(self):
        found, bed = self.dated(2 * 86400, ("ex1", "ex2", "ex3"), clock=pki.now())
        self.assertIsNone(found)
        self.assertIn("more than a day", " ".join(bed.program.run("check").stdout.split()))

    def test_servers_clocks_hold_no_emergency_back(self):
        for command in (("run",), ("recover", "--yes")):
            with self.subTest(command=command):
                ended = pki.auth_certificate(-2)
                found, bed = self.dated(2 * 86400, ("ex1", "ex2", "ex3"), current=ended)
                self.assertIsNone(found)
                seen = bed.run(*command)
                self.assertNotEqual(bed.slots()["0"], ended.thumbprint, seen)

    def test_a_site_that_cannot_be_reached_holds_back_what_is_planned(self):
        now, days, key = pki.now(), pki.days, pki.new_key()
        long, ended = pki.auth_certificate(1500, key=key), pki.auth_certificate(-2)
        cases = {
            "stage": dict(current=pki.auth_certificate(60)),
            "restage": dict(current=pki.auth_certificate(60), next=pki.auth_certificate(70, key=key), date=now + days(20)),
            "reschedule": dict(current=pki.auth_certificate(60), next=long, date=now + days(61)),
            "activate": dict(current=pki.auth_certificate(60), next=long, date=now - days(1)),
            "promote": dict(current=ended, next=long, date=now + days(1)),
            "restore": dict(current=ended, previous=pki.auth_certificate(40, key=key)),
            "replace": dict(current=ended),
        }
        for expected, organization in cases.items():
            with self.subTest(expected):
                data = [one.der for one in organization.values() if hasattr(one, "der")]
                with probed.Bed(data=data, servers=exchange.servers(4, sites=2), **organization) as bed:
                    cut = ["ex2.contoso.test", "ex4.contoso.test"]
                    bed.servers.cut_off(cut[0])
                    seen = bed.run("check")
                    self.assertEqual((seen.report["decision"]["id"], self.blocked(seen)), (expected, None), seen)
                    bed.servers.cut_off(cut[1])
                    seen = bed.run("check")
                    held = expected in ("stage", "restage", "reschedule", "activate")
                    self.assertEqual((seen.report["decision"]["id"], self.blocked(seen)),
                                     (expected, "unreachable" if held else None), seen)
                    if held:
                        self.assertIn("Site2", seen.report["decision"]["blocked"]["how_to_unblock"])
                        bed.program.change("servers", ignore=cut)
                        self.assertIsNone(self.blocked(bed.run("check")))


class Trust(Case):
    """A chain that was found good is not checked again: that vouches for no other chain and for no other name."""

    def asked(self, certificates, ca=None):
        """What is said of servers that show these, asked in this order; None = nothing."""
        names = [f"ex{number + 1}.contoso.test" for number in range(len(certificates))]
        bed = self.bed(start=False, servers=exchange.servers(len(names)), section={"parallel": "1"})
        for name, certificate in zip(names, certificates):
            bed.servers.peers[name].tls = certificate
        self.enterContext(bed)
        if ca:
            bed.program.change("servers", ca_file=bed.program.file("ca.pem", ca.decode()))
        present = bed.presence(bed.run("check"))
        self.assertEqual(list(present), [name.partition(".")[0] for name in names])
        section = " ".join(bed.program.run("check").stdout.split("\nExchange servers\n")[1].split("\n\n")[0].split())
        said = [re.search(name + OTHERS + r": (.*?)(?= [\w.-]+\.contoso\.test" + OTHERS + r": |$)", section) for name in names]
        return [None if one == "present" else found and found[1] for one, found in zip(present.values(), said)]

    def assert_said(self, said, expected):
        for number, (one, words) in enumerate(zip(said, expected, strict=True), 1):
            if words is None:
                self.assertIsNone(one, f"ex{number}")
            else:
                self.assertIn(words, one or "", f"ex{number}")

    def test_another_certificate_after_a_good_one(self):
        names = [f"ex{number}.contoso.test" for number in range(1, 8)]
        good = pki.authority().server(*names[:2])
        old = {"not_before": pki.now() - pki.days(9), "not_after": pki.now() - pki.days(2)}
        client = pki.auth_certificate(subject=names[4], names=[names[4]], issuer=None)
        self.assert_said(self.asked([
            good, good,
            good,                                                        # the very same chain under another name
            pki.Authority("some other CA").server(names[3]),
            client,
            pki.authority().server(names[5], **old),
            pki.authority().server(names[6])]),
            [None, None, "tls_name", "CA that is not trusted", "self-signed", "expired", None])

    def test_another_certificate_of_the_same_intermediate(self):
        names = [f"ex{number}.contoso.test" for number in range(1, 7)]
        middle, double = (pki.Authority("middle CA", above=pki.authority()) for _ in range(2))
        stranger = pki.Authority("middle CA", above=pki.Authority("some other CA"))
        old = {"not_before": pki.now() - pki.days(9), "not_after": pki.now() - pki.days(2)}
        forged = double.server(names[3])
        forged.pem = forged.pem.replace(double.pem, middle.pem)  # of the same names, but not by that key
        self.assert_said(self.asked([
            middle.server(names[0]),
            middle.server(names[1], **old),
            middle.server("mail.contoso.test"),
            forged,
            stranger.server(names[4]),
            middle.server(names[5])]),
            [None, "expired", "tls_name", "not trusted", "CA that is not trusted", None])

    def test_an_intermediate_in_the_file_is_enough_for_its_own(self):
        names = [f"ex{number}.contoso.test" for number in range(1, 4)]
        middle = pki.Authority("middle CA", above=pki.authority())
        self.assert_said(self.asked([middle.server(names[0]), pki.authority().server(names[1]), middle.server(names[2])],
                                    ca=middle.pem),
                         [None, "CA that is not trusted", None])


if __name__ == "__main__":
    unittest.main()
