#include "monitor/session/by_hand.h"

#include <stdio.h>

void by_hand_say_activation(const struct session *session) {
    const struct facts *facts = &session->facts;

    fputs("authcert: written. Exchange notices within 12.5 hours; to have it at once, on every Exchange server in an\n"
          "elevated PowerShell:\n"
          "  Restart-Service MSExchangeServiceHost\n"
          "  Restart-WebAppPool MSExchangeOWAAppPool\n"
          "  Restart-WebAppPool MSExchangeECPAppPool\n",
          stderr);
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            fprintf(stderr, "    on %s\n", facts->servers[i].fqdn);
    if (facts->probed)
        fputs("Which servers serve it by then is told by: authcert check\n", stderr);
    by_hand_say_partners(facts);
}

void by_hand_say_partners(const struct facts *facts) {
    if (facts->hybrid != ANSWER_NO)
        fputs(facts->hybrid == ANSWER_YES
                  ? "This is a hybrid organization: Entra must get the new certificate: run the Hybrid Configuration\n"
                    "Wizard (HybridSetup.exe), or upload it to the dedicated hybrid application.\n"
                  : "If the organization is hybrid (this could not be seen), Entra must get the new certificate: run "
                    "the\nHybrid Configuration Wizard (HybridSetup.exe).\n",
              stderr);
    fputs("SharePoint and Skype for Business partners must read the metadata again.\n", stderr);
}
