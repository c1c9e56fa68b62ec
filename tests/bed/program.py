"""Runs the real authcert in a temporary folder of its own.

    with Program({"directory": {"uri": uri, "bind": "anonymous"}}) as program:
        seen = program.run("check", json=True, now="2026-11-21 02:00:00")
        self.assertEqual(seen.status, 1, seen)
        seen.report["decision"]["id"]

The program is the one named by AUTHCERT, else the first that was built. It inherits nothing from the caller's
environment. A crash, a sanitizer's complaint or a run past its timeout is an AssertionError, whatever was asked for.
"""

import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import wait

ROOT = Path(__file__).resolve().parent.parent.parent

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1:strict_string_checks=1:verify_asan_link_order=0",
    "UBSAN_OPTIONS": "abort_on_error=1:print_stacktrace=1",
}
COMPLAINTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


def binary():
    """The program to test: $AUTHCERT, else build/asan/authcert, else build/release/authcert."""
    named = os.environ.get("AUTHCERT")
    if named:
        return Path(named)
    for preset in ("asan", "release", "clang"):
        built = ROOT / "build" / preset / "authcert"
        if built.exists():
            return built
    raise AssertionError("authcert is not built: cmake --preset asan && cmake --build --preset asan")


def clock(now):
    """The environment that makes `now` the start of the program's clock: text "YYYY-MM-DD HH:MM:SS" (UTC), or seconds."""
    if not isinstance(now, str):
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not found:
        raise AssertionError("libfaketime is not installed: apt-get install faketime")
    # The monotonic clock and file times stay real: timeouts and files are not part of the pretence.
    return {"LD_PRELOAD": found[0], "FAKETIME": "@" + now, "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}


def configuration(sections):
    """The text of a configuration file. A list becomes a comma-separated value, None leaves the key out."""
    if isinstance(sections, str):
        return sections
    lines = []
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        for key, value in keys.items():
            if isinstance(value, (list, tuple)):
                value = ", ".join(str(item) for item in value)
            if value is not None:
                lines.append(f"{key} = {value}")
        lines.append("")
    return "\n".join(lines)


class Result:
    """What one run left: `status`, and `stdout` and `stderr` as text (`output` and `errors` are their bytes)."""

    def __init__(self, command, status, output, errors):
        self.command = command
        self.status = status
        self.output = output
        self.errors = errors
        self.stdout = output.decode("utf-8", "backslashreplace")
        self.stderr = errors.decode("utf-8", "backslashreplace")

    @property
    def report(self):
        """Standard output as one JSON object."""
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise AssertionError(f"standard output is not JSON ({error})\n{self}") from None

    def __str__(self):
        return (f"$ {' '.join(self.command)}\n{self.stdout}"
                f"--- standard error ---\n{self.stderr}--- exit status {self.status} ---")


class Program:
    """A temporary folder with a configuration file and a state folder. Use it in a `with`, or call close()."""

    def __init__(self, sections, executable=None):
        """`sections` is a dict of dicts, or the text of the file. A dict gets [state] directory unless it names one,
        [servers] probe = none unless it names a probe or a url, and [inventory] watch = no unless it has that section."""
        self.executable = Path(executable) if executable else binary()
        self.folder = Path(tempfile.mkdtemp(prefix="authcert-test-"))
        self.state = self.folder / "state"
        self.state.mkdir(mode=0o700)
        self.config = self.folder / "authcert.conf"
        self.started = []
        self.write(sections)

    def write(self, sections):
        """Writes the configuration anew."""
        if isinstance(sections, dict):
            sections = {section: dict(keys) for section, keys in sections.items()}
            sections.setdefault("inventory", {"watch": "no"})
            sections.setdefault("state", {}).setdefault("directory", self.state)
            if "url" not in sections.setdefault("servers", {}):
                sections["servers"].setdefault("probe", "none")
        self.sections = sections
        text = configuration(sections)
        self.config.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))

    def change(self, section, **keys):
        """Sets keys of one section (None takes a key out) and writes the file. Only after a dict."""
        changed = {name: dict(present) for name, present in self.sections.items()}
        changed.setdefault(section, {}).update(keys)
        self.write(changed)

    def file(self, name, content, mode=0o644):
        """Writes a file beside the configuration and returns its path."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    def secret(self, name, text):
        """Writes a file that only its owner can read and returns its path."""
        return self.file(name, text, 0o600)

    def environment(self, now=None, extra=None):
        result = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                  "TZ": "UTC", "HOME": str(self.folder), "TMPDIR": str(self.folder), **SANITIZERS}
        if now is not None:
            result.update(clock(now))
        result.update(extra or {})
        return result

    def command(self, *args, json=False, config=True):
        """The words of a command line: `-c FILE` unless config is False, `--format json` where asked for."""
        words = [str(self.executable)]
        if config:
            words += ["-c", str(self.config)]
        if json:
            words += ["--format", "json"]
        return words + [str(arg) for arg in args]

    def start(self, *args, now=None, env=None, json=False, config=True, **options):
        """Starts the program and returns its Popen, for tests that act while it runs. Ending it is the test's job."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen(self.command(*args, json=json, config=config), env=self.environment(now, env),
                                   cwd=self.folder, start_new_session=True, **options)
        self.started.append(process.pid)
        return process

    def run(self, *args, now=None, input=None, timeout=wait.HANG, env=None, json=False, config=True):
        """Runs the program to its end and returns a Result."""
        stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
        if isinstance(input, str):
            input = input.encode()
        process = self.start(*args, now=now, env=env, json=json, config=config, stdin=stdin)
        try:
            output, errors = process.communicate(input, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            result = Result(process.args, "none", output, errors)
            raise AssertionError(f"still running after {timeout} seconds\n{result}") from None
        result = Result(process.args, process.returncode, output, errors)
        if process.returncode < 0 or any(complaint in result.stderr for complaint in COMPLAINTS):
            raise AssertionError(f"the program broke\n{result}")
        return result

    def close(self):
        for pid in self.started:  # libfaketime leaves these behind when a program is killed
            for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
                Path("/dev/shm", name).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
