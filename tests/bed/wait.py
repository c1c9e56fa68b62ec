"""Waits for what happens, never for time to pass. HANG is the one limit: only what hangs reaches it, however busy the machine.

    wait.until(path.exists, path)                          asked again after each change at the places
    wait.until(answers, folder / "socket", process=peer)   an AssertionError when that process ends before it holds
    wait.end(process)                                      asks a process to end, and sees it end
"""

import ctypes
import os
import select
import socket
import subprocess
import time
from pathlib import Path

HANG = 600  # seconds
CHANGES = 0x2 | 0x8 | 0xC0 | 0x100 | 0x200  # inotify(7): modify, close after writing, moved away or here, create, delete

_libc = ctypes.CDLL(None, use_errno=True)


def _watch(changes, places):
    """Folders with all below; a file, or what is not there yet, in the folder that has it or will. What was added to them
    since the last time is added to the watch; what goes away in between is a change as well."""
    for place in map(Path, places):
        while not place.is_dir():
            place = place.parent
        below = [folder for folder, _, _ in os.walk(place)] if place in map(Path, places) else [place]
        for folder in below:
            _libc.inotify_add_watch(changes, os.fsencode(folder), CHANGES)


def until(holds, *places, process=None, story=str):
    """Returns the first true answer of holds(). `places`: where a change may make it hold. `story`: what an error tells."""
    changes = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    if changes < 0:
        raise OSError(ctypes.get_errno(), "inotify_init1")
    watched = [changes]
    begun = time.monotonic()
    try:
        if process and process.poll() is None:
            watched.append(os.pidfd_open(process.pid))
        while True:
            _watch(changes, places)
            ended = process and process.poll() is not None
            if answer := holds():
                return answer
            left = begun + HANG - time.monotonic()
            if ended or left <= 0:
                why = f"the process ended with {process.returncode}" if ended else f"nothing came within {HANG} s"
                raise AssertionError(f"{why}, instead of what was waited for\n{story()}")
            if changes in select.select(watched, [], [], left)[0]:
                os.read(changes, 1 << 20)
    finally:
        for one in watched:
            os.close(one)


def end(process):
    """Its exit status. One that hangs is killed, and an error."""
    process.terminate()
    try:
        return process.wait(HANG)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def listening(address, process):
    """True once somebody listens at an address, a pair or a path; False when the process that should has ended. Nobody
    is told of that by the kernel, so it is tried again and again."""
    begun = time.monotonic()
    while process.poll() is None:
        with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as one:
            if one.connect_ex(address) == 0:
                return process.poll() is None
        if time.monotonic() > begun + HANG:
            raise AssertionError(f"nobody listens at {address} after {HANG} s")
        time.sleep(0.005)
    return False


class Ready:
    """A server that tells a service manager when it is up: started with this `environment`, waited for by wait()."""

    def __init__(self, path):
        Path(path).unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.environment = {"NOTIFY_SOCKET": str(path)}

    def wait(self, process, story=str):
        ended, begun = os.pidfd_open(process.pid), time.monotonic()
        with self.socket:
            try:
                while True:
                    heard = select.select([self.socket, ended], [], [], max(0, begun + HANG - time.monotonic()))[0]
                    if self.socket not in heard:
                        raise AssertionError(f"{process.args[0]} " + ("ended" if heard else f"was not up after {HANG} s") +
                                             f"\n{story()}")
                    if b"READY=1" in self.socket.recv(4096):
                        return
            finally:
                os.close(ended)
