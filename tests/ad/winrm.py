"""Exchange servers of a forest that speak WinRM: tests/bed/winrm/server.py at addresses of its own, inside.

    with winrm.Servers(forest, ["ex1.contoso.test", ...]) as servers:
        servers.misbehave("ex1.contoso.test", status=404)      what server.py calls a behaviour; nothing: as it should be
        servers.store("ex1.contoso.test") -> stand_in.Store
        servers.log() -> [{"server": ..., "action": ...}]
        servers.account                                        who may log in there, as forest.service_account gives it
"""

import json
import sys
from pathlib import Path

import controller
import keytab
import wait

BED = Path(__file__).resolve().parents[1] / "bed/winrm"
sys.path.insert(0, str(BED))
import stand_in  # noqa: E402

SERVICES = ("WSMAN", "HOST", "HTTP")


class Servers:
    def __init__(self, forest, names, services=SERVICES[:2], name="winrm", first=101):
        self.forest, self.names, self.services = forest, list(names), services
        self.folder = Path(forest.path(name))
        self.account_name, self.first = name, first

    def __enter__(self):
        self.folder.mkdir()
        own = f"svc-{self.account_name}"
        spns = [f"{service}/{name}" for name in self.names for service in self.services]
        holder = self.forest.service_account(own, servicePrincipalName=spns, msDS__SupportedEncryptionTypes="24")
        self.keys = self.folder / "keytab"
        keytab.write(self.keys, controller.REALM, spns, keytab.keys(holder.keytab))
        self.account = self.forest.service_account(f"{own}-deliver")
        for number, name in enumerate(self.names):
            (self.folder / name).mkdir()
            self.forest.hosts(self.address(number), name)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def address(self, number):
        return f"127.0.1.{self.first + number}" if self.first + number < 250 else f"127.0.2.{self.first + number - 249}"

    def start(self, *options):
        (self.folder / "ready").unlink(missing_ok=True)
        self.process = self.forest.start_inside(
            "/usr/bin/python3", "-B", BED / "server.py",
            self.folder, self.keys, *options, *(f"{name}={self.address(at)}" for at, name in enumerate(self.names)),
            env={"PYTHONPATH": str(BED)})
        wait.until((self.folder / "ready").exists, self.folder, process=self.process)

    def stop(self):
        wait.end(self.process)

    def misbehave(self, name, **behaviour):
        (self.folder / name / "behaviour").write_text(json.dumps(behaviour))

    def store(self, name):
        return stand_in.Store(self.folder / name)

    def log(self, forget=False):
        path = self.folder / "log"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        if forget:
            path.unlink(missing_ok=True)
        return lines
