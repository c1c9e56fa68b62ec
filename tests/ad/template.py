"""Domain controllers ready to be copied: provisioned once, with Exchange's schema and the accounts of the tests, but
without an organization. Made at first need in the folder $AUTHCERT_AD_TEMPLATE, and anew when this code changed.

    template.path(2)      a folder with dc1/, dc2/ and the file hosts
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import controller
import exchange
import namespace
import pki
import schema

HERE = Path(__file__).resolve().parent
CONTAINER = "CN=authcert," + exchange.SERVICES
KERBEROS = """[libdefaults]
default_realm = CONTOSO.TEST
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
dns_canonicalize_hostname = false
udp_preference_limit = 1
[realms]
CONTOSO.TEST = {
%s}
[domain_realm]
.contoso.test = CONTOSO.TEST
contoso.test = CONTOSO.TEST
"""
SETTINGS = "CN=NTDS Settings,CN=%s,CN=Servers,CN=" + exchange.DEFAULT_SITE + ",CN=Sites," + exchange.CONFIGURATION
CATALOG, ISOLATED = 1, 1 + 2 + 4  # options of NTDS Settings: global catalogue; no replication in or out unless forced


def place():
    return Path(os.environ.get("AUTHCERT_AD_TEMPLATE") or Path(tempfile.gettempdir()) / f"authcert-ad-{os.geteuid()}")


def path(controllers):
    """The template of one or two controllers."""
    home = place()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{home} belongs to somebody else")
    ready = home / f"{_version()}-{controllers}"
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            for old in home.glob(f"*-{controllers}"):
                shutil.rmtree(old)
            work = home / "making"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            _make(work, controllers)
            work.rename(ready)
    return ready


def _version():
    code = b"".join((HERE / name).read_bytes() for name in ("template.py", "controller.py", "schema.py"))
    return hashlib.sha256(code).hexdigest()[:16]


def secret(folder, name, text):
    """A file for tools that take passwords from files: without a line end, which some would take for a part."""
    file = Path(folder) / name
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    return file


def certificates(dc):
    (dc.folder / "ca.pem").write_bytes(pki.authority().pem)
    pki.authority().server(dc.host, dc.address, "contoso.test").write(dc.folder, "tls")


def kerberos(folder, controllers):
    (Path(folder) / "krb5.conf").write_text(KERBEROS % "".join(f"kdc = {dc.address}:88\n" for dc in controllers))


def _make(work, controllers):
    with namespace.Namespace(work) as inside:
        dcs = [controller.Controller(number, work / f"dc{number + 1}", inside) for number in range(controllers)]
        kerberos(work, dcs)
        secret(work, controller.ADMINISTRATOR, controller.password(controller.ADMINISTRATOR))
        _provision(dcs[0])
        inside.hosts(dcs[0].address, dcs[0].host, dcs[0].name, "contoso.test")
        inside.hosts(dcs[0].address, _replica_name(dcs[0], "DC1"))
        try:
            if controllers == 2:
                _join(dcs[0], dcs[1])
        finally:
            for dc in dcs:
                dc.stop()
        for dc in dcs:
            _strip(dc.folder)


def _provision(dc):
    controller.run(["samba-tool", "domain", "provision", f"--targetdir={dc.folder}", "--realm=CONTOSO.TEST", "--domain=CONTOSO",
                    "--server-role=dc", "--dns-backend=NONE", f"--host-name={dc.name}", f"--host-ip={dc.address}",
                    "--configfile=/dev/null", f"--option=posix:eadb={dc.folder}/eadb.tdb"], "", dc.environment())
    dc.configure()
    dc.database("ldbmodify", schema.ldif())
    dc.database("ldbadd", exchange.entry(exchange.EXCHANGE, "msExchConfigurationContainer")
                + exchange.entry(CONTAINER, "container")
                + controller.account(controller.AGENT) + controller.account(controller.JOE))
    dc.database("ldbmodify", exchange._line("dn", f"CN={controller.ADMINISTRATOR},{controller.USERS}")
                + "\nchangetype: modify\nreplace: unicodePwd\n"
                + exchange._line("unicodePwd", controller.quoted(controller.password(controller.ADMINISTRATOR))) + "\n")
    sid = _value(dc, "objectSid", f"(sAMAccountName={controller.AGENT})")
    record = _value(dc, "schemaIDGUID", "(lDAPDisplayName=msDS-AppData)", "-b", schema.SCHEMA)
    dc.samba_tool("dsacl", "set", "--objectdn=" + CONTAINER,
                  f"--sddl=(OA;;CC;{record};;{sid})(OA;CIIO;RPWP;;{record};{sid})")
    controller.run(["samba_spnupdate", "-s", str(dc.settings)], "", dc.environment())


def _value(dc, attribute, *words):
    text = dc.database("ldbsearch", "", *words, attribute)
    return next(line.split()[1] for line in text.splitlines() if line.startswith(attribute))


def _replica_name(dc, name):
    return _value(dc, "objectGUID", "-b", SETTINGS % name, "-s", "base") + "._msdcs.contoso.test"


def _join(first, second):
    work = first.inside.folder
    certificates(first)
    first.start()
    second.folder.mkdir()
    second.tool("samba-tool", "domain", "join", "contoso.test", "DC", "--server=" + first.host, "-W", "CONTOSO",
                "--dns-backend=NONE", f"--targetdir={second.folder}", "--configfile=/dev/null", "--option=workgroup=CONTOSO",
                "--option=realm=CONTOSO.TEST", "--option=netbios name=DC2", f"--option=interfaces={second.address}/8",
                "--option=bind interfaces only=yes", "--option=name resolve order=host",
                f"--option=posix:eadb={second.folder}/eadb.tdb")
    second.configure()
    certificates(second)
    first.inside.hosts(second.address, second.host, second.name, "contoso.test")
    first.inside.hosts(second.address, _replica_name(second, "DC2"))
    for name in ("ldap/dc2.contoso.test", "ldap/dc2"):
        first.samba_tool("spn", "add", name, "DC2$")
    for name in ("DC1", "DC2"):
        first.database("ldbmodify", f"dn: {SETTINGS % name}\nchangetype: modify\nreplace: options\noptions: {ISOLATED}\n")
    second.start()
    for partition in (controller.DOMAIN, exchange.CONFIGURATION):
        second.tool("samba-tool", "drs", "replicate", second.host, first.host, partition, "--sync-forced",
                    "-s", second.settings)
        second.tool("samba-tool", "drs", "replicate", first.host, second.host, partition, "--sync-forced",
                    "-s", second.settings)


def _strip(folder):
    """Takes out what belongs to a running one."""
    for name in ("log", "run", "private/msg.sock", "msg.lock", "private/ldap_priv", "cache"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "private/ldapi").unlink(missing_ok=True)


if __name__ == "__main__":  # made ahead of the tests that share it
    if namespace.why_not() is None:
        path(1), path(2)
