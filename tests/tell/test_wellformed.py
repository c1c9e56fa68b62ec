"""The judge of every mail in the tests can say no."""

import unittest

import wellformed

GOOD = b"""From: authcert <authcert@contoso.test>
To: a@contoso.test
Subject: WARNING authcert Contoso: x
Date: Sat, 21 Nov 2026 02:00:00 +0000
Message-ID: <2.expiry@agent.contoso.test>
In-Reply-To: <1.expiry@agent.contoso.test>
References: <1.expiry@agent.contoso.test>
Thread-Topic: WARNING authcert Contoso: w
MIME-Version: 1.0
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: All
List-Id: authcert <authcert.agent.contoso.test>
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

text
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>text</p>
--b--
""".replace(b"\n", b"\r\n")

WRONG = (
    (b"21 Nov", b"21 Foo"), (b"Date:", b"X-Date:"), (b"X-Auto-Response-Suppress: All\r\n", b""),
    (b"auto-generated", b"no"), (b"<2.expiry@", b"<2 expiry@"), (b"References: <1", b"References: <3"),
    (b"In-Reply-To: <1.expiry@agent.contoso.test>\r\nReferences: <1.expiry@agent.contoso.test>\r\n", b""),
    (b"Subject: WARNING", b"Subject: CRITICAL"), (b"Subject: WARNING", b"Subject: Action required"),
    (b"To: a@", b"Bcc: b@contoso.test\r\nTo: a@"), (b"To: a@", b"To: c@contoso.test\r\nTo: a@"),
    (b"--b--", b""), (b"multipart/alternative", b"multipart/mixed"), (b"text/html", b"text/plain"),
    (b"\r\ntext\r\n", b"\r\n=FF\r\n"), (b"\r\ntext\r\n", b"\r\n=1B[2J\r\n"), (b"\r\ntext\r\n", b"\r\n\r\n"),
    (b"\r\ntext\r\n", b"\r\n" + b"x" * 1000 + b"\r\n"), (b"\r\ntext\r\n", b"\ntext\r\n"),
    (b"\r\ntext\r\n", b"\r\nt\xc3\xbcxt\r\n"), (b"<p>text</p>", b"<p>text"), (b"<p>text</p>", b"<p></p>"),
    (b"<p>text</p>", b"<p>text<script>1</script></p>"), (b"<p>text</p>", b"<p onclick=3D1>text</p>"),
    (b"<p>text</p>", b"<p>text<img src=3Dhttp://x.test/></p>"), (b"WARNING authcert Contoso: x", b"WARNING =?utf-8?Q?=0A?="),
)


class WellFormed(unittest.TestCase):
    def test_good(self):
        self.assertEqual(wellformed.check(GOOD)["Subject"], "WARNING authcert Contoso: x")

    def test_wrong(self):
        for old, new in WRONG:
            with self.subTest(old=old, new=new[:60]):
                self.assertIn(old, GOOD)
                with self.assertRaises(AssertionError):
                    wellformed.check(GOOD.replace(old, new, 1))


if __name__ == "__main__":
    unittest.main()
