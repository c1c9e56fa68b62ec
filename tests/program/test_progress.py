"""What takes long is said while it takes long: one line on a terminal, gone before anything else is printed, and STATUS=
for a service manager."""

import json
import socket
import unittest

import exchange
import metadata
import pki
import renewal
import slapd
import smtp
from program import Program, binary
from terminal import on_terminal, screen


class Width(unittest.TestCase):
    def test_paragraphs_are_as_wide_as_the_terminal(self):
        organization = exchange.Organization(current=pki.auth_certificate(21))
        with slapd.Slapd([organization]) as directory, Program({"directory": directory.directory_config()}) as program:
            widest = {}
            for columns in (70, 120, 400):
                output = on_terminal(program, "check", env={"NO_COLOR": "1"}, columns=columns)[1].decode()
                decision = output.replace("\r", "").partition("To unblock: ")[2].split("\n\n")[0]
                widest[columns] = max(map(len, ("  To unblock: " + decision).split("\n")))
            self.assertTrue(55 < widest[70] <= 70 and 90 < widest[120] <= 120 < widest[400] <= 160, widest)
            seen = program.run("check").stdout.partition("To unblock: ")[2].split("\n\n")[0]
            self.assertLessEqual(max(map(len, seen.split("\n"))), 80, "what is no terminal")


class Terminal(unittest.TestCase):
    def assert_erased(self, output):
        self.assertNotIn(" ...", "".join(screen(output)), output)

    def test_a_line_is_shown_and_erased(self):
        organization = exchange.Organization(current=pki.auth_certificate(400), servers=exchange.servers(2))
        with metadata.Servers(organization) as servers, slapd.Slapd([organization]) as directory, \
                Program({"directory": directory.directory_config(), "servers": servers.section()},
                        servers.executable(binary())) as program:
            status, output, _ = on_terminal(program, "check")
            self.assertEqual(status, 0, output)
            self.assertIn(f"authcert: looking at {directory.uri} ...".encode(), output)
            for counted in ("", ": 1", ": 2"):
                self.assertIn(f"authcert: asking 2 Exchange servers{counted} ...".encode(), output)
            self.assert_erased(output)

            with self.subTest("JSON on the same terminal stays JSON"):
                status, output, _ = on_terminal(program, "check", json=True)
                self.assertIn(b"looking at", output)
                self.assertEqual(json.loads("\n".join(screen(output)))["status"], "ok")

            with self.subTest("standard output elsewhere gets nothing of it"):
                status, output, rest = on_terminal(program, "check", both=False, json=True)
                self.assertIn(b"looking at", output)
                self.assertEqual(json.loads(rest)["status"], "ok")
                self.assertEqual("".join(screen(output)), "")

            with self.subTest("nobody asked for it"):
                for words, env in ((["-q", "check"], None), (["check"], {"TERM": "dumb"})):
                    self.assertNotIn(b"looking at", on_terminal(program, *words, env=env)[1])
                self.assertEqual(program.run("check").stderr, "")

            with self.subTest("doctor"):
                status, output, _ = on_terminal(program, "doctor")
                for step in ("trying " + directory.uri, "looking at", "asking 2 Exchange servers",
                             "asking the other domain controllers"):
                    self.assertIn(step.encode(), output)
                self.assert_erased(output)

    def test_a_narrow_terminal_keeps_it_in_one_line(self):
        with renewal.Bed(current=pki.auth_certificate(400)) as bed:
            status, output, _ = on_terminal(bed.program, "check", both=False, columns=30)
            self.assertEqual(status, 0, output)
            shown = [line for line in output.decode().split("\r\033[K") if line]
            self.assertIn("authcert: looking at ", shown[0])
            for line in shown:
                self.assertLess(len(line), 30, shown)

    def test_what_a_renewal_takes_long_for(self):
        with smtp.Relay() as relay, renewal.Bed(current=pki.auth_certificate(21), sections={
                "mail": {"relay": relay.uri, "tls": "off", "from": "authcert@contoso.test",
                         "to": "admins@contoso.test"}}) as bed:
            status, output, _ = on_terminal(bed.program, "run", "--dry-run")
            self.assertEqual(status, 0, output)
            self.assertIn(b"making a key pair of 2048 bits ...", output)
            self.assert_erased(output)
            self.assertIn("changetype: modify", screen(output))

            status, output, _ = on_terminal(bed.program, "run")
            self.assertEqual(status, 0, output)
            for step in ("making a key pair of 2048 bits", f"delivering {bed.slots()['2']} to 3 servers",
                         f"writing to {bed.directory.uri}", "telling by mail", "asking the other domain controllers"):
                self.assertIn(f"authcert: {step} ...".encode(), output)
            self.assert_erased(output)


class Manager(unittest.TestCase):
    def test_status(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            path = bed.program.folder / "notify"
            manager.bind(str(path))
            manager.settimeout(0)
            seen = bed.program.run("run", env={"NOTIFY_SOCKET": str(path)})
            self.assertEqual(seen.status, 0, seen)
            self.assertNotIn("looking at", seen.stderr, "no terminal")
            said = []
            try:
                while True:
                    said.append(manager.recv(4096).decode())
            except BlockingIOError:
                pass
            self.assertEqual(said[0], f"STATUS=looking at {bed.directory.uri}")
            self.assertIn("STATUS=making a key pair of 2048 bits", said)
            self.assertIn(f"STATUS=delivering {bed.slots()['2']} to 3 servers", said)
            self.assertIn(f"STATUS=writing to {bed.directory.uri}", said)
            self.assertRegex(said[-1], r"^STATUS=ok: .*ends on \d{4}-\d\d-\d\d, in 2[01] days")
            self.assertTrue(all(state.startswith("STATUS=") and "\n" not in state for state in said), said)


if __name__ == "__main__":
    unittest.main()
