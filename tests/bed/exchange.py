"""Exchange's objects in the configuration partition as Python values, and their LDIF.

An Organization without arguments is a healthy one: two servers in one site and a current certificate with a year left.
"""

import base64
import dataclasses
import datetime
import typing

import pki

CONFIGURATION = "CN=Configuration,DC=contoso,DC=test"
SERVICES = "CN=Services," + CONFIGURATION
EXCHANGE = "CN=Microsoft Exchange," + SERVICES
DEFAULT_SITE = "Default-First-Site-Name"
SERVICE_NAME = "00000002-0000-0ff1-ce00-000000000000"

CAFE, MAILBOX, EDGE, PROVISIONED, FRONTEND = 1, 2, 64, 4096, 16384
EXCHANGE_2019 = 1942128136  # versionNumber of 15.2.1544
EXCHANGE_2010 = 1937801568
AZURE_AD = 5


def generalized(at):
    """A date as Active Directory writes it."""
    return at.astimezone(datetime.timezone.utc).strftime("%Y%m%d%H%M%S.0Z")


def escape(value):
    """An RDN value with RFC 4514's escapes."""
    out = "".join("\\" + c if c in ',+"\\<>;=#' else c for c in value)
    if out.startswith(" "):
        out = "\\" + out
    if out.endswith(" ") and len(out) > 1:
        out = out[:-1] + "\\ "
    return out


def entry(dn, classes, **attributes):
    """One LDIF record; a value is str, bytes, int, or a list of them; None and [] are left out. `__` stands for a
    hyphen in an attribute's name."""
    lines = [_line("dn", dn)]
    lines += [_line("objectClass", name) for name in ([classes] if isinstance(classes, str) else classes)]
    for name, values in attributes.items():
        for value in values if isinstance(values, (list, tuple)) else [values]:
            if value is not None:
                lines.append(_line(name.replace("__", "-"), value))
    return "\n".join(lines) + "\n\n"


def _line(name, value):
    data = value if isinstance(value, bytes) else str(value).encode()
    return "%s:: %s" % (name, base64.b64encode(data).decode())


@dataclasses.dataclass
class Server:
    name: str
    site: typing.Optional[str] = DEFAULT_SITE
    roles: typing.Optional[int] = MAILBOX | CAFE | FRONTEND
    version: typing.Optional[int] = EXCHANGE_2019
    serial: typing.Optional[str] = "Version 15.2 (Build 31544.25)"
    address: typing.Any = ()  # networkAddress values; () = the usual ones, None = none
    states: typing.Any = ()

    def ldif(self, parent):
        fqdn = self.name.lower() + ".contoso.test"
        addresses = ["netbios:" + self.name, "ncacn_ip_tcp:" + fqdn] if self.address == () else self.address
        site = self.site and "CN=%s,CN=Sites,%s" % (escape(self.site), CONFIGURATION)
        return entry("CN=%s,%s" % (escape(self.name), parent), "msExchExchangeServer", networkAddress=addresses,
                     versionNumber=self.version, serialNumber=self.serial, msExchCurrentServerRoles=self.roles,
                     msExchServerSite=site, msExchComponentStates=list(self.states))


@dataclasses.dataclass
class AuthServer:
    name: str = "EvoSTS - 1"
    type: int = AZURE_AD
    enabled: bool = True
    application: typing.Optional[str] = "7d1ba6ae-0b55-4f0e-8f3b-1c8e8f3f7a01"  # the dedicated one; None = none
    realm: typing.Optional[str] = None        # the tenant's identifier
    login: typing.Optional[str] = None        # the address that tokens come from

    def ldif(self, parent):
        return entry("CN=%s,%s" % (escape(self.name), parent), "msExchAuthAuthServer",
                     msExchAuthAuthServerType=self.type, msExchAuthFlags=1 if self.enabled else 0,
                     msExchAuthApplicationIdentifier=self.application, msExchAuthRealm=self.realm,
                     msExchAuthIssuingUrl=self.login)


def servers(count, sites=1):
    """EX1 ... EXcount, spread over sites Site1 ... (one site: the default one)."""
    return [Server("EX%d" % (i + 1), DEFAULT_SITE if sites == 1 else "Site%d" % (i % sites + 1)) for i in range(count)]


def metadata(attribute, changed, server="DC1", version=3):
    """One value of msDS-ReplAttributeMetaData as Active Directory writes it (it ends in a newline and a NUL)."""
    dsa = "CN=NTDS Settings,CN=%s,CN=Servers,CN=%s,CN=Sites,%s" % (server, DEFAULT_SITE, CONFIGURATION)
    return ("<DS_REPL_ATTR_META_DATA>\n\t<pszAttributeName>%s</pszAttributeName>\n\t<dwVersion>%d</dwVersion>\n"
            "\t<ftimeLastOriginatingChange>%s</ftimeLastOriginatingChange>\n"
            "\t<uuidLastOriginatingDsaInvocationID>7f0d4a3c-1111-4222-8333-444455556666"
            "</uuidLastOriginatingDsaInvocationID>\n"
            "\t<usnOriginatingChange>12345</usnOriginatingChange>\n\t<usnLocalChange>12345</usnLocalChange>\n"
            "\t<pszLastOriginatingDsaDN>%s</pszLastOriginatingDsaDN>\n</DS_REPL_ATTR_META_DATA>\n\0"
            % (attribute, version, changed.strftime("%Y-%m-%dT%H:%M:%SZ"), dsa)).encode()


@dataclasses.dataclass
class Organization:
    """A healthy organization unless told otherwise. `current`, `previous` and `next` are pki certificates, thumbprints, or None; those that are certificates are put
    into msExchAuthCertificateData unless `data` says otherwise (a list of bytes). `values` replaces the slots by raw
    values. `date` is a datetime, or raw text."""

    name: str = "Contoso"
    servers: typing.Any = None
    current: typing.Any = "default"
    previous: typing.Any = None
    next: typing.Any = None
    date: typing.Any = None
    values: typing.Any = None
    data: typing.Any = None
    realm: typing.Optional[str] = "contoso.test"
    service_name: typing.Optional[str] = SERVICE_NAME
    hybrid: bool = False          # a coexistence object
    auth_servers: typing.Any = ()
    auth_config: bool = True      # False: there is no auth configuration
    changed: typing.Any = None    # whenChanged, datetime or raw text
    metadata: typing.Any = ()     # raw values of msDS-ReplAttributeMetaData
    allowed: typing.Any = ()      # allowedAttributes
    effective: typing.Any = ()    # allowedAttributesEffective; ("",) stands for an empty answer
    extra: str = ""               # more LDIF

    def __post_init__(self):
        if self.current == "default":
            self.current = pki.auth_certificate()

    @property
    def dn(self):
        return "CN=%s,%s" % (escape(self.name), EXCHANGE)

    @property
    def auth_dn(self):
        return "CN=Auth Configuration," + self.dn

    @property
    def servers_dn(self):
        return ("CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," + self.dn)

    def slots(self):
        return [(i, slot) for i, slot in enumerate((self.current, self.previous, self.next)) if slot is not None]

    def thumbprint_values(self):
        if self.values is not None:
            return list(self.values)
        return ["%d:%s" % (i, getattr(slot, "thumbprint", slot)) for i, slot in self.slots()]

    def certificate_data(self):
        if self.data is not None:
            return list(self.data)
        slots = self.slots() if self.values is None else []
        return [slot.der for _, slot in slots if hasattr(slot, "der")]

    def ldif(self):
        yield entry(self.dn, "msExchOrganizationContainer")
        yield entry("CN=Administrative Groups," + self.dn, "msExchAdminGroupContainer")
        group = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," + self.dn
        yield entry(group, "msExchAdminGroup")
        yield entry("CN=Servers," + group, "msExchServersContainer")
        for server in servers(2) if self.servers is None else self.servers:
            yield server.ldif("CN=Servers," + group)
        yield entry("CN=Hybrid Configuration," + self.dn, "container")
        if self.hybrid:
            yield entry("CN=Hybrid Configuration,CN=Hybrid Configuration," + self.dn, "msExchCoexistenceRelationship")
        if self.auth_config:
            yield from self._auth_ldif()
        if self.extra:
            yield self.extra

    def _auth_ldif(self):
        def instant(value):
            return generalized(value) if isinstance(value, datetime.datetime) else value
        yield entry(self.auth_dn, "msExchAuthAuthConfig", msExchAuthCertificateThumbprint=self.thumbprint_values(),
                    msExchAuthCertificateData=self.certificate_data(), msExchAuthNextEffectiveDate=instant(self.date),
                    msExchAuthApplicationIdentifier=self.service_name, msExchAuthRealm=self.realm or None,
                    whenChanged=instant(self.changed), msDS__ReplAttributeMetaData=list(self.metadata),
                    allowedAttributes=list(self.allowed), allowedAttributesEffective=list(self.effective))
        parent = "CN=Auth Servers," + self.auth_dn
        yield entry(parent, "container")
        for server in self.auth_servers:
            yield server.ldif(parent)


WRITABLE = ("msExchAuthCertificateThumbprint", "msExchAuthNextEffectiveDate")


def tree(organizations, exchange=True):
    """The LDIF of the partition without its root and accounts; exchange=False: without CN=Microsoft Exchange."""
    yield entry(SERVICES, "container")
    yield entry("CN=Sites," + CONFIGURATION, "container")
    yield entry("CN=Partitions," + CONFIGURATION, "crossRefContainer")
    if exchange:
        yield entry(EXCHANGE, "msExchConfigurationContainer")
        for organization in organizations:
            yield from organization.ldif()
