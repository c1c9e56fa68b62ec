"""Throw-away Active Directory: Samba domain controllers in a network and mount namespace of their own, so that their
fixed ports, names and addresses meet nobody's. Nothing of the machine is touched; what runs is ended by its pid.

    with ad.Forest([exchange.Organization()], controllers=2) as forest:
        forest.dc[0].name, .host, .address, .uri, .plain_uri      dc1, dc1.contoso.test, 127.0.0.11, ldaps://..., ldap://...
        forest.ca_file, forest.password_file(user)                user: ad.AGENT, ad.JOE, ad.ADMINISTRATOR or one made here
        forest.program(directory={"bind": "gssapi", ...}, policy={...})     a program.Program that runs inside; see below
        forest.executable()                                       a path that runs authcert inside, for program.Program
        forest.inside("ldapsearch", ...)                          any command inside; returns CompletedProcess
        forest.modify(ldif, dc=0), forest.replace(dn, **attributes), forest.delete(dn), forest.grant(dn, sddl)
        forest.search(base, filter, attributes, user=ad.JOE, dc=1), forest.read(dn, attribute, dc=1)
        forest.replicate(0, 1), forest.exchange_changes()         what changed at 0 arrives at 1; both ways
        forest.isolate(False)                                     lets them replicate by themselves (they begin isolated)
        forest.stop(0), forest.start(0)                           one controller; the data stay
        forest.service_account("svc-x") -> Account                .principal, .dn, .sid, .keytab, .password_file
        forest.keytab("svc-x")                                    its present keys as a new file
        forest.hosts("127.0.0.99", "dead.contoso.test")           one more line in /etc/hosts inside

Inside, /etc/hosts knows the controllers and contoso.test, /etc/resolv.conf names 127.0.0.53, where a test may put a DNS
server (forest.start_inside), and KRB5_CONFIG names a krb5.conf with the KDCs' addresses (forest.krb5_conf). The agent's
account (ad.AGENT) may write the auth configuration, and make and write records in CN=authcert.
"""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import controller
import exchange
import namespace
import program
import schema
import slapd
import template
import wait
from controller import ADMINISTRATOR, AGENT, DOMAIN, JOE, REALM, USERS

CONTAINER = template.CONTAINER
WRITTEN = ("msExchAuthCertificateThumbprint", "msExchAuthNextEffectiveDate")


def required(test):
    """Decorates a TestCase: skipped, with the reason, where no namespaces can be made; there a failure under CI."""
    why = namespace.why_not()

    def set_up_class(cls):
        raise AssertionError(f"these tests may not be skipped under CI: {why}")
    if why is None:
        return test
    if os.environ.get("CI"):
        test.setUpClass = classmethod(set_up_class)
        return test
    return unittest.skip(why)(test)


class Account:
    def __init__(self, forest, name):
        self.name, self.dn = name, f"CN={name},{USERS}"
        self.principal = f"{name}@{REALM}"
        self.password = controller.password(name)
        self.password_file = forest.password_file(name)
        self.sid = forest.sid(name)
        self.keytab = forest.keytab(name)


class Forest:
    """See the module. `rights`: the agent's account may write. `options`: further lines of smb.conf."""

    def __init__(self, organizations=None, controllers=1, rights=True, options=(controller.OVER_TLS,)):
        self.organizations = [exchange.Organization()] if organizations is None else list(organizations)
        self.count, self.rights, self.options = controllers, rights, "\n".join(options)
        self.folder, self.dc, self.inside_of, self.processes, self.programs = None, [], None, [], []

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="authcert-ad-"))
        try:
            self._prepare(template.path(self.count))
            for dc in self.dc:
                dc.start()
            if self.count > 1:
                self.replicate(0, 1)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for one in self.programs:
            one.close()
        for process in self.processes:
            wait.end(process)
        for dc in self.dc:
            dc.stop()
        if self.inside_of:
            self.inside_of.__exit__()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.programs, self.processes, self.dc, self.inside_of, self.folder = [], [], [], None, None

    def _prepare(self, source):
        controller.run(["cp", "-a", "--", f"{source}/.", str(self.folder)])
        known = (self.folder / "hosts").read_text()
        self.inside_of = namespace.Namespace(self.folder)
        self.inside_of.__enter__()
        with open(self.folder / "hosts", "w") as file:
            file.write(known)
        self.dc = [controller.Controller(number, self.folder / f"dc{number + 1}", self.inside_of)
                   for number in range(self.count)]
        for dc in self.dc:
            dc.configure(self.options)
            template.certificates(dc)
        for name in (AGENT, JOE, ADMINISTRATOR):
            template.secret(self.folder, name, controller.password(name))
        self.executable()
        self._load()

    def _load(self):
        """The organizations, into the first controller before it starts."""
        sites = {server.site for organization in self.organizations for server in organization.servers or ()}
        entries = [exchange.entry(f"CN={site},CN=Sites,{exchange.CONFIGURATION}", "site")
                   for site in sorted(sites - {exchange.DEFAULT_SITE, None})]
        for organization in self.organizations:
            entries += organization.ldif()
        if entries:
            self.dc[0].database("ldbadd", "".join(entries))
        if self.rights:
            sid = self.sid(AGENT)
            for organization in self.organizations:
                if organization.auth_config:
                    self.grant(organization.auth_dn, "".join(f"(OA;;RPWP;{schema.guid(name)};;{sid})" for name in WRITTEN))

    # What it is reached by

    @property
    def uri(self):
        return self.dc[0].uri

    @property
    def ca_file(self):
        return str(self.dc[0].folder / "ca.pem")

    @property
    def krb5_conf(self):
        return self.folder / "krb5.conf"

    bind_dn = f"CN={AGENT},{USERS}"

    def password_file(self, name=AGENT):
        return str(self.folder / name)

    def path(self, *names):
        return str(self.folder.joinpath(*names))

    def directory_config(self, **changes):
        """The [directory] section of a configuration file as a dict; a value None leaves the key out. Without changes a
        simple bind over ldaps."""
        section = {"uri": self.uri, "ca_file": self.ca_file, "timeout": "10m"}
        if changes.get("bind", "simple") == "simple":
            section.update(bind="simple", bind_dn=self.bind_dn, password_file=self.password_file())
        section.update(changes)
        return {key: value for key, value in section.items() if value is not None}

    def executable(self):
        """A path that runs authcert inside."""
        path = self.inside_of.executable(self.folder / "authcert", program.binary())
        lines = path.read_text().split("\n")
        lines.insert(1, f': "${{KRB5_CONFIG:={self.krb5_conf}}}"; export KRB5_CONFIG')
        path.write_text("\n".join(lines))
        return path

    def program(self, directory=None, **sections):
        """An agent with a configuration of its own, closed with the forest."""
        sections.setdefault("servers", {"probe": "none"})
        made = program.Program({"directory": self.directory_config(**(directory or {})), **sections},
                               executable=self.folder / "authcert")
        self.programs.append(made)
        return made

    def hosts(self, address, *names):
        self.inside_of.hosts(address, *names)

    def inside(self, *words, **options):
        """Runs a command inside to its end."""
        options = {"capture_output": True, "text": True, "timeout": wait.HANG,
                   "env": {**controller.ENVIRONMENT, **self.dc[0].environment()}, **options}
        return subprocess.run(self.inside_of.command(*words), **options)

    def start_inside(self, *words, **options):
        """Starts a server inside, which ends with the forest at the latest."""
        process = subprocess.Popen(self.inside_of.command("setpriv", "--pdeathsig", "TERM", "--", *words),
                                   env={**controller.ENVIRONMENT, "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                                        **options.pop("env", {})}, start_new_session=True, **options)
        self.processes.append(process)
        return process

    # The controllers

    def stop(self, dc):
        self.dc[dc].stop()

    def start(self, dc):
        self.dc[dc].start()

    def replicate(self, source, destination, partitions=(DOMAIN, exchange.CONFIGURATION)):
        """What changed at one controller arrives at the other."""
        for partition in partitions:
            self.dc[destination].tool("samba-tool", "drs", "replicate", self.dc[destination].host, self.dc[source].host,
                                      partition, "--sync-forced", "-s", self.dc[destination].settings)

    def exchange_changes(self):
        self.replicate(0, 1)
        self.replicate(1, 0)

    def isolate(self, yes=True):
        """They begin isolated: nothing replicates but on command."""
        for number, dc in enumerate(self.dc):
            for name in ("DC1", "DC2"):
                self.replace(template.SETTINGS % name, dc=number, options=template.ISOLATED if yes else template.CATALOG)

    # Administration

    def _online(self, user, dc):
        return ["-x", "-H", self.dc[dc].uri, "-D", f"CN={user},{USERS}", "-y", self.path(user)]

    def _client(self, *words, data=""):
        environment = {"LDAPTLS_CACERT": self.ca_file, "LDAPCONF": "/dev/null", "HOME": str(self.folder)}
        return controller.run(self.inside_of.command(*words), data, environment)

    def modify(self, ldif, user=ADMINISTRATOR, dc=0):
        """Applies LDIF with changetypes (a record without one is added)."""
        self._client("ldapmodify", *self._online(user, dc), data=slapd._with_changetype(ldif))

    def replace(self, dn, dc=0, **attributes):
        """Replaces attributes (values as in exchange.entry; [] removes the attribute)."""
        lines = [exchange._line("dn", dn), "changetype: modify"]
        for name, values in attributes.items():
            name = name.replace("__", "-")
            lines.append("replace: " + name)
            lines += [exchange._line(name, value) for value in (values if isinstance(values, (list, tuple)) else [values])]
            lines.append("-")
        self.modify("\n".join(lines) + "\n", dc=dc)

    def delete(self, dn, dc=0):
        self._client("ldapdelete", *self._online(ADMINISTRATOR, dc), dn)

    def search(self, base, filter="(objectClass=*)", attributes=(), scope="sub", user=ADMINISTRATOR, dc=0):
        """{dn: {attribute: [bytes, ...]}} as `user` sees it."""
        text = self._client("ldapsearch", *self._online(user, dc), "-LLL", "-o", "ldif-wrap=no", "-E", "pr=1000/noprompt",
                            "-b", base, "-s", scope, filter, *attributes)
        found = {}
        for record in text.strip().split("\n\n"):
            pairs = [slapd._pair(line) for line in record.split("\n") if line and not line.startswith("#")]
            if pairs:
                values = found.setdefault(pairs[0][1].decode(), {})
                for name, value in pairs[1:]:
                    values.setdefault(name, []).append(value)
        return found

    def read(self, dn, attribute, user=ADMINISTRATOR, dc=0):
        """The values of one attribute of one object."""
        return next(iter(self.search(dn, attributes=[attribute], scope="base", user=user, dc=dc).values()), {}).get(attribute, [])

    def grant(self, dn, sddl, dc=0):
        """Adds entries to an object's access list."""
        self.dc[dc].samba_tool("dsacl", "set", "--objectdn=" + dn, "--sddl=" + sddl)

    def access(self, dn, dc=0):
        """The access list of an object as SDDL."""
        return self.dc[dc].samba_tool("dsacl", "get", "--objectdn=" + dn)

    def sid(self, name):
        text = self.dc[0].database("ldbsearch", "", f"(sAMAccountName={name})", "objectSid")
        return next(line.split()[1] for line in text.splitlines() if line.startswith("objectSid"))

    def service_account(self, name, **attributes):
        """A new account with password and keytab."""
        template.secret(self.folder, name, controller.password(name))
        self.modify(controller.account(name, **attributes))
        return Account(self, name)

    def account(self, name=AGENT):
        """One that is there."""
        return Account(self, name)

    def set_password(self, name, text, dc=0):
        self.replace(f"CN={name},{USERS}", dc=dc, unicodePwd=controller.quoted(text))

    def keytab(self, name):
        """The present keys of an account in a new file."""
        descriptor, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".keytab", dir=self.folder)
        os.close(descriptor)
        os.unlink(path)
        dc = self.dc[0]
        controller.run(["samba-tool", "domain", "exportkeytab", path, f"--principal={name}@{REALM}", "-s", str(dc.settings)],
                       "", dc.environment())
        return path
