#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fetch.sh ARCHITECTURE FOLDER: unpacks the witness programs and all they need from Debian's archive into FOLDER/root-ARCHITECTURE.
# apt has state and cache of its own; nothing of the host's packages is touched, and apt checks the signatures.
set -euo pipefail

packages=(dash bash coreutils libc-bin perl perl-base python3 python3.11 libpython3.11-testsuite openssl stress-ng gzip xz-utils bc sqlite3 sed grep findutils tar)
architecture=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
root=$folder/root-$architecture
[ -e "$root/complete" ] && exit 0
apt=$folder/apt-$architecture
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
: > "$apt/status"
# The host's own sources, but only those of Debian's archive.
for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
    [ -e "$file" ] && grep -q '/debian' "$file" && cp "$file" "$apt/sources/"
done
[ -s /etc/apt/sources.list ] && cp /etc/apt/sources.list "$apt/sources/main.list"
cat > "$apt/apt.conf" <<END
#clear APT::Architectures;
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Acquire::Languages "none";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
END
export APT_CONFIG=$apt/apt.conf
# A mirror in the middle of its update may lack some index: what the packages need decides.
apt-get -qq update || echo "fetch.sh: apt-get update was not complete" >&2
apt-get -qq -y --download-only install "${packages[@]}"
rm -rf "$root"
mkdir -p "$root"
for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root"
done
mkdir -p "$root"/{proc,sys,dev,tmp,root}
ln -sf dash "$root/bin/sh"
touch "$root/complete"
