"""`authcert config check|show`, and what the other commands do with a broken configuration."""

import os
import pwd
import re
import unittest
from pathlib import Path

from bed import pki
from bed.program import ROOT, Program
import pki

GOOD = "[directory]\nuri = ldaps://127.0.0.1:1\nbind = anonymous\n"


class ConfigTest(unittest.TestCase):
    def program(self, text):
        program = Program(text)
        self.addCleanup(program.close)
        return program

    def errors(self, program, *command):
        """The errors of the file, in the order in which they are told, as (line, text)."""
        seen = program.run(*(command or ("config", "check")))
        found = []
        for line in seen.stderr.splitlines():
            match = re.search(re.escape(str(program.config)) + r":(?:(\d+):)? (.*)", line)
            if match:
                found.append((int(match[1] or 0), match[2]))
        return seen, found

    def test_good(self):
        seen = self.program(GOOD).run("config", "check")
        self.assertEqual(seen.status, 0, seen)

    def test_every_error_at_once(self):
        program = self.program("[directory]\nuri = dc1\ntiemout = 5s\nbind = anonymous\nbind = simple\n"
                               "[polcy]\nmode = monitor\n[mail]\n to = x\nrelay = smtp://m.test\nfrom = nobody\n")
        seen, found = self.errors(program)
        self.assertEqual(seen.status, 2, seen)
        self.assertEqual(seen.stdout, "")
        expected = [(2, "[directory] uri: expected"), (3, "nearest known one is timeout"),
                    (5, "[directory] bind: set in line 4 already"), (6, "nearest known one is [policy]"),
                    (8, "[mail] to: missing"), (9, "begins with a space"),
                    (11, "[mail] from: expected a mail address")]
        self.assertEqual([line for line, _ in found], [line for line, _ in expected], seen)
        for (_, text), (_, part) in zip(found, expected):
            self.assertIn(part, text)

    def test_certificates_of_a_ca_file(self):
        """In every form; what cannot be read is told beforehand, with the line, and holds up no run."""
        ca = pki.authority()
        program = self.program(GOOD)
        path = program.file("ca", b"")
        program.write(GOOD + f"ca_file = {path}\n[servers]\nca_file = {path}\n[mail]\nca_file = {path}\n")
        for good in (ca.pem, ca.der, ca.p7b(), ca.p7b(pem=True), b"\xef\xbb\xbf" + ca.pem.replace(b"\n", b"\r\n"),
                     ca.pem.decode().encode("utf-16")):
            path.write_bytes(good)
            seen = program.run("config", "check")
            self.assertEqual(seen.status, 0, seen)
        for bad in (b"", b"hello", ca.der[:-9], ca.pem[:-40], ca.pem.decode().encode("utf-16")[:-80]):
            with self.subTest(bad[:9]):
                path.write_bytes(bad)
                seen, errors = self.errors(program)
                self.assertEqual(seen.status, 2, seen)
                self.assertEqual([line for line, _ in errors], [4, 6, 8], seen)
                for _, text in errors:
                    self.assertIn("ca_file: ", text)
                    self.assertIn("could not be read as certificates", text)
                self.assertEqual(program.run("config", "show").status, 0)

    def test_every_command_refuses(self):
        program = self.program(GOOD + "colour = red\n")
        for command, status in ((("check",), 3), (("run",), 2), (("config", "check"), 2), (("config", "show"), 2),
                                (("doctor",), 2), (("notify", "--test"), 2)):
            with self.subTest(command=command):
                seen, found = self.errors(program, *command)
                self.assertEqual(seen.status, status, seen)
                self.assertEqual(len(found), 1, seen)
                self.assertEqual(found[0][0], 4)
        self.assertEqual(list(program.state.iterdir()), [])

    def test_json_of_a_broken_configuration(self):
        seen = self.program(GOOD + "colour = red\n").run("check", json=True)
        self.assertEqual(seen.status, 3, seen)
        self.assertEqual(seen.report["status"], "unknown")
        self.assertIsNone(seen.report["certificates"]["current"])

    def test_missing_file(self):
        program = self.program(GOOD)
        program.config.unlink()
        for command, status in ((("config", "check"), 2), (("check",), 3), (("run",), 2)):
            seen = program.run(*command)
            self.assertEqual(seen.status, status, seen)
            self.assertEqual((seen.stdout + seen.stderr).count(str(program.config)), 1, seen)
        seen = program.run("--format", "nagios", "check")
        self.assertEqual(seen.status, 3, seen)
        self.assertEqual(seen.stdout.count(str(program.config)), 1, seen)

    def test_bytes_that_are_no_text(self):
        program = self.program(GOOD)
        for content in (b"\0" * 5000, b"\xff\xfe[\0d\0", bytes(range(256)) * 64, b"a" * 300000, GOOD.encode() + b"\x1b]0;x\7 = 1\n"):
            program.config.write_bytes(content)
            seen = program.run("config", "check")
            self.assertEqual(seen.status, 2, seen)
            self.assertNotEqual(seen.stderr, "")
            self.assertNotRegex(seen.output + seen.errors, rb"[\x00-\x09\x0b-\x1f\x7f]")

    def test_long_values_work(self):
        uris = [f"ldaps://dc{number}.contoso.test" for number in range(100)]
        program = self.program(f"[directory]\r\nuri = {', '.join(uris)}\r\nbind = anonymous\r\n")
        seen = program.run("config", "show")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn(", ".join(uris), seen.stdout)

    def test_how_nobody_is_asked_has_no_effect(self):
        asked = "[servers]\nprobe = %s\nparallel = 5\nverify = no\n[inventory]\nwatch = no\n"
        seen = self.program(GOOD + asked % "metadata").run("config", "check")
        self.assertNotIn("without effect", seen.stderr)
        self.assertRegex(seen.stderr, r"\[servers\] verify = no \(line \d+\): .* stays unknown")
        seen = self.program(GOOD + asked % "none").run("config", "check")
        for key in ("parallel", "verify"):
            self.assertRegex(seen.stderr, rf"\[servers\] {key} \(line \d+\): without effect, because probe is none")
        self.assertNotIn("stays unknown", seen.stderr)
        seen = self.program(GOOD + (asked % "none").replace("watch = no", "watch = yes")).run("config", "check")
        self.assertNotIn("parallel", seen.stderr)  # the ports of the other certificates are asked

    def test_an_unknown_command_is_named_harmlessly(self):
        seen = self.program(GOOD).run("chek\x1b[31m")
        self.assertEqual((seen.status, seen.stdout), (2, ""), seen)
        self.assertIn("chek", seen.stderr)
        self.assertNotIn("\x1b", seen.stderr)

    def test_show(self):
        program = self.program(GOOD + "[policy]\nrenew_before = 60d\n")
        seen = program.run("config", "show")
        self.assertEqual(seen.status, 0, seen)
        self.assertRegex(seen.stdout, rf"(?m)^renew_before = 60d +# {re.escape(str(program.config))}:5$")
        self.assertRegex(seen.stdout, r"(?m)^activate_after = 30d +# default$")
        self.assertRegex(seen.stdout, r"(?m)^# organization is not set")
        for section in ("directory", "policy", "servers", "delivery", "mail", "webhook", "metrics", "state"):
            self.assertRegex(seen.stdout, rf"(?m)^\[{section}\]$")
        program.config.write_text(seen.stdout)
        again = program.run("config", "show")
        self.assertEqual(re.sub(" +#.*", "", again.stdout), re.sub(" +#.*", "", seen.stdout))

    def secret_configuration(self, program, file):
        program.write(f"[directory]\nuri = ldaps://127.0.0.1:1\nbind = simple\nbind_dn = CN=a\npassword_file = {file}\n")

    def test_password_file(self):
        program = self.program(GOOD)
        file = program.secret("password", "hunter2\n")
        self.secret_configuration(program, file)
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 0, seen)
        seen = program.run("config", "show")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn(str(file), seen.stdout)
        self.assertNotIn("hunter2", seen.stdout + seen.stderr)
        for mode in (0o640, 0o604, 0o620):
            file.chmod(mode)
            seen, found = self.errors(program)
            self.assertEqual(seen.status, 2, seen)
            self.assertEqual(found[0][0], 5, seen)
            self.assertIn(str(file), found[0][1])
            self.assertNotIn("hunter2", seen.stdout + seen.stderr)
            self.assertEqual(program.run("run").status, 2)

    def test_credential(self):
        program = self.program(GOOD + "[mail]\nrelay = smtps://m.test\nfrom = a@b.test\nto = c@d.test\nusername = u\n"
                                      "password_credential = mail-password\n")
        program.secret("mail-password", "hunter2")
        seen = program.run("config", "check", env={"CREDENTIALS_DIRECTORY": str(program.folder)})
        self.assertEqual(seen.status, 0, seen)
        seen = program.run("config", "check", env={"CREDENTIALS_DIRECTORY": str(program.state)})
        self.assertEqual(seen.status, 2, seen)
        self.assertIn("LoadCredential=mail-password:", seen.stderr)

    def test_a_key_of_another_section(self):
        """The nearest one here before the same one elsewhere, and every section that has it."""
        for section, key, words in (("webhook", "url", "the nearest known one is url_file"),
                                    ("metrics", "ca_file", "it belongs in section [directory], [servers], [windows], [entra] or [mail]"),
                                    ("mail", "keytab", "it belongs in section [directory]"),
                                    ("policy", "timeout", "[servers]")):
            seen = self.program(GOOD + f"[{section}]\n{key} = x\n").run("config", "check")
            self.assertEqual(seen.status, 2, seen)
            self.assertIn(words, seen.stderr)
        seen = self.program(GOOD + "[zzzzzzzz]\nfile = /x\n").run("config", "check")
        self.assertRegex(seen.stderr, r"known are \[directory\], .*\[report\].* and \[state\]")

    def test_the_files_that_it_names(self):
        """What a command would miss in the night is said beforehand: by config check, and in vain looked for elsewhere."""
        program = self.program(GOOD)
        missing, good = program.folder / "missing", program.file("ca.pem", pki.auth_certificate().pem)
        junk = program.file("junk.pem", "no certificate\n")
        folder = program.folder / "folder"
        folder.mkdir()
        cases = [(f"[{section}]\nca_file = {{}}\n", f"[{section}] ca_file: ", good) for section in ("servers", "mail")]
        cases.append(("ca_file = {}\n", "[directory] ca_file: ", good))
        cases.append(("[state]\nrecovery_certificate = {}\n", "[state] recovery_certificate: ", good))
        cases.append(("[delivery]\nmethod = command\ncommand = {}\n", "[delivery] command: ", "/usr/bin/true"))
        for text, words, right in cases:
            for path in (missing, folder) + ((junk,) if "ca_file" in text else ()):
                with self.subTest(words, path=path.name):
                    program.config.write_text(GOOD + text.format(path))
                    seen, found = self.errors(program)
                    self.assertEqual(seen.status, 2, seen)
                    [(line, said)] = found
                    self.assertEqual((line, said.startswith(words), str(path) in said), (len((GOOD + text).splitlines()), True, True),
                                     said)
            program.config.write_text(GOOD + text.format(right))
            seen = program.run("config", "check")
            self.assertEqual((seen.status, "no errors" in seen.stdout), (0, True), seen)
        program.config.write_text(GOOD + f"[delivery]\ncommand = {missing}\n")
        self.assertEqual(program.run("config", "check").status, 0, "nobody runs it")

    @unittest.skipIf(os.geteuid() != 0, "only root can ask for another account")
    def test_a_file_that_the_account_of_the_units_cannot_read(self):
        agent = pwd.getpwnam("nobody").pw_uid
        program = self.program(GOOD)
        program.folder.chmod(0o755)
        ca = program.file("ca.pem", pki.auth_certificate().pem, 0o600)
        program.config.write_text(GOOD + f"ca_file = {ca}\n[state]\ndirectory = {program.state}\n")
        self.assertEqual(program.run("config", "check").status, 0)
        os.chown(program.state, agent, -1)
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 2, seen)
        self.assertIn("[directory] ca_file: ", seen.stderr)
        ca.chmod(0o644)
        self.assertEqual(program.run("config", "check").status, 0)

    def test_a_name_to_log_in_with_says_how(self):
        program = self.program(GOOD)
        program.secret("directory-password", "secret\n")
        program.secret("second-directory-password", "secret\n")
        env = {"CREDENTIALS_DIRECTORY": str(program.folder)}
        base = "[directory]\nuri = ldaps://127.0.0.1:1\nbind_dn = CN=a\n"
        for more, bind, credential in (("", "simple  # by bind_dn", "directory-password  # by bind_dn"),
                                       ("[state]\ndirectory = /var/lib/authcert/second\n", "simple  # by bind_dn",
                                        "second-directory-password  # by bind_dn"),
                                       ("password_credential = directory-password\n", "simple  # by bind_dn",
                                        f"directory-password  # {program.config}:4")):
            program.config.write_text(base + more)
            seen = program.run("config", "show")
            self.assertIn(f"bind = {bind}\n", seen.stdout)
            self.assertIn(f"password_credential = {credential}\n", seen.stdout)
            self.assertEqual(program.run("config", "check", env=env).status, 0)
        program.config.write_text(base + f"password_file = {program.folder}/directory-password\n")
        seen = program.run("config", "show")
        self.assertIn("# password_credential is not set", seen.stdout)
        for more in ("bind = simple\n", "bind = gssapi\n", "keytab = /nonexistent\n"):
            program.config.write_text(base + more)
            self.assertEqual(program.run("config", "check", env=env).status, 2, more)

    def test_settings_without_effect(self):
        program = self.program(GOOD + "[webhook]\nformat = slack\n[metrics]\nproxy = http://p.test:3128\n")
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn("[webhook] format (line 5): without effect, because url_file is not set", seen.stderr)
        self.assertIn("[metrics] proxy (line 7): without effect, because ping_url_file is not set", seen.stderr)

    def test_mode_renew_needs_a_password_for_the_keys(self):
        program = self.program(GOOD + "[policy]\nmode = renew\n")
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 2, seen)
        self.assertIn("[state] key_password_file: missing", seen.stderr)
        program = self.program(GOOD + "[policy]\nmode = renew\n[state]\nkey_password = none\n")
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn("[state] key_password = none (line 7): private keys are stored unencrypted", seen.stderr)

    def test_example(self):
        """The example needs no more than its secret to pass."""
        program = self.program(GOOD)
        program.secret("directory-password", "x")
        program.config.write_text((ROOT / "docs" / "authcert.conf").read_text())
        seen = program.run("config", "check", env={"CREDENTIALS_DIRECTORY": str(program.folder)})
        self.assertEqual(seen.status, 0, seen)

    def test_usage(self):
        program = self.program(GOOD)
        for command in (("config",), ("config", "edit"), ("config", "check", "more")):
            self.assertEqual(program.run(*command).status, 2)

    def test_usage_errors_of_check_are_unknown_and_not_critical(self):
        program = self.program(GOOD)
        for words in (("--bogus", "check"), ("check", "--bogus"), ("check", "more"), ("--format", "bogus", "check")):
            self.assertEqual(program.run(*words).status, 3, words)
        self.assertEqual(program.run("--bogus", "config", "check").status, 2)

    def test_units_name_what_there_is(self):
        unit = (ROOT / "systemd" / "authcert.service").read_text()
        self.assertIn("ExecStart=/usr/bin/authcert -c /etc/authcert/authcert.conf run\n", unit)
        self.assertTrue(Path(ROOT, "systemd", "authcert.timer").exists())


if __name__ == "__main__":
    unittest.main()
