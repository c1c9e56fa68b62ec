"""A read-only domain controller: it is recognised, never written to, and left for one that takes writes. It keeps the
agent's password alone, as an admin allows it, and is joined for these tests to a forest of one controller."""

import unittest

import ad
import controller
import exchange
import pki
import renewal
import template

GROUP = f"CN=Allowed RODC Password Replication Group,{ad.USERS}"
GONE = "gone.contoso.test"


class Forest(ad.Forest):
    """dc[1] is the read-only one."""

    def __enter__(self):
        super().__enter__()
        try:
            self.join()
        except BaseException:
            self.__exit__()
            raise
        return self

    def join(self):
        first, second = self.dc[0], controller.Controller(1, self.folder / "dc2", self.inside_of)
        self.dc.append(second)
        second.folder.mkdir()
        self.hosts(second.address, second.host, second.name)
        second.tool("samba-tool", "domain", "join", "contoso.test", "RODC", "--server=" + first.host, "-W", "CONTOSO",
                    "--dns-backend=NONE", f"--targetdir={second.folder}", "--configfile=/dev/null",
                    "--option=workgroup=CONTOSO", "--option=realm=CONTOSO.TEST", "--option=netbios name=DC2",
                    f"--option=interfaces={second.address}/8", "--option=bind interfaces only=yes",
                    "--option=name resolve order=host", f"--option=posix:eadb={second.folder}/eadb.tdb")
        second.configure()
        template.certificates(second)
        self.modify(f"dn: {GROUP}\nchangetype: modify\nadd: member\nmember: CN={ad.AGENT},{ad.USERS}\n-\n")
        second.tool("samba-tool", "rodc", "preload", ad.AGENT, "--server=" + first.host, "-s", second.settings)
        second.start()


class Bed(renewal.Bed):
    def __init__(self, forest, current, **directory):
        super().__init__(current=None, executable=forest.executable())
        self.directory, self.organization, self.current = forest, forest.organizations[0], current
        self.section = {"uri": forest.dc[1].uri, **directory}

    def __enter__(self):
        self.program = self.agent()
        self.program.change("directory", **self.section)
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()


@ad.required
class ReadOnly(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.current = pki.auth_certificate(-1)
        cls.forest = cls.enterClassContext(Forest([exchange.Organization(current=cls.current,
                                                                         servers=exchange.servers(3, sites=2))]))
        cls.one, cls.two = cls.forest.dc

    def bed(self, **directory):
        self.forest.replace(self.forest.organizations[0].auth_dn, msExchAuthNextEffectiveDate=[],
                            msExchAuthCertificateThumbprint=["0:" + self.current.thumbprint])
        return self.enterContext(Bed(self.forest, self.current, **directory))

    def blocked(self, bed, words):
        report = bed.run("run").report
        self.assertEqual((report["directory"]["server"], report["decision"]["id"], report["decision"]["blocked"]["by"]),
                         (self.two.host, "replace", "unreachable"))
        self.assertIn(words, report["decision"]["blocked"]["how_to_unblock"])
        self.assertEqual([done for done in report["done"] if done["act"] != "deliver"], [])

    def written(self, bed):
        seen = bed.run("run")
        self.assertEqual([done["result"] for done in seen.report["done"] if done["act"] == "replace"], ["ok"], seen)
        self.assertEqual(seen.report["directory"]["uri"], self.one.uri)
        self.assertNotEqual(bed.slots()["0"], self.current.thumbprint)

    def test_the_writer_is_found_from_it(self):
        self.written(self.bed())

    def test_named_as_the_writer_it_is_not_written_to(self):
        """A server that would refer the write elsewhere is not even asked."""
        bed = self.bed(writer=self.two.host)
        self.blocked(bed, "read-only")
        self.assertEqual(bed.slots(), {"0": self.current.thumbprint})
        seen = bed.program.run("recover", "--yes")
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("read-only", seen.stderr)

    def test_without_the_writer_one_of_the_configuration_is_taken(self):
        self.written(self.bed(uri=[self.two.uri, self.one.uri], writer=GONE))

    def test_without_the_writer_one_of_the_directory_is_taken(self):
        """None that takes writes is configured."""
        self.written(self.bed(writer=GONE))
        bed = self.bed(writer=GONE)
        seen = bed.program.run("recover", "--yes", json=True)
        self.assertEqual(seen.status, 0, seen)
        self.assertNotEqual(bed.slots()["0"], self.current.thumbprint)

    def test_alone_it_is_read_and_the_act_waits(self):
        bed = self.bed()
        self.forest.stop(0)
        try:
            self.blocked(bed, self.one.host + " did not answer")
        finally:
            self.forest.start(0)
        self.assertEqual(bed.slots(), {"0": self.current.thumbprint})


if __name__ == "__main__":
    unittest.main()
