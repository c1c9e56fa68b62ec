#!/bin/sh
# links.sh PROGRAM: fails when it needs libldap or libcurl.
set -eu
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
case $needed in
*libldap* | *liblber* | *libcurl*)
    echo "$1 needs" $needed
    exit 1
    ;;
*libc.so*) ;;
*)
    echo "readelf says nothing of what $1 needs"
    exit 2
    ;;
esac
