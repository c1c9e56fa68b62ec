"""Exchange's classes and attributes as an extension of Active Directory's schema, in LDIF for ldbmodify."""

import base64
import uuid

import exchange

SCHEMA = "CN=Schema," + exchange.CONFIGURATION

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


def guid(name):
    """The one that access lists name an attribute or class of ours by."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def ldif():
    """In the layers in which a class can be used only after it was loaded."""
    return "".join(_layers())


def _layers():
    number = 0
    for number, (name, ((syntax, om_syntax), single)) in enumerate(ATTRIBUTES.items(), 1):
        names = {"oMObjectClass:": base64.b64encode(bytes.fromhex("2b0c0287731c00854a")).decode()} if om_syntax == 127 else {}
        yield _entry(name, "attributeSchema", "attributeID", number, {
            "attributeSyntax": syntax, "oMSyntax": om_syntax, "isSingleValued": str(single).upper(), **names})
    yield UPDATE
    for number, (name, (above, superiors, attributes)) in enumerate(CLASSES.items(), number + 1):
        yield _entry(name, "classSchema", "governsID", number, {
            "objectClassCategory": 1, "subClassOf": above, "rDNAttID": "cn",
            "defaultObjectCategory": f"CN={name},{SCHEMA}", "defaultSecurityDescriptor": READABLE},
            [("possSuperiors", superior) for superior in superiors] + [("mayContain", name) for name in attributes])
        yield UPDATE


def _entry(name, kind, identifier, number, values, more=()):
    identity = base64.b64encode(guid(name).bytes_le).decode()
    lines = [f"dn: CN={name},{SCHEMA}", "changetype: add", f"objectClass: {kind}", f"lDAPDisplayName: {name}",
             f"{identifier}: 1.3.6.1.4.1.99999.7.{number}", f"schemaIDGUID:: {identity}"]
    lines += [f"{key}: {value}" for key, value in list(values.items()) + list(more)]
    return "\n".join(lines) + "\n\n"
