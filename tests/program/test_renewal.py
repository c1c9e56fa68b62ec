"""The acts of mode renew and the commands that an admin types, against a real slapd and a delivery command."""

import re
import unittest

import exchange
import pki
import renewal

DAY = 86400


def epoch(days):
    """A clock so many days from now, for `now=` of a run."""
    return (pki.now() + pki.days(days)).timestamp()


class Acts(unittest.TestCase):
    def assert_exit(self, seen, status=0):
        self.assertEqual(seen.status, status, seen)
        return seen.report

    def test_a_rotation_from_staging_to_retiring(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            report = self.assert_exit(bed.run("run"))
            self.assertEqual([(d["act"], d["result"]) for d in report["done"]], [("deliver", "ok"), ("stage", "ok")])
            new = report["certificates"]["next"]["thumbprint"]
            self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": new})
            self.assertEqual(report["status"], "ok", report)
            self.assertTrue(report["certificates"]["next"]["key_kept"])
            self.assertEqual([(t, s, sorted(n)) for t, s, n in bed.delivered()],
                             [(new, "next", ["ex1.contoso.test", "ex2.contoso.test", "ex3.contoso.test"])])
            self.assertEqual(bed.keys(), [new + ".key"])
            self.assertEqual({s["next"] for s in report["servers"]}, {"present"})

            again = self.assert_exit(bed.run("run"))
            self.assertEqual(again["done"], [])
            self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": new})

            date = report["next_effective"]
            report = self.assert_exit(bed.run("run", now=epoch(15)))
            self.assertEqual([d["act"] for d in report["done"]], ["activate"], (date, report))
            self.assertEqual(bed.slots(), {"0": new, "1": current.thumbprint})
            self.assertIsNone(bed.date())

            self.assertEqual(self.assert_exit(bed.run("run", now=epoch(21)))["done"], [])
            report = self.assert_exit(bed.run("run", now=epoch(23)))
            self.assertEqual([d["act"] for d in report["done"]], ["retire"])
            self.assertEqual(bed.slots(), {"0": new})
            self.assertEqual(report["status"], "ok")

    def set_back(self, bed, thumbprint):
        """The object as it once was, as an authoritative restore puts it back."""
        bed.directory.modify(f"dn: {bed.organization.auth_dn}\nchangetype: modify\n"
                             f"replace: msExchAuthCertificateThumbprint\n"
                             f"msExchAuthCertificateThumbprint: 0:{thumbprint}\n")
        if bed.date():
            bed.directory.modify(f"dn: {bed.organization.auth_dn}\nchangetype: modify\n"
                                 f"delete: msExchAuthNextEffectiveDate\n")

    def test_a_rotation_that_was_set_back_is_done_again_with_the_same_pair(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            new = self.assert_exit(bed.run("run"))["certificates"]["next"]["thumbprint"]
            self.assert_exit(bed.run("run", now=epoch(15)))
            self.assertEqual(bed.slots(), {"0": new, "1": current.thumbprint})
            for day in (16, 17):
                self.set_back(bed, current.thumbprint)
                self.assert_exit(bed.run("run", now=epoch(day)))
                self.assertEqual((bed.slots(), bed.keys()), ({"0": current.thumbprint, "2": new}, [new + ".key"]))
            self.set_back(bed, current.thumbprint)
            self.assert_exit(bed.run("run", now=epoch(22)))
            self.assertEqual((bed.slots(), bed.keys()), ({"0": new}, [new + ".key"]))
            self.assertEqual(len(bed.delivered()), 1, "the servers have it")

    def test_a_pair_whose_time_as_previous_is_over_does_not_come_back(self):
        current = pki.auth_certificate(60)
        with renewal.Bed(current=current) as bed:
            new = self.assert_exit(bed.run("run"))["certificates"]["next"]["thumbprint"]
            self.assert_exit(bed.run("run", now=epoch(31)))
            self.assertEqual(bed.slots(), {"0": new, "1": current.thumbprint})
            bed.directory.modify(f"dn: {bed.organization.auth_dn}\nchangetype: modify\n"
                                 f"replace: msExchAuthCertificateThumbprint\n"
                                 f"msExchAuthCertificateThumbprint: 0:{current.thumbprint}\n"
                                 f"msExchAuthCertificateThumbprint: 1:{new}\n")
            self.assert_exit(bed.run("check", now=epoch(32)), 1)
            bed.run("run", now=epoch(32))
            for _ in range(2):
                self.set_back(bed, current.thumbprint)
                bed.run("run", now=epoch(33))
                self.assertNotIn(new, bed.slots().values())

    def test_an_expired_certificate_is_replaced_by_the_run(self):
        current = pki.auth_certificate(-1)
        with renewal.Bed(current=current) as bed:
            report = self.assert_exit(bed.run("run"))
            self.assertEqual([d["act"] for d in report["done"]], ["deliver", "replace"])
            self.assertEqual(bed.slots(), {"0": report["certificates"]["current"]["thumbprint"]})
            self.assertEqual(report["status"], "warning")

    def test_manual_delivery_waits_for_the_admin(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current, delivery=False) as bed:
            first = self.assert_exit(bed.run("run"))
            self.assertEqual(first["decision"]["blocked"]["by"], "delivery", first)
            self.assertEqual(bed.slots(), {"0": current.thumbprint})
            kept = bed.keys()
            self.assertEqual(len(kept), 1)
            self.assertRegex(kept[0], r"^[0-9A-F]{40}\.candidate$")
            thumbprint = kept[0].split(".")[0]
            self.assert_exit(bed.run("run"))
            self.assertEqual(bed.keys(), kept, "night after night it is the same candidate")
            self.assertEqual(bed.run("deliver", "--confirm", thumbprint, "ex1.contoso.test").status, 0)
            report = self.assert_exit(bed.run("run"))
            self.assertEqual(report["decision"]["blocked"]["by"], "delivery", "one site is confirmed, the other not")
            self.assertEqual(bed.run("deliver", "--confirm", thumbprint).status, 0)
            report = self.assert_exit(bed.run("run"))
            self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": thumbprint})
            self.assertEqual(bed.keys(), [thumbprint + ".key"])

    def test_a_delivery_that_fails_stages_nothing_and_is_tried_again(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            bed.program.file("refuse", "")
            report = self.assert_exit(bed.run("run"), 1)
            self.assertEqual(report["decision"]["blocked"]["by"], "delivery", report)
            self.assertEqual(bed.slots(), {"0": current.thumbprint})
            kept = bed.keys()
            (bed.program.folder / "refuse").unlink()
            report = self.assert_exit(bed.run("run"))
            self.assertEqual(bed.slots()["2"] + ".candidate", kept[0])
            self.assertEqual(report["status"], "ok")

    def test_a_silent_delivery_command_is_told_as_such(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            bed.program.file("deliver", "#!/bin/sh\ncat >/dev/null\n", 0o755)
            seen = bed.run("run")
            self.assertEqual(seen.status, 1, seen)
            self.assertIn("did not say whether ex1.contoso.test has the certificate", seen.stderr)
            self.assertNotIn("delivery to ex1.contoso.test failed", seen.stderr)
            self.assertEqual(set(bed.slots()), {"0"})

    def test_hybrid_blocks_and_a_typed_command_does_not(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current, hybrid=True) as bed:
            report = self.assert_exit(bed.run("run"))
            self.assertEqual(report["decision"]["blocked"]["by"], "hybrid")
            self.assertEqual(bed.keys(), [])
            seen = bed.run("renew")
            self.assert_exit(seen)
            self.assertEqual(set(bed.slots()), {"0", "2"})

    def test_promotion_by_exchange_itself_is_success(self):
        current, following = pki.auth_certificate(21), pki.auth_certificate(1800, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() - pki.days(1)) as bed:
            self.assertEqual(self.assert_exit(bed.run("activate", "--yes", "--now"))["done"][0]["act"], "activate")
            self.assertEqual(bed.slots(), {"0": following.thumbprint, "1": current.thumbprint})
            self.assertEqual(self.assert_exit(bed.run("activate"))["done"], [])


class Rows(unittest.TestCase):
    """Each row of the lifecycle table that writes, carried out by one nightly run."""

    def run_once(self, expected_act, bed, status=0):
        seen = bed.run("run")
        self.assertEqual(seen.status, status, seen)
        self.assertIn(expected_act, [d["act"] for d in seen.report["done"]], seen)
        self.assertNotIn("failed", [d["result"] for d in seen.report["done"]], seen)
        return seen.report

    def test_promote(self):
        current, following = pki.auth_certificate(-1), pki.auth_certificate(900, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() + pki.days(20), hybrid=True) as bed:
            self.run_once("activate", bed)
            self.assertEqual(bed.slots(), {"0": following.thumbprint}, "an expired certificate is no previous")

    def test_restore(self):
        current, before = pki.auth_certificate(-1), pki.auth_certificate(30, key=pki.new_key())
        with renewal.Bed(current=current, previous=before) as bed:
            report = self.run_once("activate", bed)
            self.assertEqual(bed.slots()["0"], before.thumbprint)
            self.assertEqual(report["status"], "warning", "and a successor is staged in the same run")
            self.assertIn("2", bed.slots())

    def test_reschedule(self):
        current, following = pki.auth_certificate(40), pki.auth_certificate(900, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() + pki.days(60)) as bed:
            self.run_once("reschedule", bed)
            self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": following.thumbprint})
            self.assertEqual(bed.date()[:8], (pki.now() + pki.days(30)).strftime("%Y%m%d"))
            self.assertEqual(bed.run("run").report["done"], [])

    def test_restage(self):
        current, following = pki.auth_certificate(40), pki.auth_certificate(35, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() + pki.days(30)) as bed:
            self.run_once("stage", bed)
            self.assertNotEqual(bed.slots()["2"], following.thumbprint)
            self.assertEqual(bed.slots()["0"], current.thumbprint)

    def test_withdraw(self):
        current, following = pki.auth_certificate(900), pki.auth_certificate(500, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() + pki.days(30)) as bed:
            self.run_once("withdraw", bed)
            self.assertEqual(bed.slots(), {"0": current.thumbprint})
            self.assertIsNone(bed.date())

    def test_mend_a_date_without_next(self):
        current = pki.auth_certificate(900)
        with renewal.Bed(current=current, date=pki.now() + pki.days(30)) as bed:
            self.run_once("mend", bed)
            self.assertIsNone(bed.date())
            self.assertEqual(bed.slots(), {"0": current.thumbprint})

    def test_mend_next_that_is_current(self):
        current = pki.auth_certificate(900)
        with renewal.Bed(current=current, next=current, date=pki.now() + pki.days(30)) as bed:
            self.run_once("mend", bed)
            self.assertEqual(bed.slots(), {"0": current.thumbprint})
            self.assertIsNone(bed.date())

    def test_mend_next_without_date(self):
        current, following = pki.auth_certificate(400), pki.auth_certificate(900, key=pki.new_key())
        with renewal.Bed(current=current, next=following) as bed:
            self.run_once("mend", bed)
            self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": following.thumbprint})
            self.assertEqual(bed.date()[:8], (pki.now() + pki.days(30)).strftime("%Y%m%d"))

    def test_mend_two_nexts_of_which_one_is_ours(self):
        """Exchange's own staging goes through beside ours."""
        current, theirs = pki.auth_certificate(21), pki.auth_certificate(900, key=pki.new_key())
        with renewal.Bed(current=current) as bed:
            self.run_once("stage", bed)
            kept = bed.keys()
            bed.add_values("2:" + theirs.thumbprint)
            self.run_once("mend", bed)
            self.assertEqual(bed.slots(), {"0": current.thumbprint, "2": theirs.thumbprint})
            self.assertEqual(bed.keys(), kept, "our key is not lost with it")

    def test_two_currents_are_not_mended_beside_two_nexts(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            self.run_once("stage", bed)
            bed.add_values("2:" + "A" * 40, "0:" + "B" * 40)
            before = bed.values()
            self.assertEqual(bed.run("run").report["done"], [])
            self.assertEqual(bed.values(), before)

    def test_replace_leaves_no_unusable_next(self):
        """Exchange would make it current at its date, and hybrid would keep us from taking it out later."""
        current, following = pki.auth_certificate(-1), pki.auth_certificate(-2, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() + pki.days(20), hybrid=True) as bed:
            self.run_once("replace", bed)
            self.assertEqual(set(bed.slots()), {"0"})
            self.assertIsNone(bed.date())

    def test_what_cannot_be_mended_without_loss_waits_for_recover(self):
        current = pki.auth_certificate(400)
        with renewal.Bed(current=None, values=["0:" + current.thumbprint, "9:" + "A" * 40], data=[current.der]) as bed:
            before = bed.values()
            seen = bed.run("run")
            self.assertEqual((seen.status, seen.report["status"], seen.report["done"]), (0, "critical", []), seen)
            self.assertEqual(bed.values(), before)

    def test_a_bare_current_gets_its_prefix_with_the_next_write(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=None, values=[current.thumbprint.lower()], data=[current.der]) as bed:
            self.run_once("stage", bed)
            self.assertEqual(bed.slots()["0"], current.thumbprint)

    def test_nothing_is_written_without_rights(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current, allowed=exchange.WRITABLE, effective=()) as bed:
            seen = bed.run("run")
            self.assertEqual(seen.report["decision"]["blocked"]["by"], "rights", seen)
            self.assertEqual((seen.status, bed.keys()), (0, []), seen)

    def test_a_dry_run_of_run(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            before = bed.values()
            seen = bed.program.run("run", "--dry-run")
            self.assertEqual(seen.status, 0, seen)
            self.assertEqual(seen.stdout.count("changetype: modify"), 1, seen)
            self.assertEqual(bed.values(), before)
            self.assertEqual(sorted(path.name for path in bed.program.state.iterdir()), [])


class Typed(unittest.TestCase):
    def test_a_dry_run_prints_ldif_and_changes_nothing(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            before = bed.values()
            seen = bed.program.run("renew", "--dry-run")
            self.assertEqual(seen.status, 0, seen)
            self.assertIn("changetype: modify", seen.stdout)
            self.assertRegex(seen.stdout, r"add: msExchAuthCertificateThumbprint\nmsExchAuthCertificateThumbprint: 2:"
                                          r"[0-9A-F]{40}\n")
            self.assertRegex(seen.stdout, r"add: msExchAuthNextEffectiveDate\nmsExchAuthNextEffectiveDate: \d{14}\.0Z")
            self.assertEqual(bed.values(), before)
            self.assertEqual(bed.keys(), [])
            self.assertEqual(bed.delivered(), [])

    def test_renew_with_a_usable_next_has_nothing_to_do(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            self.assertEqual(bed.run("renew").status, 0)
            staged = bed.slots()
            seen = bed.run("renew")
            self.assertEqual(seen.status, 0, seen)
            self.assertIn("nothing to do", seen.stderr)
            self.assertEqual(bed.slots(), staged)
            refused = bed.run("renew", "--again")
            self.assertEqual(refused.status, 2, refused)
            self.assertEqual(bed.slots(), staged)
            self.assertEqual(bed.run("renew", "--again", "--yes").status, 0)
            self.assertNotEqual(bed.slots()["2"], staged["2"])

    def test_effective_dates(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            for wrong in ("2020-01-01", "+20d", "soon", "+-1d", "+1h", "2026-13-01"):
                seen = bed.run("renew", "--effective", wrong)
                self.assertEqual(seen.status, 2, seen)
                self.assertEqual(seen.report["told"], [], seen)
            self.assertEqual(set(bed.slots()), {"0"})
            self.assertEqual(bed.run("renew", "--effective", "+10d").status, 0)
            expected = (pki.now() + pki.days(10)).strftime("%Y%m%d")
            self.assertEqual(bed.date()[:8], expected)
            for wrong in ("2020-01-01", "+20d", "soon"):  # a mistake is one also where there is nothing to do
                self.assertEqual(bed.run("renew", "--effective", wrong).status, 2, wrong)
            self.assertEqual(bed.run("renew", "--effective", "+5d").status, 0)
            self.assertEqual(bed.date()[:8], expected)

    def test_recover_an_expired_organization(self):
        current = pki.auth_certificate(-10)
        with renewal.Bed(current=current, policy={"mode": "monitor"}, hybrid=True) as bed:
            refused = bed.run("recover")
            self.assertEqual(refused.status, 2, refused)
            seen = bed.run("recover", "--yes")
            self.assertEqual(seen.status, 0, seen)
            self.assertEqual(set(bed.slots()), {"0"})
            self.assertNotEqual(bed.slots()["0"], current.thumbprint)
            for word in ("MSExchangeServiceHost", "MSExchangeOWAAppPool", "MSExchangeECPAppPool", "Hybrid"):
                self.assertIn(word, seen.stderr)
            healthy = bed.run("recover", "--yes")
            self.assertEqual((healthy.status, healthy.report["done"]), (0, []), healthy)

    def test_recover_prefers_what_is_there(self):
        current, following = pki.auth_certificate(-1), pki.auth_certificate(900, key=pki.new_key())
        with renewal.Bed(current=current, next=following, date=pki.now() + pki.days(20)) as bed:
            self.assertEqual(bed.run("recover", "--yes").status, 0)
            self.assertEqual(bed.slots(), {"0": following.thumbprint})
        current, before = pki.auth_certificate(-1), pki.auth_certificate(30, key=pki.new_key())
        with renewal.Bed(current=current, previous=before) as bed:
            self.assertEqual(bed.run("recover", "--yes").status, 0)
            self.assertEqual(bed.slots(), {"0": before.thumbprint})

    def test_recover_malformed_objects(self):
        good = pki.auth_certificate(900)
        for values in (["1:" + good.thumbprint], ["0:" + good.thumbprint, "0:" + "A" * 40], ["7:" + good.thumbprint],
                       ["0:" + "A" * 40, "0:" + good.thumbprint], ["2:" + good.thumbprint],
                       ["0:xyz", good.thumbprint.lower()], []):
            with self.subTest(values=values), renewal.Bed(current=None, values=values, data=[good.der]) as bed:
                seen = bed.run("recover", "--yes")
                self.assertEqual(seen.status, 0, seen)
                self.assertLessEqual(set(bed.slots()) - {"0"}, {"1"} if "0:" + "A" * 40 in values else set())
                if values:
                    self.assertEqual(bed.slots()["0"], good.thumbprint, "usable, and named by the object")
                self.assertEqual(seen.report["status"], "warning", seen)

    def test_typed_commands_name_the_steps_at_partners(self):
        with renewal.Bed(current=pki.auth_certificate(21), hybrid=True) as bed:
            for command in (["renew"], ["activate", "--now", "--yes"]):
                with self.subTest(command=command):
                    seen = bed.run(*command, "--dry-run")
                    self.assertNotIn("Entra", seen.stderr)
                    seen = bed.run(*command)
                    self.assertEqual(seen.status, 0, seen)
                    self.assertIn("the dedicated hybrid application in Entra must have", " ".join(seen.stderr.split()))

    def test_a_clock_behind_the_last_run_is_named(self):
        with renewal.Bed(current=pki.auth_certificate(200)) as bed:
            self.assertEqual(bed.run("run", now=epoch(2)).status, 0)
            seen = bed.run("renew")
            self.assertEqual(seen.status, 1, seen)
            self.assertIn("earlier than the last run", seen.stderr)

    def test_the_history_has_what_the_delivery_command_said(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            (bed.program.folder / "refuse").touch()
            self.assertEqual(bed.run("run").status, 1)
            self.assertRegex(bed.program.run("history").stdout, "trouble .*ex1.contoso.test failed: refused")

    def test_recover_with_manual_delivery_stops_and_goes_on(self):
        current = pki.auth_certificate(-1)
        with renewal.Bed(current=current, delivery=False) as bed:
            first = bed.run("recover", "--yes")
            self.assertEqual(first.status, 0, first)
            self.assertEqual(bed.slots(), {"0": current.thumbprint})
            thumbprint = bed.keys()[0].split(".")[0]
            for word in ("export " + thumbprint, "deliver --confirm " + thumbprint, "ex1.contoso.test"):
                self.assertIn(word, first.stderr)
            self.assertEqual(bed.run("deliver", "--confirm", thumbprint).status, 0)
            self.assertEqual(bed.run("recover", "--yes").status, 0)
            self.assertEqual(bed.slots()["0"], thumbprint)

    def test_go_back_to_previous_and_retire(self):
        current, before = pki.auth_certificate(900), pki.auth_certificate(30, key=pki.new_key())
        with renewal.Bed(current=current, previous=before) as bed:
            self.assertEqual(bed.run("retire").status, 0)
            self.assertEqual(set(bed.slots()), {"0", "1"}, "not before its time")
            self.assertEqual(bed.run("retire", "--now").status, 2)
            self.assertEqual(bed.run("activate", "--previous", "--yes").status, 0)
            self.assertEqual(bed.slots(), {"0": before.thumbprint, "1": current.thumbprint})
            self.assertEqual(bed.run("retire", "--now", "--yes").status, 0)
            self.assertEqual(bed.slots(), {"0": before.thumbprint})

    def test_previous_is_not_retired_beside_an_unknown_current(self):
        before = pki.auth_certificate(30)
        values = ["0:" + "A" * 40, "1:" + before.thumbprint]
        with renewal.Bed(current=None, values=values, data=[before.der]) as bed:
            seen = bed.run("retire", now=epoch(10))
            self.assertEqual(seen.status, 1, seen)
            self.assertIn("authcert import", seen.stderr)
            self.assertEqual(bed.values(), sorted(values))

    def test_export(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            bed.run("renew")
            thumbprint = bed.slots()["2"]
            target = bed.program.folder / "out.pfx"
            short = bed.program.secret("short", "too short\n")
            seen = bed.program.run("export", thumbprint, target, "--password-file", short)
            self.assertEqual(seen.status, 2, seen)
            self.assertFalse(target.exists())
            password = bed.program.secret("long", "long enough to hold a key to every mailbox\n")
            seen = bed.program.run("export", thumbprint, target, "--password-file", password)
            self.assertEqual(seen.status, 0, seen)
            self.assertEqual(target.stat().st_mode & 0o777, 0o600)
            key, certificate, _ = pki.pkcs12.load_key_and_certificates(target.read_bytes(),
                                                                       b"long enough to hold a key to every mailbox")
            self.assertEqual(pki.Certificate(certificate, key).thumbprint, thumbprint)
            again = bed.program.run("export", thumbprint, target, "--password-file", password)
            self.assertEqual(again.status, 1, again)
            self.assertFalse(re.search("long enough", seen.stdout + seen.stderr + again.stderr))

    def test_nothing_is_kept_without_a_key_password(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            bed.program.change("state", key_password_file=None)
            seen = bed.run("run")
            self.assertEqual(seen.status, 2, seen)
            self.assertIn("key_password", seen.stderr)
            bed.program.change("state", key_password="none")
            self.assertEqual(bed.run("run").status, 0)


if __name__ == "__main__":
    unittest.main()
