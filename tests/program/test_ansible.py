"""The example role for Ansible: its playbook is one, and the files that it writes are a configuration and its secrets."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import ROOT, binary

FOLDER = ROOT / "ansible"


class Role(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="authcert-ansible-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "authcert").symlink_to(binary())

    def play(self, *words):
        return subprocess.run(
            ["ansible-playbook", "--inventory", "localhost,", "--connection", "local", str(FOLDER / "playbook.yml"), *words],
            cwd=self.folder, capture_output=True, text=True, check=False,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                 "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "False"})

    def test_the_playbook_is_one(self):
        done = self.play("--syntax-check")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    @unittest.skipIf(os.geteuid() != 0, "it becomes root, as on a real host")
    def test_what_it_writes(self):
        """On this host, into a folder, the steps that change no host; twice, and the second time nothing changes."""
        words = ("--tags", "configuration", "--extra-vars",
                 f"authcert_folder={self.folder} authcert_credstore={self.folder} directory_password=hunter2 key_password=swordfish "
                 "ansible_python_interpreter=/usr/bin/python3")
        for changed in (4, 0):
            done = self.play(*words)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn("hunter2", done.stdout + done.stderr)
            self.assertRegex(done.stdout, rf"changed={changed} ")
        for name in ("directory-password", "fabrikam-directory-password", "key-password"):
            self.assertEqual((self.folder / name).stat().st_mode & 0o777, 0o600)
        for name in ("authcert", "fabrikam"):
            seen = subprocess.run([str(binary()), "-c", str(self.folder / f"{name}.conf"), "config", "check"], capture_output=True,
                                  text=True, check=False, env={"CREDENTIALS_DIRECTORY": str(self.folder)})
            self.assertEqual((seen.returncode, seen.stderr), (0, ""), seen.stdout)

    def test_a_wrong_setting_does_not_take_the_place_of_a_right_one(self):
        done = self.play("--tags", "configuration", "--extra-vars", f"authcert_folder={self.folder} authcert_credstore={self.folder} "
                         "directory_password=a key_password=b ansible_python_interpreter=/usr/bin/python3", "--extra-vars",
                         '{"authcert_settings": {"directory": {"urii": "ldaps://dc1.contoso.test"}}}', "--extra-vars",
                         '{"ansible_become": false}')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the nearest known one is uri", done.stdout)
        self.assertFalse((self.folder / "authcert.conf").exists())


if __name__ == "__main__":
    unittest.main()
