"""docs/active-directory.md typed as it stands: account, key table, configuration, doctor. (What is for Windows is not.)"""

import re
import unittest
from pathlib import Path

import ad
import controller
import exchange

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/active-directory.md"


@ad.required
class Page(unittest.TestCase):
    def setUp(self):
        self.forest = self.enterContext(ad.Forest([exchange.Organization()]))
        self.work = self.forest.folder / "work"
        self.work.mkdir()
        self.etc = self.forest.folder / "etc"
        self.forest.modify(f"dn: CN={ad.AGENT},{ad.USERS}\nchangetype: delete\n")

    def blocks(self, language):
        return re.findall(r"^( *)```%s\n(.*?)^ *```$" % language, PAGE.read_text(), re.S | re.M)

    def type(self, text, input=None):
        """Types commands of the page on the domain controller, with its configuration in another place."""
        text = text.replace("/etc/authcert", str(self.etc)).replace("-o authcert -g authcert ", "")
        environment = {**controller.ENVIRONMENT, "SMB_CONF_PATH": str(self.forest.dc[0].settings), "HOME": str(self.work),
                       "KRB5_CONFIG": str(self.forest.krb5_conf)}
        done = self.forest.inside("sh", "-ec", f"cd '{self.work}'\n" + text, env=environment, input=input)
        self.assertEqual(done.returncode, 0, text + done.stdout + done.stderr)
        return done.stdout

    def configuration(self, number):
        text = self.blocks("ini")[number][1].replace("/etc/authcert", str(self.etc))
        return text.replace(", ldaps://dc2.contoso.test", "")

    def doctor(self, text):
        program = self.forest.program()
        program.write(text + f"[state]\ndirectory = {program.state}\n[servers]\nprobe = none\n")
        seen = program.run("doctor")
        self.assertEqual(seen.status, 0, seen)
        self.assertIn("dc1.contoso.test answers, TLS", seen.stdout, seen)
        self.assertNotIn("failed", seen.stdout)

    def test_from_nothing_to_a_log_in(self):
        create, export, place, _ = [text for _, text in self.blocks("sh")]
        self.type(create)
        self.type(export)
        self.assertIn("aes256-cts-hmac-sha1-96", self.type(place))
        (self.etc / "domain-ca.pem").write_bytes(Path(self.forest.ca_file).read_bytes())
        self.doctor(self.configuration(1))

        # The other way to a key table: by a password that is known.
        self.forest.set_password(ad.AGENT, controller.password(ad.AGENT))
        lines = re.findall("^ktutil:  (.*)", self.blocks("text")[0][1], re.M)
        self.type("ktutil", "\n".join([lines[0], controller.password(ad.AGENT), *lines[1:], ""]))
        self.type(place)
        self.doctor(self.configuration(1))

        (self.etc / "directory-password").touch(0o600)
        (self.etc / "directory-password").write_text(controller.password(ad.AGENT) + "\n")
        self.doctor(self.configuration(2))

    def test_the_krb5_conf_of_the_page(self):
        spaces, text = self.blocks("ini")[0]
        path = self.forest.folder / "page.conf"
        path.write_text(re.sub("^" + spaces, "", text, flags=re.M))
        account = self.forest.service_account("svc-other")
        program = self.forest.program({"bind": "gssapi", "keytab": account.keytab})
        self.assertEqual(program.run("check", env={"KRB5_CONFIG": str(path)}).status, 0)


if __name__ == "__main__":
    unittest.main()
