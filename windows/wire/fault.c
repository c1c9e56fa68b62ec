#include "windows/wire/fault.h"

#include <stddef.h>

#define TOO_MANY                                                                                                       \
    "too many remote shells are open there at this moment: a later run tries again; winrm enumerate shell, typed on "  \
    "the server, lists them"
#define QUOTA                                                                                                          \
    "a quota of WinRM is used up at this moment: a later run tries again (winrm get winrm/config shows the quotas)"
#define OURS                                                                                                           \
    "it does not understand the request: something between changes it, such as a proxy, or this is a fault of "        \
    "authcert"

static const struct fault known[] = {
    {5, FAULT_RIGHT,
     "the account was recognized, but may not open a shell there: make it a member of the server's local "
     "Administrators "
     "(docs/windows.md), and look whether it is one: net localgroup Administrators"},
    {2147942405, FAULT_RIGHT,
     "the account was recognized, but may not open a shell there: make it a member of the server's local "
     "Administrators "
     "(docs/windows.md), and look whether it is one: net localgroup Administrators"},
    {995, FAULT_GONE, "the command was ended there from outside"},
    {2147942414, FAULT_SETUP,
     "there is not enough memory for a remote shell: on the server, winrm set winrm/config/winrs "
     "@{MaxMemoryPerShellMB=\"1024\"}, or a larger paging file"},
    {2147943418, FAULT_BUSY, "the account's profile is being unloaded there: a later run tries again"},
    {2150858790, FAULT_OTHER, OURS},
    {2150858824, FAULT_OTHER, OURS},
    {2150859025, FAULT_OTHER, OURS},
    {2150858793, FAULT_WAIT, "there is no output yet"},
    {2150858811, FAULT_OTHER, OURS},
    {2150858817, FAULT_OTHER, OURS},
    {2150858819, FAULT_OTHER, OURS},
    {2150858833, FAULT_OTHER, OURS},
    {2150858834, FAULT_OTHER, OURS},
    {2150858835, FAULT_OTHER, OURS},
    {2150859140, FAULT_OTHER, OURS},
    {2150858843, FAULT_GONE, "the remote shell ended meanwhile: WinRM was restarted there, or the shell was closed"},
    {2150858815, FAULT_BUSY, QUOTA},
    {2150859173, FAULT_BUSY, TOO_MANY},
    {2150859179, FAULT_BUSY, TOO_MANY},
    {2150859236, FAULT_BUSY, TOO_MANY},
    {2150859237, FAULT_BUSY, TOO_MANY},
    {2150859174, FAULT_BUSY, QUOTA},
    {2150859175, FAULT_BUSY, QUOTA},
    {2150859176, FAULT_BUSY, QUOTA},
    {2150859239, FAULT_BUSY, QUOTA},
    {2150859240, FAULT_BUSY, QUOTA},
    {2150859241, FAULT_BUSY, QUOTA},
    {2150859180, FAULT_SETUP,
     "remote shells are switched off there: on the server, winrm set winrm/config/winrs "
     "@{AllowRemoteShellAccess=\"true\"}, or the group policy \"Allow Remote Shell Access\""},
    {2150859235, FAULT_SETUP,
     "remote access is switched off there: the group policy \"Allow remote server management through WinRM\" "
     "(AllowRemoteAccess)"},
};

struct fault fault_of(uint64_t code) {
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].code == code)
            return known[i];
    return (struct fault){.code = code, .kind = FAULT_OTHER};
}
