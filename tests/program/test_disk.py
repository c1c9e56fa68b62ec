"""A disk that is full, fails or cannot be written, and folders that are not as they should be: said clearly, nothing
lost, and the next run goes on."""

import os
import shutil
import unittest
from pathlib import Path

import mount
import pki
import renewal
import smtp
import strace
import trial

MOST = 12  # points, unless all are wanted
# Calls that need the disk, and what they answer when it does not serve.
ERRORS = {"write": "ENOSPC", "pwrite64": "ENOSPC", "ftruncate": "EIO", "fsync": "EIO", "renameat": "ENOSPC",
          "renameat2": "ENOSPC", "mkdirat": "ENOSPC", "fchmod": "EROFS", "unlinkat": "EIO"}
WORDS = {"ENOSPC": "No space left on device", "EIO": "Input/output error", "EROFS": "Read-only file system"}
NOBODY = 65534


class Failing(unittest.TestCase):
    """One call after the other fails as on a full or broken disk."""

    maxDiff = None

    def fail_everywhere(self, args, prepare=lambda bed: None, usable=True, **options):
        with smtp.Relay() as relay, renewal.Bed(executable=strace.release(),
                                                 sections={"mail": {"relay": relay.uri, **trial.MAIL}}, **options) as bed:
            prepare(bed)
            tried = trial.Trial(self, bed, relay, args, usable)
            tried.remember()
            points = [(name, number) for name, number in strace.points(bed.program, *args, under=bed.program.state)
                      if name in ERRORS]
            self.assertNotEqual(tried.slots, bed.slots(), "the act did not happen")
            wanted = tried.shape(tried.again())
            for name, number in strace.sampled(points, MOST):
                with self.subTest(call=name, number=number):
                    tried.restore()
                    failed = strace.fail_at(bed.program, (name, number), ERRORS[name], *args)
                    self.assertIn(failed.returncode, (0, 1), failed.stderr)
                    # A file that could not be removed, or a lock without a name in it, keeps nobody from anything.
                    if failed.returncode == 1:
                        self.assertIn(WORDS[ERRORS[name]], failed.stderr + failed.stdout)
                    tried.check()
                    seen = tried.again()
                    tried.check()
                    shape = tried.shape(seen)
                    self.assertEqual(shape, wanted)

    def test_stage(self):
        self.fail_everywhere(["run"], current=pki.auth_certificate(21))

    def test_replace(self):
        self.fail_everywhere(["run"], usable=False, current=pki.auth_certificate(-1))

    def test_activate(self):
        def prepare(bed):
            self.assertEqual(bed.run("run").status, 0)
            bed.directory.replace(bed.organization.auth_dn, **{renewal.DATE: "20200101000000.0Z"})
            trial.seen_since(bed, 10)
        self.fail_everywhere(["run"], prepare, current=pki.auth_certificate(21))


class Small(unittest.TestCase):
    """A file system of its own for the state folder."""

    def bed(self, kilobytes=128, **options):
        bed = renewal.Bed(**options)
        self.enterContext(bed)
        small = self.enterContext(mount.Small(bed.program.state, kilobytes))
        bed.program.executable = small.executable(bed.program.executable, bed.program.folder)
        return bed, small

    def enterContext(self, manager):
        self.addCleanup(manager.__exit__, None, None, None)
        return manager.__enter__()

    def names(self, small):
        return sorted(str(path.relative_to(small.inside)) for path in small.inside.rglob("*") if path.is_file())

    def test_a_full_disk_makes_nothing(self):
        for room in (0, 4096, 8192, 12288, 16384):
            with self.subTest(room=room):
                current = pki.auth_certificate(21)
                bed, small = self.bed(current=current)
                small.fill(leave=room)
                seen = bed.program.run("run")
                self.assertEqual(seen.status, 1, seen)
                self.assertIn("No space left on device", seen.stderr)
                for name in self.names(small):
                    self.assertNotIn(".tmp", name, "half a file is left")
                staged = bed.slots().get("2")
                if staged:
                    self.assertIn(f"keys/{staged}.key", self.names(small), "staged without its key")
                small.empty()
                seen = bed.run("run")
                self.assertEqual((seen.status, seen.report["status"]), (0, "ok"), seen)
                slots = bed.slots()
                self.assertIn(slots["2"], (staged, slots["2"]) if staged else slots.values())
                self.assertEqual([name for name in self.names(small) if name.startswith("keys/")],
                                 [f"keys/{slots['2']}.key"])

    def test_a_full_disk_does_not_keep_a_staged_one_from_taking_over(self):
        current, following = pki.auth_certificate(-1), pki.auth_certificate(900, key=pki.new_key())
        bed, small = self.bed(current=current, next=following, date=pki.now() + pki.days(20))
        small.fill()
        seen = bed.program.run("run")
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("No space left on device", seen.stderr)
        self.assertEqual(bed.slots()["0"], following.thumbprint)

    def test_a_read_only_folder(self):
        current = pki.auth_certificate(21)
        bed, small = self.bed(current=current)
        small.read_only(True)
        for command in (["run"], ["renew"], ["recover", "--yes"]):
            seen = bed.program.run(*command)
            self.assertEqual(seen.status, 1, seen)
            self.assertRegex(seen.stderr, r"state folder .*: Read-only file system")
        self.assertEqual(bed.slots(), {"0": current.thumbprint})
        self.assertEqual(bed.program.run("check").status, 1, "looking needs no folder")
        small.read_only(False)
        self.assertEqual(bed.run("run").status, 0)
        self.assertEqual(set(bed.slots()), {"0", "2"})


class Rights(unittest.TestCase):
    def nothing_happened(self, bed, current):
        self.assertEqual(bed.slots(), {"0": current.thumbprint})
        self.assertEqual(bed.delivered(), [])

    def test_a_folder_that_others_can_change_is_refused(self):
        current = pki.auth_certificate(21)
        for mode in (0o770, 0o707, 0o777):
            with self.subTest(mode=oct(mode)), renewal.Bed(current=current) as bed:
                bed.program.state.chmod(mode)
                for command in (["run"], ["renew"]):
                    seen = bed.program.run(*command)
                    self.assertEqual(seen.status, 1, seen)
                    self.assertIn("others than its owner can change it", seen.stderr)
                self.nothing_happened(bed, current)
                self.assertEqual(list(bed.program.state.iterdir()), [])
                bed.program.state.chmod(0o700)
                self.assertEqual(bed.run("run").status, 0)

    def test_a_keys_folder_that_others_can_change_is_refused(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            keys = bed.program.state / "keys"
            keys.mkdir()
            keys.chmod(0o775)
            seen = bed.run("run")
            self.assertEqual(seen.status, 1, seen)
            self.assertIn("others than its owner can change it", seen.stderr)
            self.assertIn("keys", seen.stderr)
            self.nothing_happened(bed, current)
            self.assertEqual(list(keys.iterdir()), [])
            keys.chmod(0o700)
            self.assertEqual(bed.run("run").status, 0)
            self.assertEqual(set(bed.slots()), {"0", "2"})

    def test_a_key_file_that_others_can_read_is_refused(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            bed.program.file("refuse", "")
            self.assertEqual(bed.run("run").status, 1)
            (bed.program.folder / "refuse").unlink()
            name, = bed.keys()
            kept = bed.program.state / "keys" / name
            kept.chmod(0o644)
            seen = bed.run("run")
            self.assertIn("make it 0600", seen.stderr)
            self.assertNotIn(name.split(".")[0], bed.slots().values())
            self.assertTrue(kept.exists())

    def test_links_in_the_folder_are_not_followed(self):
        current = pki.auth_certificate(21)
        for name in ("keys", "certificates"):
            with self.subTest(name=name), renewal.Bed(current=current) as bed:
                target = bed.program.folder / "elsewhere"
                target.mkdir(mode=0o700)
                (bed.program.state / name).symlink_to(target)
                seen = bed.run("run")
                self.assertEqual(seen.status, 1, seen)
                self.assertIn("symbolic link", seen.stderr)
                self.assertEqual(list(target.iterdir()), [])
                self.assertEqual(bed.slots(), {"0": current.thumbprint})

    def as_nobody(self, bed):
        """A state folder that is nobody's, and everything else readable for everybody but written by root alone."""
        if os.geteuid() != 0:
            self.fail("this test starts the program as root")
        for folder in (bed.program.folder, Path(bed.directory.folder)):
            folder.chmod(0o755)
        out = bed.program.folder / "out"
        out.mkdir()
        out.chmod(0o777)
        bed.program.file("deliver", renewal.DELIVERY.format(folder=out), 0o755)
        executable = Path(shutil.copy(bed.program.executable, bed.program.folder / "authcert"))
        executable.chmod(0o755)
        bed.program.executable = executable
        os.chown(bed.program.state, NOBODY, NOBODY)

    def owners(self, bed):
        paths = [bed.program.state, *bed.program.state.rglob("*")]
        return {(path.stat().st_uid, path.stat().st_gid) for path in paths}, len(paths)

    def test_root_becomes_the_owner_of_the_folder(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            self.as_nobody(bed)
            for args in (["run"], ["run"], ["renew", "--again", "--yes"], ["recover", "--yes"]):
                seen = bed.run(*args)
                self.assertEqual(seen.status, 0, seen)
            owners, count = self.owners(bed)
            self.assertEqual(owners, {(NOBODY, NOBODY)})
            self.assertGreater(count, 5)
            for path in (bed.program.state / "keys").iterdir():
                self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertEqual((bed.program.state / "keys").stat().st_mode & 0o777, 0o700)

    def test_what_root_left_in_anothers_folder_is_said(self):
        """Somebody ran it as root before the folder was given away: the owner cannot write there and says so."""
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            self.as_nobody(bed)
            keys = bed.program.state / "keys"
            keys.mkdir(mode=0o700)
            seen = bed.run("run")
            self.assertEqual(seen.status, 1, seen)
            self.assertRegex(seen.stderr, "keys.*: Permission denied")
            self.assertEqual(set(bed.slots()), {"0"})
            os.chown(keys, NOBODY, NOBODY)
            seen = bed.run("run")
            self.assertEqual(seen.status, 0, seen)
            self.assertEqual(set(bed.slots()), {"0", "2"})


if __name__ == "__main__":
    unittest.main()
