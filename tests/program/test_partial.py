"""What a read-only domain controller or a global catalog does not show by its nature is unknown, and never absent: every
value that is read there, hidden in turn. That a server is one it says itself, as Active Directory does."""

import unittest

import exchange
import pki
import slapd
from bed.program import Program

READ_ONLY = ("supportedCapabilities", "1.2.840.113556.1.4.1920")  # LDAP_CAP_ACTIVE_DIRECTORY_PARTIAL_SECRETS_OID
SERVER = ("versionNumber", "serialNumber", "msExchCurrentServerRoles", "networkAddress")


class Partial(unittest.TestCase):
    def look(self, *hidden, partial=True, command=("check",), sections=None, **organization):
        organization.setdefault("current", pki.auth_certificate(800))
        one = exchange.Organization(**organization)
        access = [f"access to attrs={','.join(hidden)} by * none"] if hidden else []
        directory = self.enterContext(slapd.Slapd([one], access=access, root=[READ_ONLY] if partial else []))
        self.program = self.enterContext(Program({"directory": directory.directory_config(), **(sections or {})}))
        seen = self.program.run(*command, json=True)
        return seen, [one["id"] for one in seen.report.get("decision", {}).get("reasons", [])]

    def test_thumbprints(self):
        seen, _ = self.look("msExchAuthCertificateThumbprint")
        self.assertEqual((seen.status, seen.report["decision"]["id"]), (3, "unreadable"))
        self.assertIn("says nothing: a read-only domain controller", seen.report["summary"])
        self.assertNotEqual(self.program.run("recover", "--yes").status, 0)

    def test_date(self):
        seen, _ = self.look("msExchAuthNextEffectiveDate", next=pki.auth_certificate(1700),
                            date=pki.now() + pki.days(30))
        self.assertEqual((seen.report["status"], seen.report["decision"]["id"]), ("warning", "none"), seen)
        self.assertNotIn("activate", [due["what"] for due in seen.report["due"]])

    def test_servers(self):
        """One whose version and roles are not shown may hold the certificate: nothing is idle."""
        for hidden in (SERVER[:2], SERVER[2:3], SERVER[:3], SERVER):
            with self.subTest(hidden=hidden):
                seen, ids = self.look(*hidden, current=pki.auth_certificate(-1))
                self.assertEqual((seen.report["status"], seen.report["decision"]["id"]), ("critical", "replace"), seen)
                self.assertIn("server-not-counted", ids)

    def test_hybrid(self):
        type_5 = exchange.AuthServer()
        for hidden, hybrid in ((("msExchAuthFlags",), "unknown"), (("msExchAuthAuthServerType",), "unknown"),
                               (("msExchAuthApplicationIdentifier",), "yes")):
            with self.subTest(hidden=hidden):
                seen, ids = self.look(*hidden, current=pki.auth_certificate(60), auth_servers=[type_5])
                self.assertEqual(seen.report["hybrid"], hybrid)
                self.assertNotIn("hybrid-harmless", ids)
        # At a server that shows everything, the missing identifier is one.
        seen, ids = self.look(partial=False, auth_servers=[exchange.AuthServer(application=None)])
        self.assertIn("hybrid-harmless", ids)

    def test_other_certificates(self):
        seen, _ = self.look("msExchServerInternalTLSCert", command=("inventory",), sections={"inventory": {"watch": "yes"}})
        self.assertIn("does not show every attribute", seen.stdout + seen.stderr, seen)


if __name__ == "__main__":
    unittest.main()
