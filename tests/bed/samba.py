"""A throw-away Samba domain controller, a real Active Directory, with Exchange's schema and objects: temporary folder, a
loopback address of its own (its ports cannot be moved), one process, ended by its pid. It needs root, for port 636.

    with samba.Samba([exchange.Organization()]) as directory:
        directory.uri                                         ldaps://127.x.y.z
        directory.bind_dn, directory.password_file, directory.ca_file     the agent's account, svc-authcert
        directory.search(base, filter, attributes, user=samba.JOE)        as somebody sees it
        directory.modify(ldif), directory.grant(dn, sddl)                 as the Administrator

The agent's account may write the auth configuration, and make and write records in CN=authcert. Passwords go by files.
"""

import base64
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import uuid

import exchange
import pki
import slapd

DOMAIN = "DC=contoso,DC=test"
USERS = "CN=Users," + DOMAIN
AGENT, JOE, ADMINISTRATOR = "svc-authcert", "joe", "Administrator"
SCHEMA = "CN=Schema," + exchange.CONFIGURATION
CONTAINER = "CN=authcert," + exchange.SERVICES
PASSWORD = "Corr3ct-Horse-%s"
START = 60  # seconds that it may take

# Attributes: (syntax, oMSyntax, single). The real numbers are Microsoft's, so these are from an arc of nobody.
TEXT, BYTES, INSTANT, NUMBER, NAME = ("2.5.5.12", 64), ("2.5.5.10", 4), ("2.5.5.11", 24), ("2.5.5.9", 2), ("2.5.5.1", 127)
ATTRIBUTES = {
    "msExchAuthCertificateThumbprint": (TEXT, False), "msExchAuthCertificateData": (BYTES, False),
    "msExchAuthNextEffectiveDate": (INSTANT, True), "msExchAuthApplicationIdentifier": (TEXT, True),
    "msExchAuthRealm": (TEXT, True), "msExchCurrentServerRoles": (NUMBER, True), "msExchServerSite": (NAME, True),
    "msExchComponentStates": (TEXT, False), "msExchAuthAuthServerType": (NUMBER, True),
    "msExchAuthFlags": (NUMBER, True),
}
# Classes, each after those that it needs: (super class, possible superiors, attributes).
CLASSES = {
    "msExchOrganizationContainer": ("container", ["container"], []),
    "msExchAdminGroupContainer": ("container", ["container"], []),
    "msExchAdminGroup": ("container", ["msExchAdminGroupContainer"], []),
    "msExchServersContainer": ("container", ["msExchAdminGroup"], []),
    "msExchExchangeServer": ("server", ["msExchServersContainer"], [
        "networkAddress", "versionNumber", "msExchCurrentServerRoles", "msExchServerSite", "msExchComponentStates"]),
    "msExchAuthAuthConfig": ("container", ["container"], [name for name in ATTRIBUTES if name.startswith("msExchAuth")]),
    "msExchAuthAuthServer": ("container", ["container"], ["msExchAuthAuthServerType", "msExchAuthFlags"]),
    "msExchCoexistenceRelationship": ("container", ["container"], []),
}
READABLE = "D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;;RPLCLORC;;;AU)"
UPDATE = "dn:\nchangetype: modify\nadd: schemaUpdateNow\nschemaUpdateNow: 1\n-\n\n"

CONFIGURATION = """[global]
netbios name = DC1
realm = CONTOSO.TEST
workgroup = CONTOSO
server role = active directory domain controller
server services = ldap
interfaces = {address}/8
bind interfaces only = yes
disable netbios = yes
load printers = no
posix:eadb = {folder}/dc/eadb.tdb
binddns dir = {folder}/dc/bind-dns
cache directory = {folder}/dc/cache
lock directory = {folder}/dc
private dir = {folder}/dc/private
state directory = {folder}/dc/state
pid directory = {folder}/dc/run
ncalrpc dir = {folder}/dc/run/ncalrpc
ntp signd socket directory = {folder}/dc/run/ntp_signd
winbindd socket directory = {folder}/dc/run/winbindd
log file = {folder}/dc/log/log.%m
tls keyfile = {folder}/tls.key
tls certfile = {folder}/tls.pem
tls cafile = {folder}/ca.pem
dsdb:schema update allowed = yes
"""


def schema_guid(name):
    """The one that access lists name an attribute or class of ours by."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def _schema():
    """The LDIF, in the layers in which a class can be used only after it was loaded."""
    number = 0
    for number, (name, ((syntax, om_syntax), single)) in enumerate(ATTRIBUTES.items(), 1):
        names = {"oMObjectClass:": base64.b64encode(bytes.fromhex("2b0c0287731c00854a")).decode()} if om_syntax == 127 else {}
        yield _schema_entry(name, "attributeSchema", "attributeID", number, {
            "attributeSyntax": syntax, "oMSyntax": om_syntax, "isSingleValued": str(single).upper(), **names})
    yield UPDATE
    for number, (name, (above, superiors, attributes)) in enumerate(CLASSES.items(), number + 1):
        yield _schema_entry(name, "classSchema", "governsID", number, {
            "objectClassCategory": 1, "subClassOf": above, "rDNAttID": "cn",
            "defaultObjectCategory": f"CN={name},{SCHEMA}", "defaultSecurityDescriptor": READABLE},
            [("possSuperiors", superior) for superior in superiors] + [("mayContain", name) for name in attributes])
        yield UPDATE


def _schema_entry(name, kind, identifier, number, values, more=()):
    guid = base64.b64encode(schema_guid(name).bytes_le).decode()
    lines = [f"dn: CN={name},{SCHEMA}", "changetype: add", f"objectClass: {kind}", f"lDAPDisplayName: {name}",
             f"{identifier}: 1.3.6.1.4.1.99999.7.{number}", f"schemaIDGUID:: {guid}"]
    lines += [f"{key}: {value}" for key, value in list(values.items()) + list(more)]
    return "\n".join(lines) + "\n\n"


def _account(name, password):
    return exchange.entry(f"CN={name},{USERS}", "user", sAMAccountName=name, userAccountControl=0x10200,
                          unicodePwd=_quoted(password))


def _quoted(password):
    return f'"{password}"'.encode("utf-16-le")


class Samba:
    """See the module. `organizations`: exchange.Organization values."""

    def __init__(self, organizations):
        self.organizations = list(organizations)
        self.address = ""
        self.folder = None
        self.process = None
        self.bind_dn = f"CN={AGENT},{USERS}"

    def __enter__(self):
        if os.geteuid() != 0:
            raise RuntimeError("a Samba domain controller needs root: its ports are below 1024")
        self.folder = tempfile.mkdtemp(prefix="authcert-samba-")
        try:
            self.address = _free_address()
            self._prepare()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def path(self, *names):
        return os.path.join(self.folder, *names)

    # What it is reached by

    @property
    def uri(self):
        return "ldaps://" + self.address

    @property
    def ca_file(self):
        return self.path("ca.pem")

    @property
    def password_file(self):
        return self.path(AGENT)

    def directory_config(self, **changes):
        """The [directory] section of a configuration file as a dict; a value None leaves the key out."""
        section = {"uri": self.uri, "bind": "simple", "bind_dn": self.bind_dn, "password_file": self.password_file,
                   "ca_file": self.ca_file, "timeout": "20s"}
        section.update(changes)
        return {key: value for key, value in section.items() if value is not None}

    # Preparing

    def _prepare(self):
        self._tool(["samba-tool", "domain", "provision", "--targetdir=" + self.path("dc"), "--realm=CONTOSO.TEST",
                    "--domain=CONTOSO", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1",
                    "--host-ip=" + self.address, "--configfile=/dev/null",
                    "--option=posix:eadb=" + self.path("dc", "eadb.tdb")])
        for name in ("run", "log", "cache"):
            os.makedirs(self.path("dc", name), exist_ok=True)
        self._write("smb.conf", CONFIGURATION.format(folder=self.folder, address=self.address))
        self._write("ca.pem", pki.authority().pem.decode())
        pki.authority().server(self.address, "dc1.contoso.test").write(self.folder, "tls")
        for name in (AGENT, JOE, ADMINISTRATOR):
            self._write(name, PASSWORD % name.lower())  # without a line end, which ldapsearch -y would take for a part
        self._offline("ldbmodify", "".join(_schema()))
        self._offline("ldbadd", self._objects())
        self._offline("ldbmodify", f"dn: CN={ADMINISTRATOR},{USERS}\nchangetype: modify\nreplace: unicodePwd\n"
                      + exchange._line("unicodePwd", _quoted(PASSWORD % ADMINISTRATOR.lower())) + "\n")
        sid = self._sid(AGENT)
        for organization in self.organizations:
            self.grant(organization.auth_dn, "".join(f"(OA;;RPWP;{schema_guid(name)};;{sid})" for name in (
                "msExchAuthCertificateThumbprint", "msExchAuthNextEffectiveDate")))
        record = self._record_class()
        self.grant(CONTAINER, f"(OA;;CC;{record};;{sid})(OA;CIIO;RPWP;;{record};{sid})")

    def _objects(self):
        entries = [exchange.entry(exchange.EXCHANGE, "msExchConfigurationContainer")]
        sites = {server.site for organization in self.organizations for server in organization.servers or ()}
        entries += [exchange.entry(f"CN={site},CN=Sites,{exchange.CONFIGURATION}", "site")
                    for site in sorted(sites - {exchange.DEFAULT_SITE, None})]
        for organization in self.organizations:
            entries += organization.ldif()
        entries.append(exchange.entry(CONTAINER, "container"))
        entries += [_account(name, PASSWORD % name) for name in (AGENT, JOE)]
        return "".join(entries)

    def _write(self, name, text):
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def _offline(self, tool, ldif="", *words):
        return self._tool([tool, "-H", self.path("dc", "private", "sam.ldb"), "--configfile=" + self.path("smb.conf"),
                           "--option=dsdb:schema update allowed=yes", *words], ldif)

    def _sid(self, name):
        text = self._offline("ldbsearch", "", f"(sAMAccountName={name})", "objectSid")
        return next(line.split()[1] for line in text.splitlines() if line.startswith("objectSid"))

    def _record_class(self):
        text = self._offline("ldbsearch", "", "-b", SCHEMA, "(lDAPDisplayName=msDS-AppData)", "schemaIDGUID")
        return next(line.split()[1] for line in text.splitlines() if line.startswith("schemaIDGUID"))

    # Running

    def _start(self):
        log = open(self.path("log"), "ab")
        self.process = subprocess.Popen(
            ["/usr/sbin/samba", "-F", "--no-process-group", "-M", "single", "-s", self.path("smb.conf"),
             "-l", self.path("dc", "log"), "--maximum-runtime=3600"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=slapd.ENVIRONMENT, start_new_session=True)
        log.close()
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.search("", attributes=["currentTime"], scope="base"):
                    return
            except RuntimeError:
                time.sleep(0.05)
        with open(self.path("log"), errors="replace") as file:
            raise RuntimeError("samba did not start: " + file.read())

    def _tool(self, command, data=""):
        environment = {**slapd.ENVIRONMENT, "HOME": self.folder, "TMPDIR": self.folder}
        if self.folder and os.path.exists(self.path("ca.pem")):
            environment.pop("LDAPNOINIT")
            environment["LDAPTLS_CACERT"], environment["LDAPCONF"] = self.ca_file, "/dev/null"
        try:
            done = subprocess.run(command, input=data, capture_output=True, text=True, env=environment, timeout=120)
        except FileNotFoundError:
            raise RuntimeError(f"{command[0]} is not installed: tools/install-packages test") from None
        if done.returncode or "ERR:" in done.stderr:  # ldbadd stops at an error and calls it success
            raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _online(self, user):
        return ["-x", "-H", self.uri, "-D", f"CN={user},{USERS}", "-y", self.path(user)]

    def modify(self, ldif, user=ADMINISTRATOR):
        """Applies LDIF with changetypes (a record without one is added)."""
        self._tool(["ldapmodify"] + self._online(user), slapd._with_changetype(ldif))

    def replace(self, dn, **attributes):
        """Replaces attributes (values as in exchange.entry; [] removes the attribute)."""
        slapd.Slapd.replace(self, dn, **attributes)

    def delete(self, dn):
        self._tool(["ldapdelete"] + self._online(ADMINISTRATOR) + [dn])

    def grant(self, dn, sddl):
        """Adds entries to an object's access list."""
        self._tool(["samba-tool", "dsacl", "set", "-H", self.path("dc", "private", "sam.ldb"), "-s",
                    self.path("smb.conf"), "--objectdn=" + dn, "--sddl=" + sddl])

    def access(self, dn):
        """The access list of an object as SDDL."""
        return self._tool(["samba-tool", "dsacl", "get", "-H", self.path("dc", "private", "sam.ldb"), "-s",
                           self.path("smb.conf"), "--objectdn=" + dn])

    def search(self, base, filter="(objectClass=*)", attributes=(), scope="sub", user=ADMINISTRATOR):
        """{dn: {attribute: [bytes, ...]}} as `user` sees it."""
        text = self._tool(["ldapsearch"] + self._online(user) + ["-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope,
                                                                 filter] + list(attributes))
        found = {}
        for record in text.strip().split("\n\n"):
            pairs = [slapd._pair(line) for line in record.split("\n") if line and not line.startswith("#")]
            if pairs:
                values = found.setdefault(pairs[0][1].decode(), {})
                for name, value in pairs[1:]:
                    values.setdefault(name, []).append(value)
        return found

    def read(self, dn, attribute, user=ADMINISTRATOR):
        """The values of one attribute of one object."""
        return next(iter(self.search(dn, attributes=[attribute], scope="base", user=user).values()), {}).get(attribute, [])


def _free_address():
    """A loopback address on which nobody listens; so many that two fixtures do not meet."""
    for _ in range(20):
        address = "127.%d.%d.%d" % tuple(random.randrange(low, 255) for low in (64, 0, 1))
        try:
            for port in (389, 636):
                with socket.socket() as probe:
                    probe.bind((address, port))
        except OSError:
            continue
        return address
    raise RuntimeError("no loopback address with free ports 389 and 636 was found")
