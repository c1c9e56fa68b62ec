/*
 * The files that a configuration names without being read by it: lists of CAs, the delivery command, the recovery
 * certificate. Commands find out when they need them, perhaps in the night; `config check` asks beforehand.
 */
#ifndef MONITOR_CONFIG_NAMED_H
#define MONITOR_CONFIG_NAMED_H

#include "base/text.h"
#include "monitor/config/config.h"

/* Adds "FILE:LINE: [section] key: why" for each that this process could not use: not there, not to be read, not to be
 * trusted, or not what it should be. */
void config_named_check(const struct config *config, struct strings *errors);

#endif
