"""Who did what, by which command: in the history, as text and JSON, and in the journal."""

import json
import os
import pty
import socket
import unittest

import mount
import pki
import renewal
from program import binary

HOSTILE = "anna\n2026-12-01T00:00:00Z  done     \x1b[2Jby root\u202e"


class Trail(unittest.TestCase):
    def setUp(self):
        self.bed = renewal.Bed(current=pki.auth_certificate(-3), delivery=False).__enter__()
        self.addCleanup(self.bed.__exit__)

    def events(self, *options):
        seen = self.bed.program.run("history", *options, json=True)
        self.assertEqual((seen.status, seen.stderr), (0, ""), seen)
        return json.loads(seen.stdout)["events"]

    def acts(self, *options):
        return [event for event in self.events(*options) if event["kind"] in ("done", "key")]

    def test_made_exported_confirmed_and_written(self):
        made = self.bed.run("recover", "--yes", env={"SUDO_USER": "anna"})
        self.assertEqual(made.status, 0, made)
        thumbprint = self.bed.keys()[0].split(".")[0]
        path = self.bed.program.folder / "auth.pfx"
        password = self.bed.program.secret("pfx-password", "p" * 26)
        for args in (("export", "--password-file", password, thumbprint, path),
                     ("deliver", "--confirm", thumbprint)):
            self.assertEqual(self.bed.program.run(*args, env={"SUDO_USER": "bert"}).status, 0)
        self.assertEqual(self.bed.run("recover", "--yes").status, 0)
        acts = self.acts()
        expected = [(f"{thumbprint} made on this host", "anna", "recover --yes"),
                    (f"{thumbprint} exported with its private key to {path}", "bert", "export --password-file"),
                    (f"deliver {thumbprint} done: confirmed by hand", "bert", "deliver --confirm"),
                    (f"replace {thumbprint} done: written at", None, "recover --yes")]
        self.assertEqual(len(acts), len(expected), acts)
        for act, (text, user, command) in zip(acts, expected):
            self.assertIn(text, act["text"])
            self.assertIn(command, act["command"])
            self.assertTrue(act["command"].startswith("authcert "), act)
            (self.assertIn if user else self.assertNotIn)(f"SUDO_USER {user} as the environment says", act["by"])
        self.assertIn(f"[by {acts[0]['by']}: {acts[0]['command']}]", self.bed.program.run("history").stdout)

    def test_a_key_pair_that_is_taken_in(self):
        other = self.bed.agent()
        self.assertEqual(self.bed.run("recover", "--yes").status, 0)
        thumbprint = self.bed.keys()[0].split(".")[0]
        path, password = other.folder / "auth.pfx", other.secret("pfx-password", "p" * 26)
        self.assertEqual(self.bed.program.run("export", "--password-file", password, thumbprint, path).status, 0)
        for _ in range(2):  # the second time nothing is new
            self.assertEqual(other.run("import", "--password-file", password, path).status, 0)
        events = json.loads(other.run("history", json=True).stdout)["events"]
        self.assertEqual([event["text"] for event in events], [f"{thumbprint} imported with its private key"])
        self.assertIn("authcert -c", events[0]["command"])

    def test_an_export_that_cannot_be_noted_is_none(self):
        self.assertEqual(self.bed.run("recover", "--yes").status, 0)
        thumbprint = self.bed.keys()[0].split(".")[0]
        path, password = self.bed.program.folder / "auth.pfx", self.bed.program.secret("pfx-password", "p" * 26)
        history = self.bed.program.state / "history.json"
        history.unlink()
        history.mkdir()
        seen = self.bed.program.run("export", "--password-file", password, thumbprint, path)
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("could not be noted in the history", seen.stderr)
        self.assertFalse(path.exists())

    def test_what_the_environment_says_is_harmless_and_marked(self):
        self.assertEqual(self.bed.run("recover", "--yes", env={"SUDO_USER": HOSTILE}).status, 0)
        shown = self.bed.program.run("history").stdout
        self.assertEqual(len([line for line in shown.splitlines() if " made on this host" in line]), 1)
        self.assertNotIn("\x1b", shown)
        self.assertNotIn("\u202e", shown)
        self.assertIn(r"SUDO_USER anna\x0a2026", self.acts()[0]["by"])
        self.assertIn("as the environment says", self.acts()[0]["by"])

    def test_a_terminal(self):
        outer, inner = pty.openpty()
        self.addCleanup(os.close, outer)
        name = os.ttyname(inner)
        process = self.bed.program.start("recover", "--yes", stdin=inner)
        os.close(inner)
        process.communicate()
        self.assertIn(f", on {name}", self.acts()[0]["by"])

    def test_since(self):
        self.assertEqual(self.bed.run("recover", "--yes").status, 0)
        last = self.events()[-1]["at"]
        tomorrow = (pki.now() + pki.days(2)).strftime("%Y-%m-%d")
        for since in last, last[:10], "1d":
            self.assertTrue(self.events("--since", since), since)
        self.assertEqual(self.events("--since", tomorrow), [])
        self.assertEqual(self.bed.program.run("history", "--since", tomorrow).stdout,
                         "Nothing has been done, and nobody notified, since then.\n")
        for wrong in "yesterday", "2026-13-01", "d", "":
            self.assertEqual(self.bed.program.run("history", "--since", wrong).status, 2, wrong)

    def test_a_history_of_an_earlier_version(self):
        self.assertEqual(self.bed.run("recover", "--yes").status, 0)
        history = self.bed.history()
        for event in history["events"]:
            del event["by"], event["command"]
        (self.bed.program.state / "history.json").write_text(json.dumps(history))
        self.assertEqual({event["by"] for event in self.events()}, {None})
        self.assertEqual(self.bed.run("recover", "--yes").status, 0)
        self.assertIn(None, {event["by"] for event in self.events()})

    def test_the_journal(self):
        mount.needed()
        program = self.bed.program
        path = program.folder / "journal"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(str(path))
            path.chmod(0o666)
            program.executable = program.file("started", f"""#!/bin/sh
                exec unshare --mount --propagation private sh -c 'mount -t tmpfs none /run &&
                mkdir -p /run/systemd/journal && touch /run/systemd/journal/socket &&
                mount --bind {path} /run/systemd/journal/socket && exec "$@"' sh {binary()} "$@"
                """, 0o755)
            self.assertEqual(program.run("recover", "--yes", env={"SUDO_USER": "anna"}).status, 0)
            entry = journal.recv(1 << 16, socket.MSG_DONTWAIT).decode()
        thumbprint = self.bed.keys()[0].split(".")[0]
        for field in (f"AUTHCERT_EVENT={thumbprint} made on this host", "AUTHCERT_COMMAND=authcert -c ",
                      "AUTHCERT_BY=", "SUDO_USER anna", "MESSAGE_ID=85a036324f8748ec953b368480971f82"):
            self.assertIn(field, entry)


if __name__ == "__main__":
    unittest.main()
