"""A network of the test's own: from enter() on this thread, and whatever it starts, sees a loopback interface that
nobody else uses, with all ports free.
"""

import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000


class Impossible(Exception):
    """This machine gives us no network namespace."""


def enter():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise Impossible("ports below 1024 are wanted in a network namespace of its own, which this account is not given "
                         f"({os.strerror(ctypes.get_errno())}): start it as root, a container with CAP_SYS_ADMIN.")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
