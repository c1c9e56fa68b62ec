"""A throw-away slapd with Exchange's objects: temporary folder, loopback, kernel-chosen ports, ended by its pid.

    with slapd.Slapd([exchange.Organization()]) as directory:
        directory.uri          ldaps://127.0.0.1:PORT (plain_uri: ldap://, local_uri: ldapi://)
        directory.bind_dn, directory.password, directory.password_file, directory.ca_file
        directory.modify(ldif), directory.search(base, filter, attributes)

Simple binds are refused without TLS, except over ldapi, unless allow_plain is set. Administration goes over ldapi with
SASL EXTERNAL, so no password is on a command line.
"""

import base64
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.parse

import exchange
import pki
import wait

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICE_DN = "CN=svc-authcert," + exchange.CONFIGURATION
SERVICE_PASSWORD = "Svc-Passw0rd!"
JOE_DN = "CN=joe," + exchange.CONFIGURATION
JOE_PASSWORD = "Joe-Passw0rd!"
WRITTEN = "msExchAuthCertificateThumbprint,msExchAuthCertificateData,msExchAuthNextEffectiveDate"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LDAPNOINIT": "1", "LC_ALL": "C.UTF-8"}

# TLS 1.1 at most, for the two libraries that Debian's slapd has been built with. OpenSSL's own file has the version.
OLD_GNUTLS = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT"
OLD_OPENSSL = "DEFAULT@SECLEVEL=0"
OPENSSL_CONF = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
MaxProtocol = TLSv1.1
"""


def _uses_gnutls():
    return b"libgnutls" in subprocess.run(["ldd", "/usr/sbin/slapd"], capture_output=True, check=True).stdout


def free_port():
    """A loopback port that the kernel says is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    """See the module. `organizations`: exchange.Organization values; None = one healthy organization, [] = none.

    exchange_container: False leaves CN=Microsoft Exchange out. hidden: DNs whose subtrees svc-authcert and joe cannot
    see. access: slapd access rules put before all others. anonymous: True lets anybody read. tls: a pki certificate for
    the server. ca: its Authority. names: SANs instead of 127.0.0.1 and dc1.contoso.test. host: dnsHostName. clock:
    datetime that rootDSE shows as currentTime. any_bytes: string and date attributes take any bytes, byte-exact.
    size_limit: entries per search. extra: more lines for the database. root: pairs for the rootDSE; a value None leaves
    a usual one out. old_tls: True lets the server speak TLS 1.1 at most.
    listens: True writes down what is asked, for heard().
    """

    def __init__(self, organizations=None, exchange_container=True, hidden=(), access=(), anonymous=False, tls=None,
                 ca=None, names=("127.0.0.1", "dc1.contoso.test"), host="dc1.contoso.test", clock=None, allow_plain=False,
                 any_bytes=False, size_limit="unlimited",
                 extra=(), root=(), old_tls=False, listens=False):
        self.organizations = [exchange.Organization()] if organizations is None else list(organizations)
        self.exchange_container = exchange_container
        self.hidden, self.access, self.anonymous = list(hidden), list(access), anonymous
        self.ca = ca or pki.authority()
        self.tls = tls or self.ca.server(*names)
        self.host, self.clock, self.allow_plain, self.any_bytes = host, clock, allow_plain, any_bytes
        self.size_limit, self.extra, self.root = size_limit, list(extra), list(root)
        self.old_tls, self.listens = old_tls, listens
        self.bind_dn, self.password = SERVICE_DN, SERVICE_PASSWORD
        self.folder = None
        self.process = None
        self.port = self.tls_port = 0

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="authcert-slapd-")
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content, mode=0o600):
        data = content if isinstance(content, bytes) else content.encode()
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
        return self.path(name)

    # What it is reached by

    @property
    def uri(self):
        return "ldaps://127.0.0.1:%d" % self.tls_port

    @property
    def plain_uri(self):
        return "ldap://127.0.0.1:%d" % self.port

    @property
    def local_uri(self):
        return "ldapi://" + urllib.parse.quote(self.path("socket"), safe="")

    def directory_config(self, **changes):
        """The [directory] section of a configuration file as a dict; a value None leaves the key out."""
        section = {"uri": self.uri, "bind": "simple", "bind_dn": self.bind_dn, "password_file": self.password_file,
                   "ca_file": self.ca_file, "timeout": "10m"}
        section.update(changes)
        return {key: value for key, value in section.items() if value is not None}

    def heard(self):
        """What was asked so far, with listens=True."""
        with open(self.path("log"), errors="replace") as file:
            return file.read()

    # Preparing

    def _prepare(self):
        self.ca_file = self.write("ca.pem", self.ca.pem, 0o644)
        self.password_file = self.write("password", self.password + "\n")
        self.joe_password_file = self.write("joe-password", JOE_PASSWORD + "\n")
        self.wrong_password_file = self.write("wrong-password", "not-the-password\n")
        self.tls.write(self.folder, "tls")
        os.mkdir(self.path("db"))
        self.write("rootdse.ldif", self._root_dse())
        self.write("bed.schema", self._schema())
        self.write("slapd.conf", self._configuration())
        with open(self.path("data.ldif"), "w") as file:
            for record in self._data():
                file.write(record)
        self._tool(["/usr/sbin/slapadd", "-q", "-f", self.path("slapd.conf"), "-l", self.path("data.ldif")])

    def _root_dse(self):
        values = [("configurationNamingContext", exchange.CONFIGURATION), ("defaultNamingContext", "DC=contoso,DC=test"),
                  ("rootDomainNamingContext", "DC=contoso,DC=test"),
                  ("schemaNamingContext", "CN=Schema," + exchange.CONFIGURATION), ("isSynchronized", "TRUE"),
                  ("supportedCapabilities", "1.2.840.113556.1.4.800")]
        if self.host:
            values.append(("dnsHostName", self.host))
        if self.clock:
            values.append(("currentTime", exchange.generalized(self.clock)))
        left_out = {name for name, value in self.root if value is None}
        values = [pair for pair in values if pair[0] not in left_out]
        values += [pair for pair in self.root if pair[1] is not None]
        return "dn:\n" + "".join("%s: %s\n" % pair for pair in values)

    def _schema(self):
        with open(os.path.join(HERE, "authcert.schema")) as file:
            schema = file.read()
        if self.any_bytes:
            for rule, syntax in (("caseIgnoreMatch", "String"), ("generalizedTimeMatch", "Instant")):
                schema = schema.replace("EQUALITY %s SYNTAX %s" % (rule, syntax),
                                        "EQUALITY octetStringMatch SYNTAX Octets")
        return schema

    def _configuration(self):
        rules = list(self.access)
        rules += ['access to dn.subtree=%s by * none' % _quoted(dn) for dn in self.hidden]
        rules += ["access to attrs=userPassword by anonymous auth"]
        for organization in self.organizations:
            rules += ['access to dn.base=%s attrs=%s by dn.base="%s" write by %s read'
                      % (_quoted(organization.auth_dn), WRITTEN, SERVICE_DN, "*" if self.anonymous else "users")]
        rules += ["access to * by %s read" % ("*" if self.anonymous else "users")]
        lines = ["include /etc/ldap/schema/core.schema", "include " + self.path("bed.schema"),
                 "pidfile " + self.path("slapd.pid"), "modulepath /usr/lib/ldap", "moduleload back_mdb",
                 "rootDSE " + self.path("rootdse.ldif"), "localSSF 128", "sizelimit %s" % self.size_limit,
                 "sockbuf_max_incoming_auth 67108864"]
        lines += [] if self.allow_plain else ["security simple_bind=56"]
        lines += ["TLSCipherSuite " + (OLD_GNUTLS if _uses_gnutls() else OLD_OPENSSL)] if self.old_tls else []
        lines += ["TLSCertificateFile " + self.path("tls.pem"), "TLSCertificateKeyFile " + self.path("tls.key"),
                  "database mdb", 'suffix "%s"' % exchange.CONFIGURATION, "directory " + self.path("db"),
                  "maxsize 536870912", "dbnosync",
                  'rootdn "gidNumber=%d+uidNumber=%d,cn=peercred,cn=external,cn=auth"' % (os.getgid(), os.getuid())]
        return "\n".join(lines + self.extra + rules) + "\n"

    def _data(self):
        yield exchange.entry(exchange.CONFIGURATION, "configuration")
        yield exchange.entry(SERVICE_DN, "user", sn="x", userPassword=SERVICE_PASSWORD)
        yield exchange.entry(JOE_DN, "user", sn="x", userPassword=JOE_PASSWORD)
        yield from exchange.tree(self.organizations, self.exchange_container)

    # Running

    def environment(self):
        if not self.old_tls:
            return ENVIRONMENT
        with open(self.path("openssl.cnf"), "w") as file:
            file.write(OPENSSL_CONF)
        return {**ENVIRONMENT, "OPENSSL_CONF": self.path("openssl.cnf")}

    def start(self):
        """Starts it, on the ports it had before or on new ones."""
        for attempt in range(5):
            if not self.port or attempt:
                self.port, self.tls_port = free_port(), free_port()
            log = open(self.path("log"), "ab")
            self.process = subprocess.Popen(
                ["/usr/sbin/slapd", "-d", "stats" if self.listens else "0", "-f", self.path("slapd.conf"), "-h",
                 " ".join(["%s/" % self.plain_uri, "%s/" % self.uri, self.local_uri])],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(), start_new_session=True)
            log.close()
            if wait.listening(self.path("socket"), self.process):
                return
            self.stop()
        with open(self.path("log"), errors="replace") as file:
            raise RuntimeError("slapd did not start: " + file.read())

    def stop(self):
        """Ends it; the data stay, so start() brings it back."""
        if self.process:
            wait.end(self.process)
            self.process = None

    # Administration

    def _run(self, command, data=""):
        return subprocess.run(command, input=data, capture_output=True, text=True, env=ENVIRONMENT, timeout=wait.HANG)

    def _tool(self, command, data=""):
        done = self._run(command, data)
        if done.returncode:
            raise RuntimeError("%s: %d\n%s%s" % (" ".join(command), done.returncode, done.stdout, done.stderr))
        return done.stdout

    def modify(self, ldif):
        """Applies LDIF with changetypes (a record without one is added)."""
        self._tool(["ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", self.local_uri], _with_changetype(ldif))

    def delete(self, dn, recursive=False):
        self._tool(["ldapdelete", "-Q", "-Y", "EXTERNAL", "-H", self.local_uri] + (["-r"] if recursive else []) + [dn])

    def replace(self, dn, **attributes):
        """Replaces attributes (values as in exchange.entry; [] removes the attribute)."""
        lines = [exchange._line("dn", dn), "changetype: modify"]
        for name, values in attributes.items():
            name = name.replace("__", "-")
            lines.append("replace: " + name)
            for value in values if isinstance(values, (list, tuple)) else [values]:
                lines.append(exchange._line(name, value))
            lines.append("-")
        self.modify("\n".join(lines) + "\n")

    def search(self, base, filter="(objectClass=*)", attributes=(), scope="sub"):
        """{dn: {attribute: [bytes, ...]}} as the administrator sees it."""
        text = self._tool(["ldapsearch", "-Q", "-Y", "EXTERNAL", "-H", self.local_uri, "-LLL", "-o", "ldif-wrap=no", "-b",
                           base, "-s", scope, filter] + list(attributes))
        found = {}
        for record in text.strip().split("\n\n"):
            pairs = [_pair(line) for line in record.split("\n") if line and not line.startswith("#")]
            if pairs:
                attributes = found.setdefault(pairs[0][1].decode(), {})
                for name, value in pairs[1:]:
                    attributes.setdefault(name, []).append(value)
        return found

    def read(self, dn, attribute):
        """The values of one attribute of one object, as the administrator sees them."""
        return next(iter(self.search(dn, attributes=[attribute], scope="base").values())).get(attribute, [])


def _quoted(dn):
    return '"%s"' % dn.replace("\\", "\\\\").replace('"', '\\"')


def _pair(line):
    name, _, value = line.partition(":")
    return (name, base64.b64decode(value[1:])) if value.startswith(":") else (name, value.strip().encode())


def _with_changetype(ldif):
    records = []
    for record in ldif.strip().split("\n\n"):
        lines = record.split("\n")
        if not any(line.lower().startswith("changetype:") for line in lines):
            lines.insert(1, "changetype: add")
        records.append("\n".join(lines))
    return "\n\n".join(records) + "\n"
