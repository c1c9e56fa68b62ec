"""Exchange's objects that say where a certificate is used, as LDIF for exchange.Organization(extra=...)."""

import exchange

CLOUD, VALIDATES = 0x20000, 0x20  # msExchSmtpSendFlags: CloudServicesMailEnabled, TlsAuthLevel CertificateValidation


def server_dn(organization, server):
    return f"CN={exchange.escape(server)},{organization.servers_dn}"


def name_of(certificate):
    """`<I>issuer<S>subject` as Exchange writes it."""
    return f"<I>{windows(certificate.x509.issuer)}<S>{windows(certificate.x509.subject)}"


SHORT = {"2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.8": "S",
         "1.2.840.113549.1.9.1": "E", "0.9.2342.19200300.100.1.25": "DC", "2.5.4.5": "SERIALNUMBER",
         "2.5.4.9": "STREET", "2.5.4.17": "PostalCode"}


def windows(name):
    """A cryptography x509.Name as Windows writes it: the most specific part first."""
    def value(text):
        if not text or any(c in text for c in ',+="\n<>#;') or text != text.strip(" "):
            return '"' + text.replace('"', '""') + '"'
        return text

    def part(one):
        oid = one.oid.dotted_string
        return f"{SHORT.get(oid, 'OID.' + oid)}={value(one.value)}"
    return ", ".join(" + ".join(part(one) for one in rdn) for rdn in reversed(name.rdns))


def send(organization, name, certificate=None, sources=(), flags=0, enabled="TRUE", fqdn=None):
    parent = ("CN=Connections,CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups,"
              "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," + organization.dn)
    return exchange.entry(f"CN={exchange.escape(name)},{parent}", "msExchRoutingSMTPConnector",
                          msExchSmtpTLSCertificate=certificate, msExchSmtpSendFlags=flags,
                          msExchSmtpSendEnabled=enabled, msExchSMTPSendConnectorFQDN=fqdn,
                          msExchSourceBridgeheadServersDN=[server_dn(organization, one) for one in sources])


def send_parents(organization):
    group = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups," + organization.dn
    return (exchange.entry("CN=Routing Groups," + group, "container") +
            exchange.entry("CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups," + group, "container") +
            exchange.entry("CN=Connections,CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups," + group,
                           "container"))


def protocols(organization, server):
    """What lies in each server before anything else does."""
    dn = server_dn(organization, server)
    return (exchange.entry("CN=Protocols," + dn, "container") +
            exchange.entry("CN=SMTP Receive Connectors,CN=Protocols," + dn, "container") +
            exchange.entry("CN=HTTP,CN=Protocols," + dn, "container") +
            exchange.entry("CN=Autodiscover,CN=Protocols," + dn, "container") +
            exchange.entry("CN=IMAP4,CN=Protocols," + dn, "container"))


def receive(organization, server, name="Default Frontend", certificate=None, ports=(25,), enabled="TRUE", flags=29,
            fqdn=None, domains=()):
    dn = "CN=%s,CN=SMTP Receive Connectors,CN=Protocols,%s" % (exchange.escape(f"{name} {server}"),
                                                               server_dn(organization, server))
    return exchange.entry(dn, "msExchSmtpReceiveConnector", msExchSmtpTLSCertificate=certificate,
                          msExchSmtpReceiveEnabled=enabled, msExchSMTPReceiveInboundSecurityFlag=flags,
                          msExchSMTPReceiveConnectorFQDN=fqdn or f"{server.lower()}.contoso.test",
                          msExchSmtpReceiveTlsDomainCapabilities=list(domains),
                          msExchSmtpReceiveBindings=[f"{host}:{port}" for port in ports for host in ("[::]", "0.0.0.0")])


def owa(organization, server, internal=None, external=None):
    return exchange.entry("CN=owa (Default Web Site),CN=HTTP,CN=Protocols," + server_dn(organization, server),
                          "msExchOWAVirtualDirectory", msExchInternalHostName=internal,
                          msExchExternalHostName=external)


def autodiscover(organization, server, url):
    return exchange.entry(f"CN={exchange.escape(server)},CN=Autodiscover,CN=Protocols,"
                          + server_dn(organization, server), "serviceConnectionPoint",
                          keywords=["77378F46-2C66-4aa9-A6A6-3E7A48B19596"], serviceBindingInformation=url)


def imap(organization, server, name):
    return exchange.entry("CN=1,CN=IMAP4,CN=Protocols," + server_dn(organization, server), "protocolCfgIMAPServer",
                          msExchPopImapX509CertificateName=name)


def federation(organization, certificate, following=None):
    return (exchange.entry("CN=Federation Trusts," + organization.dn, "container") +
            exchange.entry("CN=Microsoft Federation Gateway,CN=Federation Trusts," + organization.dn, "msExchFedTrust",
                           msExchFedOrgCertificate=certificate,
                           msExchFedOrgNextCertificate=following))


def partner(organization, name, certificate, enabled=True):
    return (exchange.entry("CN=Partner Applications," + organization.auth_dn, "container") +
            exchange.entry(f"CN={exchange.escape(name)},CN=Partner Applications," + organization.auth_dn,
                           "msExchAuthPartnerApplication", msExchAuthFlags=1 if enabled else 0,
                           msExchAuthCertificateData=certificate))


def roots(*authorities):
    """The CAs that members of the domain trust."""
    services = "CN=Public Key Services," + exchange.SERVICES
    return (exchange.entry(services, "container") +
            exchange.entry("CN=Certification Authorities," + services, "certificateContainer",
                           **{"cACertificate;binary": [one.der for one in authorities]}))
