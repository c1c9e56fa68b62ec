"""A run that gives Entra a key is killed before each system call that would have left a trace: by the next night the key is
in Entra once, and the slot is written once. Not at once: for an hour after a key was sent a no may be a yes to come."""

import time
import unittest

import hybrid
import pki
import smtp
import strace
import trial
from test_crash import DELIVERY

MOST = 6  # points, unless all are wanted


class Crash(unittest.TestCase):
    def test_no_key_is_given_twice(self):
        with smtp.Relay() as relay, hybrid.Bed(pki.auth_certificate(60), executable=strace.release(),
                                               sections={"mail": {"relay": relay.uri, **trial.MAIL}}) as bed:
            bed.program.file("deliver", DELIVERY.format(folder=bed.program.folder), 0o755)
            app, first = bed.apps[0], list(bed.apps[0].keys)
            tried = trial.Trial(self, bed, relay, ["run"])
            tried.remember()
            points = strace.points(bed.program, "run")
            self.assertEqual([one["status"] for one in bed.cloud.changes], [200])
            for point in strace.sampled(points, MOST):
                with self.subTest(point=point):
                    tried.restore()
                    app.keys = list(first)
                    strace.kill_at(bed.program, point, "run")
                    tried.check()
                    self.assertLessEqual(len(app.keys), 2)
                    if "2" in bed.slots():
                        self.assertEqual(app.thumbprints()[1:], [bed.slots()["2"]], "staged before Entra had it")
                    self.assertEqual(bed.night(int(time.time()) + 86400).status, 0)
                    tried.check()
                    self.assertEqual(app.thumbprints(), [first[0].thumbprint, bed.slots()["2"]])


if __name__ == "__main__":
    unittest.main()
