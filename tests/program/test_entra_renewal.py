"""A hybrid organization on its way to a new certificate: nothing is staged before Entra accepts its key, and what Entra
lacks it is given. Against the stand-in of bed/entra.py."""

import time
import unittest

import entra
import hybrid
import pki
import smtp
import trial
import wait

NOW = int(time.time())
DAY = 86400


def decision(seen):
    found = seen.report["decision"]
    return found["id"], found["blocked"]["by"] if found["blocked"] else None


class Staging(unittest.TestCase):
    def test_the_next_certificate_is_given_to_every_tenant_before_it_is_staged(self):
        with hybrid.Bed(pki.auth_certificate(60), tenants=2) as bed:
            seen = bed.run("run")
            self.assertEqual(seen.status, 0, seen)
            acts = [one["act"] for one in seen.report["done"]]
            self.assertEqual(acts, ["deliver", "entra-add", "entra-add", "stage"])
            following = bed.slots()["2"]
            self.assertEqual(sorted(bed.cloud.added()), sorted((app.id, following) for app in bed.apps))
            for app in bed.apps:
                self.assertEqual(app.thumbprints(), [bed.organization.current.thumbprint, following])
            self.assertEqual(set(bed.entra(seen).values()), {("yes", "yes")})

    def test_without_its_yes_nothing_is_staged_and_it_goes_on_by_itself(self):
        with hybrid.Bed(pki.auth_certificate(60), mode="confirm") as bed:
            seen = bed.run("run")
            self.assertEqual((seen.status, decision(seen)), (0, ("stage", "entra")), seen)
            self.assertEqual(list(bed.slots()), ["0"])
            how = seen.report["decision"]["blocked"]["how_to_unblock"]
            (thumbprint,) = [name.split(".")[0] for name in bed.keys() if name.endswith(".candidate")]
            for word in (thumbprint, bed.apps[0].id, bed.apps[0].tenant, "700027", "authcert entra confirm"):
                self.assertIn(word, how)
            self.assertEqual(decision(bed.run("check")), ("stage", "entra"))
            seen = bed.run("run", now=NOW + DAY)
            self.assertEqual(decision(seen), ("stage", "entra"), seen)
            self.assertEqual(bed.cloud.added(), [])
            der = bed.program.state / "certificates" / f"{thumbprint}.der"
            bed.cloud.clock = lambda: NOW + 2 * DAY
            bed.apps[0].keys.append(entra.Key(der.read_bytes()))
            seen = bed.run("run", now=NOW + 2 * DAY)
            self.assertEqual(bed.slots()["2"], thumbprint, seen)

    def test_a_person_vouches_where_it_cannot_be_asked(self):
        with hybrid.Bed(pki.auth_certificate(60), tenants=2, mode="confirm", section={"timeout": "1s"}) as bed:
            bed.cloud.hung.set()
            self.assertEqual(decision(bed.run("run")), ("stage", "entra"))
            for count, app in enumerate(bed.apps, 1):
                self.assertEqual(bed.program.run("entra", "confirm", app.tenant.upper()).status, 0)
                seen = bed.run("run", now=NOW + count * DAY)
                self.assertEqual("2" in bed.slots(), count == 2, seen)
            status = bed.program.run("entra", "status")
            self.assertIn("by the word of", status.stdout)

    def test_another_tenant_or_nothing_to_vouch_for(self):
        with hybrid.Bed(pki.auth_certificate(800), mode="confirm") as bed:
            seen = bed.program.run("entra", "confirm", "elsewhere.test")
            self.assertEqual(seen.status, 2, seen)
            self.assertIn(bed.apps[0].tenant, seen.stderr)
            seen = bed.program.run("entra", "confirm", bed.apps[0].tenant)
            self.assertEqual(seen.status, 0, seen)
            self.assertIn("nothing to do", seen.stderr)

    def test_what_spreads_slowly_is_waited_for(self):
        with hybrid.Bed(pki.auth_certificate(60)) as bed:
            bed.cloud.delay = 1
            seen = bed.run("run")
            self.assertIn("2", bed.slots(), seen)
            self.assertEqual(len(bed.cloud.added()), 1)


class Refusing(unittest.TestCase):
    """Why a key could not be given is said, nothing is staged, and it goes on once the reason is gone."""

    def refuse(self, words, prepare, mend, certificate=None, **options):
        with hybrid.Bed(pki.auth_certificate(60), **options) as bed:
            prepare(bed)
            seen = bed.run("run")
            self.assertEqual((seen.status, decision(seen)), (0, ("stage", "entra")), seen)
            self.assertEqual(list(bed.slots()), ["0"])
            how = seen.report["decision"]["blocked"]["how_to_unblock"]
            for word in words:
                self.assertIn(word, how)
            mend(bed)
            seen = bed.night(NOW + DAY)
            self.assertIn("2", bed.slots(), seen)
            for app in bed.apps:
                self.assertEqual(app.thumbprints(), [bed.organization.current.thumbprint, bed.slots()["2"]])

    def switch(self, name):
        return lambda bed: setattr(bed.cloud, name, True), lambda bed: setattr(bed.cloud, name, False)

    def test_the_application_may_not_change_its_keys(self):
        self.refuse(["may not change its own keys", "Upload the certificate"], *self.switch("forbid"))

    def test_a_person_uploads_it_where_the_application_may_not(self):
        def upload(bed):
            (name,) = [name for name in bed.keys() if name.endswith(".candidate")]
            der = bed.program.state / "certificates" / (name.split(".")[0] + ".der")
            bed.apps[0].upload(entra.Key(der.read_bytes()))
        self.refuse(["may not change its own keys"], lambda bed: setattr(bed.cloud, "forbid", True), upload)

    def test_the_tenants_policy(self):
        self.refuse(["lifetime in [policy]"], *self.switch("policy"))

    def test_no_object_identifier(self):
        objects = {}

        def take(bed):
            objects["id"] = bed.program.sections["entra"]["object_id"]
            bed.program.change("entra", object_id=None)
        self.refuse(["object_id", "az ad app show --id"], take,
                    lambda bed: bed.program.change("entra", object_id=objects["id"]))

    def test_the_object_identifier_of_something_else(self):
        objects = {}

        def change(bed):
            objects["id"] = bed.program.sections["entra"]["object_id"]
            bed.program.change("entra", object_id="11111111-2222-3333-4444-555555555555")
        self.refuse(["object_id"], change, lambda bed: bed.program.change("entra", object_id=objects["id"]))

    def test_a_proof_for_another_audience(self):
        self.refuse(["object_id", "clock"],
                    lambda bed: bed.program.change("entra", proof_audience="00000003-0000-0000-c000-000000000000"),
                    lambda bed: bed.program.change("entra", proof_audience=None))

    def test_graph_out_of_order(self):
        def break_it(bed):
            bed.cloud.graphs = [(503, {}, b"<html></html>")]
        with hybrid.Bed(pki.auth_certificate(60)) as bed:
            break_it(bed)
            seen = bed.run("run")
            self.assertEqual(decision(seen), ("stage", "entra"), seen)
            bed.night(NOW + DAY)
            self.assertEqual(bed.apps[0].thumbprints(), [bed.organization.current.thumbprint, bed.slots()["2"]])

    def test_no_key_that_entra_accepts(self):
        """The first time: the pair is made and delivered, a mail says what to upload, and the rest goes by itself."""
        with smtp.Relay() as relay, hybrid.Bed(pki.auth_certificate(60), keeps=False, section={"object_id": None},
                                               sections={"mail": {"relay": relay.uri, **trial.MAIL}}) as bed:
            app, first = bed.apps[0], bed.organization.current.thumbprint
            seen = bed.run("run")
            self.assertEqual(decision(seen), ("stage", "entra"), seen)
            (name,) = [name for name in bed.keys() if name.endswith(".candidate")]
            thumbprint = name.split(".")[0]
            der = bed.program.state / "certificates" / f"{thumbprint}.der"
            (message,) = relay.messages
            text = " ".join(message.body.split())
            for words in (str(der), app.id, app.tenant, "--append", "DELETE the key with which Exchange works now",
                          "ConfigureExchangeHybridApplication.ps1", f"az ad app show --id {app.id} --query id -o tsv"):
                self.assertIn(words, text)
            bed.night(NOW + DAY)
            self.assertEqual(len(relay.messages), 1, "told once")
            app.upload(entra.Key(der.read_bytes()))
            bed.night(NOW + 2 * DAY)
            self.assertEqual(bed.slots()["2"], thumbprint)
            self.assertEqual(app.thumbprints(), [first, thumbprint])


class Emergency(unittest.TestCase):
    def test_it_does_not_wait_and_entra_follows_at_once(self):
        with hybrid.Bed(pki.auth_certificate(-1), known=False, keeps=False) as bed:
            own = bed.program.run("entra", "enroll")
            self.assertEqual(own.status, 0, own)
            (name,) = [path.name for path in (bed.program.state / "entra").iterdir()]
            der = bed.program.state / "certificates" / (name.split(".")[0] + ".der")
            bed.apps[0].upload(entra.Key(der.read_bytes()))
            seen = bed.run("run")
            acts = [one["act"] for one in seen.report["done"]]
            self.assertEqual(acts, ["deliver", "replace", "entra-add"], seen)
            self.assertIn(bed.slots()["0"], bed.apps[0].thumbprints())

    def test_it_does_not_wait_for_an_entra_that_hangs(self):
        with hybrid.Bed(pki.auth_certificate(-1), section={"timeout": "1s"}) as bed:
            bed.cloud.hung.set()
            seen = bed.program.run("recover", "--yes")
            self.assertEqual(seen.status, 0, seen)
            self.assertNotEqual(bed.slots()["0"], bed.organization.current.thumbprint)


class Twice(unittest.TestCase):
    def test_cut_off_after_the_key_was_added_it_is_added_once(self):
        with hybrid.Bed(pki.auth_certificate(60)) as bed:
            app, first = bed.apps[0], bed.organization.current.thumbprint
            bed.cloud.delay = 1

            def kill(_):
                process.kill()
                process.wait()
            bed.cloud.after_add = kill
            process = bed.program.start("run")
            process.communicate()
            bed.cloud.after_add = None
            self.assertEqual(len(app.keys), 2)
            self.assertEqual(list(bed.slots()), ["0"])
            seen = bed.run("run")
            self.assertIn("2", bed.slots(), seen)
            self.assertEqual(app.thumbprints(), [first, bed.slots()["2"]], seen)

    def test_two_agents_leave_one_key(self):
        with hybrid.Bed(pki.auth_certificate(60)) as bed:
            other = bed.agent()
            bed.take_in(other)
            app, first = bed.apps[0], bed.organization.current.thumbprint
            started = [program.start("run", json=True) for program in (bed.program, other)]
            for process in started:
                output, errors = process.communicate(timeout=wait.HANG)
                self.assertEqual(process.returncode, 0, (output, errors))
            for program in (bed.program, other):
                program.run("run")
            self.assertEqual(app.thumbprints(), [first, bed.slots()["2"]])


class Waiting(unittest.TestCase):
    def setUp(self):
        self.bed = hybrid.Bed(pki.auth_certificate(60))
        self.bed.__enter__()
        self.addCleanup(self.bed.__exit__, None, None, None)
        self.bed.run("run")
        self.following = self.bed.slots()["2"]

    def test_a_key_that_is_lost_is_given_again_and_told(self):
        bed, app = self.bed, self.bed.apps[0]
        app.lose(self.following)
        seen = bed.night(NOW + DAY)
        self.assertIn(self.following, app.thumbprints())
        self.assertEqual([one["act"] for one in seen.report["done"]], ["entra-add"])
        self.assertEqual(set(bed.entra(seen).values()), {("yes", "yes")})

    def test_unknown_moves_no_date_and_is_told_on_the_third_night(self):
        bed, date = self.bed, self.bed.date()
        statuses = []
        for night in range(1, 5):
            bed.cloud.logins = [(503, {}, b"<html>out of order</html>")] * 9
            seen = bed.night(NOW + night * DAY)
            statuses.append(seen.report["status"])
            self.assertEqual(bed.date(), date)
        self.assertEqual(statuses, ["ok", "ok", "warning", "warning"])
        bed.cloud.logins = []
        self.assertEqual(bed.night(NOW + 5 * DAY).report["status"], "ok")

    def test_still_not_accepted_near_its_date_it_is_put_off(self):
        bed, app = self.bed, self.bed.apps[0]
        app.lose(self.following)
        bed.cloud.forbid = True
        seen = bed.night(NOW + DAY)
        self.assertEqual((seen.status, seen.report["status"]), (0, "warning"), seen)
        date = bed.date()
        seen = bed.night(NOW + 29 * DAY)
        self.assertIn("reschedule", [one["act"] for one in seen.report["done"]], seen)
        self.assertGreater(bed.date(), date)
        self.assertEqual(bed.slots()["2"], self.following)


class Retiring(unittest.TestCase):
    def test_our_key_is_taken_back_the_night_after_it_was_cleared_and_no_other(self):
        policy = {"lifetime": "150d", "renew_before": "60d"}
        with hybrid.Bed(pki.auth_certificate(50), policy=policy) as bed:
            app, uploaded = bed.apps[0], bed.organization.current.thumbprint
            bed.run("run")
            given = bed.slots()["2"]
            for night in (31, 39, 40):
                bed.night(NOW + night * DAY)
            self.assertEqual(bed.slots(), {"0": given})
            self.assertEqual(app.thumbprints(), [uploaded, given], "what a person uploaded is not ours")
            for night in (100, 131, 139):
                seen = bed.night(NOW + night * DAY)
            third = bed.slots()["0"]
            self.assertNotEqual(third, given, seen)
            self.assertEqual(app.thumbprints(), [uploaded, given, third])
            app.lose(third)  # now the one that goes would be the last that works
            bed.cloud.forbid = True
            bed.night(NOW + 140 * DAY)
            self.assertEqual(app.thumbprints(), [uploaded, given])
            bed.cloud.forbid = False
            seen = bed.night(NOW + 141 * DAY)
            self.assertEqual([one["act"] for one in seen.report["done"]], ["entra-add", "entra-remove"])
            self.assertEqual(app.thumbprints(), [uploaded, third])
            self.assertEqual(bed.cloud.removed(), [(app.id, given)])


if __name__ == "__main__":
    unittest.main()
