"""The file for Prometheus' node exporter, over good and bad nights of the real program."""

import re
import time
import unittest

import exchange
import pki
import slapd
from program import Program

NIGHT = 86400


class Metrics(unittest.TestCase):
    def read(self, program):
        text = (program.folder / "authcert.prom").read_text()
        self.assertTrue(text.endswith("\n"))
        self.assertNotIn("\n\n", text)
        samples = re.findall(r"^(\w+)\{(.*)\} (-?\d+)$", text, re.MULTILINE)
        self.assertEqual(len(samples), len([line for line in text.splitlines() if not line.startswith("#")]))
        self.assertEqual({re.search('organization="(.*?)"', labels)[1] for _, labels, _ in samples}, {"Contoso"})
        return {(name, re.sub('organization="Contoso",?', "", labels)): int(value) for name, labels, value in samples}

    def test_nights(self):
        began = int(time.time())
        current = pki.auth_certificate(days_left=21.5)
        with slapd.Slapd([exchange.Organization(current=current, servers=exchange.servers(2))]) as directory, \
                Program({"directory": directory.directory_config()}) as program:
            program.change("metrics", textfile=program.folder / "authcert.prom")
            program.change("webhook", url_file=program.secret("address", "http://127.0.0.1:1/hook\n"))
            self.assertEqual(program.run("run", now=began).status, 1)
            bad = self.read(program)
            self.assertEqual(bad["authcert_last_run_success", ""], 0)
            self.assertNotIn(("authcert_last_success_timestamp_seconds", ""), bad)
            self.assertEqual(bad["authcert_notifications_pending", ""], 1)
            self.assertEqual(bad["authcert_certificate_not_after_timestamp_seconds",
                                 f'slot="current",thumbprint="{current.thumbprint}"'], current.not_after.timestamp())

            program.change("webhook", url_file=None)
            self.assertEqual(program.run("run", now=began + NIGHT).status, 0)
            good = self.read(program)
            self.assertEqual(good["authcert_last_run_success", ""], 1)
            success = good["authcert_last_success_timestamp_seconds", ""]
            self.assertAlmostEqual(success, began + NIGHT, delta=60)

            program.change("directory", uri="ldaps://127.0.0.1:1")
            self.assertEqual(program.run("run", now=began + 2 * NIGHT).status, 3)
            blind = self.read(program)
            self.assertEqual(blind["authcert_last_run_success", ""], 0)
            self.assertEqual(blind["authcert_last_success_timestamp_seconds", ""], success, "it stays")
            self.assertEqual(blind["authcert_status", 'status="unknown"'], 1)
            self.assertNotIn("authcert_certificate_not_after_timestamp_seconds", [name for name, _ in blind])


if __name__ == "__main__":
    unittest.main()
