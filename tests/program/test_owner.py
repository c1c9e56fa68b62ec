"""Secret files that belong to the account of the units, which owns the state folder: root may type commands with them. What
belongs to anybody else stays refused."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

import pki
import renewal

AGENT, OTHER = 65534, 12345
# The account exchanges its state folder for a link and back, as fast as it can, until its standard input ends.
SWAPPER = """
import ctypes, os, select, sys
libc = ctypes.CDLL(None)
os.chdir(sys.argv[1])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
print("begun", flush=True)
while not select.select([0], [], [], 0)[0]:
    for _ in range(100):
        libc.renameat2(-100, b"default", -100, b"link", 2)
"""


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Owner(unittest.TestCase):
    def setUp(self):
        self.bed = renewal.Bed(current=pki.auth_certificate(300), delivery=False)
        self.bed.__enter__()
        self.addCleanup(self.bed.__exit__)
        program = self.bed.program
        program.folder.chmod(0o755)
        program.config.chmod(0o644)
        self.password = program.folder / "password"
        self.password.write_text(self.bed.directory.password)
        self.password.chmod(0o600)
        authority = program.folder / "ca.pem"
        authority.write_bytes(Path(self.bed.directory.ca_file).read_bytes())
        program.change("directory", password_file=self.password, ca_file=authority)
        program.change("webhook", url_file=program.secret("address", "https://contoso.test/hook\n"))

    def own(self, user, *paths):
        for path in paths:
            os.chown(path, user, user)

    def test_root_takes_the_files_of_the_account_that_owns_the_state_folder(self):
        program = self.bed.program
        self.own(AGENT, program.state, self.password, program.folder / "address", program.folder / "key-password")
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual(self.bed.run("check").report["status"], "ok")
        self.assertEqual(self.bed.run("run").status, 0)
        self.assertEqual((program.state / "last.json").stat().st_uid, AGENT)

    def test_it_does_so_before_the_first_run_as_well(self):
        program = self.bed.program
        program.change("state", directory=program.state / "default")
        self.own(AGENT, program.state, self.password)
        self.assertEqual(program.run("config", "check").status, 0)

    def test_files_of_others_are_refused(self):
        program = self.bed.program
        for owner_of_state, owner_of_file in ((AGENT, OTHER), (0, AGENT)):
            for path in (self.password, program.folder / "address"):
                with self.subTest(state=owner_of_state, file=owner_of_file, path=path.name):
                    self.own(owner_of_state, program.state)
                    self.own(owner_of_file, path)
                    seen = program.run("config", "check")
                    self.assertEqual(seen.status, 2, seen)
                    self.assertIn(f"it belongs to user {owner_of_file}", seen.stderr)
                    self.own(0, path)

    def test_its_mode_and_kind_are_looked_at_all_the_same(self):
        program = self.bed.program
        self.own(AGENT, program.state, self.password)
        self.password.chmod(0o640)
        self.assertIn("its mode is 0640", program.run("config", "check").stderr)
        self.password.rename(program.folder / "elsewhere")
        self.password.symlink_to(program.folder / "elsewhere")
        os.lchown(self.password, AGENT, AGENT)
        self.assertIn("symbolic link", program.run("config", "check").stderr)

    def test_what_only_root_may_open_stays_closed_to_the_account(self):
        """The account cannot point root at a folder of root's: its file is opened with its own rights."""
        program = self.bed.program
        closed = program.folder / "closed"
        closed.mkdir(mode=0o700)
        self.password.rename(closed / "password")
        self.own(AGENT, program.state, closed / "password")
        program.change("directory", password_file=closed / "password")
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 2, seen)
        self.assertIn("Permission denied", seen.stderr)

    def delivery_as(self, name="default"):
        """Root types `run`; who the delivery command was, and what the program said. The state folder is `name` below the
        account's."""
        program = self.bed.program
        program.change("state", directory=program.state / name)
        noted = program.folder / "noted"
        noted.mkdir(mode=0o777, exist_ok=True)
        noted.chmod(0o1777)
        command = program.file("who", f"#!/bin/sh\nid -u >{noted}/uid.$(id -u)\nfor server in $AUTHCERT_SERVERS; do "
                               'echo "$server present"; done\n', 0o755)
        program.change("delivery", method="command", command=command)
        seen = program.run("run")
        return {path.read_text().strip() for path in noted.iterdir()}, seen

    def test_a_folder_that_was_renamed_away_makes_nobody_root(self):
        program = self.bed.program
        self.own(AGENT, program.state, self.password, program.folder / "address", program.folder / "key-password")
        who, seen = self.delivery_as()
        self.assertEqual((who, seen.status), (set(), 0), seen)  # nothing is due: the certificate is good for long
        self.assertEqual((program.state / "default").stat().st_uid, AGENT)
        (program.state / "default").rename(program.state / "away")
        program.change("policy", renew_before="310d", activate_after="1d")
        who, seen = self.delivery_as()
        self.assertEqual(who, {str(AGENT)}, seen)
        self.assertEqual((program.state / "default").stat().st_uid, AGENT)

    def test_a_link_in_its_place_leads_nowhere(self):
        program = self.bed.program
        target = program.folder / "of-root"
        target.mkdir(mode=0o755)
        self.own(AGENT, program.state)
        (program.state / "default").symlink_to(target)
        os.lchown(program.state / "default", AGENT, AGENT)
        self.own(AGENT, self.password, program.folder / "address", program.folder / "key-password")
        for name in ("default", "default/below"):
            who, seen = self.delivery_as(name)
            self.assertEqual((who, seen.status), (set(), 1), seen)
            self.assertEqual(list(target.iterdir()), [])
        for command in (["history"], ["check"], ["report", program.folder / "page.html"]):
            self.assertNotIn(str(target), program.run(*command).stdout)

    def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(self):
        program = self.bed.program
        target = program.folder / "of-root"
        target.mkdir(mode=0o755)
        (program.state / "default").mkdir(mode=0o755)
        (program.state / "link").symlink_to(target)
        os.lchown(program.state / "link", AGENT, AGENT)
        self.own(AGENT, program.state, program.state / "default", self.password, program.folder / "address",
                 program.folder / "key-password")
        program.change("state", directory=program.state / "default")
        with subprocess.Popen([sys.executable, "-c", SWAPPER, str(program.state), str(AGENT)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as swapper:
            self.assertEqual(swapper.stdout.readline(), b"begun\n")
            for _ in range(8):
                program.run("run", "-q")
                self.assertEqual(list(target.iterdir()), [])
            swapper.stdin.close()

    def test_what_directs_secrets_is_nobody_elses(self):
        program = self.bed.program
        authority, recovery = program.folder / "ca.pem", program.folder / "recovery.crt"
        recovery.write_bytes(authority.read_bytes())
        folder = program.folder / "folder"
        folder.mkdir()
        program.change("servers", ca_file=authority)
        program.change("state", recovery_certificate=recovery)
        self.own(AGENT, program.state)
        for path, key in ((program.config, "cannot read the configuration file"), (authority, "[directory] ca_file"),
                          (authority, "[servers] ca_file"), (recovery, "[state] recovery_certificate"),
                          (self.password, "[directory] password_file")):
            for owner, mode, advice in ((0, 0o666, "chmod go-w"), (OTHER, 0o644, "chown root")):
                with self.subTest(path=path.name, owner=owner, key=key):
                    self.own(owner, path)
                    before = path.stat().st_mode
                    path.chmod(mode)
                    for command, status in ((["run"], 2), (["check"], 3), (["config", "check"], 2), (["doctor"], 2)):
                        seen = program.run(*command)
                        self.assertEqual(seen.status, status, seen)
                        self.assertIn(key, seen.stdout + seen.stderr)
                        self.assertIn(advice, seen.stdout + seen.stderr)
                        if command == ["doctor"]:
                            self.assertIn("FAILED", seen.stdout)
                    path.chmod(before & 0o7777)
                    self.own(0, path)
        with self.subTest("root's files where others could put theirs"):
            authority.rename(folder / "ca.pem")
            program.change("directory", ca_file=folder / "ca.pem")
            program.change("servers", ca_file=None)
            folder.chmod(0o777)
            seen = program.run("config", "check")
            self.assertEqual(seen.status, 2, seen)
            self.assertIn(f"chmod go-w {folder}", seen.stderr)
            folder.chmod(0o755)
            self.assertEqual(program.run("config", "check").status, 0)

    def test_the_accounts_folder_leads_root_to_no_file_of_roots(self):
        """A hard link to a secret of root's, in a folder of the account's, is opened with the account's rights."""
        program = self.bed.program
        self.own(AGENT, program.state)
        os.link(self.password, program.state / "password")
        program.change("directory", password_file=program.state / "password")
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 2, seen)
        self.assertIn("Permission denied", seen.stderr)

    def test_a_page_is_not_written_where_somebody_elses_link_leads(self):
        program = self.bed.program
        theirs, ours = program.folder / "theirs", program.folder / "ours"
        for folder in (theirs, ours):
            folder.mkdir()
        (theirs / "pages").symlink_to(ours)
        self.own(OTHER, theirs)
        os.lchown(theirs / "pages", OTHER, OTHER)
        seen = program.run("report", theirs / "pages/page.html")
        self.assertNotEqual(seen.status, 0, seen)
        program.change("metrics", textfile=theirs / "pages/authcert.prom")
        self.assertEqual(program.run("run").status, 1)
        program.change("metrics", textfile=None)
        program.change("report", file=theirs / "pages/page.html")
        seen = program.run("run")
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("([report] file)", seen.stderr)
        self.assertEqual(list(ours.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
