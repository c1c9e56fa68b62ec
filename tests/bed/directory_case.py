"""What tests of reading a directory share: running `check` on a fixture, and what every answer has to look like."""

import os
import unittest

import slapd
from program import Program, Result


def check(directory, **changes):
    """`check` as JSON on a Slapd, with changes to its [directory] section."""
    with Program({"directory": directory.directory_config(**changes)}) as program:
        return program.run("check", json=True)


def check_hostile(server, env=None, **more):
    """`check` as JSON on a Hostile, anonymously and in clear."""
    section = {"uri": server.uri, "bind": "anonymous", "tls": "off", "timeout": "1m", **more}
    with Program({"directory": section}) as program:
        return program.run("check", json=True, env=env)


def check_measured(server, **more):
    """The same, and how many bytes of memory the program had at its peak."""
    section = {"uri": server.uri, "bind": "anonymous", "tls": "off", "timeout": "5s", **more}
    with Program({"directory": section}) as program:
        with open(program.folder / "out", "wb+") as out, open(program.folder / "err", "wb+") as err:
            process = program.start("check", json=True, stdout=out, stderr=err)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        result = Result(process.args, process.returncode, (program.folder / "out").read_bytes(),
                        (program.folder / "err").read_bytes())
        return result, 1024 * used.ru_maxrss


class Case(unittest.TestCase):
    def assert_read(self, seen):
        """The directory was read, whatever it led to (3 then stands for a certificate whose bytes nobody has)."""
        self.assertIn(seen.status, (0, 1, 2, 3), seen)
        self.assertNotEqual(seen.report["decision"]["id"], "unreadable", seen)
        return seen.report

    def assert_unreadable(self, seen, *words):
        """Exit status 3, a complete report without guesses, and a reason with these words in it."""
        self.assertEqual(seen.status, 3, seen)
        report = seen.report
        self.assertEqual(report["status"], "unknown", seen)
        self.assertEqual(report["decision"]["id"], "unreadable", seen)
        self.assertEqual(report["decision"]["act"], "none", seen)
        self.assertIsNone(report["organization"], seen)
        self.assertIsNone(report["directory"]["server"], seen)
        self.assertIsNone(report["directory"]["dn"], seen)
        self.assertEqual(report["certificates"], {"current": None, "previous": None, "next": None}, seen)
        self.assertEqual(report["servers"], [], seen)
        reason = " ".join(one["text"] for one in report["decision"]["reasons"])
        for word in words:
            self.assertIn(word, reason)
        for secret in (slapd.SERVICE_PASSWORD, slapd.JOE_PASSWORD, "not-the-password"):
            self.assertNotIn(secret, seen.stdout + seen.stderr)
        return reason
