"""The program is killed before a system call that would have left a trace, and run again as the next night would.

Each act is run once undisturbed under strace, to see its points and what it comes to; then, for every point, everything
is put back, the program is killed there, what must never happen is looked for, and the next run has to come to the same.
"""

import unittest

import pki
import renewal
import smtp
import strace
import trial

MOST = 12  # points per act, unless all are wanted
# An orphan of a killed run must not meet the command of the next one in a file.
DELIVERY = renewal.DELIVERY.replace("delivered.pfx", "pfx.$$").replace("delivered.pem", "pem.$$")


class Crash(unittest.TestCase):
    maxDiff = None

    def kill_everywhere(self, args, slots, prepare=lambda bed: None, usable=True, **options):
        """Kills the act, which comes to `slots`, at its points, sampled or all."""
        with smtp.Relay() as relay, renewal.Bed(executable=strace.release(),
                                                 sections={"mail": {"relay": relay.uri, **trial.MAIL}}, **options) as bed:
            bed.program.file("deliver", DELIVERY.format(folder=bed.program.folder), 0o755)
            prepare(bed)
            tried = trial.Trial(self, bed, relay, args, usable)
            tried.remember()
            points = strace.points(bed.program, *args)
            self.assertNotEqual(tried.slots, bed.slots(), "the act did not happen")
            tried.check()
            wanted = tried.shape(tried.again())
            told = tried.told()
            self.assertEqual((wanted["slots"], wanted["outbox"]), (slots, []))
            killed = 0
            for point in strace.sampled(points, MOST):
                with self.subTest(point=point, of=points[max(0, points.index(point) - 3):points.index(point) + 2]):
                    tried.restore()
                    killed += strace.kill_at(bed.program, point, *args)
                    tried.check()
                    if "1" in slots and "1" in tried.slots:
                        self.assertIn(tried.slots["1"], bed.slots().values(), "previous was cleared early")
                    seen = tried.again()
                    tried.check()
                    self.assertEqual(tried.shape(seen), wanted)
                    self.assertLessEqual(told, tried.told(), "somebody was told nothing")
            self.assertGreater(killed, 0)

    def test_stage(self):
        previous = pki.auth_certificate(400, key=pki.new_key())
        self.kill_everywhere(["run"], {"0": "current", "1": "previous", "2": "new"}, current=pki.auth_certificate(21),
                             previous=previous, changed=pki.now() - pki.days(2))

    def test_stage_with_a_candidate(self):
        def prepare(bed):
            bed.program.file("refuse", "")
            self.assertEqual(bed.run("run").status, 1)
            (bed.program.folder / "refuse").unlink()
        self.kill_everywhere(["run"], {"0": "current", "2": "kept"}, prepare, current=pki.auth_certificate(21))

    def test_activate(self):
        def prepare(bed):
            self.assertEqual(bed.run("run").status, 0)
            bed.directory.replace(bed.organization.auth_dn, **{renewal.DATE: "20200101000000.0Z"})
            trial.seen_since(bed, 10)
        self.kill_everywhere(["run"], {"0": "kept", "1": "current"}, prepare, current=pki.auth_certificate(21))

    def test_retire(self):
        previous = pki.auth_certificate(5, key=pki.new_key())
        self.kill_everywhere(["run"], {"0": "current"}, current=pki.auth_certificate(1000), previous=previous,
                   changed=pki.now() - pki.days(10))

    def test_replace(self):
        self.kill_everywhere(["run"], {"0": "new"}, usable=False, current=pki.auth_certificate(-1))

    def test_recover(self):
        self.kill_everywhere(["recover", "--yes"], {"0": "new"}, usable=False, policy={"mode": "monitor"},
                             current=pki.auth_certificate(-1))

    def test_recover_by_promotion(self):
        following = pki.auth_certificate(900, key=pki.new_key())
        self.kill_everywhere(["recover", "--yes"], {"0": "next"}, usable=False, policy={"mode": "monitor"},
                             current=pki.auth_certificate(-1), next=following, date=pki.now() + pki.days(20))


if __name__ == "__main__":
    unittest.main()
