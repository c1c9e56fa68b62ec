/*
 * How the settings fit together: what needs what, what rules out what, and what is allowed but unwise or without
 * effect. Works on a draft whose values are parsed; values reported already are left alone.
 */
#ifndef MONITOR_CONFIG_CHECK_H
#define MONITOR_CONFIG_CHECK_H

#include "core/policy.h"
#include "base/text.h"
#include "monitor/config/draft.h"

/* Adds the problems of each section. */
void config_check_directory(struct config_draft *draft);
void config_check_policy(struct config_draft *draft);
void config_check_rest(struct config_draft *draft);

/* Adds one sentence for each thing that the operator may not expect. Only for a draft without problems. */
void config_check_warnings(const struct config_draft *draft, struct strings *warnings);

#endif
