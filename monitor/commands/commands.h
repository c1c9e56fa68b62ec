/*
 * The commands of the program, a file each; doctor has a folder of its own.
 */
#ifndef MONITOR_COMMANDS_COMMANDS_H
#define MONITOR_COMMANDS_COMMANDS_H

#include "monitor/session/command.h"

extern const struct command command_activate, command_check, command_config, command_deliver, command_entra,
    command_export, command_help, command_history, command_import, command_inventory, command_notify, command_recover,
    command_refresh, command_renew, command_report, command_retire, command_run, command_status, command_version;

#endif
