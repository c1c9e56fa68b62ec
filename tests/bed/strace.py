"""Runs the program under strace: to see which system calls it makes, to kill it just before one of them, and to see how
long it waits.

    points = strace.points(program, "run")          [("write", 1), ("write", 2), ("fsync", 1), ...] in their order
    strace.kill_at(program, ("fsync", 1), "run")    True when it was killed there, False when it ended by itself

    strace.waited(program, "check")                 (its Popen with the output, seconds that it waited in vain)

strace counts each system call by itself, so a point is a name and a number. Children are not followed: the program
itself dies, and what it started is left behind, as after a power cut of nobody but the program.
"""

import os
import random
import re
import subprocess
import tempfile
from pathlib import Path

import wait
from program import ROOT

# Everything that leaves a trace: on the disk, at the directory, at the relay, at the delivery command.
LASTING = ("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile", "splice",
           "copy_file_range", "ftruncate", "fallocate", "rename", "renameat", "renameat2", "link", "linkat", "symlinkat",
           "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "fchmod", "fchmodat", "fchown", "fchownat", "fsync",
           "fdatasync", "sync_file_range", "syncfs", "shutdown")


def release():
    """A program without sanitizers, which do not bear being traced: $AUTHCERT_RELEASE, else the preset's."""
    candidates = [os.environ.get("AUTHCERT_RELEASE"), ROOT / "build/release/authcert", os.environ.get("AUTHCERT")]
    for candidate in candidates:
        if candidate and Path(candidate).exists() and b"__asan_init" not in Path(candidate).read_bytes():
            return Path(candidate)
    raise AssertionError("no program without sanitizers: cmake --preset release && cmake --build --preset release")


def _run(program, options, args):
    command = ["strace", "-qq", *options, "--", *program.command(*args, json=True)]
    try:
        return subprocess.run(command, env=program.environment(), cwd=program.folder, timeout=wait.HANG,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        raise AssertionError("strace is not installed: apt-get install strace") from None


def points(program, *args, under=None):
    """Runs it to its end and returns every lasting system call as (name, which one of that name), in their order; with
    `under` only those on what lies in this folder."""
    log = program.folder / "strace.log"
    done = _run(program, ["-y", "-o", str(log), "-e", "trace=" + ",".join(LASTING), "-e", "signal=none"], args)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    counts, result = {}, []
    for line in log.read_text(errors="replace").splitlines():
        name = line.split("(", 1)[0]
        assert name in LASTING, line
        counts[name] = counts.get(name, 0) + 1
        if under is None or f"<{under}" in line.split(",", 1)[0]:
            result.append((name, counts[name]))
    log.unlink()
    return result


def kill_at(program, point, *args):
    name, number = point
    done = _run(program, ["-o", "/dev/null", "-e", "trace=" + name, "-e",
                          f"inject={name}:signal=KILL:when={number}"], args)
    assert done.returncode in (0, -9, 137), (point, done.returncode, done.stdout, done.stderr)
    return done.returncode != 0


def fail_at(program, point, error, *args):
    """This one call fails with this error ("ENOSPC"); returns what the run left."""
    name, number = point
    return _run(program, ["-o", "/dev/null", "-e", "trace=" + name, "-e",
                          f"inject={name}:error={error}:when={number}"], args)


def waited(program, *args):
    """(what the run left, the seconds that it asked to wait for something that did not come). On a busy machine they last
    longer, but are not more. The program is followed through the scripts that put it into a namespace."""
    with tempfile.TemporaryDirectory() as folder:
        done = _run(program, ["-ff", "-o", folder + "/of", "-e", "signal=none", "-e",
                              "trace=poll,ppoll,select,pselect6,epoll_wait,epoll_pwait,epoll_pwait2,nanosleep,clock_nanosleep"],
                    args)
        lines = [line for path in Path(folder).iterdir() for line in path.read_text(errors="replace").splitlines()]
    seconds = 0
    for line in lines:
        if not re.search(r"= 0( \(Timeout\))?$", line):
            continue
        if given := re.search(r"tv_sec=(\d+), tv_[un]sec=(\d+)", line):
            seconds += int(given[1]) + int(given[2]) / (1e6 if "tv_usec" in line else 1e9)
        elif given := re.search(r"^e?poll\w*\(.*[\]}], (?:\d+, )?(-?\d+)(?:, NULL, \d+)?\) ", line):
            seconds += int(given[1]) / 1000
        else:
            raise AssertionError("not understood: " + line)
    return done, seconds


def sampled(points, most):
    """All points where AUTHCERT_FULL is set, else so many, chosen by AUTHCERT_SEED or a seed that is printed."""
    if os.environ.get("AUTHCERT_FULL"):
        return list(points)
    seed = os.environ.get("AUTHCERT_SEED") or str(random.SystemRandom().randrange(10 ** 9))
    print(f"{len(points)} points, {min(most, len(points))} of them tried, chosen by AUTHCERT_SEED={seed}", flush=True)
    chosen = sorted(random.Random(seed).sample(range(len(points)), min(most, len(points))))
    return [points[i] for i in chosen]
