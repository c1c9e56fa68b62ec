/*
 * The clouds in which Microsoft runs Entra, each with the hosts of its log-in and of its Graph. Constant data.
 */
#ifndef ENTRA_CLOUD_H
#define ENTRA_CLOUD_H

enum cloud { CLOUD_GLOBAL, CLOUD_USGOV, CLOUD_DOD, CLOUD_CHINA, CLOUD_BLEU, CLOUD_DELOS, CLOUD_CUSTOM };
#define CLOUD_COUNT 7

/* "global", ...; as in the configuration. */
const char *cloud_name(enum cloud cloud);

/* https://HOST; NULL for custom, whose hosts the configuration names. */
const char *cloud_login(enum cloud cloud);
const char *cloud_graph(enum cloud cloud);

/* The cloud that logs in at this host, where that is certain; CLOUD_CUSTOM for a host of none. Two clouds share a
 * host: the first is returned. */
enum cloud cloud_of_login(const char *host);

#endif
