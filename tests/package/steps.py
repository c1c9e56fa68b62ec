"""Inside the machine: a new user who follows the README, with a directory and a mail relay on the other side.

steps.py README MONITORING UPKEEP FOLDER DAYS: types the commands of the README's section "Install", but for those that build the
package, those of docs/monitoring.md for Prometheus, and those of docs/upkeep.md, each on the host where it belongs. Answers editors with what the page says to write. What came of
each command is in FOLDER/steps.json.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import exchange
import pki
import readme
import slapd
import smtp
import wait

CONFIGURATION = Path("/etc/authcert/authcert.conf")
BUILDS = ("tools/install-packages", "dpkg-buildpackage")
HOME = "/root/authcert"


def type_in(command, done):
    print("#", command, flush=True)  # for the console, should it hang
    said = subprocess.run(["/bin/bash", "-c", command], cwd=HOME, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, timeout=wait.HANG)
    done.append({"command": command, "status": said.returncode, "said": said.stdout + said.stderr})


def monitor(text, done):
    """What docs/monitoring.md says of a webhook's file and of Prometheus."""
    folder = re.search(r"ReadWritePaths=(\S+)", text)[1]
    Path(folder).mkdir(parents=True)  # the node exporter's package makes it
    for command in readme.commands(readme.section("A chat room: `[webhook]`", text) + readme.section("Prometheus", text)):
        if command.startswith("systemctl edit "):
            drop_in = Path("/etc/systemd/system", command.split()[2] + ".d", "override.conf")
            drop_in.parent.mkdir(exist_ok=True)
            drop_in.write_text(f"[Service]\nReadWritePaths={folder}\n")
            command = "systemctl daemon-reload"  # as systemctl edit does at its end
        type_in(command, done)
    CONFIGURATION.write_text(readme.edited(CONFIGURATION.read_text(), {"metrics": {"textfile": folder + "/authcert.prom"}}))
    type_in("systemctl start authcert.service", done)
    type_in(f"grep authcert_last_run_success {folder}/authcert.prom", done)


def keep_up(text, done):
    """Upgrade, backup, removal; then restore and drill, as on another host that has the package."""
    commands = {title: readme.commands(readme.section(title, text))
                for title in ("Upgrade", "Backup", "Removal", "Restore", "The drill")}
    key_password = Path("/etc/credstore/key-password")  # without one there is nothing that could recover
    key_password.write_text("correct horse battery staple\n")
    key_password.chmod(0o600)
    CONFIGURATION.write_text(readme.edited(CONFIGURATION.read_text(), {"state": {"key_password_credential": key_password.name}}))
    commands["Restore"].insert(0, commands["Upgrade"][0])  # "with the package installed"
    for title in commands:
        for command in commands[title]:
            type_in(command.replace("./authcert_", "/root/authcert_"), done)


def main(text, monitoring, upkeep, folder, days):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    Path(HOME).mkdir(exist_ok=True)
    install = readme.section("Install", Path(text).read_text())
    organization = exchange.Organization(current=pki.auth_certificate(int(days)), servers=[])
    done = []
    with slapd.Slapd([organization]) as directory, smtp.Relay(starttls=True, folder=str(folder)) as relay:
        Path(HOME, "contoso-ca.crt").write_bytes(Path(directory.ca_file).read_bytes() + Path(relay.ca_file).read_bytes())
        own = {"uri": directory.uri, "bind_dn": directory.bind_dn, "relay": relay.uri}
        settings = {name: {key: own.get(key, value) for key, value in values.items()}
                    for name, values in readme.settings(install.partition("### From source")[0]).items()}
        for command in readme.commands(install.partition("### From source")[0]):
            if command.startswith(BUILDS):
                continue
            if command.startswith("editor "):
                file = Path(command.split()[1])
                file.write_text(readme.edited(file.read_text(), settings) if file == CONFIGURATION else directory.password + "\n")
                continue
            type_in(command, done)
        monitor(Path(monitoring).read_text(), done)
        keep_up(Path(upkeep).read_text(), done)
    (folder / "steps.new").write_text(json.dumps(done))
    (folder / "steps.new").rename(folder / "steps.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
