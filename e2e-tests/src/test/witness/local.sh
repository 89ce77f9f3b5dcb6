#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# local.sh ROOT: copies those witness programs that the host has, with their shared libraries, into ROOT. Needs no network.
set -euo pipefail
root=$1
rm -rf "$root"
mkdir -p "$root"/{bin,usr/bin,proc,sys,dev,tmp,root}
for program in dash cat seq sha256sum cut cmp gzip xz bc sqlite3 perl openssl; do
    path=$(command -v "$program") || continue
    cp -L "$path" "$root/usr/bin/$program"
    ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -Ln "$library" "$root$library"
    done
done
cp "$root/usr/bin/dash" "$root/bin/dash"
cp "$root/usr/bin/dash" "$root/bin/sh"
