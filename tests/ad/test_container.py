"""The container of the records on a real Active Directory: made by an account that may, asked for where it may not."""

import unittest

import ad
import exchange
import pki
import renewal


@ad.required
class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.organization = exchange.Organization(current=pki.auth_certificate(21), servers=exchange.servers(2))
        cls.forest = cls.enterClassContext(ad.Forest([cls.organization]))
        cls.forest.delete(ad.CONTAINER)

    def run_as(self, name):
        """The text of a run that stages a certificate, logged in as this account."""
        self.forest.replace(self.organization.auth_dn, msExchAuthNextEffectiveDate=[],
                            msExchAuthCertificateThumbprint=["0:" + self.organization.current.thumbprint])
        program = self.forest.program({"bind_dn": f"CN={name},{ad.USERS}", "password_file": self.forest.password_file(name)},
                                      policy={"mode": "renew"})
        command = program.file("deliver", renewal.DELIVERY.format(folder=program.folder), 0o755)
        program.change("delivery", method="command", command=command)
        program.change("state", directory=program.state, key_password_file=program.secret("key-password", "long enough\n"))
        seen = program.run("run")
        self.assertEqual(seen.status, 0, seen)
        return " ".join(seen.stdout.split())

    def found(self):
        names = self.forest.search(exchange.SERVICES, "(|(cn=authcert)(objectClass=msDS-AppData))", ["cn", "objectClass"])
        return {entry["cn"][0].decode(): entry["objectClass"][-1] for entry in names.values()}

    def test_made_where_that_is_allowed(self):
        self.assertIn("there is no container", self.run_as(ad.AGENT))
        self.assertEqual(self.found(), {})
        self.assertNotIn("container", self.run_as(ad.ADMINISTRATOR))
        values = [value.decode() for value in self.forest.read(self.organization.auth_dn, renewal.THUMBPRINTS)]
        next, = [value[2:] for value in values if value.startswith("2:")]
        self.assertEqual(self.found(), {"authcert": b"container", next: b"msDS-AppData"})


if __name__ == "__main__":
    unittest.main()
