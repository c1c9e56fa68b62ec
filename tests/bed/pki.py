"""Certificates for the tests: a CA, TLS server certificates, and auth certificates with Exchange's profile.

Every deviation that a test may want is an argument. RSA keys are slow to make, so one per size is kept for the life of
the process and shared; pass key=new_key(...) where a certificate needs its own.
"""

import datetime
import functools
import hashlib
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

UTC = datetime.timezone.utc
AUTH_SUBJECT = "Microsoft Exchange Server Auth Certificate"


def now():
    """This second, in UTC."""
    return datetime.datetime.now(UTC).replace(microsecond=0)


def days(number):
    return datetime.timedelta(days=number)


def new_key(kind="rsa2048"):
    """A new key: rsaBITS, p256 or p384."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    return ec.generate_private_key({"p256": ec.SECP256R1, "p384": ec.SECP384R1}[kind]())


@functools.lru_cache(maxsize=None)
def shared_key(kind="rsa2048"):
    """The one key of this kind that certificates share unless they ask for their own."""
    return new_key(kind)


class Certificate:
    """A certificate with its private key."""

    def __init__(self, certificate, key):
        self.x509 = certificate
        self.key = key
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.thumbprint = hashlib.sha1(self.der).hexdigest().upper()
        self.not_before = certificate.not_valid_before.replace(tzinfo=UTC)
        self.not_after = certificate.not_valid_after.replace(tzinfo=UTC)

    @property
    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    def pfx(self, password, friendly_name=b"auth certificate"):
        """PKCS #12 bytes; password None leaves it unencrypted."""
        how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return pkcs12.serialize_key_and_certificates(friendly_name, self.key, self.x509, None, how)

    def p7b(self, *others, pem=False):
        """PKCS #7 with this certificate and others."""
        encoding = serialization.Encoding.PEM if pem else serialization.Encoding.DER
        return pkcs7.serialize_certificates([self.x509] + [other.x509 for other in others], encoding)

    def serialized(self):
        """Windows' serialized certificate: a friendly name record, then the DER in record 0x20."""
        def record(number, data):
            return b"".join(n.to_bytes(4, "little") for n in (number, 1, len(data))) + data
        return record(11, "auth\0".encode("utf-16-le")) + record(0x20, self.der)

    def write(self, folder, name):
        """Writes NAME.pem and NAME.key (0600) into a folder; returns both paths."""
        pem, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
        with open(pem, "wb") as file:
            file.write(self.pem)
        with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self.key_pem)
        return pem, key


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _sign(subject, issuer, key, signing_key, not_before, not_after, extensions, digest, serial=None):
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
               .serial_number(serial or x509.random_serial_number()).not_valid_before(not_before)
               .not_valid_after(not_after))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signing_key, digest)


def _usage(digital_signature=False, key_encipherment=False, key_cert_sign=False):
    return x509.KeyUsage(digital_signature=digital_signature, content_commitment=False,
                         key_encipherment=key_encipherment, data_encipherment=False, key_agreement=False,
                         key_cert_sign=key_cert_sign, crl_sign=key_cert_sign, encipher_only=False,
                         decipher_only=False)


class Authority(Certificate):
    """A CA of its own, or one that another CA vouches for, which its certificates bring along."""

    def __init__(self, name="authcert test CA", above=None):
        key = new_key("p256")
        subject = _name(name)
        issuer, signing_key = (above.x509.subject, above.key) if above else (subject, key)
        self.chain = above is not None
        super().__init__(_sign(subject, issuer, key, signing_key, now() - days(1), now() + days(7300), [
            (x509.BasicConstraints(ca=True, path_length=None), True),
            (_usage(key_cert_sign=True), True),
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)], hashes.SHA256()), key)

    def server(self, *names, not_before=None, not_after=None, subject=None, key="p256", uses="server", digest=None):
        """A TLS server certificate for DNS names and IP addresses.

        subject: the common name, instead of the first name. Without names there is no SAN. uses: "server", "client",
        "any", or None for no extended key usage. `key` is a kind, digest a hash.
        """
        key = new_key(key)
        alternatives = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        extensions = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(digital_signature=True), True),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)]
        if alternatives:
            extensions.append((x509.SubjectAlternativeName(alternatives), False))
        if uses:
            use = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH,
                   "any": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}[uses]
            extensions.append((x509.ExtendedKeyUsage([use]), False))
        made = Certificate(_sign(_name(subject or names[0]), self.x509.subject, key, self.key,
                                 not_before or now() - days(1), not_after or now() + days(365), extensions,
                                 digest or hashes.SHA256()), key)
        made.pem += self.pem if self.chain else b""
        return made


@functools.lru_cache(maxsize=None)
def authority():
    """The CA that the fixtures share."""
    return Authority()


def auth_certificate(days_left=365, not_before=None, not_after=None, key="rsa2048", subject=AUTH_SUBJECT, names=(),
                     key_usage=True, server_auth=True, ca=False, basic_constraints=True, digest=None, issuer=None,
                     serial=None):
    """An Exchange auth certificate, self-signed.

    Ends `days_left` days from now unless not_after is given, and began five years before its end unless not_before is.
    `key` is a kind (then shared) or a key object. `names` become SANs. key_usage: True for digitalSignature and
    keyEncipherment, False for no such extension, or an x509.KeyUsage. server_auth: True, False for no EKU, or a list
    of OIDs. `issuer` is an Authority that signs instead of the key itself.
    """
    not_after = not_after or now() + days(days_left)
    not_before = not_before or not_after - days(1826)
    key = shared_key(key) if isinstance(key, str) else key
    extensions = []
    if key_usage is not False:
        usage = _usage(digital_signature=True, key_encipherment=True) if key_usage is True else key_usage
        extensions.append((usage, True))
    if server_auth is not False:
        uses = [ExtendedKeyUsageOID.SERVER_AUTH] if server_auth is True else list(server_auth)
        extensions.append((x509.ExtendedKeyUsage(uses), False))
    if basic_constraints:
        extensions.append((x509.BasicConstraints(ca=ca, path_length=None), True))
    if names:
        extensions.append((x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False))
    name = _name(subject)
    return Certificate(_sign(name, issuer.x509.subject if issuer else name, key, issuer.key if issuer else key,
                             not_before, not_after, extensions, digest or hashes.SHA256(), serial), key)
