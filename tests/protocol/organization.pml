/*
 * One organization as a protocol: agents (authcert on hosts of their own), Exchange's servicelet, an admin, the domain
 * controllers, the servers' key stores, Entra. docs/protocol.md tells what is modelled and what is not.
 *
 * Time passes in nights. A night is good (every agent's run comes to its end, deliveries succeed, the controllers
 * replicate) or bad (anything of that may fail, and the writer may be down); no more than FAULTS bad ones follow each
 * other. Lifetimes count down, so the model goes round and round, and what holds in it holds for any number of years.
 *
 * Each guard can be taken out by -DNO_NAME. The comment at it names the code that it stands for, as
 *     guard NAME: file function | words that stand in that function
 * and test_protocol.py looks whether they do.
 */

/* The world. */
#ifndef AGENTS
#define AGENTS 1
#endif
#ifndef DCS
#define DCS 1
#endif
#ifndef ADMIN
#define ADMIN 0 /* somebody stages through Exchange's own commands, once in so many nights at the most; 0 = never */
#endif
#ifndef LOSSES
#define LOSSES 0 /* the servers lose the key of next, likewise */
#endif
#ifndef ENTRA
#define ENTRA 0 /* 1: a hybrid organization; more: Entra loses keys as well, once in so many nights */
#endif
#ifndef WRITER_DIES
#define WRITER_DIES 0 /* the writer can go for good; then current ends at last, and is to be replaced elsewhere */
#endif
#ifndef SERVICELET
#define SERVICELET 1 /* it passes in every night, as it should; 0: whether it ever does is open */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef START
#define START 0 /* 0: all is well; 1: anything that needs no person */
#endif
#ifndef FAULTS
#define FAULTS 1
#endif

/* Time, in nights. The order of these spans is that of the program's own: 36 h, 49 h, 7 d, 30 d, 90 d, 5 years. */
#define GONE 2 /* nights after its end in which a certificate is still known */
#define EXCHANGE_NIGHT 1
#define MIN_LEAD 2
#define LAST_DAYS 3
#define ACTIVATE_AFTER 4
#define RENEW_BEFORE 7
#ifndef NO_LIFETIME_FITS
/* guard LIFETIME_FITS: monitor/config/check.c config_check_policy | shortest < needed */
#define LIFETIME 12 /* more than ACTIVATE_AFTER and RENEW_BEFORE together */
#else
#define LIFETIME 10
#endif
#define YOUNG 2 /* a candidate that old is not used any more */
#define REST 1  /* nights for which tokens live */

#define IDS 7 /* certificates that exist at once, numbered from 1 */
#define BIT(c) (1 << (c))
#define HAS(mask, c) (((mask) >> (c)) & 1)
#define USABLE(c) ((c) && left[c] > GONE)
#define ENDS(c) (left[c] - GONE)
#define ALL ((1 << AGENTS) - 1)

/* What is to hold. The number shows in what spin prints of a property that does not. */
#define HELD 1      /* nothing becomes current that no server holds */
#define ONE_NEXT 2  /* no agent makes a second next, and one that others made does not stay */
#define NEVER_OVER 3 /* current never ends, from any start after so many nights */
#define KEPT 4      /* a key that an agent made and the directory names is on a shelf */
#define QUIET 5     /* agents do not undo each other's work for ever */
#define BOUNDED 6   /* after an emergency a usable certificate is current within so many nights and looks */
#define FORWARD 7   /* what is planned brings no other certificate back */
#define ACCEPTED 8  /* in a hybrid organization nothing becomes current by plan that Entra does not accept */
#define TOKENS 9    /* what is planned pushes out no previous with which tokens can still be signed */
#define LASTING 10  /* what one agent wrote by plan is not overwritten by what another one wrote elsewhere */
#define REACHED 11  /* not a property: shows that the model comes where it should */
#define PROPERTY(name, holds) assert((holds) || !name)

#define GRACE (DCS * (2 + FAULTS))
/* Who changes the object at another controller in the very night of the promotion can undo that, by the rules of
 * replication. */
#define SLACK (DCS == 2 && ADMIN -> 1 + FAULTS : 0)
#define TWICE_MOST (1 + 2 * FAULTS)
#define WRITES_MOST (START || AGENTS == 2 -> 7 : 4)
#define LOOKS_MOST 5 /* of one run; what is left over waits for the next */

/* The auth configuration at one domain controller. */
typedef object {
    byte cur, prev, next, two; /* two: a second value of next */
    byte date;                 /* of next: 0 none, 1 it has come, n in n - 1 nights */
    byte rest;                 /* nights since the last promotion, counted up to REST */
    bit plan;                  /* they were changed by agents alone, and by plan */
    byte slots, when;          /* changes of thumbprints and of date that the other controller does not know yet */
}

object dc[DCS];
byte left[IDS]; /* nights until it ends, and GONE; 1: ended long ago; 0: there is none */
byte held;      /* certificates whose key the servers have */
byte ours;      /* that an agent made */
byte accepted;  /* that Entra accepts */
byte kept[AGENTS], fresh[AGENTS]; /* keys on each agent's shelf; of them those never seen in a slot */
byte busy, done;                  /* agents that run, and that came to the end of a run in this night */
byte lost;                        /* losses of which the agents cannot know yet */
bit later_slots, later_date;      /* the controller that changed each last */
bit bad, down;                    /* this night; the writer */
byte bads;                        /* bad nights on end */
byte grace, over, twice, writes;  /* of the properties */
byte calm;                        /* nights until somebody may meddle again */

hidden byte map[IDS], until[IDS], n, i, new_end;

#define NAMED_AT(d, c) (dc[d].cur == (c) || dc[d].prev == (c) || dc[d].next == (c) || dc[d].two == (c))
#if DCS == 2
#define NAMED(c) (NAMED_AT(0, c) || NAMED_AT(1, c))
#define DIFFER (dc[0].cur != dc[1].cur || dc[0].prev != dc[1].prev || dc[0].next != dc[1].next || \
                dc[0].two != dc[1].two || dc[0].date != dc[1].date)
#define DIRTY (dc[0].slots || dc[0].when || dc[1].slots || dc[1].when)
#else
#define NAMED(c) NAMED_AT(0, c)
#define DIFFER 0
#define DIRTY 0
#endif
#if AGENTS == 2
#define ON_A_SHELF(c) HAS(kept[0] | kept[1], c)
#define FRESH(c) HAS(fresh[0] | fresh[1], c)
#else
#define ON_A_SHELF(c) HAS(kept[0], c)
#define FRESH(c) HAS(fresh[0], c)
#endif

inline find_free(ret) {
    ret = 1;
    do
    :: ret < IDS && left[ret] -> ret++
    :: else -> break
    od
}

/* A certificate that only the servers know by now, as set-up or an admin makes one. */
inline forget(c) {
    left[c] = 0;
    held = held & ~BIT(c);
    ours = ours & ~BIT(c);
    accepted = accepted & ~BIT(c);
    lost = lost & ~BIT(c);
    kept[0] = kept[0] & ~BIT(c);
    fresh[0] = fresh[0] & ~BIT(c);
#if AGENTS == 2
    kept[1] = kept[1] & ~BIT(c);
    fresh[1] = fresh[1] & ~BIT(c);
#endif
}

#define IS_KEPT(c) (!HAS(ours, c) || ON_A_SHELF(c) || (DCS == 2 && left[c] == 1))

/* For the reader of a counterexample. */
#define SHOW(d) printf("      dc%d: current %d (%d), previous %d, next %d %d, date %d\n", d, dc[d].cur, left[dc[d].cur] - GONE, \
                       dc[d].prev, dc[d].next, dc[d].two, dc[d].date)

#if DCS == 2
#define CHANGED_SLOTS(d) dc[d].slots = (dc[d].slots < 3 -> dc[d].slots + 1 : 3); later_slots = d
#define CHANGED_DATE(d) dc[d].when = (dc[d].when < 3 -> dc[d].when + 1 : 3); later_date = d
#else
#define CHANGED_SLOTS(d) skip
#define CHANGED_DATE(d) skip
#endif

/* Rows of monitor/decide/decide.c, and what comes of them. */
#define ROW_NONE 0
#define ROW_MALFORMED 1
#define ROW_PROMOTE 2
#define ROW_RESTORE 3
#define ROW_REPLACE 4
#define ROW_ACTIVATE 5
#define ROW_RESCHEDULE 6
#define ROW_RESTAGE 7
#define ROW_WITHDRAW 8
#define ROW_STAGE 9
#define ROW_LEFTOVER 10
#define ROW_DELIVER 11
#define ROW_RETIRE 12
#define ROW_STUCK 13 /* a person has to */

#define EMERGENCY(row) (row == ROW_PROMOTE || row == ROW_RESTORE || row == ROW_REPLACE)
#define PLANNED(row) (row == ROW_STAGE || row == ROW_RESTAGE || row == ROW_WITHDRAW || row == ROW_RESCHEDULE || row == ROW_ACTIVATE)
#define LACKING (!HAS(held, sn) || (ENTRA && !HAS(accepted, sn)))

/* The date of a new next, plus 1 as in object.date. */
inline set_date(ret) {
    if
#ifndef NO_DATE_BEFORE_END
    /* guard DATE_BEFORE_END: monitor/decide/decide.c decide_date | current_end - LAST_DAYS_LEAD */
    :: ACTIVATE_AFTER + LAST_DAYS <= ENDS(sc) -> ret = 1 + ACTIVATE_AFTER
    :: else ->
        if
        :: LAST_DAYS + MIN_LEAD <= ENDS(sc) -> ret = 1 + ENDS(sc) - LAST_DAYS
        :: else ->
            if
            :: MIN_LEAD + EXCHANGE_NIGHT <= ENDS(sc) -> ret = 1 + MIN_LEAD
            :: else -> ret = 1
            fi
        fi
#else
    :: ret = 1 + ACTIVATE_AFTER
#endif
    fi
}

inline find_candidate() {
    cand = 0;
    i = 1;
    do
    :: i < IDS ->
        if
        :: HAS(kept[me], i) && i != sc && i != sp && i != sn && i != st ->
            if
#ifndef NO_CANDIDATE
            /* guard CANDIDATE: monitor/act/act.c have_candidate | candidate->thumbprint[0] != '\0' */
            :: HAS(fresh[me], i) && LIFETIME - ENDS(i) < YOUNG && !cand -> cand = i
#endif
            :: !HAS(fresh[me], i) && HAS(held, i) && left[i] > left[sc] && USABLE(i) &&
               (!USABLE(sc) || ENDS(i) >= ACTIVATE_AFTER + RENEW_BEFORE) -> cand = i
            :: else
            fi
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

/* A better date for next, or 0. */
inline find_better_date() {
    better = 0;
    if
    :: USABLE(sc) && USABLE(sn) && left[sn] > left[sc] && sd ->
        set_date(i);
        if
#ifndef NO_BRING_FORWARD
        /* guard BRING_FORWARD: monitor/decide/decide.c better_date | view->date > latest */
        :: sd - 1 > ENDS(sc) - EXCHANGE_NIGHT && i < sd && (!LACKING || i - 1 >= MIN_LEAD) -> better = i
#endif
        :: else ->
            if
#ifndef NO_PUT_OFF
            /* guard PUT_OFF: monitor/decide/decide.c better_date | lacking && view->date - view->now < policy->min_lead */
            :: LACKING && sd - 1 < MIN_LEAD ->
                i = 1 + (ACTIVATE_AFTER < ENDS(sc) - EXCHANGE_NIGHT -> ACTIVATE_AFTER : ENDS(sc) - EXCHANGE_NIGHT);
                if
                :: i > sd -> better = i
                :: else
                fi
#endif
            :: else
            fi
        fi;
        i = 0
    :: else
    fi
}

/* Next is of no use: no server has it, and this agent cannot bring it. */
#define NOBODYS (sn && !HAS(held, sn) && !HAS(kept[me], sn))
#ifndef NO_NOBODYS_RESTAGED
/* guard NOBODYS_RESTAGED: monitor/decide/decide.c row_restage | facts_nobody_has(view->facts, SLOT_NEXT) */
#define NOBODYS_RESTAGED (NOBODYS && ENDS(sc) <= RENEW_BEFORE)
#else
#define NOBODYS_RESTAGED false
#endif
#ifndef NO_NOBODYS_REPLACED
/* guard NOBODYS_REPLACED: monitor/decide/decide.c judge_rows | !facts_nobody_has(view->facts, SLOT_NEXT) */
/* guard NOBODYS_REPLACED: renew/plan.c plan_make_current | facts_nobody_has(facts, SLOT_NEXT) */
#define NOBODYS_REPLACED NOBODYS
#else
#define NOBODYS_REPLACED false
#endif

#ifndef NO_ENDED_GOES
/* guard ENDED_GOES: monitor/decide/decide.c can_mend | lacks_date(view) || has_had_its_time(view) */
#define ENDED_GOES true
#else
#define ENDED_GOES false
#endif

#define IF_NONE(condition, act) if :: row == ROW_NONE && (condition) -> act :: else fi

#ifndef NO_RESTS
/* guard RESTS: monitor/decide/decide.c rests | view->now - view->promoted_at < PROMOTION_REST */
#define RESTS (sp && sr < REST)
#else
#define RESTS false
#endif
#ifndef NO_RETIRE_WAITS
/* guard RETIRE_WAITS: monitor/decide/decide.c row_retire | view->now - view->promoted_at >= view->policy->retire_after */
#define RETIRES (sr >= REST)
#else
#define RETIRES true
#endif
#ifndef NO_EMERGENCY_ANYWHERE
/* guard EMERGENCY_ANYWHERE: monitor/decide/decide.c first_block | (waits_for_writer && facts->directory.writer_down) */
#define WAITS_FOR_WRITER(row) (PLANNED(row) || row == ROW_RETIRE || row == ROW_MALFORMED || row == ROW_LEFTOVER)
#else
#define WAITS_FOR_WRITER(row) true
#endif

/* The decision, in the order of the table. */
inline decide() {
    row = ROW_NONE;
    find_candidate();
    find_better_date();
    new_end = (cand -> left[cand] : LIFETIME + GONE);
    IF_NONE(st, row = (HAS(kept[me], sn) || HAS(kept[me], st) -> ROW_MALFORMED : ROW_STUCK));
    IF_NONE(sn && !sd, row = (USABLE(sn) || ENDED_GOES -> ROW_MALFORMED : ROW_STUCK));
    IF_NONE(!USABLE(sc) && USABLE(sn) && !NOBODYS_REPLACED && (HAS(held, sn) || HAS(kept[me], sn) || !(USABLE(sp) && HAS(held, sp))),
            row = ROW_PROMOTE);
#ifndef NO_RESTORE_HELD
    /* guard RESTORE_HELD: monitor/decide/decide.c can_restore | facts_held(view->facts, SLOT_PREVIOUS) != ANSWER_NO */
    IF_NONE(!USABLE(sc) && USABLE(sp) && HAS(held, sp), row = ROW_RESTORE);
#else
    IF_NONE(!USABLE(sc) && USABLE(sp), row = ROW_RESTORE);
#endif
    IF_NONE(!USABLE(sc), row = ROW_REPLACE);
    IF_NONE(USABLE(sn) && left[sn] > left[sc] && sd == 1 && HAS(held, sn) && !RESTS &&
            !(ENTRA && !HAS(accepted, sn)), row = ROW_ACTIVATE);
    IF_NONE(better, row = ROW_RESCHEDULE);
#ifndef NO_RESTAGE
    /* guard RESTAGE: monitor/decide/decide.c row_restage | view->next_at_date == SLOT_UNUSABLE */
    IF_NONE(sn && sd && (NOBODYS_RESTAGED || ENDS(sn) <= sd - 1 || ((ENDS(sn) - (sd - 1) < RENEW_BEFORE || left[sn] <= left[sc]) &&
                                                new_end > left[sn] && new_end > left[sc])), row = ROW_RESTAGE);
#endif
    IF_NONE(!sn && ENDS(sc) <= RENEW_BEFORE, row = ROW_STAGE);
    IF_NONE(!sn && (sd || rn), row = ROW_LEFTOVER);
    IF_NONE((!HAS(held, sc) && HAS(kept[me], sc)) || (sn && !HAS(held, sn) && HAS(kept[me], sn)), row = ROW_DELIVER);
    IF_NONE(sp && RETIRES, row = ROW_RETIRE);
    if
    :: row == ROW_RESTAGE && ENDS(sc) > RENEW_BEFORE -> row = ROW_WITHDRAW
    :: else
    fi;
    /* What holds it back. */
    if
    :: (down && WAITS_FOR_WRITER(row)) ||
       (!down && DIFFER && (row == ROW_RESTAGE || row == ROW_WITHDRAW || row == ROW_RESCHEDULE || row == ROW_RETIRE)) ||
       (row == ROW_PROMOTE && !HAS(held, sn) && !HAS(kept[me], sn)) ||
       (ENTRA && row == ROW_ACTIVATE && !HAS(accepted, sn)) ->
        row = ((!HAS(held, sc) && HAS(kept[me], sc)) || (sn && !HAS(held, sn) && HAS(kept[me], sn)) -> ROW_DELIVER : ROW_NONE)
    :: else
    fi
}

inline look() {
#ifndef NO_ONE_WRITER
    /* guard ONE_WRITER: ldap/writer.c find_owner | OWNER */
    at = (DCS == 2 && down -> 1 : 0);
#else
    at = (DCS == 2 && down -> 1 : me);
#endif
    sc = dc[at].cur;
    sp = dc[at].prev;
    rn = dc[at].next;
    st = dc[at].two;
    sd = dc[at].date;
    sr = dc[at].rest;
    sn = (rn == sc && !st -> 0 : rn); /* next = current is nothing to anybody */
    fresh[me] = fresh[me] & ~(BIT(sc) | BIT(sp) | BIT(rn) | BIT(st));
    decide();
    x = ((row == ROW_STAGE || row == ROW_RESTAGE || row == ROW_REPLACE) -> cand : 0);
    cand = 0;
    better = (row == ROW_RESCHEDULE -> better : 0)
}

inline zero() {
    sc = 0; sp = 0; rn = 0; sn = 0; st = 0; sd = 0; sr = 0;
    row = 0; x = 0; cand = 0; better = 0; looks = 0; at = 0;
    busy = busy & ~BIT(me)
}

/* What the object is to hold, and of the values of next: the one that goes and the one that comes. As renew/plan.c. */
inline make_current() {
    wc = x;
    wp = (USABLE(sc) -> sc : (USABLE(sp) && sp != x -> sp : 0));
    if
#ifndef NO_CLEAR_NEXT
    /* guard CLEAR_NEXT: renew/plan.c plan_make_current | facts_slot_state(facts, SLOT_NEXT, date) == SLOT_UNUSABLE */
    :: !sn || sn == x || sn == sc || ENDS(sn) <= (sd -> sd - 1 : 0) || NOBODYS_REPLACED ->
#else
    :: !sn || sn == x ->
#endif
        out = rn;
        wd = 0
    :: else
    fi
}

inline desire() {
    wc = sc;
    wp = sp;
    wd = (sn -> sd : 0);
    out = (sn -> 0 : rn);
    if
    :: row == ROW_PROMOTE || row == ROW_ACTIVATE || row == ROW_RESTORE || row == ROW_REPLACE -> make_current()
    :: row == ROW_MALFORMED ->
        if
        :: st -> out = (HAS(kept[me], sn) -> sn : st)
        :: else
        fi;
        if
        :: !sd && USABLE(sn) -> set_date(wd)
        :: !sd && !USABLE(sn) && !st -> out = rn
        :: else
        fi
    :: row == ROW_RESCHEDULE -> wd = better
    :: row == ROW_STAGE || row == ROW_RESTAGE ->
        out = rn;
        in = x;
        set_date(wd)
    :: row == ROW_WITHDRAW ->
        out = rn;
        wd = 0
    :: row == ROW_RETIRE -> wp = 0
    :: else
    fi
}

/* Are the very values there that go? An empty next slot is filled only where the date is as it was read, and whoever
 * fills it changes the date. */
#define EXACT \
    ((sc == wc || dc[at].cur == sc) && (sp == wp || !sp || dc[at].prev == sp) && \
     (!out || dc[at].next == out || dc[at].two == out) && (sd == wd || dc[at].date == sd || (in && !out)))
#ifndef NO_DATE_GUARDS_SLOT
/* guard DATE_GUARDS_SLOT: renew/plan.c judge_date | draft->date++ */
#define SLOT_FREE (out || !in || (dc[at].date == sd && !dc[at].next))
#else
#define SLOT_FREE true
#endif

inline take_out(d, value) {
    if
    :: value && dc[d].next == value ->
        dc[d].next = dc[d].two;
        dc[d].two = 0
    :: value && dc[d].two == value -> dc[d].two = 0
    :: else
    fi
}

inline put_in(d, value) {
    if
    :: value && dc[d].next && dc[d].next != value -> dc[d].two = value
    :: value && !dc[d].next -> dc[d].next = value
    :: else
    fi
}

/* One modify at one domain controller. */
inline write() {
    desire();
    if
#ifndef NO_EXACT_VALUES
    /* guard EXACT_VALUES: renew/plan.c change_of | change.delete_values[change.delete_count++] */
    :: !(EXACT && SLOT_FREE)
#endif
    :: else ->
        if
        :: wc != sc ->
            PROPERTY(HELD, HAS(held, wc));
            PROPERTY(ACCEPTED, !ENTRA || row != ROW_ACTIVATE || HAS(accepted, wc));
            dc[at].rest = 0;
            writes = 0
        :: else ->
            PROPERTY(QUIET, writes < WRITES_MOST);
            writes++
        fi;
        PROPERTY(TOKENS, EMERGENCY(row) || wp == sp || !USABLE(sp) || sr >= REST);
#if DCS == 2
        dc[at].plan = !EMERGENCY(row) && (dc[at].plan || !(dc[at].slots || dc[at].when));
        PROPERTY(LASTING, !(dc[0].plan && dc[1].plan));
        if
        :: wc != sc || wp != sp || out || in -> CHANGED_SLOTS(at)
        :: else
        fi;
        if
        :: wd != sd -> CHANGED_DATE(at)
        :: else
        fi;
#endif
#ifdef NO_EXACT_VALUES
        PROPERTY(FORWARD, wc != sc || dc[at].cur == sc);
        dc[at].cur = wc;
        dc[at].prev = wp;
        dc[at].next = rn;
        dc[at].two = st;
        dc[at].date = wd;
        take_out(at, out);
        put_in(at, in);
#else
        dc[at].cur = (wc != sc -> wc : dc[at].cur);
        dc[at].prev = (wp != sp -> wp : dc[at].prev);
        dc[at].date = (wd != sd -> wd : dc[at].date);
        PROPERTY(ONE_NEXT, !in || out || !dc[at].next);
        take_out(at, out);
        put_in(at, in);
#endif
        PROPERTY(KEPT, (wc == sc || IS_KEPT(wc)) && IS_KEPT(in))
    fi;
    wc = 0; wp = 0; wd = 0; in = 0; out = 0
}

#ifndef NO_PRUNE_SPARES_SLOTS
/* guard PRUNE_SPARES_SLOTS: monitor/act/kept_keys.c kept_key_may_go | !is_in_a_slot(facts, key->thumbprint) */
#define SPARED(c) (c != sc && c != sp && c != rn)
#else
#define SPARED(c) true
#endif
#ifndef NO_PRUNE_WAITS
/* guard PRUNE_WAITS: monitor/act/kept_keys.c kept_key_may_go | now - key->not_after > KEPT_AFTER_END */
#define LONG_OVER(c) (left[c] == 1)
#else
#define LONG_OVER(c) (left[c] <= GONE)
#endif

/* Key pairs that nobody can need any more. */
inline prune() {
    i = 1;
    do
    :: i < IDS ->
        if
        :: HAS(kept[me], i) && !st && SPARED(i) && LONG_OVER(i) ->
            kept[me] = kept[me] & ~BIT(i);
            fresh[me] = fresh[me] & ~BIT(i)
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

#ifndef NO_KEEP_FIRST
/* guard KEEP_FIRST: renew/keys/keystore.c keystore_make | keystore_keep(store, &pair, err) */
#define KEEP kept[me] = kept[me] | BIT(x)
#define CAN_BRING(c) HAS(kept[me], c)
#else
#define KEEP skip
#define CAN_BRING(c) (HAS(kept[me], c) || HAS(fresh[me], c))
#endif

/* A run can end at any step as if the power failed. */
#define OR_CRASH if :: true :: CRASHES -> goto crashed fi

proctype agent(byte me) {
    byte sc, sp, rn, sn, st, sd, sr; /* the object as it was read; sn: next as it counts */
    byte wc, wp, wd, in, out;        /* as it is wanted */
    byte row, x, cand, better, looks;
    bit at;

idle:
    atomic {
        !HAS(done, me);
        busy = busy | BIT(me);
    again:
        looks++;
        d_step { look() };
#ifdef REACH
        PROPERTY(REACHED, row != ROW_MALFORMED);
        PROPERTY(REACHED, row != ROW_PROMOTE);
        PROPERTY(REACHED, row != ROW_RESTORE);
        PROPERTY(REACHED, row != ROW_REPLACE);
        PROPERTY(REACHED, row != ROW_ACTIVATE);
        PROPERTY(REACHED, row != ROW_RESCHEDULE);
        PROPERTY(REACHED, row != ROW_RESTAGE);
        PROPERTY(REACHED, row != ROW_WITHDRAW);
        PROPERTY(REACHED, row != ROW_STAGE);
        PROPERTY(REACHED, row != ROW_LEFTOVER);
        PROPERTY(REACHED, row != ROW_DELIVER);
        PROPERTY(REACHED, row != ROW_RETIRE);
#endif
        printf("agent %d looks: row %d, candidate %d\n", me, row, x);
        if
        :: row == ROW_NONE || row == ROW_STUCK || looks == LOOKS_MOST -> goto ended
        :: row == ROW_STAGE || row == ROW_RESTAGE || row == ROW_REPLACE -> goto make
        :: row == ROW_PROMOTE || row == ROW_ACTIVATE -> x = sn
        :: row == ROW_RESTORE -> x = sp
        :: row == ROW_DELIVER -> x = (!HAS(held, sc) && HAS(kept[me], sc) -> sc : sn)
        :: else -> goto change
        fi
    };
    goto bring;

make:
    atomic {
        OR_CRASH;
        if
        :: x
        :: else ->
            find_free(x);
            PROPERTY(QUIET, x < IDS); /* key pairs pile up */
            left[x] = LIFETIME + GONE;
            ours = ours | BIT(x);
            KEEP;
            fresh[me] = fresh[me] | BIT(x)
        fi
    };

bring:
    atomic {
        OR_CRASH;
        if
        :: HAS(held, x)
#ifndef NO_DELIVER_FIRST
        /* guard DELIVER_FIRST: monitor/act/act.c act_ready_candidate | bring_candidate(actor, slot) */
        /* guard DELIVER_FIRST: monitor/act/act.c act_activate | act_bring(actor, slot) */
        :: !HAS(held, x) && CAN_BRING(x) ->
            held = held | BIT(x);
            printf("agent %d delivers %d\n", me, x)
        :: !HAS(held, x) && (bad || !CAN_BRING(x)) -> goto ended
#else
        :: !HAS(held, x)
#endif
        fi;
        if
        :: row == ROW_DELIVER -> goto next_look
        :: else
        fi
    };
#if ENTRA
    atomic {
        OR_CRASH;
        if
        :: (row != ROW_STAGE && row != ROW_RESTAGE) || HAS(accepted, x)
#ifndef NO_ACCEPTED_FIRST
        /* guard ACCEPTED_FIRST: monitor/act/act.c act_stage | ready_entra(actor */
        :: (row == ROW_STAGE || row == ROW_RESTAGE) && !HAS(accepted, x) -> accepted = accepted | BIT(x)
        :: (row == ROW_STAGE || row == ROW_RESTAGE) && !HAS(accepted, x) && bad -> goto ended
#else
        :: else
#endif
        fi
    };
#endif

change:
    atomic {
        OR_CRASH;
        d_step { write() };
        SHOW(at)
#ifdef NO_KEEP_FIRST
    };
    atomic {
        OR_CRASH;
        kept[me] = kept[me] | (x -> BIT(x) : 0)
#endif
    };

next_look:
    atomic {
        OR_CRASH;
        x = 0;
        goto again
    };

ended:
    atomic {
#if ENTRA
        /* guard GIVE_AGAIN: monitor/act/see_to_entra.c see_to_entra | entra_give_slots(actor) */
#ifndef NO_GIVE_AGAIN
        if
        :: accepted = accepted | BIT(sc) | (sn -> BIT(sn) : 0)
        :: bad
        fi;
#endif
#endif
        d_step { prune() };
        done = done | BIT(me);
        printf("agent %d ends\n", me);
    crashed:
        zero();
        goto idle
    }
}

/* Exchange's servicelet, at the domain controller of its site: next becomes current once its date has come, whether any
 * server has it or not. Two values of one prefix make it throw. */
inline servicelet(d) {
    dc[d].date == 1 && !dc[d].two && !(d == 0 && down) ->
    if
    :: dc[d].next && dc[d].next != dc[d].cur ->
        PROPERTY(HELD, HAS(held, dc[d].next) || HAS(lost, dc[d].next) || (DCS == 2 && grace));
        PROPERTY(ACCEPTED, !ENTRA || HAS(accepted, dc[d].next) || HAS(lost, dc[d].next));
        dc[d].prev = dc[d].cur;
        dc[d].cur = dc[d].next;
        dc[d].rest = 0;
        writes = 0
    :: else
    fi;
    if
    :: dc[d].next -> CHANGED_SLOTS(d)
    :: else
    fi;
    dc[d].next = 0;
    dc[d].date = 0;
    dc[d].plan = 0;
    CHANGED_DATE(d);
    printf("the servicelet promotes\n");
    SHOW(d)
}

/* Attribute by attribute. Where both controllers changed one, the whole value of the one that changed it more often wins,
 * else of the later one, and nobody is told. */
#define WINS(count, later) \
    (dc[from].count && (dc[from].count > dc[to].count || (dc[from].count == dc[to].count && later == from)))

inline replicate(from, to) {
    (WINS(slots, later_slots) || WINS(when, later_date)) && !down ->
    if
    :: WINS(slots, later_slots) ->
        dc[to].cur = dc[from].cur;
        dc[to].prev = dc[from].prev;
        dc[to].next = dc[from].next;
        dc[to].two = dc[from].two;
        dc[to].rest = dc[from].rest;
        dc[from].slots = 0;
        dc[to].slots = 0;
        later_slots = 0
    :: else
    fi;
    if
    :: WINS(when, later_date) ->
        dc[to].date = dc[from].date;
        dc[from].when = 0;
        dc[to].when = 0;
        later_date = 0
    :: else
    fi;
    dc[from].plan = dc[from].plan && (dc[from].slots || dc[from].when);
    dc[to].plan = dc[to].plan && (dc[to].slots || dc[to].when);
    printf("replicated from dc%d\n", from);
    SHOW(to)
}

inline age_all() {
    i = 1;
    do
    :: i < IDS ->
        left[i] = (left[i] > 1 -> left[i] - 1 : left[i]);
        if
        /* What is in no slot and can come back into none is as if it had never been. */
        :: left[i] && !NAMED(i) && (!DIRTY || (WRITER_DIES && down)) &&
           (left[i] <= GONE || !ON_A_SHELF(i) ||
            (FRESH(i) -> LIFETIME - ENDS(i) >= YOUNG : left[i] <= left[dc[0].cur])) -> forget(i)
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

#define PLACE(c) if :: (c) && !map[c] -> map[c] = n; n++ :: else fi
#define MOVE(mask) \
    n = 0; i = 1; \
    do :: i < IDS -> n = (HAS(mask, i) -> n | BIT(map[i]) : n); i++ :: else -> break od; \
    mask = n

inline renumber_object(d) {
    dc[d].cur = map[dc[d].cur];
    dc[d].prev = map[dc[d].prev];
    dc[d].next = map[dc[d].next];
    dc[d].two = map[dc[d].two]
}

/* Certificates get the numbers of their places: which number one has means nothing, and each would be a state. */
inline renumber() {
    n = 1;
    PLACE(dc[0].cur);
    PLACE(dc[0].prev);
    PLACE(dc[0].next);
    PLACE(dc[0].two);
    PLACE(dc[DCS - 1].cur);
    PLACE(dc[DCS - 1].prev);
    PLACE(dc[DCS - 1].next);
    PLACE(dc[DCS - 1].two);
    i = 1;
    do :: i < IDS -> PLACE((left[i] && HAS(fresh[0], i) -> i : 0)); i++ :: else -> break od;
    i = 1;
    do :: i < IDS -> PLACE((left[i] -> i : 0)); i++ :: else -> break od;
    i = 1;
    do :: i < IDS -> until[i] = 0; i++ :: else -> break od;
    i = 1;
    do :: i < IDS -> until[map[i]] = left[i]; i++ :: else -> break od;
    until[0] = 0;
    i = 0;
    do :: i < IDS -> left[i] = until[i]; i++ :: else -> break od;
    MOVE(held);
    MOVE(ours);
    MOVE(accepted);
    MOVE(lost);
    MOVE(kept[0]);
    MOVE(fresh[0]);
#if AGENTS == 2
    MOVE(kept[1]);
    MOVE(fresh[1]);
#endif
    renumber_object(0);
#if DCS == 2
    renumber_object(1);
#endif
    i = 0;
    do :: i < IDS -> map[i] = 0; i++ :: else -> break od;
    i = 0;
    n = 0
}

inline age_object(d) {
    dc[d].date = (dc[d].date > 1 -> dc[d].date - 1 : dc[d].date);
    dc[d].rest = (dc[d].rest < REST -> dc[d].rest + 1 : dc[d].rest)
}

#define PASSED(d) (!SERVICELET || dc[d].date != 1 || dc[d].two || (d == 0 && down))

/* The next night. */
inline tick() {
    !busy && !meddling && (bad || (done == ALL && (!DIRTY || down))) && PASSED(0) && PASSED(DCS - 1) ->
    d_step {
        twice = (dc[0].two -> twice + 1 : 0);
        PROPERTY(ONE_NEXT, twice <= TWICE_MOST);
        PROPERTY(KEPT, DIRTY || (IS_KEPT(dc[0].cur) && IS_KEPT(dc[0].prev) && IS_KEPT(dc[0].next) && IS_KEPT(dc[0].two)));
        grace = (grace -> grace - 1 : 0);
        lost = (done == ALL && !DIRTY -> 0 : lost);
        calm = (calm -> calm - 1 : 0);
        age_all();
        age_object(0);
#if DCS == 2
        age_object(1);
#endif
        over = ((USABLE(dc[0].cur) || down) && USABLE(dc[DCS - 1].cur) -> 0 : over + 1);
        PROPERTY(NEVER_OVER, grace || over <= (SLACK));
        PROPERTY(BOUNDED, over <= GRACE);
        renumber();
        done = 0;
        down = down && WRITER_DIES
    };
    if
    :: bads = 0; bad = 0
    :: bads < FAULTS ->
        bads++;
        bad = 1;
        if
        :: true
        :: DCS == 2 -> down = 1
        fi
    fi;
    grace = (down && WRITER_DIES -> GRACE : grace);
    printf("a new night, bad %d, down %d\n", bad, down);
    SHOW(0)
}

proctype world() {
    byte x, saw;
    bit meddling, d;

    do
    :: atomic { servicelet(0) }
#if DCS == 2
    :: atomic { servicelet(1) }
    :: atomic { replicate(0, 1) }
    :: atomic { replicate(1, 0) }
#endif
    :: atomic { tick() }
#if ADMIN
    /* Whoever stages through Exchange's commands looks, and then writes value by value, and the date as a whole. */
    :: atomic {
        !meddling && !calm ->
        find_free(x);
        if
        :: x < IDS ->
            left[x] = LIFETIME + GONE;
            held = held | BIT(x);
            accepted = accepted | BIT(x);
            if
            :: d = 0
            :: DCS == 2 -> d = 1
            fi;
            if
            :: (d == 0 && down) || dc[d].two ->
                forget(x);
                d = 0
            :: else ->
                saw = dc[d].next;
                meddling = 1
            fi
        :: else
        fi;
        calm = ADMIN
    }
    :: atomic {
        meddling ->
        if
        :: (!saw || dc[d].next == saw) && !dc[d].two && !(d == 0 && down) ->
            take_out(d, saw);
            put_in(d, x);
            if
            :: dc[d].date = 1
            :: ENDS(dc[d].cur) > ACTIVATE_AFTER -> dc[d].date = 1 + ACTIVATE_AFTER
            /* A mistake, with time left to see it. */
            :: ENDS(dc[d].cur) > GRACE -> dc[d].date = 1 + LIFETIME
            fi;
            dc[d].plan = 0;
            CHANGED_SLOTS(d);
            CHANGED_DATE(d);
            writes = 0
        :: else -> forget(x)
        fi;
        meddling = 0;
        x = 0;
        saw = 0;
        d = 0
    }
#endif
#if LOSSES
    :: atomic {
        !busy && !done && !meddling && !calm && dc[0].next && HAS(held, dc[0].next) ->
        held = held & ~BIT(dc[0].next);
        lost = lost | BIT(dc[0].next);
        writes = 0;
        calm = LOSSES;
        printf("the servers lose %d\n", dc[0].next)
    }
#endif
#if ENTRA > 1
    :: atomic {
        !busy && !done && !meddling && !calm && dc[0].next && HAS(accepted, dc[0].next) ->
        accepted = accepted & ~BIT(dc[0].next);
        lost = lost | BIT(dc[0].next);
        writes = 0;
        calm = ENTRA;
        printf("Entra loses %d\n", dc[0].next)
    }
#endif
    od
}

inline begin() {
    dc[0].cur = 1;
    dc[0].rest = REST;
    held = BIT(1);
    accepted = BIT(1);
    left[1] = GONE + RENEW_BEFORE + 1;
#if START
    grace = GRACE;
    if
    :: left[1] = 1; kept[0] = BIT(1); ours = BIT(1) /* ended long ago */
    :: left[1] = GONE
    :: left[1] = GONE + 1
    :: left[1] = GONE + 2
    :: left[1] = GONE + RENEW_BEFORE
    :: true
    fi;
    if
    :: true
    :: dc[0].prev = 2;
        if
        :: left[2] = GONE
        :: left[2] = GONE + 2
        fi;
        if
        :: true
        :: held = held | BIT(2)
        fi
    fi;
    if
    :: true
    :: dc[0].next = 1
    :: dc[0].next = 3;
        if
        :: left[3] = GONE
        :: left[3] = GONE + 1
        :: left[3] = GONE + RENEW_BEFORE
        :: left[3] = GONE + LIFETIME
        fi;
        if
        :: held = held | BIT(3) /* made elsewhere */
        :: lost = BIT(3) /* nobody has it */
        :: held = held | BIT(3); kept[0] = kept[0] | BIT(3); ours = ours | BIT(3)
        :: kept[0] = kept[0] | BIT(3); ours = ours | BIT(3); lost = BIT(3)
        fi;
        if
        :: true
        :: ENTRA -> accepted = accepted | BIT(3)
        fi;
        if
        :: true
        :: HAS(kept[0], 3) ->
            dc[0].two = 4;
            left[4] = GONE + LIFETIME;
            held = held | BIT(4)
        fi
    fi;
    if
    :: true
    :: dc[0].date = 1
    :: dc[0].date = 1 + ACTIVATE_AFTER
    :: dc[0].date = 1 + LIFETIME
    fi;
    if
    :: dc[0].rest = 0
    :: true
    fi
#endif
#if DCS == 2
    dc[1].cur = dc[0].cur;
    dc[1].prev = dc[0].prev;
    dc[1].next = dc[0].next;
    dc[1].two = dc[0].two;
    dc[1].date = dc[0].date;
    dc[1].rest = dc[0].rest
#endif
}

init {
    atomic {
        begin();
        run agent(0);
#if AGENTS == 2
        run agent(1);
#endif
        run world()
    }
}
