"""A hybrid organization whose tenants are those of the stand-in for Entra.

    with hybrid.Bed(current=certificate, tenants=2, mode="add") as bed:
        bed.cloud, bed.apps             the stand-in and the applications of the tenants
        bed.run("run")                  as in renewal.Bed
        bed.entra(seen)                 {tenant: (current, next)} of a Result
"""

import entra
import exchange
import pki
import renewal


class Bed(renewal.Bed):
    """`known`: the application has current's key already. `keeps`: current's key pair was taken in. `login`: the address
    of tokens that the directory has."""

    def __init__(self, current, tenants=1, mode="add", known=True, keeps=True, section=None, login=None, **options):
        self.cloud = entra.Entra()
        self.apps = [self.cloud.application([current] if known else []) for _ in range(tenants)]
        self.keeps, self.mode, self.changes = keeps, mode, section or {}
        servers = [exchange.AuthServer(f"EvoSts - {one.tenant}", application=one.id, realm=one.tenant, login=login) for one in self.apps]
        super().__init__(current, auth_servers=servers, hybrid=True, **options)
        # Key pairs for Entra alone live two years.
        self.directory.tls = pki.authority().server("127.0.0.1", "dc1.contoso.test", not_after=pki.now() + pki.days(7300))

    def __enter__(self):
        self.cloud.__enter__()
        try:
            self.more = {"entra": self.cloud.section(*self.apps, mode=self.mode, **self.changes), **self.more}
            super().__enter__()
        except BaseException:
            self.cloud.__exit__()
            raise
        if self.keeps:
            self.take_in(self.program)
        return self

    def __exit__(self, *_):
        try:
            super().__exit__()
        finally:
            self.cloud.__exit__()

    def take_in(self, program):
        """The admin gives the program the key pair of current."""
        pfx = program.file("current.pfx", self.organization.current.pfx(b"a password of twenty"), 0o600)
        password = program.secret("pfx-password", "a password of twenty\n")
        seen = program.run("import", "--password-file", password, pfx)
        assert seen.status == 0, seen

    def night(self, at, *args):
        self.cloud.clock = lambda: at
        return self.run(*(args or ("run",)), now=at)

    @staticmethod
    def entra(seen):
        return {one["tenant"]: (one["current"], one["next"]) for one in seen.report["entra"]}
