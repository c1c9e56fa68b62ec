"""The dedicated hybrid application in Entra: asked, given keys, and never taken for granted. Against a stand-in for Entra
that verifies what is signed with other people's libraries."""

import time
import unittest

import entra
import hybrid
import pki

NOW = int(time.time())
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class Asks(unittest.TestCase):
    def test_a_token_request_is_that_of_microsofts_own_library(self):
        for assertion, algorithm, digest in (("ps256", "PS256", "x5t#S256"), ("rs256", "RS256", "x5t")):
            with self.subTest(assertion), hybrid.Bed(pki.auth_certificate(800), mode="confirm",
                                                     section={"assertion": assertion}) as bed:
                bed.run("run")
                (one,) = bed.cloud.asked
                app = bed.apps[0]
                self.assertTrue(one["accepted"], one)
                self.assertEqual(one["header"], {"alg": algorithm, "typ": "JWT", digest: one["header"][digest]})
                claims = one["claims"]
                self.assertEqual(set(claims), {"aud", "iss", "sub", "jti", "nbf", "iat", "exp"})
                self.assertEqual(claims["aud"], f"{bed.cloud.url}/{app.tenant}/oauth2/v2.0/token")
                self.assertEqual((claims["iss"], claims["sub"]), (app.id, app.id))
                self.assertRegex(claims["jti"], f"^{GUID}$")
                self.assertEqual(claims["exp"], claims["nbf"] + 600)
                self.assertEqual(claims["iat"], claims["nbf"])
                self.assertEqual(set(one["form"]), {"client_id", "scope", "grant_type", "client_assertion_type",
                                                    "client_assertion"})
                self.assertEqual(one["form"]["scope"], bed.cloud.url + "/.default")

    def test_check_asks_only_when_told_to_and_writes_nothing(self):
        with hybrid.Bed(pki.auth_certificate(800), tenants=2, mode="confirm") as bed:
            unknown, yes = ("unknown", "unknown"), ("yes", "unknown")
            self.assertEqual(set(bed.entra(bed.run("check")).values()), {unknown})
            self.assertEqual(bed.cloud.asked, [])
            self.assertEqual(set(bed.entra(bed.run("check", "--entra")).values()), {yes})
            self.assertEqual(len(bed.cloud.asked), 2)
            self.assertEqual(set(bed.entra(bed.run("check")).values()), {unknown})
            bed.run("run")
            seen = bed.run("check")
            self.assertEqual(set(bed.entra(seen).values()), {yes})
            self.assertIsNotNone(seen.report["entra"][0]["asked_at"])
            self.assertEqual(bed.entra(bed.run("check", "--last")), bed.entra(seen))
            self.assertEqual(len(bed.cloud.asked), 4)


def html(status, **headers):
    return status, {"Content-Type": "text/html", **headers}, b"<html><h1>Please accept the terms of this network</h1></html>"


class Answers(unittest.TestCase):
    """Whatever comes instead of a token or of 700027: it is not known, and that is said."""

    @classmethod
    def setUpClass(cls):
        cls.bed = hybrid.Bed(pki.auth_certificate(800), mode="confirm", section={"timeout": "3s"})
        cls.bed.__enter__()
        cls.addClassCleanup(cls.bed.__exit__, None, None, None)

    def look(self, *answers):
        self.bed.cloud.logins = list(answers)
        seen = self.bed.run("check", "--entra")
        self.assertEqual(self.bed.cloud.logins, [])
        return next(iter(self.bed.entra(seen).values()))[0], " ".join(
            one["text"] for one in seen.report["decision"]["reasons"] if one["id"].startswith("entra-"))

    def test_what_is_no_answer_of_entra_is_unknown(self):
        code = lambda number, status=401: self.bed.cloud.failure(status, number, f"AADSTS{number}: evil words")
        for name, answer, words in (
                ("a portal's page", html(200), "not Entra"), ("a proxy's refusal", html(403), "not Entra"),
                ("a redirect", html(302, Location="https://evil.test/"), "not followed"),
                ("rubbish", (200, {}, bytes(range(256)) * 256), "not Entra"),
                ("endless rubbish", (200, {}, b"x" * 4000000), "not Entra"),
                ("a token in too much", (200, {}, b'{"access_token":"a","x":"' + b"x" * 70000 + b'"}'), "not Entra"),
                ("too many requests", (429, {}, b"{}"), "429"), ("out of order", html(503), "503"),
                ("an unknown code", code(1234567), "AADSTS1234567"), ("another tenant", code(90002, 400), "no such tenant"),
                ("another application", code(700016, 400), "no such application"), ("disabled", code(7000112), "disabled"),
                ("Conditional Access", code(53003, 400), "Conditional Access"), ("our clock", code(700024), "clock")):
            with self.subTest(name):
                accepts, said = self.look(answer)
                self.assertEqual(accepts, "unknown")
                self.assertIn(words, said)
                self.assertNotIn("evil", said)

    def test_both_wordings_of_the_one_no(self):
        (key,) = self.bed.apps[0].keys
        self.bed.apps[0].keys = []
        try:
            for wording in ("old", "new"):
                self.bed.cloud.wording = wording
                accepts, said = self.look()
                self.assertEqual(accepts, "no")
                self.assertIn("700027", said)
        finally:
            self.bed.apps[0].keys = [key]

    def test_who_asks_for_patience_is_asked_once_more(self):
        for status in (429, 503):
            self.assertEqual(self.look((status, {"Retry-After": "1"}, b"")), ("yes", ""))
        self.assertEqual(self.look(*[(429, {"Retry-After": "1"}, b"")] * 2)[0], "unknown")

    def test_who_does_not_answer_is_unknown(self):
        self.bed.cloud.hung.set()
        try:
            accepts, said = self.look()
        finally:
            self.bed.cloud.hung.clear()
        self.assertEqual(accepts, "unknown")
        self.assertIn("no answer within 3 seconds", said)

    def test_a_skewed_clock_is_named(self):
        self.bed.cloud.skew = 3600
        try:
            accepts, said = self.look()
        finally:
            self.bed.cloud.skew = 0
        self.assertEqual((accepts, "clock" in said), ("unknown", True), said)

    def test_an_assertion_for_another_address_is_no_yes(self):
        address = self.bed.cloud.url
        self.bed.cloud.url = "https://login.elsewhere.test"
        try:
            accepts, said = self.look()
        finally:
            self.bed.cloud.url = address
        self.assertEqual(accepts, "unknown", said)

    def test_whose_certificate_is_not_trusted_is_told_nothing(self):
        self.bed.program.change("entra", ca_file=None)
        try:
            asked = len(self.bed.cloud.asked)
            accepts, said = self.look()
        finally:
            self.bed.program.change("entra", ca_file=self.bed.cloud.ca_file)
        self.assertEqual((accepts, len(self.bed.cloud.asked)), ("unknown", asked))
        self.assertIn("TLS certificate is not trusted", said)


class Doctor(unittest.TestCase):
    def doctor(self, bed):
        return [line for line in bed.program.run("doctor").stdout.splitlines() if "tenant" in line or "Entra" in line]

    def test_it_asks_with_a_key_that_must_be_accepted_and_one_that_must_not(self):
        with hybrid.Bed(pki.auth_certificate(800), tenants=2) as bed:
            lines = self.doctor(bed)
            self.assertEqual(sum("accepts the key of current, and not one that it cannot know" in line for line in lines), 2, lines)
            bed.cloud.logins = [(200, {}, b'{"access_token":"anybody"}')]
            self.assertIn("what answers is not Entra", " ".join(self.doctor(bed)))
            bed.apps[0].lose(bed.organization.current.thumbprint)
            self.assertIn("does not have the key of current", " ".join(self.doctor(bed)))
            bed.program.change("entra", object_id=None)
            self.assertIn(f"az ad app show --id {bed.apps[0].id}", " ".join(self.doctor(bed)))

    def test_a_cloud_that_is_another_is_named(self):
        with hybrid.Bed(pki.auth_certificate(800), keeps=False, login="https://login.partner.microsoftonline.cn/x") as bed:
            bed.program.change("entra", cloud="global", login=None, graph=None, proxy="http://127.0.0.1:1", timeout="1s")
            self.assertIn("set cloud = china", " ".join(self.doctor(bed)))

    def test_why_a_key_could_not_be_given_is_told(self):
        with hybrid.Bed(pki.auth_certificate(60)) as bed:
            bed.cloud.policy = True
            bed.run("run")
            self.assertIn("lifetime in [policy]", " ".join(self.doctor(bed)))


class Enrolment(unittest.TestCase):
    def test_a_key_of_its_own_is_made_uploaded_once_and_renews_itself(self):
        with hybrid.Bed(pki.auth_certificate(800), keeps=False) as bed:
            app, first = bed.apps[0], bed.organization.current.thumbprint
            made = bed.program.run("entra", "enroll")
            self.assertEqual(made.status, 0, made)
            (name,) = [path.name for path in (bed.program.state / "entra").iterdir()]
            own = name.split(".")[0]
            der = bed.program.state / "certificates" / f"{own}.der"
            for words in (str(der), app.id, "--append", "DELETE"):
                self.assertIn(words, made.stderr)
            self.assertIn("nothing to do", bed.program.run("entra", "enroll").stderr)
            app.upload(entra.Key(der.read_bytes()))
            at = NOW + 675 * 86400
            seen = bed.night(at)
            renewed = [one for one in app.thumbprints() if one not in (first, own)]
            self.assertEqual(len(renewed), 1, seen)
            bed.night(at + 86400)
            self.assertEqual(app.thumbprints(), [first, own, renewed[0]], "a person put it there, and removes it")


if __name__ == "__main__":
    unittest.main()
