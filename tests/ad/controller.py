"""One Samba domain controller in a folder and a namespace: its configuration, its process, its offline tools."""

import os
import subprocess
from pathlib import Path

import exchange
import wait

REALM, DOMAIN = "CONTOSO.TEST", "DC=contoso,DC=test"
USERS = "CN=Users," + DOMAIN
AGENT, JOE, ADMINISTRATOR = "svc-authcert", "joe", "Administrator"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}

CONFIGURATION = """[global]
netbios name = {upper}
realm = CONTOSO.TEST
workgroup = CONTOSO
server role = active directory domain controller
server services = ldap, cldap, kdc, drepl, rpc
interfaces = {address}/8
bind interfaces only = yes
disable netbios = yes
load printers = no
name resolve order = host
posix:eadb = {folder}/eadb.tdb
binddns dir = {folder}/bind-dns
cache directory = {folder}/cache
lock directory = {folder}
private dir = {folder}/private
state directory = {folder}/state
pid directory = {folder}/run
ncalrpc dir = {folder}/run/ncalrpc
ntp signd socket directory = {folder}/run/ntp_signd
winbindd socket directory = {folder}/run/winbindd
log file = {folder}/log/log.%m
rpc server dynamic port range = 49152-49200
tls keyfile = {folder}/tls.key
tls certfile = {folder}/tls.pem
tls cafile = {folder}/ca.pem
dsdb:schema update allowed = yes
{more}
"""
# Without this, a log-in by Kerberos over TLS is refused.
OVER_TLS = "ldap server require strong auth = allow_sasl_over_tls"


def password(name):
    return "Corr3ct-Horse-" + name.lower()


def quoted(text):
    """A password as unicodePwd takes it."""
    return f'"{text}"'.encode("utf-16-le")


def account(name, **more):
    """The LDIF of an enabled account whose password does not expire."""
    values = {"sAMAccountName": name, "userPrincipalName": f"{name}@{REALM.lower()}", "userAccountControl": 0x10200,
              "unicodePwd": quoted(password(name)), **more}
    return exchange.entry(f"CN={name},{USERS}", "user", **values)


def run(command, data="", environment=None, cwd=None):
    """Runs a tool to its end; anything but success is a RuntimeError with what it said."""
    try:
        done = subprocess.run(command, input=data, capture_output=True, text=True, cwd=cwd, timeout=wait.HANG,
                              env={**ENVIRONMENT, **(environment or {})})
    except FileNotFoundError:
        raise RuntimeError(f"{command[0]} is not installed: tools/install-packages test") from None
    if done.returncode or "ERR:" in done.stderr:  # ldbadd stops at an error and calls it success
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Controller:
    """`folder` holds its data; `inside` is the namespace.Namespace that it runs in."""

    def __init__(self, number, folder, inside):
        self.number, self.folder, self.inside = number, Path(folder), inside
        self.name = f"dc{number + 1}"
        self.host = self.name + ".contoso.test"
        self.address = f"127.0.0.{number + 11}"
        self.uri, self.plain_uri = "ldaps://" + self.host, "ldap://" + self.host
        self.settings = self.folder / "smb.conf"
        self.process = None

    def configure(self, more=OVER_TLS):
        """Writes smb.conf for the folder as it stands now."""
        for name in ("run", "log", "cache"):
            (self.folder / name).mkdir(exist_ok=True)
        self.settings.write_text(CONFIGURATION.format(folder=self.folder, address=self.address, upper=self.name.upper(),
                                                      more=more))

    def environment(self):
        return {"KRB5_CONFIG": str(self.inside.folder / "krb5.conf"), "HOME": str(self.inside.folder),
                "TMPDIR": str(self.inside.folder), "KRB5CCNAME": "MEMORY:bed",
                # samba-tool's credentials: no password on a command line
                "USER": ADMINISTRATOR, "DOMAIN": "CONTOSO", "PASSWD_FILE": str(self.inside.folder / ADMINISTRATOR)}

    def tool(self, *words, data=""):
        """A Samba tool inside."""
        return run(self.inside.command(*words), data, self.environment())

    def database(self, tool, data="", *words):
        """ldbadd, ldbmodify or ldbsearch on the files."""
        return run([tool, "-H", str(self.folder / "private/sam.ldb"), f"--configfile={self.settings}",
                    "--option=dsdb:schema update allowed=yes", *words], data, self.environment())

    def samba_tool(self, *words):
        """samba-tool on the files."""
        return run(["samba-tool", *words, "-H", str(self.folder / "private/sam.ldb"), "-s", str(self.settings)],
                   "", self.environment())

    def start(self):
        log = open(self.folder / "log/samba", "ab")
        ready = wait.Ready(self.folder / "ready")
        self.process = subprocess.Popen(
            self.inside.command("setpriv", "--pdeathsig", "TERM", "--", "/usr/sbin/samba", "-F", "--no-process-group", "-M",
                                "single", "-s", self.settings, "-l", self.folder / "log", "--maximum-runtime=3600"),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**ENVIRONMENT, **self.environment(), **ready.environment},
            start_new_session=True)
        log.close()
        ready.wait(self.process, story=(self.folder / "log/samba").read_text)

    def stop(self):
        if self.process:
            wait.end(self.process)
            self.process = None
