"""Mistakes in the command line, told to programs in the format that they asked for."""

import json
import os
import unittest

import slapd
from exchange import Organization
from program import Program


class Usage(unittest.TestCase):
    def assert_told(self, program, line, status, sentence):
        """To programs in their format, to people on standard error alone."""
        for name in ("json", "nagios", "prometheus"):
            seen = program.run("--format", name, *line)
            self.assertEqual(seen.status, status, seen)
            self.assertTrue(seen.stderr.startswith("authcert: "), seen)
            self.assertIn(sentence, seen.stderr)
            if name == "json":
                report = json.loads(seen.stdout)
                self.assertEqual((report["status"], report["decision"]["id"]), ("unknown", "unreadable"))
                self.assertIn(sentence, report["summary"])
            elif name == "nagios":
                self.assertRegex(seen.stdout, "^AUTHCERT UNKNOWN")
            else:
                self.assertIn("authcert_", seen.stdout)
        self.assertEqual(program.run(*line).status, status)

    def test_a_reader_that_went_away(self):
        """It is an error of writing, told like others, and no death by a signal: what was done is remembered."""
        with slapd.Slapd() as directory, Program({"directory": directory.directory_config()}) as program:
            for words in ("run",), ("check",), ("check", "--format", "json"), ("doctor",), ("history",):
                with self.subTest(words):
                    reading, writing = os.pipe()
                    os.close(reading)
                    process = program.start(*words, stdout=writing)
                    os.close(writing)
                    errors = process.communicate(timeout=60)[1].decode()
                    self.assertEqual((process.returncode > 0, "could not be written to standard output" in errors), (True, True), errors)
            self.assertTrue((program.state / "history.json").exists())

    def test_of_commands(self):
        organization = Organization()
        with slapd.Slapd([organization]) as directory, Program({"directory": directory.directory_config(),
                                                   "state": {"key_password": "none"}}) as program:
            short = program.secret("short", "too short")
            for line, sentence in (
                    (("deliver", "ex1.contoso.test"), "go with --confirm"),
                    (("deliver", "--confirm", "12"), "needs a thumbprint"),
                    (("deliver", "--confirm", organization.current.thumbprint, "nobody"), "not a counted Exchange"),
                    (("renew", "--effective", "soon"), "--effective is now, +DAYSd"),
                    (("renew", "--effective", "2020-01-01"), "lies in the past"),
                    (("renew", "--effective", "2099-01-01"), "36 hours before current ends"),
                    (("export",), "needs a thumbprint and a file"), (("export", "12", "x.pfx"), "is no thumbprint"),
                    (("export", "A" * 40, "x.pfx"), "--password-file"),
                    (("export", "A" * 40, "x.pfx", "--password-file", short), "too short"),
                    (("import",), "exactly one FILE"), (("import", "nothing.cer"), "there is no file"),
                    (("report",), "the file to write"), (("report", "."), "file"), (("notify",), "notify --test"),
                    (("notify", "--test"), "names no channel"), (("config", "chec"), "check, show"),
                    (("renew", "--again"), "--yes goes on unasked")):
                with self.subTest(line=line):
                    self.assert_told(program, line, 2, sentence)

    def test_in_the_format_asked_for(self):
        with Program({}) as program:
            for words, status in ((("check", "--nonsense"), 3), (("run", "--nonsense"), 2), (("nonsense",), 2),
                                  (("run", "word"), 2), (("check", "word"), 3), ((), 2)):
                for place in range(2):
                    with self.subTest(words=words, place=place):
                        for name in ("json", "nagios", "prometheus"):
                            option = [f"--format={name}"] if place else ["--format", name]
                            line = [*option, *words] if place else [*words, *option]
                            seen = program.run(*line)
                            self.assertEqual(seen.status, status, seen)
                            self.assertTrue(seen.stderr.startswith("authcert: "), seen)
                            if name == "json":
                                report = json.loads(seen.stdout)
                                self.assertEqual((report["status"], report["decision"]["id"]), ("unknown", "unreadable"))
                                self.assertIn("try: authcert", report["summary"])
                            elif name == "nagios":
                                self.assertRegex(seen.stdout, "^AUTHCERT UNKNOWN")
                            else:
                                self.assertIn("authcert_", seen.stdout)
                        self.assertEqual(program.run(*words).stdout, "")


if __name__ == "__main__":
    unittest.main()
