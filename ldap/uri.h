/*
 * One directory URI taken apart: how it is spoken to, and with whom. Never touches the network. Plain values, nothing
 * to free.
 */
#ifndef LDAP_URI_H
#define LDAP_URI_H

#include "core/error.h"

#include <stdbool.h>

#define URI_MOST 1024
#define URI_HOST_SIZE 256

struct directory_uri {
    const char *text;         /* as configured, borrowed */
    bool tls;                 /* ldaps:// */
    bool local;               /* ldapi:// */
    char host[URI_HOST_SIZE]; /* "" for ldapi:// */
};

/* Accepts ldap://HOST[:PORT], ldaps://HOST[:PORT] and ldapi://PATH without anything behind. CONFIG error otherwise. */
bool directory_uri_parse(const char *text, struct directory_uri *ret_uri, struct error *err)
    __attribute__((warn_unused_result));

#endif
