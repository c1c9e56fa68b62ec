"""The domain controllers of a domain by DNS, on real domain controllers: sites, priorities, failover, hostile answers; and
what a dead server costs."""

import json
import re
import unittest

import ad
import dns_server
import exchange
import pki
import strace

ALL = "_ldap._tcp.dc._msdcs.contoso.test"
SITE = "_ldap._tcp.Berlin._sites.dc._msdcs.contoso.test"
DEAD, HOLE = "127.0.0.99", "10.99.0.9"  # nobody listens; nothing comes back


def record(host, priority=0, weight=100, port=389):
    return priority, weight, port, host


@ad.required
class Discovery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.forest = ad.Forest([exchange.Organization(current=pki.auth_certificate(400))], controllers=2)
        cls.forest.__enter__()
        cls.addClassCleanup(cls.forest.__exit__)
        cls.forest.hosts(DEAD, "dead.contoso.test", "dead2.contoso.test")
        cls.forest.hosts(HOLE, "hole.contoso.test")
        # What goes there comes back to a host that is not meant, and is dropped without a word.
        done = cls.forest.inside("ip", "route", "add", "10.99.0.0/24", "dev", "lo")
        assert done.returncode == 0, done.stderr
        cls.dns = dns_server.Dns(cls.forest).__enter__()
        cls.release = cls.forest.inside_of.executable(cls.forest.folder / "release", strace.release())

    def setUp(self):
        self.dns.clear()
        self.dns.records(ALL, record("dc1.contoso.test"), record("dc2.contoso.test"))

    def check(self, status=0, **directory):
        program = self.forest.program(directory={"uri": None, "domain": "contoso.test", **directory})
        seen = program.run("check", json=True)
        self.assertEqual(seen.status, status, seen)
        return seen.report

    def waited(self, *args, status=0, **directory):
        """Seconds that a run waited in vain, and its report."""
        program = self.forest.program(directory={"uri": None, "domain": "contoso.test", **directory})
        program.executable = self.release
        done, seconds = strace.waited(program, *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return seconds, json.loads(done.stdout)

    def unreadable(self, **directory):
        report = self.check(3, **directory)
        self.assertEqual(report["decision"]["id"], "unreadable")
        return report["summary"]

    # Finding them

    def test_domain(self):
        for bind in ({}, {"tls": "starttls"}):
            directory = self.check(**bind)["directory"]
            self.assertEqual(directory["server"], "dc1.contoso.test")  # the domain naming master
            self.assertEqual(directory["uri"], ("ldap" if bind else "ldaps") + "://dc1.contoso.test")
        self.assertEqual(self.dns.asked(), [ALL, ALL])

    def test_site_is_asked_first(self):
        self.dns.records(SITE, record("dead.contoso.test"))
        self.dns.records(ALL, record("hole.contoso.test"), record("dc2.contoso.test", priority=1))
        report = self.check(status=0, site="Berlin", writer="dc2.contoso.test")
        self.assertEqual(report["directory"]["server"], "dc2.contoso.test")
        self.assertEqual(self.dns.asked(), [SITE, ALL])

    def test_site_without_controllers(self):
        self.assertEqual(self.check(site="Nowhere")["directory"]["server"], "dc1.contoso.test")

    def test_priority_before_weight(self):
        """Of a lower number first: a dead one there is met, one of a higher number is not."""
        self.dns.records(ALL, record("hole.contoso.test", priority=9, weight=65535), record("dc2.contoso.test", priority=2),
                         record("dead.contoso.test", priority=1, weight=0))
        seconds, report = self.waited("check", writer="dc2.contoso.test")
        self.assertEqual(report["directory"]["server"], "dc2.contoso.test")
        self.assertLess(seconds, 2)

    def test_dns_is_asked_once_in_a_run(self):
        program = self.forest.program(directory={"uri": None, "domain": "contoso.test"})
        self.assertEqual(program.run("run", json=True).status, 0)
        self.assertEqual(self.dns.asked(), [ALL])

    # Hostile and broken DNS

    def test_no_such_domain(self):
        self.assertRegex(self.unreadable(domain="nowhere.test"),
                         "cannot find the domain controllers of nowhere.test.*there is no such name")

    def test_no_records(self):
        self.dns.records(ALL)
        self.assertRegex(self.unreadable(), "there is no such record")

    def test_dns_refuses_or_is_silent(self):
        for how in ("refuse", "silent"):
            self.dns.answer(ALL, how)
            seconds, report = self.waited("check", status=3)
            self.assertRegex(report["summary"], "no DNS server of /etc/resolv.conf answers", how)
            self.assertLess(seconds, 10)

    def test_names_of_somebody_else(self):
        """Whoever forges DNS must not get the password sent to a host of his own, whatever certificate that has."""
        hostile = ("dc1.evil.test", "contoso.test.evil.test", "evilcontoso.test", "contoso.test", ".", "dc 1.contoso.test",
                   "dc1.contoso.test/x", "-x.contoso.test", "[::1].contoso.test", "127.0.0.11")
        for name in hostile:
            self.dns.records(ALL, record(name))
            self.assertRegex(self.unreadable(), "every name in it is refused", name)
        self.dns.records(ALL, *[record(name) for name in hostile], record("dc1.contoso.test", priority=7))
        self.check()

    def test_damaged_answers(self):
        header = bytes.fromhex("8580 0001 0001 0000 0000".replace(" ", ""))
        for rubbish in (b"", b"\xff" * 9, header, header + b"\xc0\x0c" * 20, header + b"\x3f" + b"a" * 30):
            self.dns.answer(ALL, rubbish)
            self.assertRegex(self.unreadable(), "no DNS server|damaged|no such record|refused", rubbish)

    def test_many_answers_are_capped(self):
        self.dns.records(ALL, *[record("dc%d.contoso.test" % number) for number in range(3, 30)])
        self.assertLessEqual(self.unreadable().count("ldaps://"), 16)

    # Failover

    def test_refusing_and_unknown_servers_cost_nothing(self):
        for dead in ("dead.contoso.test", "unknown.contoso.test"):
            seconds, _ = self.waited("check", domain=None, uri=[f"ldaps://{dead}", "ldaps://dc1.contoso.test"])
            self.assertLess(seconds, 1, dead)

    def test_black_hole_costs_its_patience(self):
        """Of three the first answers nothing: the check ends within the patience for one connection and a fifth of it."""
        for timeout, patience in (("10s", 3), ("1s", 1)):
            seconds, _ = self.waited("check", domain=None, timeout=timeout, uri=[
                "ldaps://hole.contoso.test", "ldaps://dc1.contoso.test", "ldaps://dc2.contoso.test"])
            self.assertGreater(seconds, patience * 0.9)
            self.assertLess(seconds, patience * 1.2)

    def test_run_waits_for_the_black_hole_once(self):
        seconds, _ = self.waited("run", domain=None, uri=["ldaps://hole.contoso.test", "ldaps://dc1.contoso.test"])
        self.assertLess(seconds, 3 * 1.2)

    def test_all_dead(self):
        text = self.unreadable(domain=None, uri=["ldaps://dead.contoso.test", "ldaps://unknown.contoso.test"])
        self.assertIn("ldaps://dead.contoso.test: cannot connect", text)
        self.assertRegex(text, r"unknown.contoso.test cannot be resolved")

    def test_doctor_names_those_found(self):
        program = self.forest.program(directory={"uri": None, "domain": "contoso.test"})
        seen = program.run("doctor")
        self.assertTrue(re.search(r"ok +ldaps://dc1\.contoso\.test: dc1\.contoso\.test answers", seen.stdout), seen)
        self.assertTrue(re.search(r"ok +ldaps://dc2\.contoso\.test: dc2\.contoso\.test answers", seen.stdout), seen)
        self.assertTrue(re.search(r"ok +writer: dc1\.contoso\.test", seen.stdout), seen)
        self.assertTrue(re.search(r"ok +dc2\.contoso\.test: has the same auth configuration", seen.stdout), seen)


if __name__ == "__main__":
    unittest.main()
