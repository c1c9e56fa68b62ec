"""Writing to a real directory: a driver looks, plans and writes on command, and slapd is the judge.

What is written has to be a compare-and-swap, the LDIF shown has to do the same, and a failure has to say whether
anything was written. The driver is in tests/ldap/write/write_driver.c.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
import unittest

import exchange
import hostile_ldap
import pki
import slapd
import wait
from program import COMPLAINTS, SANITIZERS, binary

THUMBPRINTS, NEXT_DATE = "msExchAuthCertificateThumbprint", "msExchAuthNextEffectiveDate"
A, B, C, D = (letter * 40 for letter in "ABCD")
DATE, RAW_DATE = 1798761600, b"20270101000000.0Z"
CREDENTIALS, NETWORK, DIRECTORY = 2, 3, 4
MODIFY, MODIFY_RESPONSE = 0x66, 0x67


def driver():
    """The driver of the same build as the program under test."""
    return os.environ.get("AUTHCERT_WRITE_DRIVER") or str(binary().parent / "tests/ldap/write/write_driver")


def replacement(attribute, values):
    """LDIF lines. ldapmodify takes an empty value in clear only."""
    lines = [exchange._line(attribute, value) if value else attribute + ":" for value in values]
    return ["replace: " + attribute, *lines, "-"]


class Driver:
    """One process with one connection per command. Answers are lines; see write_driver.c."""

    def __init__(self, uri, ca_file, bind_dn, password_file, timeout=wait.HANG):
        self.process = subprocess.Popen([driver(), uri, ca_file, bind_dn, password_file, str(timeout)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**SANITIZERS})
        self.watch = threading.Timer(wait.HANG, self.process.kill)
        self.watch.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _, errors = self.process.communicate()
        self.watch.cancel()
        text = errors.decode("utf-8", "backslashreplace")
        assert self.process.returncode == 0 and not any(word in text for word in COMPLAINTS), text

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        assert line.endswith(b"\n"), "the driver ended"
        return line[:-1].decode("utf-8", "backslashreplace")

    def ask(self, line):
        self.send(line)
        return self.receive()

    def ldif(self):
        lines = [self.ask("ldif")]
        while lines[-1] != ".":
            lines.append(self.receive())
        return "\n".join(lines[:-1]) + "\n"

    def prepare(self, current=None, previous=None, next=None, date=0):
        """Looks and plans what leads to these slots."""
        seen = self.ask("look")
        assert seen == "read", seen
        return self.ask("desire %s %s %s %d" % (current or "-", previous or "-", next or "-", date))


class Case(unittest.TestCase):
    """One directory for the class; every test sets the object it needs."""

    any_bytes = False

    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.organization = exchange.Organization(current=None)
        cls.directory = stack.enter_context(slapd.Slapd([cls.organization], any_bytes=cls.any_bytes))

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)

    def driver(self, directory=None, bind_dn=None, password_file=None):
        directory = directory or self.directory
        return self.cleanup.enter_context(Driver(directory.uri, directory.ca_file, bind_dn or directory.bind_dn,
                                                 password_file or directory.password_file))

    def set(self, *values, date=()):
        dates = [date] if isinstance(date, (str, bytes)) else date
        self.directory.modify("\n".join(["dn: " + self.organization.auth_dn, "changetype: modify",
                                         *replacement(THUMBPRINTS, values), *replacement(NEXT_DATE, dates)]) + "\n")

    def state(self):
        """(sorted values, date or None)"""
        dates = self.directory.read(self.organization.auth_dn, NEXT_DATE)
        values = self.directory.read(self.organization.auth_dn, THUMBPRINTS)
        return sorted(values), dates[0] if dates else None

    def assert_state(self, *values, date=None):
        self.assertEqual(self.state(), (sorted(value if isinstance(value, bytes) else value.encode() for value in values),
                                        date))

    def assert_lost(self, answer):
        self.assertTrue(answer.startswith("lost someone else changed the auth configuration since it was read"), answer)

    def assert_failed(self, answer, kind, *words):
        self.assertTrue(answer.startswith("failed %d " % kind), answer)
        for word in words:
            self.assertIn(word, answer)


# name, (values, date), (current, previous, next, date), (values, date) afterwards
CHANGES = [
    ("stage", (["0:" + A], ()), (A, None, B, DATE), (["0:" + A, "2:" + B], RAW_DATE)),
    ("stage beside a bare current", ([A.lower()], ()), (A, None, B, DATE), (["0:" + A, "2:" + B], RAW_DATE)),
    ("stage beside a lower-case current", (["0:" + A.lower()], ()), (A, None, B, DATE),
     (["0:" + A.lower(), "2:" + B], RAW_DATE)),
    ("stage into an empty value", (["0:" + A, "2:"], ()), (A, None, B, DATE), (["0:" + A, "2:" + B], RAW_DATE)),
    ("restage", (["0:" + A, "2: " + B.lower()], "20261231235959Z"), (A, None, C, DATE),
     (["0:" + A, "2:" + C], RAW_DATE)),
    ("stage beside the very date left behind", (["0:" + A], RAW_DATE), (A, None, B, DATE),
     (["0:" + A, "2:" + B], b"20270101000001.0Z")),
    ("reschedule", (["0:" + A, "2:" + B], "202612312359Z"), (A, None, B, DATE), (["0:" + A, "2:" + B], RAW_DATE)),
    ("activate", (["0:" + A, "1:" + C, "2:" + B], RAW_DATE), (B, A, None, 0), (["0:" + B, "1:" + A], None)),
    ("restore", (["0:" + A, "1:" + B], ()), (B, None, None, 0), (["0:" + B], None)),
    ("replace", (["0:" + A, "2:" + B], RAW_DATE), (C, A, B, DATE), (["0:" + C, "1:" + A, "2:" + B], RAW_DATE)),
    ("retire", (["0:" + A, "1:" + B.lower()], ()), (A, None, None, 0), (["0:" + A], None)),
    ("withdraw", (["0:" + A, "2:" + B], RAW_DATE), (A, None, None, 0), (["0:" + A], None)),
    ("mend a date without next", (["0:" + A], RAW_DATE), (A, None, None, 0), (["0:" + A], None)),
    ("mend a next without a date", (["0:" + A, "2:" + B], ()), (A, None, B, DATE), (["0:" + A, "2:" + B], RAW_DATE)),
    ("mend two nexts", (["0:" + A, "2:" + B, "2:" + C], RAW_DATE), (A, None, C, DATE), (["0:" + A, "2:" + C], RAW_DATE)),
    ("recover from nothing", ([], ()), (A, None, None, 0), (["0:" + A], None)),
    ("recover from a date alone", ([], RAW_DATE), (A, None, None, 0), (["0:" + A], None)),
    ("recover from a lone previous", (["1:" + A], ()), (A, None, None, 0), (["0:" + A], None)),
    ("recover beside a lone next", (["2:" + B], RAW_DATE), (A, None, B, DATE), (["0:" + A, "2:" + B], RAW_DATE)),
    ("recover from unknown prefixes", (["7:" + A, "x: <é>"], ()), (A, None, None, 0), (["0:" + A], None)),
]

# The same in a directory that takes any bytes and compares byte by byte.
RAW_CHANGES = [
    ("two cases of one current", (["0:" + A, "0:" + A.lower()], ()), (A, None, B, DATE),
     (["0:" + A, "2:" + B], RAW_DATE)),
    ("NULs", ([b"\0", b"0:\0", "0:" + A + "\0"], b"\0"), (A, None, None, 0), (["0:" + A], None)),
    ("no text", ([b"\xff\xfe", b"0:\x80" + A.encode(), " 1:\n" + A, ":", " "], b"soon\r\n"), (B, None, None, 0),
     (["0:" + B], None)),
    ("an empty value", ([b"", "0:" + A], ()), (A, None, None, 0), (["0:" + A], None)),
    ("an empty date", (["0:" + A], b""), (A, None, None, 0), (["0:" + A], None)),
    ("spaces that stay", (["0: " + A + " ", "1 :" + B], ()), (A, None, None, 0), (["0: " + A + " "], None)),
    ("many", (["%d:x" % number for number in range(10, 73)] + ["2:" + A], ()), (A, None, None, 0), (["0:" + A], None)),
]


class Changes(Case):
    """Every change reaches what is desired, by the write and by its LDIF."""

    cases = CHANGES

    def test_written_and_shown_alike(self):
        writer = self.driver()
        for name, (values, date), desired, (after, after_date) in self.cases:
            with self.subTest(name):
                self.set(*values, date=date)
                self.assertEqual(writer.prepare(*desired), "planned")
                shown = writer.ldif()
                self.assertTrue(shown.isascii() and shown.endswith("-\n"), shown)
                self.directory.modify(shown)
                self.assert_state(*after, date=after_date)
                self.set(*values, date=date)
                self.assertEqual(writer.ask("write"), "done", shown)
                self.assert_state(*after, date=after_date)

    def test_nothing_to_write(self):
        writer = self.driver()
        self.set("0:" + A.lower(), "1:" + B)
        self.assertEqual(writer.prepare(A, B), "empty")
        self.directory.stop()
        self.addCleanup(self.directory.start)
        self.assertEqual(writer.ask("write"), "done")


class RawChanges(Changes):
    any_bytes = True
    cases = RAW_CHANGES


class Lost(Case):
    """Whatever another one did between look and write, nothing of ours is applied."""

    def lose(self, values, date, desired, meanwhile, meanwhile_date, code):
        writer = self.driver()
        self.set(*values, date=date)
        self.assertEqual(writer.prepare(*desired), "planned")
        self.set(*meanwhile, date=meanwhile_date)
        answer = writer.ask("write")
        self.assert_lost(answer)
        self.assertIn("(%d)" % code, answer)
        self.assert_state(*meanwhile, date=meanwhile_date.encode() if meanwhile_date else None)

    def test_a_value_is_gone(self):
        self.lose(["0:" + A, "2:" + B], "20270101000000.0Z", (B, A, None, 0), ["0:" + A, "2:" + C], "20270101000000.0Z",
                  16)

    def test_the_attribute_is_gone(self):
        self.lose(["0:" + A, "1:" + B], (), (A, None, None, 0), [], (), 16)

    def test_exchange_has_promoted(self):
        self.lose(["0:" + A, "2:" + B], "20270101000000.0Z", (B, A, None, 0), ["0:" + B, "1:" + A], (), 16)

    def test_next_was_staged(self):
        self.lose(["0:" + A], (), (A, None, B, DATE), ["0:" + A, "2:" + C], "20270202000000.0Z", 19)

    def test_next_was_staged_beside_a_date_left_behind(self):
        self.lose(["0:" + A], "20270101000000.0Z", (A, None, B, DATE), ["0:" + A, "2:" + C], "20270202000000.0Z", 16)

    def test_the_same_next_was_staged(self):
        self.lose(["0:" + A], (), (A, None, B, DATE), ["0:" + A, "2:" + B], (), 20)

    def test_the_date_was_moved(self):
        self.lose(["0:" + A, "2:" + B], "20270101000000.0Z", (A, None, B, DATE + 86400), ["0:" + A, "2:" + B],
                  "20270202000000.0Z", 16)

    def test_another_case_is_the_same_value_here(self):
        writer = self.driver()
        self.set("0:" + A.lower(), "1:" + B.lower())
        self.assertEqual(writer.prepare(C, A), "planned")
        self.set("0:" + A, "1:" + B)
        self.assertEqual(writer.ask("write"), "done")
        self.assert_state("0:" + C, "1:" + A)

    def test_another_case_is_another_value_there(self):
        with slapd.Slapd([self.organization], any_bytes=True) as directory:
            directory.replace(self.organization.auth_dn, **{THUMBPRINTS: ["0:" + A.lower()]})
            with Driver(directory.uri, directory.ca_file, directory.bind_dn, directory.password_file) as writer:
                self.assertEqual(writer.prepare(C, A), "planned")
                directory.replace(self.organization.auth_dn, **{THUMBPRINTS: ["0:" + A]})
                self.assert_lost(writer.ask("write"))


class Refused(Case):
    """A failure says why, what to do, and that nothing was written."""

    def test_no_right(self):
        writer = self.driver(bind_dn=slapd.JOE_DN, password_file=self.directory.joe_password_file)
        self.set("0:" + A)
        self.assertEqual(writer.prepare(A, None, B, DATE), "planned")
        self.assert_failed(writer.ask("write"), CREDENTIALS, "(50)", "Write Property", THUMBPRINTS, NEXT_DATE)
        self.assert_state("0:" + A)

    def test_no_such_attribute(self):
        organization = exchange.Organization(current=A, allowed=["cn", THUMBPRINTS])
        with slapd.Slapd([organization]) as directory:
            writer = self.driver(directory)
            self.assertEqual(writer.prepare(A, None, B, DATE), "planned")
            self.assert_failed(writer.ask("write"), DIRECTORY, "nothing was written", "schema", NEXT_DATE)
            directory.replace(organization.auth_dn, allowedAttributes=["cn", NEXT_DATE.lower()])
            self.assert_failed(writer.ask("write"), DIRECTORY, THUMBPRINTS)
            directory.replace(organization.auth_dn, allowedAttributes=[THUMBPRINTS.upper(), NEXT_DATE.lower()])
            self.assertEqual(writer.ask("write"), "done")
            self.cleanup.close()

    def test_directory_gone(self):
        writer = self.driver()
        self.set("0:" + A)
        self.assertEqual(writer.prepare(B, A), "planned")
        self.directory.stop()
        self.addCleanup(self.directory.start)
        self.assert_failed(writer.ask("write"), NETWORK, "nothing was written", self.directory.uri)

    def test_object_gone(self):
        organization = exchange.Organization(current=A)
        with slapd.Slapd([organization]) as directory:
            writer = self.driver(directory)
            self.assertEqual(writer.prepare(B, A), "planned")
            directory.delete(organization.auth_dn, recursive=True)
            self.assert_failed(writer.ask("write"), DIRECTORY, "nothing was written", "(32)")
            self.cleanup.close()

    def test_read_only_directory(self):
        organization = exchange.Organization(current=A)
        with slapd.Slapd([organization], extra=["readonly on"]) as directory:
            writer = self.driver(directory)
            self.assertEqual(writer.prepare(B, A), "planned")
            self.assert_failed(writer.ask("write"), DIRECTORY, "(53)")
            self.cleanup.close()


class Misbehaving(hostile_ldap.Hostile):
    """A good server until it is to change something."""

    def __init__(self, modify):
        super().__init__()
        self.modify = modify

    def _one(self, connection, message_id, tag, content):
        if tag == MODIFY:
            self.modify(connection, message_id)
        else:
            super()._one(connection, message_id, tag, content)


class Unclear(unittest.TestCase):
    """Servers that answer a modify badly."""

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        folder = self.cleanup.enter_context(tempfile.TemporaryDirectory())
        self.ca_file = os.path.join(folder, "ca.pem")
        with open(self.ca_file, "wb") as file:
            file.write(pki.authority().pem)
        self.password_file = os.path.join(folder, "password")
        with open(os.open(self.password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("secret\n")

    def written(self, modify, **options):
        with Misbehaving(modify) as server:
            with Driver(server.uri, self.ca_file, "CN=svc", self.password_file, **options) as writer:
                self.assertEqual(writer.prepare(B, A), "planned")
                return writer.ask("write")

    def assert_unknown(self, answer):
        self.assertTrue(answer.startswith("failed %d " % NETWORK), answer)
        self.assertIn("Whether it was written is not known", answer)

    def test_done(self):
        self.assertEqual(self.written(hostile_ldap.replies(hostile_ldap.result(MODIFY_RESPONSE))), "done")

    def test_broken_in_mid_write(self):
        self.assert_unknown(self.written(hostile_ldap.close))

    def test_no_answer(self):
        answer = self.written(hostile_ldap.hang, timeout=1)
        self.assert_unknown(answer)
        self.assertIn("Timed out", answer)

    def test_half_an_answer(self):
        def half(connection, message_id):
            connection.send(hostile_ldap.message(message_id, hostile_ldap.result(MODIFY_RESPONSE))[:-3])
            raise ConnectionError("closed on purpose")
        self.assert_unknown(self.written(half))

    def test_another_kind_of_answer(self):
        self.assert_unknown(self.written(hostile_ldap.replies(hostile_ldap.result(hostile_ldap.BIND_RESPONSE))))
        self.assert_unknown(self.written(lambda connection, _: connection.send(b"\x30\x05hello")))

    def test_results(self):
        for code in (16, 19, 20):
            answer = self.written(hostile_ldap.replies(hostile_ldap.result(MODIFY_RESPONSE, code, "said \x1b[1m so")))
            self.assertTrue(answer.startswith("lost "), answer)
            self.assertIn("said \\x1b[1m so", answer)
        for code, kind in ((1, DIRECTORY), (21, DIRECTORY), (50, CREDENTIALS), (51, NETWORK), (52, NETWORK),
                           (53, DIRECTORY), (80, DIRECTORY)):
            answer = self.written(hostile_ldap.replies(hostile_ldap.result(MODIFY_RESPONSE, code, "said \x1b[1m so")))
            self.assertTrue(answer.startswith("failed %d " % kind), answer)
            self.assertIn("said \\x1b[1m so", answer)
            self.assertIn("(%d)" % code, answer)
            self.assertNotIn("not known", answer)

    def test_read_only_domain_controller(self):
        answer = self.written(hostile_ldap.replies(
            hostile_ldap.result(MODIFY_RESPONSE, 10, "", ["ldap://dc1.contoso.test/" + hostile_ldap.AUTH])))
        self.assertTrue(answer.startswith("failed %d " % DIRECTORY), answer)
        self.assertIn("takes no writes", answer)


class Races(Case):
    """Two writers at once: always exactly one wins."""

    def test_chain_of_swaps(self):
        """Two processes make certificates current until each has won fifty times: no win may rest on a stale look."""
        self.set("0:" + A)
        wins, losses, problems = [], [], []

        def swap(number):
            writer, won, tried = writers[number], 0, 0
            while won < 50 and not problems:
                tried += 1
                fresh = "%01X%039X" % (number + 1, tried)
                if writer.ask("look") != "read":
                    problems.append("look")
                before = writer.ask("show").split()[0]
                writer.ask("promote " + fresh)
                answer = writer.ask("write")
                if answer == "done":
                    won += 1
                    wins.append((before, fresh))
                elif answer.startswith("lost "):
                    losses.append(answer)
                else:
                    problems.append(answer)

        writers = [self.driver(), self.driver()]
        threads = [threading.Thread(target=swap, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(problems, [])
        follows = dict(wins)
        self.assertEqual((len(wins), len(follows)), (100, 100), "two wins rest on the same state")
        chain = [A]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        self.assertEqual(len(chain), 101)
        self.assert_state("0:" + chain[-1], "1:" + chain[-2])
        self.assertTrue(losses, "the two never met")

    def compete(self, prepare, start, start_date, check):
        writers = [self.driver(), self.driver()]
        for round_ in range(50):
            self.set(*start, date=start_date)
            for number, writer in enumerate(writers):
                self.assertEqual(prepare(writer, number), "planned")
            order = writers if round_ % 2 else writers[::-1]
            for writer in order:
                writer.send("write")
            answers = [writer.receive() for writer in writers]
            winners = [number for number, answer in enumerate(answers) if answer == "done"]
            self.assertEqual(len(winners), 1, answers)
            self.assert_lost(answers[1 - winners[0]])
            check(winners[0])

    def test_two_stage(self):
        staged = [B, C]
        self.compete(lambda writer, number: writer.prepare(A, None, staged[number], DATE + number), ["0:" + A], (),
                     lambda winner: self.assert_state("0:" + A, "2:" + staged[winner],
                                                      date=b"2027010100000%d.0Z" % winner))

    def test_two_stage_beside_the_very_date_left_behind(self):
        staged = [B, C]
        self.compete(lambda writer, number: writer.prepare(A, None, staged[number], DATE), ["0:" + A], RAW_DATE,
                     lambda winner: self.assert_state("0:" + A, "2:" + staged[winner], date=b"20270101000001.0Z"))

    def test_two_activate(self):
        self.compete(lambda writer, number: writer.prepare(B, A), ["0:" + A, "2:" + B], RAW_DATE,
                     lambda winner: self.assert_state("0:" + B, "1:" + A))


if __name__ == "__main__":
    unittest.main()
