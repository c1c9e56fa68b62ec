"""Secret files that belong to the account of the units, which owns the state folder: root may type commands with them. What
belongs to anybody else stays refused."""

import os
import unittest
from pathlib import Path

import pki
import renewal

AGENT, OTHER = 65534, 12345


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


if __name__ == "__main__":
    unittest.main()
