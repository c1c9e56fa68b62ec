"""Inside the machine: a new user who follows the README, with a directory and a mail relay on the other side.

steps.py README FOLDER DAYS: types the commands of its sections "Install", but for those that build the package, answers
`editor` with what the README says to write, and notes what came of each in FOLDER/steps.json.
"""

import json
import subprocess
import sys
from pathlib import Path

import exchange
import pki
import readme
import slapd
import smtp

CONFIGURATION = Path("/etc/authcert/authcert.conf")
BUILDS = ("tools/install-packages", "dpkg-buildpackage")
HOME = "/root/authcert"


def main(text, folder, days):
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
            said = subprocess.run(["/bin/bash", "-c", command], cwd=HOME, stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, check=False)
            done.append({"command": command, "status": said.returncode, "said": said.stdout + said.stderr})
    (folder / "steps.new").write_text(json.dumps(done))
    (folder / "steps.new").rename(folder / "steps.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
