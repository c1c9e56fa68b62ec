"""What docs/monitoring.md gives to monitoring systems works: Nagios' and Icinga's commands are run as an account that owns
nothing, and the alert rules for Prometheus know only metrics that a real run writes."""

import http.server
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

import inventory
import pki
import places
import probed
import smtp
import wait
from program import ROOT

RULES = ROOT / "docs" / "authcert.rules.yml"
RULES_TEST = ROOT / "tests" / "program" / "authcert.rules.test.yml"
PAGE = (ROOT / "docs" / "monitoring.md").read_text()
NOBODY = 65534


def promtool(*words):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)


def real_metrics(trouble=False):
    """What runs of mode renew that staged a certificate write, with a relay that takes its mail; and with `trouble`
    where a server serves nothing, and what a run adds that could not read the directory."""
    with smtp.Relay() as relay, probed.Bed(current=pki.auth_certificate(21)) as bed:
        bed.program.change("mail", relay=f"smtp://127.0.0.1:{relay.port}", tls="off", to="a@contoso.test",
                           **{"from": "b@contoso.test"})
        textfile = bed.program.folder / "authcert.prom"
        bed.program.change("metrics", textfile=textfile)
        if trouble:
            bed.servers.serve("ex1.contoso.test", None)
        for command in "renew", "run":  # which rehearses
            seen = bed.run(command)
            if seen.status != 0:
                raise AssertionError(seen)
        metrics = textfile.read_text()
        if trouble:
            bed.directory.stop()
            bed.run("run")
            metrics += "".join(line + "\n" for line in textfile.read_text().splitlines() if "last_known" in line)
        return metrics


class Scraped:
    """A Prometheus that has these metrics, from a node exporter of sorts."""

    def __init__(self, metrics):
        self.metrics, self.served, self.again = metrics.encode(), 0, threading.Event()

    def __enter__(self):
        scraped = self

        class Exporter(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                scraped.served += 1
                if scraped.served > 1:  # whoever asks again has taken in the first answer
                    scraped.again.set()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(scraped.metrics)

            def log_message(self, *_):
                pass

        self.exporter = http.server.HTTPServer(("127.0.0.1", 0), Exporter)
        threading.Thread(target=self.exporter.serve_forever, daemon=True).start()
        self.folder = tempfile.TemporaryDirectory(prefix="authcert-prometheus-")
        configuration = Path(self.folder.name, "prometheus.yml")
        configuration.write_text("scrape_configs: [{job_name: node, scrape_interval: 1s, static_configs: "
                                 f"[{{targets: ['127.0.0.1:{self.exporter.server_address[1]}']}}]}}]\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = Path(self.folder.name, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={self.folder.name}/data",
                 f"--web.listen-address={self.address}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not self.again.wait(wait.HANG):
            raise AssertionError(self.log.read_text())
        return self

    def __exit__(self, *_):
        wait.end(self.process)
        self.exporter.shutdown()
        self.exporter.server_close()
        self.folder.cleanup()

    def ask(self, query):
        """The series that a query gives now."""
        parameters = urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{parameters}") as answer:
            return json.load(answer)["data"]["result"]


class Grafana(unittest.TestCase):
    """docs/authcert.grafana.json."""

    def setUp(self):
        self.board = json.loads((ROOT / "docs/authcert.grafana.json").read_text())
        self.panels = self.board["panels"]

    def queries(self):
        return [(panel["title"], target["expr"]) for panel in self.panels for target in panel["targets"]]

    def test_it_is_a_dashboard(self):
        self.assertEqual([panel["id"] for panel in self.panels], list(range(1, len(self.panels) + 1)))
        self.assertEqual({variable["name"] for variable in self.board["templating"]["list"]}, {"datasource", "organization"})
        taken = set()
        for panel in self.panels:
            with self.subTest(panel["title"]):
                self.assertTrue(panel["description"] and panel["targets"])
                for part in (panel, *panel["targets"]):
                    self.assertEqual(part["datasource"], {"type": "prometheus", "uid": "${datasource}"})
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                         for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(taken & cells, "it lies over another panel")
                self.assertLessEqual(place["x"] + place["w"], 24)
                taken |= cells

    def test_every_query_has_an_answer_in_what_a_real_run_writes(self):
        with Scraped(real_metrics()) as prometheus:
            for title, query in self.queries():
                with self.subTest(title):
                    self.assertIn('organization=~"$organization"', query)
                    # Where only what is wrong is asked for, the good is looked at: nothing is wrong here.
                    found = prometheus.ask(query.replace("$organization", "Contoso|Fabrikam").replace(" == 0", " == 1"))
                    self.assertTrue(found, query)
                    self.assertFalse(prometheus.ask(query.replace("$organization", "Fabrikam")), query)
            state = dict(self.queries())["State"].replace("$organization", ".*")
            self.assertEqual([series["value"][1] for series in prometheus.ask(state)], ["0"])


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
        metrics = real_metrics(trouble=True)
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
