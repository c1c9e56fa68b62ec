"""An organization whose other certificates can be seen: servers at addresses of their own, with real ports.

    with inventory.Bed(servers=3) as bed:           EX1 ... EX3 with everything that a small organization has
        bed.show("ex1", 443, certificate)           from bed.ports.apply() on
        bed.run("inventory")                        a Result of the program, as JSON
        inventory.findings(seen)                    {(id, place): finding}

Every server shows bed.certificate on 443 and 25; the name mail.contoso.test is the first server's address.
"""

import datetime
import os

import exchange
import hosts
import netns
import pki
import places
import ports
import slapd
from program import Program, binary

MAIL = "mail.contoso.test"
AUTODISCOVER = "autodiscover.contoso.test"


def findings(seen):
    return {(one["id"], one["place"]): one for one in seen.report["inventory"]["findings"]}


def place(seen, name):
    return next(one for one in seen.report["inventory"]["places"] if one["place"] == name)


class Bed:
    def __init__(self, servers=3, certificate=None, extra=None, objects=(), transport=True, mail=None, sections=None,
                 ca=None, executable=None, versions=(), roots=()):
        """`objects`: functions of the organization that give LDIF. `transport`: internal transport certificates."""
        self.ca = ca or pki.authority()
        self.servers = [f"EX{n + 1}" for n in range(servers)]
        self.certificate = certificate or self.ca.server(MAIL, AUTODISCOVER, not_after=pki.now() + pki.days(180))
        made = []
        for n, name in enumerate(self.servers):
            server = exchange.Server(name)
            if n < len(versions):
                server.serial = versions[n]
            if transport:
                server.transport = pki.auth_certificate(1000, subject=name, key="rsa2048").serialized()
            made.append(server)
        self.organization = organization = exchange.Organization(servers=made, current=pki.auth_certificate(1500))
        organization.extra = places.send_parents(organization) + "".join(
            places.protocols(organization, name) + places.receive(organization, name) +
            places.owa(organization, name, f"https://{MAIL}/owa", f"https://{MAIL}/owa") +
            places.autodiscover(organization, name, f"https://{AUTODISCOVER}/Autodiscover/Autodiscover.xml")
            for name in self.servers) + "".join(make(organization) for make in objects) + (
                places.roots(*roots) if roots else "")
        self.directory = slapd.Slapd([organization], tls=pki.authority().server(
            "127.0.0.1", not_after=pki.now() + pki.days(5000)))
        self.sections = sections or {}
        self.real = executable or binary()

    def address(self, name):
        return f"127.0.1.{self.servers.index(name.upper().split('.')[0]) + 1}"

    def show(self, name, port, certificate, **options):
        self.ports.show(self.address(name), port, certificate, **options)

    def __enter__(self):
        netns.enter()
        self.names = hosts.Names({f"{name.lower()}.contoso.test": self.address(name) for name in self.servers} |
                                 {MAIL: self.address("ex1"), AUTODISCOVER: self.address("ex1")})
        self.ports = ports.Ports()
        self.entered = []
        try:
            for one in self.names, self.ports, self.directory:
                one.__enter__()
                self.entered.append(one)
            for name in self.servers:
                self.show(name, 443, self.certificate)
                self.show(name, 25, self.certificate)
            self.ports.apply()
            sections = {"directory": self.directory.directory_config(), "servers": {"probe": "none", "timeout": "5s"},
                        "inventory": {}, **self.sections}
            self.program = Program(sections, executable=self.names.executable(self.real))
            ca_file = self.program.file("ca.pem", self.ca.pem)
            self.program.change("servers", ca_file=ca_file)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for one in reversed(self.entered):
            one.__exit__(None, None, None)
        if getattr(self, "program", None):
            self.program.close()

    def run(self, *args, **options):
        return self.program.run(*args, json=True, **options)


def after(number):
    """A clock so many days from now."""
    return (pki.now() + pki.days(number)).timestamp()
