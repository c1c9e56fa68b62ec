/*
 * The key store and the delivery command behind the run loop's port.
 */
#ifndef MONITOR_PORTS_KEYS_H
#define MONITOR_PORTS_KEYS_H

#include "core/ports.h"
#include "renew/deliver/command.h"
#include "renew/keys/keystore.h"
#include "renew/keys/pfx_write.h"
#include "windows/windows.h"

struct keys_port_context {
    struct keystore store;
    bool only_read; /* a survey changes nothing, not even a candidate's name */
    bool may_keep;  /* a password for the store is there, or it was renounced in the configuration */
    struct delivery_settings delivery;
    const struct windows_settings *windows; /* the road is WinRM; NULL = the command */
    enum pfx_form pfx;
};

/* The port; `context` is borrowed. */
struct keys_port keys_port_of(struct keys_port_context *context);

#endif
