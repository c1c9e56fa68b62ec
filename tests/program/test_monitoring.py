"""What docs/monitoring.md gives to monitoring systems works: Nagios' and Icinga's commands are run as an account that owns
nothing, and the alert rules for Prometheus know only metrics that a real run writes."""

import os
import re
import shlex
import shutil
import subprocess
import unittest

import inventory
import pki
import places
import probed
import smtp
from program import ROOT

RULES = ROOT / "docs" / "authcert.rules.yml"
RULES_TEST = ROOT / "tests" / "program" / "authcert.rules.test.yml"
PAGE = (ROOT / "docs" / "monitoring.md").read_text()
NOBODY = 65534


def promtool(*words):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)


class Prometheus(unittest.TestCase):
    def test_the_rules_are_good(self):
        done = promtool("check", "rules", RULES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_rules_fire_when_they_should(self):
        done = promtool("test", "rules", RULES_TEST)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alerts = re.findall(r"alert: (\w+)", RULES.read_text())
        tested = set(re.findall(r"alertname: (\w+)", RULES_TEST.read_text()))
        self.assertEqual(tested, set(alerts))

    def test_the_page_tells_of_every_rule(self):
        self.assertEqual(re.findall(r"^\| `(\w+)` \|", PAGE.partition("## Prometheus")[2], re.MULTILINE),
                         re.findall(r"alert: (\w+)", RULES.read_text()))

    def test_the_rules_and_their_tests_know_only_what_a_real_run_writes(self):
        with smtp.Relay() as relay, probed.Bed(current=pki.auth_certificate(21)) as bed:
            bed.program.change("mail", relay=f"smtp://127.0.0.1:{relay.port}", tls="off", to="a@contoso.test",
                               **{"from": "b@contoso.test"})
            textfile = bed.program.folder / "authcert.prom"
            bed.program.change("metrics", textfile=textfile)
            bed.servers.serve("ex1.contoso.test", None)
            seen = bed.run("renew")
            self.assertEqual(seen.status, 0, seen)
            metrics = textfile.read_text()
            bed.directory.stop()
            bed.run("run")
            metrics += "".join(line + "\n" for line in textfile.read_text().splitlines() if "last_known" in line)
        gone = pki.authority().server("smtp.contoso.test")
        with inventory.Bed(servers=1, objects=[lambda o: places.send(o, "Out", places.name_of(gone))]) as bed:
            metrics += "".join(line for line in bed.program.run("--format", "prometheus", "inventory").stdout.splitlines(True)
                               if re.match("(# (HELP|TYPE) )?authcert_(place|finding)", line))
        checked = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stdout)
        real = {name: set(re.findall(r'(\w+)="', labels))
                for name, labels in re.findall(r"^(\w+)\{(.*)\} ", metrics, re.MULTILINE)}
        self.assertEqual(set(re.findall(r"authcert_\w+", RULES.read_text())) - set(real), set())
        used = re.findall(r"(authcert_\w+)\{([^}]*)\}", RULES.read_text() + RULES_TEST.read_text())
        self.assertGreater(len(used), 10)
        for name, labels in used:
            self.assertEqual(set(re.findall(r'(\w+)="', labels)) - {"instance"} - real[name], set(), name)
        said = set(re.findall(r'status="(\w+)"', RULES.read_text()))
        self.assertEqual(said - set(re.findall(r'status="(\w+)"', metrics)), set())


class Nagios(unittest.TestCase):
    """The command lines of the page, with this test's program and configuration."""

    def commands(self):
        nagios = re.search(r"^ +command_line +(.*)$", PAGE, re.MULTILINE)[1]
        nrpe = re.search(r"^ +command\[check_authcert\]=(.*)$", PAGE, re.MULTILINE)[1]
        icinga = re.search(r"^ +command = \[ (.*) \]$", PAGE, re.MULTILINE)[1]
        return {"nagios": shlex.split(nagios), "nrpe": shlex.split(nrpe), "icinga": re.findall(r'"([^"]+)"', icinga)}

    def test_the_commands_work_for_an_account_without_rights(self):
        with probed.Bed(current=pki.auth_certificate(10)) as bed:
            bed.program.change("policy", mode="monitor")
            seen = bed.run("run")
            self.assertEqual(seen.report["status"], "critical", seen)
            bed.program.folder.chmod(0o755)
            bed.program.state.chmod(0o755)
            bed.program.config.chmod(0o644)
            real = shutil.copy(bed.real, bed.program.folder)  # the build folder may lie in a home of root's alone
            for name, words in self.commands().items():
                with self.subTest(name):
                    self.assertEqual(words[0], "/usr/bin/authcert")
                    done = subprocess.run([str(real), "-c", str(bed.program.config), *words[1:]], user=NOBODY, group=NOBODY,
                                          extra_groups=[], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
                                          check=False)
                    self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                    self.assertRegex(done.stdout, r"\AAUTHCERT CRITICAL - .*\| current_days=\d+;90:;14: ")


if __name__ == "__main__":
    unittest.main()
