"""Debian 13, for its gcc 14, OpenSSL 3.5, libldap 2.6 with OpenSSL, and curl 8: built, tested and packaged there."""

import re
import unittest

import package
import releases

ROOMS = "base|core|kerberos|web|ldap|renew|notify|probe|monitor|fuzz"
PROGRAM = "directory|renewal|mail|doctor"
TESTS_LEAST = 80
# What is opened by name when it is needed (monitor/show/systemd/libsystemd.c).
OPENED = ("libsystemd.so.0",)


@unittest.skipIf(releases.why_not(), releases.why_not())
class Debian13(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.other = cls.enterClassContext(releases.Release())

    def test_it_builds_without_a_warning_and_the_tests_pass(self):
        self.other.run("cd /src && tools/install-packages build && tools/build asan")
        said = self.other.run("ctest --test-dir /src/build/asan --parallel 2 --output-on-failure "
                              f"-R '^(({ROOMS})[.]|program[.]({PROGRAM})$)'")
        passed = re.search(r"100% tests passed, 0 tests failed out of (\d+)", said)
        self.assertGreaterEqual(int(passed[1]), TESTS_LEAST)
        self.assertNotIn("Skipped", said)

    def test_the_package_is_built_installed_and_finds_its_libraries(self):
        self.other.run("mkdir /deb && cp -a /src /deb/authcert && rm -rf /deb/authcert/build && cd /deb/authcert && "
                       "tools/install-packages package && DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage -b -us -uc")
        depends = self.other.run("dpkg-deb -f /deb/authcert_*.deb Depends")
        for library in ("libcurl4", "libgssapi-krb5-2", "libjansson4", "libldap2", "libpopt0", "libsmartcols1", "libssl3t64"):
            self.assertRegex(depends, rf"\b{library}(t64)?\b")
        self.other.run("apt-get -q -y --no-install-recommends install /deb/authcert_*.deb")
        self.assertIn(package.version(), self.other.run("authcert --version"))
        for name in OPENED:
            self.other.run(f"python3 -c 'import ctypes; ctypes.CDLL(\"{name}\")'")
        self.other.run("dpkg --purge authcert")


if __name__ == "__main__":
    unittest.main()
