"""The question before what cannot be taken back says what it asks: which organization, from which certificate to which, how
that gets to the servers and to which, what is refreshed. Answered on a real terminal."""

import unittest

import pki
import renewal
from terminal import on_terminal, screen


class Question(unittest.TestCase):
    def asked(self, bed, *words):
        """{what: answer} of what stands on the terminal; the answer typed is no, so nothing is changed."""
        before = bed.slots()
        status, output, _ = on_terminal(bed.program, *words, both=False, typed="n\n")
        self.assertIn("authcert: nothing was done", [line.rstrip() for line in screen(output)])
        said, _, _ = output.decode().partition("This will ")[2].partition("Go on? [y/N] ")
        lines = said.replace("\r", "").splitlines()
        return {"what": lines[0], **{line[2:16].strip(): line[16:] for line in lines[1:]}}

    def test_recover(self):
        ended = pki.auth_certificate(-2.5)
        with renewal.Bed(current=ended) as bed:
            asked = self.asked(bed, "recover")
            self.assertEqual(asked["what"], "make another certificate current.")
            self.assertEqual(asked["organization"], "Contoso")
            self.assertRegex(asked["current now"], f"^{ended.thumbprint}, ended on .*, 2 days ago$")
            self.assertRegex(asked["afterwards"], r"^a new one, made now, ends on \d{4}-\d\d-\d\d$")
            self.assertEqual(asked["delivered"], f"by {bed.program.folder}/deliver to ex1.contoso.test, ex2.contoso.test, "
                             "ex3.contoso.test")
            self.assertEqual(asked["refreshed"], "nothing: Exchange uses it within 12.5 hours, or at once where you restart it")

    def test_recover_by_hand_and_half_way(self):
        with renewal.Bed(current=pki.auth_certificate(-2.5), delivery=False) as bed:
            self.assertRegex(self.asked(bed, "recover")["delivered"], "^by hand: .*, for ex1.contoso.test, ex2")
            bed.run("recover", "--yes")
            thumbprint = bed.run("check").report["incident"]["thumbprint"]
            asked = self.asked(bed, "recover")
            self.assertRegex(asked["afterwards"], f"^{thumbprint}, ends on .* \\(new: made earlier, and kept here\\)$")
            bed.run("deliver", "--confirm", thumbprint)
            self.assertEqual(self.asked(bed, "recover")["delivered"], "nothing")

    def test_what_is_kept(self):
        """A certificate that is there already becomes current, or goes."""
        old, current, following = (pki.auth_certificate(left) for left in (30, 400, 900))
        with renewal.Bed(current=current, previous=old, next=following, date=pki.now() + pki.days(60)) as bed:
            for words, slot, now, then in ((("activate", "--now"), "current now", current, following),
                                           (("activate", "--previous"), "current now", current, old),
                                           (("retire", "--now"), "previous now", old, None),
                                           (("renew", "--again"), "next now", following, None)):
                with self.subTest(words=words):
                    asked = self.asked(bed, *words)
                    self.assertTrue(asked[slot].startswith(f"{now.thumbprint}, ends on "), asked)
                    if then is not None:
                        self.assertRegex(asked["afterwards"], f"^{then.thumbprint}, ends on .* \\(kept: it is (next|previous)\\)$")
                    else:
                        self.assertRegex(asked["afterwards"], "^none$" if "retire" in words else "^a new one, made now, ends on ")
                        self.assertEqual(asked["refreshed"], "nothing")

    def test_malformed(self):
        with renewal.Bed(current=pki.auth_certificate(400), values=["2:" + "A" * 40]) as bed:
            self.assertRegex(self.asked(bed, "recover")["current now"], r"\(the object is malformed, and is written again\)$")


if __name__ == "__main__":
    unittest.main()
