"""Ten years of nights: the real program, a real slapd, a real mail relay, and all that happens in ten years.

By default nights in which nothing can be due are taken ten at a time; AUTHCERT_FULL=1 takes every one. What happens is
drawn from a seed, which is printed; AUTHCERT_SEED=NUMBER draws it again. Certificates live one year, so that there are a
dozen generations. The mails are compared with a model of what is due, made of what the design says and of what the
directory shows, not of what the program says that it told.
"""

import datetime
import os
import random
import sys
import time
import unittest
from collections import Counter
from pathlib import Path

import exchange
import pki
import renewal
import slapd
import smtp

HOUR, DAY = 3600, 86400
YEARS = 10
WARN = (90, 60, 45, 30, 14, 7, 3, 1)
RENEW_BEFORE, ACTIVATE_AFTER, RETIRE_AFTER = 90 * DAY, 30 * DAY, 7 * DAY
EXCHANGE_NIGHT = 36 * HOUR
KINDS = ("relay", "delivery", "hybrid", "quiet", "by hand", "both", "by hand over next")
NAMES = ("127.0.0.1", "localhost", "dc1.contoso.test")


def at(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def text(seconds):
    return at(seconds).strftime("%Y-%m-%d %H:%M:%S")


class Mails:
    """What is due to be told, night by night: a change, an act that failed for the first time or goes on failing for a
    week after the last mail, a threshold while nothing is under way, a status that changed, a new block. At most one
    mail a night."""

    def __init__(self):
        self.told = {}              # thumbprint -> smallest threshold told
        self.told_on = {}           # thumbprint -> date of the last mail
        self.status = "ok"
        self.block = None
        self.failed_on = None       # date of the last mail that told of the present failure

    def due(self, now, current, end, covered, changed, failed, status, block):
        """Why a mail is due this night, or ""."""
        crossed = min((days for days in WARN if end - now <= days * DAY), default=None)
        before = self.told.get(current)
        today = int(now // DAY)
        reasons = []
        if crossed is not None and not covered:
            if before is None or crossed < before:
                reasons.append("threshold %d" % crossed)
            elif crossed == WARN[-1] and self.told_on.get(current) != today:
                reasons.append("daily")
        if changed:
            reasons.append("changed")
        if failed and (self.failed_on is None or today - self.failed_on >= 7):
            reasons.append("failed")
        if status != self.status:
            reasons.append("status %s" % status)
        if block is not None and block != self.block:
            reasons.append("blocked")
        if reasons and not covered and crossed is not None:
            self.told[current], self.told_on[current] = crossed, today
        if not failed:
            self.failed_on = None
        elif reasons:
            self.failed_on = today
        self.status, self.block = status, block
        return ", ".join(reasons)


class Organization(renewal.Bed):
    """An organization whose certificates for TLS outlive the ten years."""

    def __init__(self, current, relay, **options):
        super().__init__(current, **options)
        names = pki.authority().server(*NAMES, not_after=pki.now() + pki.days(366 * (YEARS + 1)))
        self.directory = slapd.Slapd([self.organization], tls=names)
        self.relay = relay

    def write(self, slots, date):
        """As an admin or Exchange writes them: {"0": thumbprint, ...} and seconds or None."""
        self.directory.replace(self.organization.auth_dn,
                               msExchAuthCertificateThumbprint=["%s:%s" % pair for pair in sorted(slots.items())],
                               msExchAuthNextEffectiveDate=exchange.generalized(at(date)) if date else [])

    def seconds(self):
        date = self.date()
        if not date:
            return None
        return datetime.datetime.strptime(date, "%Y%m%d%H%M%S.0Z").replace(tzinfo=datetime.timezone.utc).timestamp()


class Life:
    """The ten years of one organization; `case` asserts."""

    def __init__(self, case, bed, relay, chance, first):
        self.case, self.bed, self.relay, self.chance = case, bed, relay, chance
        self.start = int(time.time()) // DAY * DAY + 2 * DAY + 2 * HOUR
        self.full = os.environ.get("AUTHCERT_FULL") == "1"
        self.certificates = {first.thumbprint: (first.not_before.timestamp(), first.not_after.timestamp())}
        self.ours = set()           # thumbprints that the program made
        self.slots, self.date = bed.slots(), None
        self.promoted = None        # when the present current became it
        self.generation = 0
        self.pass_at = self.start + chance.randrange(12 * HOUR)
        self.exchange_acts = True   # in this generation
        self.mails = Mails()
        self.sent = 0               # mails due so far
        self.mailed = 0             # mails that the relay had before this night
        self.relay_down = self.refusing = self.hybrid = (0, 0)
        self.is_hybrid = False
        self.log, self.nights, self.counts = [], 0, Counter()

    # What happens to the organization

    def end(self, thumbprint):
        return self.certificates[thumbprint][1]

    def check_usable(self, now):
        begin, end = self.certificates[self.slots["0"]]
        self.case.assertTrue(begin <= now < end, "%s: current is unusable: %s" % (text(now), self.story()))

    def story(self):
        return "seed %d, %s\n%s" % (self.seed, self.slots, "\n".join(self.log[-12:]))

    def note(self, now, words):
        self.log.append("%s  %s" % (text(now), words))

    def exchange_until(self, until):
        """Exchange's servicelet: twice a day, next becomes current once its date has passed."""
        while self.pass_at <= until:
            if self.exchange_acts and self.date and self.date <= self.pass_at and "2" in self.slots:
                self.check_usable(self.pass_at)
                slots = {"0": self.slots["2"], "1": self.slots["0"]}
                self.bed.write(slots, None)
                self.note(self.pass_at, "Exchange promotes")
                self.counts["promoted by Exchange"] += 1
                self.see(self.pass_at, slots, None)
            self.pass_at += 12 * HOUR

    def admin_rotates(self, now):
        """By hand, whatever is staged: a certificate of its own for a year becomes current."""
        new = pki.auth_certificate(not_before=at(now - HOUR), not_after=at(now + 365 * DAY))
        self.certificates[new.thumbprint] = (new.not_before.timestamp(), new.not_after.timestamp())
        data = self.bed.directory.read(self.bed.organization.auth_dn, "msExchAuthCertificateData")
        self.bed.directory.replace(self.bed.organization.auth_dn, msExchAuthCertificateData=data[-3:] + [new.der])
        slots = {"0": new.thumbprint, "1": self.slots["0"]}
        self.bed.write(slots, None)
        self.note(now, "an admin rotates by hand" + (" over a staged certificate" if "2" in self.slots else ""))
        self.counts["rotated by hand"] += 1
        self.see(now, slots, None)

    def fate(self, now):
        """Draws what goes wrong in a generation, when it begins."""
        self.exchange_acts = self.generation % 2 == 1 or self.chance.random() < 0.2
        due = self.end(self.slots["0"]) - RENEW_BEFORE
        kind = KINDS[self.generation % len(KINDS)]
        self.hand = None
        if kind in ("delivery", "both"):
            self.refusing = (due - self.chance.randrange(5) * DAY, due + self.chance.randrange(25, 31) * DAY)
        if kind in ("relay", "both"):
            begin = due + self.chance.randrange(-6, 32) * DAY
            self.relay_down = (begin, begin + 7 * DAY)
        if kind == "hybrid":
            self.hybrid = (due - 5 * DAY, due + self.chance.randrange(32, 50) * DAY)
        if kind == "by hand":
            self.hand = due - self.chance.randrange(20, 150) * DAY
        if kind == "by hand over next":
            self.hand = due + self.chance.randrange(5, 25) * DAY
        self.note(now, "generation %d: %s, Exchange %s" % (self.generation, kind, self.exchange_acts))

    # What is seen of it

    def see(self, now, slots, date):
        before = self.slots
        if slots.get("0") != before["0"]:
            if "2" in before and slots["0"] == before["2"]:
                self.case.assertGreaterEqual(now, self.date, self.story())
                self.counts["promoted"] += 1
            self.promoted = now
            self.generation += 1
        elif "1" in before and "1" not in slots:
            self.case.assertGreaterEqual(now - self.promoted, RETIRE_AFTER, self.story())
            self.counts["retired"] += 1
        if "2" in slots and slots["2"] != before.get("2"):
            self.case.assertLess(date, self.certificates.get(before["0"])[1] - EXCHANGE_NIGHT, self.story())
            self.counts["staged"] += 1
        rotated = slots.get("0") != before["0"]
        self.slots, self.date = dict(slots), date
        if rotated:
            self.fate(now)

    def covered(self, now):
        return bool("2" in self.slots and self.date and self.date <= self.end(self.slots["0"]) - EXCHANGE_NIGHT
                    and now - self.date <= EXCHANGE_NIGHT)

    def learn(self, report):
        """Certificates that the program made, as its report shows them."""
        for slot in report["certificates"].values():
            if slot and slot["thumbprint"] and slot["thumbprint"] not in self.certificates:
                self.certificates[slot["thumbprint"]] = tuple(
                    datetime.datetime.strptime(slot[key], "%Y-%m-%dT%H:%M:%SZ").replace(
                        tzinfo=datetime.timezone.utc).timestamp() for key in ("not_before", "not_after"))
                self.ours.add(slot["thumbprint"])

    def switch(self, now):
        """Lets the relay, the delivery command and the hybrid configuration be as fate has them."""
        refuse = self.bed.program.folder / "refuse"
        if self.refusing[0] <= now < self.refusing[1]:
            refuse.touch()
        else:
            refuse.unlink(missing_ok=True)
        hybrid = self.hybrid[0] <= now < self.hybrid[1]
        if hybrid != self.is_hybrid:
            relationship = "CN=Hybrid Configuration,CN=Hybrid Configuration," + self.bed.organization.dn
            if hybrid:
                self.bed.directory.modify(exchange.entry(relationship, "msExchCoexistenceRelationship"))
            else:
                self.bed.directory.delete(relationship)
            self.is_hybrid = hybrid
        down = self.relay_down[0] <= now < self.relay_down[1]
        uri = "smtp://127.0.0.1:%d" % self.dead if down else self.relay.uri
        if self.bed.program.sections["mail"]["relay"] != uri:
            self.bed.program.change("mail", relay=uri)
        return down

    def night(self, now):
        self.check_usable(now)
        down = self.switch(now)
        before = dict(self.slots), self.date
        seen = self.bed.run("run", now=text(now))
        report = seen.report
        self.learn(report)
        slots, date = self.bed.slots(), self.bed.seconds()
        changed = (slots, date) != before
        failed = [done["act"] for done in report["done"] if done["result"] != "ok"]
        self.case.assertEqual(bool(failed), self.delivery_must_fail(now, before), "%s\n%s" % (seen, self.story()))
        if changed:
            acts = [done["act"] for done in report["done"]]
            self.note(now, "run: %s" % ", ".join(acts))
            self.case.assertLessEqual(len(acts), 4, seen)
        self.see(now, slots, date)
        self.check_usable(now)
        self.nights += 1
        covered, end = self.covered(now), self.end(self.slots["0"])
        ends = end - now <= RENEW_BEFORE and not covered
        status = "warning" if failed or ends else "ok"
        block = "delivery" if failed else "hybrid" if self.is_hybrid and ends else None
        self.case.assertEqual((report["status"], report["decision"]["blocked"]),
                              (status, block and {**report["decision"]["blocked"], "by": block}), self.story())
        why = self.mails.due(now, self.slots["0"], end, covered, changed, bool(failed), status, block)
        if why:
            self.sent += 1
            self.counts["mails"] += 1
            self.note(now, "a mail is due: " + why + (" (the relay is down)" if down else ""))
        expected = self.mailed if down else self.sent
        self.case.assertEqual(len(self.relay.messages), expected, "%s\n%s" % (seen, self.story()))
        self.mailed = expected
        self.check_keys(now)

    def delivery_must_fail(self, now, before):
        slots, _ = before
        return (self.refusing[0] <= now < self.refusing[1] and "2" not in slots
                and self.end(slots["0"]) - now <= RENEW_BEFORE)

    def check_keys(self, now):
        kept = Counter(Path(name).suffix for name in self.bed.keys())
        self.case.assertLessEqual(kept[".candidate"], 1, self.story())
        names = {Path(name).stem for name in self.bed.keys()}
        for thumbprint in self.slots.values():
            if thumbprint in self.ours:
                self.case.assertIn(thumbprint, names, "%s: a key in use is gone: %s" % (text(now), self.story()))

    # The passing of time

    def interesting(self):
        """Instants near which every night counts."""
        end = self.end(self.slots["0"])
        moments = [end - RENEW_BEFORE, *self.relay_down, *self.refusing, *self.hybrid]
        moments += [self.date] if self.date else []
        moments += [self.hand] if self.hand else []
        if "1" in self.slots and self.promoted:
            moments.append(self.promoted + RETIRE_AFTER)
        if not self.date:
            moments += [end - days * DAY for days in WARN]
        return moments

    def step(self, now):
        """How many nights to go on."""
        if self.exchange_acts and self.date and now < self.date <= now + DAY:
            return 2                # the night after the date is missed, so Exchange is faster
        for begin, end in (self.relay_down, self.refusing):
            if begin - 2 * DAY <= now <= end + 2 * DAY:
                return 1
        if self.full:
            missed = self.chance.random() < 0.05
        else:
            ahead = [moment - now for moment in self.interesting() if moment > now - 3 * DAY]
            free = int(min(ahead, default=10 * DAY) // DAY) - 2
            if free > 1:
                return min(free, 10)
            missed = self.chance.random() < 0.1
        if missed:
            self.counts["nights missed"] += 1
        return self.chance.randrange(2, 5) if missed else 1

    def live(self):
        now = self.start
        self.fate(now)
        while now < self.start + YEARS * 365.25 * DAY:
            self.night(now)
            # The timer waits up to an hour after two o'clock.
            now += self.step(now) * DAY
            now += 2 * HOUR - now % DAY + self.chance.randrange(HOUR)
            if self.hand and self.hand <= now:
                self.exchange_until(now - 2 * HOUR)
                if self.hand:
                    self.admin_rotates(now - HOUR)
            self.exchange_until(now)


class TenYears(unittest.TestCase):
    def test_ten_years(self):
        seed = int(os.environ.get("AUTHCERT_SEED") or random.SystemRandom().randrange(10 ** 6))
        print("AUTHCERT_SEED=%d" % seed, file=sys.stderr, flush=True)
        release = os.environ.get("AUTHCERT_RELEASE")
        executable = release if release and os.path.exists(release) else None
        first = pki.auth_certificate(100)
        lasting = pki.authority().server(*NAMES, not_after=pki.now() + pki.days(366 * (YEARS + 1)))
        with smtp.Relay(starttls=True, certificate=lasting) as relay:
            mail = {"relay": relay.uri, "ca_file": relay.ca_file, "from": "authcert@contoso.test",
                    "to": ["exchange-admins@contoso.test"]}
            with Organization(first, relay, executable=executable, policy={"lifetime": "1y"},
                              sections={"mail": mail}) as bed:
                life = Life(self, bed, relay, random.Random(seed), first)
                life.seed, life.dead = seed, slapd.free_port()
                life.live()
        print("%d nights, %s" % (life.nights, dict(life.counts)), file=sys.stderr, flush=True)
        identities = [message.mail["Message-ID"] for message in relay.messages]
        self.assertEqual(len(identities), len(set(identities)), "a mail was sent twice")
        self.assertEqual(len(identities), life.sent)
        self.assertGreaterEqual(life.generation, 9)
        self.assertGreater(life.counts["promoted by Exchange"], 0)
        self.assertGreater(life.counts["rotated by hand"], 1)


if __name__ == "__main__":
    unittest.main()
