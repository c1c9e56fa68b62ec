/*
 * The classes and attributes of Exchange's schema that say where a certificate is used, as Exchange 2013 and later
 * write them. Names alone.
 */
#ifndef LDAP_PLACES_ATTRIBUTES_H
#define LDAP_PLACES_ATTRIBUTES_H

#define PLACES_SEND_CLASS "msExchRoutingSMTPConnector"
#define PLACES_RECEIVE_CLASS "msExchSmtpReceiveConnector"
#define PLACES_HYBRID_CLASS "msExchCoexistenceRelationship"
#define PLACES_DIRECTORY_CLASS "msExchVirtualDirectory"
#define PLACES_POINT_CLASS "serviceConnectionPoint"
#define PLACES_POP_CLASS "protocolCfgPOPServer"
#define PLACES_IMAP_CLASS "protocolCfgIMAPServer"
#define PLACES_FEDERATION_CLASS "msExchFedTrust"
#define PLACES_AUTH_SERVER_CLASS "msExchAuthAuthServer"
#define PLACES_PARTNER_CLASS "msExchAuthPartnerApplication"

#define PLACES_TRANSPORT "msExchServerInternalTLSCert"
#define PLACES_TLS_NAME "msExchSmtpTLSCertificate"
#define PLACES_HYBRID_NAME "msExchCoexistenceSecureMailCertificateThumbprint"
#define PLACES_SEND_ENABLED "msExchSmtpSendEnabled"
#define PLACES_SEND_FLAGS "msExchSmtpSendFlags"
#define PLACES_SEND_FQDN "msExchSMTPSendConnectorFQDN"
#define PLACES_SOURCES "msExchSourceBridgeheadServersDN"
#define PLACES_RECEIVE_ENABLED "msExchSmtpReceiveEnabled"
#define PLACES_RECEIVE_FLAGS "msExchSMTPReceiveInboundSecurityFlag"
#define PLACES_RECEIVE_FQDN "msExchSMTPReceiveConnectorFQDN"
#define PLACES_RECEIVE_DOMAINS "msExchSmtpReceiveTlsDomainCapabilities"
#define PLACES_BINDINGS "msExchSmtpReceiveBindings"
#define PLACES_INTERNAL "msExchInternalHostName"
#define PLACES_EXTERNAL "msExchExternalHostName"
#define PLACES_BINDING_INFORMATION "serviceBindingInformation"
#define PLACES_POP_IMAP_NAME "msExchPopImapX509CertificateName"
#define PLACES_FEDERATION "msExchFedOrgCertificate"
#define PLACES_FEDERATION_NEXT "msExchFedOrgNextCertificate"
#define PLACES_PARTNER_DATA "msExchAuthCertificateData"
#define PLACES_PARTNER_FLAGS "msExchAuthFlags"

#endif
