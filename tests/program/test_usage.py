"""Mistakes in the command line, told to programs in the format that they asked for."""

import json
import unittest

import slapd
from exchange import Organization
from program import Program
from terminal import on_terminal, screen


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

    def test_words_for_what_hyphens_do(self):
        with Program({}) as program:
            for word, hyphens in ((("help",), ("--help",)), (("help", "doctor"), ("doctor", "--help")),
                                  (("help", "help"), ("help", "--help")), (("version",), ("--version",))):
                with self.subTest(word=word):
                    said, same = program.run(*word, config=False), program.run(*hyphens, config=False)
                    self.assertEqual((said.status, said.stderr), (0, ""), said)
                    self.assertEqual(said.stdout, same.stdout)
                    self.assertGreater(len(said.stdout), 10)

    def test_what_was_meant(self):
        """A slip of the pen in a command; what is near to none is not guessed."""
        with Program({}) as program:
            for words, meant in ((("chek",), "did you mean check?"), (("Recover",), "did you mean recover?"),
                                 (("help", "stauts"), "did you mean status?"), (("acti",), "did you mean activate?"),
                                 (("zzz",), None)):
                with self.subTest(words=words):
                    seen = program.run(*words)
                    self.assertEqual((seen.status, seen.stdout, seen.stderr.count("\n")), (2, "", 1), seen)
                    self.assertEqual(meant is not None, "did you mean" in seen.stderr)
                    self.assertIn(meant or "there is no such command", seen.stderr)

    def test_alone_at_a_terminal(self):
        """Who types no more than the name is shown the state."""
        with Program({"directory": {"uri": "ldaps://127.0.0.1:1", "bind": "anonymous"}}) as program:
            for words in ((), ("status",)):
                status, output, _ = on_terminal(program, *words)
                self.assertEqual(status, 3, output)
                self.assertTrue(any(line.startswith("Next event:") for line in screen(output)), output)


if __name__ == "__main__":
    unittest.main()
