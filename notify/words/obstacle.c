#include "notify/words/obstacle.h"

#include <inttypes.h>

#include "base/time.h"
#include "notify/words/entra/entra.h"

void obstacle_add_clock(struct text *out, const struct facts *facts) {
    const int64_t skew = facts->directory.clock_skew;

    text_add(out, "set this host's clock right (timedatectl, chronyc tracking); ");
    if (facts->directory.clock_known && (skew > CLOCK_SKEW_MOST || skew < -CLOCK_SKEW_MOST))
        text_format(out, "the directory's clock is %" PRId64 " seconds %s.", skew < 0 ? -skew : skew,
                    skew < 0 ? "behind it" : "ahead of it");
    else if (!facts->directory.clock_known && facts->servers_clocks_off)
        text_add(out, "where that is right already, set the clocks of the Exchange servers, of which most are more "
                      "than a day off and the first is named above.");
    else
        text_add(out, "it is earlier than the last run or than the program itself.");
}

void obstacle_add_writer(struct text *out, const struct directory_facts *directory) {
    text_format(
        out,
        "the domain controller that all agents write to%s%s did not answer: bring it back, move its role to "
        "another (Move-ADDirectoryServerOperationMasterRole DC -OperationMasterRole DomainNamingMaster), or name "
        "another as writer in [directory].",
        directory->writer != NULL ? ", " : "", directory->writer != NULL ? directory->writer : "");
}

void obstacle_add_read_only(struct text *out, const struct directory_facts *directory) {
    text_format(out,
                "%s takes no writes (it is a read-only domain controller, or a global catalog port): name another "
                "domain controller in uri.",
                directory->uri != NULL ? directory->uri : "the server");
}

void obstacle_add_rights(struct text *out) {
    text_add(out, "grant the account Write Property on msExchAuthCertificateThumbprint and "
                  "msExchAuthNextEffectiveDate of the Auth Configuration object.");
}

bool obstacle_add_disagreeing(struct text *out, const struct facts *facts) {
    for (size_t i = 0; i < facts->controller_count; i++)
        if (facts->controllers[i].agrees == ANSWER_NO) {
            text_format(out,
                        "%s has another auth configuration, which may be newer or older: the next run goes on when the "
                        "domain controllers agree. If they do not by then, see why they do not replicate (repadmin "
                        "/showrepl on Windows, samba-tool drs showrepl on Samba).",
                        facts->controllers[i].server);
            return true;
        }
    return false;
}

void obstacle_add_no_server(struct text *out, const struct facts *facts) {
    text_add(out, "no Exchange server is known that could take a key pair, so none is made: ");
    if (facts->server_count == 0 || facts->servers_read != ANSWER_YES)
        text_add(out, "none can be seen. Grant the account Read Property and List Contents on the whole organization "
                      "container; authcert doctor has the command");
    else
        text_format(out,
                    "of the %zu that the directory shows each is named in ignore of [servers], has no host name of its "
                    "own, or does not show its version and roles. authcert check names them",
                    facts->server_count);
}

void obstacle_add_sites(struct text *out, const struct text *sites) {
    out->failed = out->failed || sites->failed;
    text_format(out,
                "no server of a site answered, so what its servers have is not known: %s. See why with authcert doctor "
                "and bring one of each site back, or name servers that are gone for good in ignore of [servers].",
                sites->value != NULL ? sites->value : "");
}

void obstacle_add_signs(struct text *out, const struct facts *facts) {
    for (size_t i = 0; i < facts->hybrid_signs.count; i++)
        text_format(out, "%s%s", i > 0 ? "; " : "", facts->hybrid_signs.items[i]);
}

void obstacle_add_hybrid(struct text *out, const struct facts *facts) {
    if (facts->hybrid != ANSWER_YES) {
        text_add(out, "whether the organization is hybrid could not be seen: let the account read the organization's "
                      "subtree, or set hybrid = proceed in [policy] if it is not.");
        return;
    }
    text_add(out, "this is a hybrid organization");
    if (facts->hybrid_signs.count > 0) {
        text_add(out, ", as is shown by ");
        obstacle_add_signs(out, facts);
    }
    text_format(out,
                ": " OBSTACLE_ENTRA ". When someone will see to that, authcert %s does it this once, and hybrid = "
                "proceed in [policy] has authcert do it for ever. What is left "
                "over from a hybrid of the past, and named here, can be removed instead.",
                facts->slots.thumbprint[SLOT_NEXT][0] != '\0' ? "activate" : "renew");
}

/* Does Entra say no to what waits, or is that only not known? */
static bool entra_refuses(const struct report *report) {
    for (size_t i = 0; report->facts && i < report->facts->tenant_count; i++)
        if (entra_key(report, &report->facts->tenants[i])->accepts == ANSWER_NO)
            return true;
    return false;
}

const char *obstacle_reason(const struct report *report) {
    const struct facts *facts = report->facts;

    switch (report->decision.blocked) {
    case BLOCK_NONE:
        break;
    case BLOCK_MODE:
        return "mode = monitor in [policy] only watches";
    case BLOCK_CLOCK:
        return "the clock cannot be trusted";
    case BLOCK_RIGHTS:
        return "the account may not write";
    case BLOCK_UNREACHABLE:
        if (facts && facts->directory.writer_down)
            return "the domain controller to write to does not answer";
        if (facts && facts->directory.read_only)
            return "the domain controller that answers takes no writes";
        return facts && facts_count_agreeing(facts, ANSWER_NO) > 0 ? "the domain controllers do not agree yet"
                                                                   : "the servers of a site do not answer";
    case BLOCK_HYBRID:
        return facts && facts->hybrid == ANSWER_YES ? "hybrid organization, hybrid = proceed is not set"
                                                    : "whether it is hybrid is not known";
    case BLOCK_ENTRA:
        return entra_refuses(report) ? "Entra does not accept its key yet"
                                     : "Entra does not say whether it accepts its key";
    case BLOCK_DELIVERY:
        return "the certificate is not yet on the servers";
    }
    return "it is blocked";
}
