"""What matters comes last on a terminal: a typed command ends with its result and the next step, below a short report; a
mistake in the command line stands alone."""

import unittest

import pki
import renewal
from terminal import on_terminal, screen


class LastLines(unittest.TestCase):
    def lines(self, bed, *words):
        """What stays on the terminal."""
        self.status, output, _ = on_terminal(bed.program, *words, env={"NO_COLOR": "1"})
        return [line.rstrip() for line in screen(output) if line.strip()]

    def test_result_and_next_step(self):
        with renewal.Bed(current=pki.auth_certificate(-2.5), delivery=False) as bed:
            program = f"authcert -c {bed.program.config}"
            lines = self.lines(bed, "recover", "--yes")
            self.assertLess(len(lines), 20, lines)
            self.assertEqual(lines[-1], "  4. the same command again: it goes on from there")
            thumbprint = bed.run("check").report["incident"]["thumbprint"]
            self.assertEqual(self.lines(bed, "deliver", "--confirm", thumbprint)[-2:],
                             ["authcert: done", f"authcert: now: {program} recover"])
            self.assertIn("    on ex3.contoso.test", self.lines(bed, "recover", "--yes")[-4:])
            self.assertEqual(self.lines(bed, "recover", "--yes")[-2:],
                             [f"authcert: nothing to recover: the current certificate {thumbprint} can be used",
                              "authcert: now: nothing to do"])

    def test_the_reason_of_a_refusal(self):
        with renewal.Bed(current=pki.auth_certificate(-2.5)) as bed:
            lines = self.lines(bed, "renew")
            self.assertEqual(self.status, 1)
            self.assertEqual(lines[-2:], ["authcert: the current certificate cannot be used any more: authcert recover",
                                          f"authcert: now: authcert -c {bed.program.config} recover"])
            bed.directory.stop()
            self.assertIn("Nothing answers there", self.lines(bed, "renew")[-1])
            self.assertEqual(self.status, 3)

    def test_all_of_it_where_it_is_asked_for(self):
        with renewal.Bed(current=pki.auth_certificate(400)) as bed:
            self.assertNotIn("Exchange servers", self.lines(bed, "retire"))
            lines = self.lines(bed, "-v", "retire")
            self.assertIn("Exchange servers", lines)
            self.assertEqual(lines[-1], "authcert: now: nothing to do")

    def test_the_three_lines_are_on_the_screen(self):
        with renewal.Bed(current=pki.auth_certificate(-2.5), policy={"mode": "monitor"}) as bed:
            for words in (("check",), ("run",)):
                lines = self.lines(bed, *words)
                self.assertEqual(lines[-3:], bed.program.run(*words).stdout.splitlines()[:3])
                self.assertEqual(lines[-1], f"Command:   authcert -c {bed.program.config} recover")

    def test_a_mistake_stands_alone(self):
        with renewal.Bed(current=pki.auth_certificate(400)) as bed:
            for words, mistake in ((("deliver", "--confirm", "12"), "--confirm needs a thumbprint"),
                                   (("renew", "--effective", "2099-01-01"), "--effective is later than"),
                                   (("refresh",), "services are refreshed over WinRM"),
                                   (("entra", "enroll"), "Entra is not asked"), (("chek",), "there is no such command")):
                with self.subTest(words=words):
                    lines = self.lines(bed, *words)
                    self.assertEqual((self.status, len(lines)), (2, 1), lines)
                    self.assertTrue(lines[0].startswith("authcert: "))
                    self.assertIn(mistake, lines[0])


if __name__ == "__main__":
    unittest.main()
