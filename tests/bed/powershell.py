"""A real PowerShell, which tools/powershell brings, and the world of files in which windows/import.ps1 finds itself there.

    PWSH = powershell.found()                    skips the module's tests, and says why, where there is none
    powershell.run("-EncodedCommand", ..., input=...)
    world = powershell.World(folder, "ex1.contoso.test")
    world.script()                               windows/import.ps1 with that world in place of Windows

What the world holds is told in tests/windows/script/world.ps1.
"""

import base64
import functools
import os
import subprocess
import sys
import unittest
from pathlib import Path

import wait

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "tests/windows/script/world.ps1"
MAIN = "exit (Invoke-Orders)\n"
ITEMS = ("operation", "thumbprint", "der", "nonce", "server", "password", "pfx", "named", "closing")


@functools.cache
def found():
    """The folder with tool/pwsh and pester/."""
    said = subprocess.run([ROOT / "tools/powershell"], capture_output=True, text=True, check=False)
    if said.returncode:
        print(f"no PowerShell here: {said.stderr.strip()}", file=sys.stderr)
        raise unittest.SkipTest(said.stderr.strip())
    return Path(said.stdout.strip())


def environment(**more):
    return {"PATH": os.environ["PATH"], "HOME": str(found() / "home"), "LC_ALL": "C.UTF-8", "POWERSHELL_TELEMETRY_OPTOUT": "1",
            "POWERSHELL_UPDATECHECK": "Off", "DOTNET_CLI_TELEMETRY_OPTOUT": "1", **more}


def command(*arguments):
    return [str(found() / "tool/pwsh"), "-NoLogo", "-NoProfile", "-NonInteractive", *map(str, arguments)]


def run(*arguments, input=b"", prefix=(), **more):
    """Ends as subprocess.run; `more` is added to the environment."""
    return subprocess.run([*prefix, *command(*arguments)], input=input, capture_output=True, check=False, timeout=wait.HANG,
                          env=environment(**more))


def encoded(text):
    return base64.b64encode(text.encode("utf-16-le")).decode()


def line(value):
    value = value.encode() if isinstance(value, str) else value
    return base64.b64encode(value).decode() if value else "-"


def order(**items):
    """The nine lines of an order."""
    items.setdefault("closing", "done")
    return [line(items.get(name)) for name in ITEMS]


class World:
    def __init__(self, folder, computer):
        self.folder = Path(folder)
        for name in ("store", "keys"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "computer").write_text(computer)
        (self.folder / "calls").touch()

    def script(self):
        text = (ROOT / "windows/import.ps1").read_text()
        if not text.endswith("\n" + MAIN):
            raise AssertionError("import.ps1 does not end with its call")
        return text.removesuffix(MAIN) + WORLD.read_text() + MAIN

    def entries(self):
        return sorted(path.name for path in (self.folder / "store").iterdir())

    def keys(self):
        return sorted(path.name for path in (self.folder / "keys").iterdir())

    def calls(self):
        return (self.folder / "calls").read_text().split()
