/*
 * The scripts that run on an Exchange server, as they stand in windows/: the build makes them part of the program.
 * bootstrap.ps1 fits a command line (base64 of UTF-16 for powershell.exe -EncodedCommand, at most SCRIPT_ENCODED_MOST
 * characters), holds no secret, and runs what standard input brings it: a line "authcert-1", a line with import.ps1 in
 * base64, then the orders. What an order and its answer are is told at the top of import.ps1.
 */
#ifndef WINDOWS_SCRIPT_H
#define WINDOWS_SCRIPT_H

#include <stddef.h>

#define SCRIPT_ENCODED_MOST 2900

extern const char script_bootstrap[]; /* ends with a zero byte */
extern const unsigned char script_import[];
extern const size_t script_import_length;

#endif
