#!/bin/sh
# etc.sh FOLDER FILE...: puts FOLDER/FILE in the place of each /etc/FILE, for a mount namespace of its own, FOLDER's files
# being seen as they are at any time. A file that /etc lacks, as a bare root lacks hosts, is there only in the namespace.
set -eu
folder=$1
shift

missing=
for file in "$@"; do
    [ -e "/etc/$file" ] || missing="$missing $file"
done
if [ -n "$missing" ]; then
    mkdir -p "$folder/etc"
    mount -t tmpfs -o mode=0755 none "$folder/etc"
    mkdir "$folder/etc/new" "$folder/etc/work"
    mount -t overlay -o "lowerdir=/etc,upperdir=$folder/etc/new,workdir=$folder/etc/work" none /etc
    for file in $missing; do
        rm -f "/etc/$file"
        : >"/etc/$file"
    done
fi
for file in "$@"; do
    mount --bind "$folder/$file" "/etc/$file"
done
