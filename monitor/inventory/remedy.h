/*
 * What is to be typed into Exchange's management shell to mend a finding: whole lines, in order. Text that comes from
 * the directory stands in quotes within which that shell interprets nothing. Pure.
 */
#ifndef MONITOR_INVENTORY_REMEDY_H
#define MONITOR_INVENTORY_REMEDY_H

#include "base/error.h"
#include "monitor/inventory/judging.h"

#include <stdbool.h>

/* Stands for a thumbprint that is not known yet. */
#define REMEDY_NEW "NEW-THUMBPRINT"
#define REMEDY_ANSWER_NO "Answer No when it asks whether to overwrite the default SMTP certificate."

/* Text as one argument: in double quotes where that is plain, else in single ones. */
void remedy_quote(struct text *out, const char *value);

/* The name by which commands call a server. */
void remedy_server(struct text *out, const struct inventory *inventory, const char *fqdn);

/* The certificate to each server of `places` and onto the services of those: Import-ExchangeCertificate first, where
 * `import`. `thumbprint` NULL = REMEDY_NEW. */
bool remedy_enable(const struct judging *judging, const struct place_set *places, const char *thumbprint, bool import,
                   struct inventory_finding *finding, struct error *err) MUST_CHECK;

/* The connector, or the hybrid object, to the certificate of this thumbprint. */
bool remedy_connector(const struct connector *connector, const char *thumbprint, struct strings *commands,
                      struct error *err) MUST_CHECK;

/* How a URL that names a host is changed; *ret_command is NULL where no command does it. */
bool remedy_name(const struct name_use *use, char **ret_command, struct error *err) MUST_CHECK;

#endif
