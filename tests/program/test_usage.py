"""Mistakes in the command line, told to programs in the format that they asked for."""

import json
import os
import re
import unittest

import pki
import renewal
import slapd
import smtp
from exchange import Organization
from program import Program
from terminal import on_terminal, screen


FORMATS = ("json", "nagios", "prometheus")
OWN_OBJECT = {"export", "history", "import", "doctor", "notify", "config"}
TEXT_ALONE = {"report", "help", "version"}


class Usage(unittest.TestCase):
    def assert_told(self, program, line, status, sentence):
        """To programs in their format, to people on standard error alone."""
        for name in ("json",) if line[0] in OWN_OBJECT else () if line[0] in TEXT_ALONE else FORMATS:
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

    def test_every_command_answers_in_the_format_or_refuses(self):
        with renewal.Bed(current=pki.auth_certificate(21), delivery=False) as bed, smtp.Relay(starttls=True) as relay:
            program = bed.program
            program.change("mail", relay=relay.uri, ca_file=relay.ca_file, **{"from": "authcert@contoso.test"},
                           to="admins@contoso.test")
            program.run("run")
            kept = re.search("[0-9A-F]{40}", program.run("check", json=True).report["briefing"]["command"])[0]
            password = program.secret("password", "long enough for a key to every mailbox")
            words = {"export": (kept, "new.pfx", "--password-file", password), "report": ("page.html",),
                     "import": (program.file("a.cer", bed.organization.current.der),), "notify": ("--test",),
                     "config": ("show",), "entra": ("status",), "recover": ("--yes",)}
            names = re.findall(r"^  (\w+) ", program.run("help").stdout.partition("Commands:")[2], re.MULTILINE)
            self.assertLess(OWN_OBJECT | TEXT_ALONE, set(names))
            for name in names:
                for form in FORMATS:
                    with self.subTest(command=name, format=form):
                        (program.folder / "new.pfx").unlink(missing_ok=True)
                        seen = program.run("--format", form, name, *words.get(name, ()))
                        refused = name in TEXT_ALONE or (name in OWN_OBJECT and form != "json")
                        self.assertEqual("answers as text" in seen.stderr, refused, seen)
                        if refused:
                            self.assertEqual(seen.status, 2, seen)
                        if form == "json":
                            self.assertEqual(seen.report["schema"], 2)
                            self.assertRegex(seen.report["checked_at"], "^20.*Z$")
                        elif form == "nagios":
                            self.assertRegex(seen.stdout, "^(AUTHCERT|CERTIFICATES)")
                        else:
                            self.assertIn("authcert_", seen.stdout)

    def test_objects_of_their_own(self):
        with renewal.Bed(current=pki.auth_certificate(21), delivery=False) as bed, smtp.Relay(starttls=True) as relay:
            program = bed.program
            seen = program.run("config", "show", json=True).report
            self.assertIn({"section": "policy", "key": "mode", "value": "renew", "line": 1 + program.config.read_text().split(
                "\n").index("mode = renew")}, seen["settings"])
            self.assertIn({"section": "mail", "key": "to", "value": None, "line": None}, seen["settings"])
            self.assertEqual(program.run("config", "check", json=True).report["errors"], [])

            program.change("mail", relay=relay.uri, ca_file=relay.ca_file, **{"from": "authcert@contoso.test"},
                           to="admins@contoso.test")
            self.assertEqual(program.run("notify", "--test", json=True).report["channels"],
                             [{"channel": "mail", "name": relay.uri, "result": "sent", "to": 1, "status": None, "detail": None}])
            imported = program.run("import", program.file("a.cer", bed.organization.current.der), json=True).report["imported"]
            self.assertEqual([(one["thumbprint"], one["new"], one["key"]) for one in imported],
                             [(bed.organization.current.thumbprint, True, None)])

            program.change("mail", relay="smtp://127.0.0.1:1", to="nobody")
            seen = program.run("config", "check", json=True)
            self.assertEqual((seen.status, len(seen.report["errors"])), (2, 1), seen)
            self.assertIn("to: ", seen.report["errors"][0])
            self.assertEqual(program.run("notify", "--test", json=True).report["status"], "unknown")

    def test_words_for_what_hyphens_do(self):
        with Program({}) as program:
            for word, hyphens in ((("help",), ("--help",)), (("help", "doctor"), ("doctor", "--help")),
                                  (("help", "help"), ("help", "--help")), (("version",), ("--version",))):
                with self.subTest(word=word):
                    said, same = program.run(*word, config=False), program.run(*hyphens, config=False)
                    self.assertEqual((said.status, said.stderr), (0, ""), said)
                    self.assertEqual(said.stdout, same.stdout)
                    self.assertGreater(len(said.stdout), 10)

    def test_help_is_whole(self):
        with Program({}) as program:
            for name, what in re.findall(r"^  (\w+) .*?  (\S.*)$", program.run("help").stdout.partition("Commands:")[2], re.MULTILINE):
                with self.subTest(command=name):
                    self.assertIn(f"  {what}\n", program.run("help", name).stdout)

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
