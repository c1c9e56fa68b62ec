"""Runs the tests of a module as `python3 -m unittest` does, and says at the end what was skipped and why.

unit.py MODULE: with AUTHCERT_SKIPPED=FOLDER in the environment it is written there too, a line each, for the end of ./test.
"""

import collections
import os
import sys
import unittest
from pathlib import Path


def main(module):
    done = unittest.main(module=None, argv=["unittest", module], exit=False).result
    reasons = collections.Counter(reason for _, reason in done.skipped)
    lines = [f"{count} of {module}: {reason}\n" for reason, count in reasons.items()]
    sys.stdout.writelines("skipped " + line for line in lines)
    folder = os.environ.get("AUTHCERT_SKIPPED")
    if folder and lines:
        Path(folder, module).write_text("".join(lines))
    sys.exit(0 if done.wasSuccessful() else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
