#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fetch.sh ARCHITECTURE FOLDER: unpacks the witness programs and all they need from Debian's archive into FOLDER/root-ARCHITECTURE.
# Also perl's own tests, from Debian's source package, in /perl/t with the installed modules beside them in /perl/lib.
# apt has state and cache of its own; nothing of the host's packages is touched, and apt checks the signatures.
set -euo pipefail

packages=(dash bash coreutils libc-bin perl perl-base python3 python3.11 libpython3.11-testsuite openssl stress-ng gzip xz-utils bc sqlite3 sed grep findutils tar diffutils procps gdb-minimal)
architecture=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
root=$folder/root-$architecture
stamp=$(sha256sum < "$0")
[ "$(cat "$root/complete" 2>/dev/null)" = "$stamp" ] && exit 0
apt=$folder/apt-$architecture
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
: > "$apt/status"
# The host's own sources, but only those of Debian's archive.
for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
    [ -e "$file" ] && grep -q '/debian' "$file" && cp "$file" "$apt/sources/"
done
[ -s /etc/apt/sources.list ] && cp /etc/apt/sources.list "$apt/sources/main.list"
find "$apt/sources" -name '*.sources' -exec sed -i 's/^Types: deb$/Types: deb deb-src/' {} +
find "$apt/sources" -name '*.list' -exec sed -i 's/^deb \(.*\)$/&\ndeb-src \1/' {} +
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
# The source of another revision has the same tests: a mirror may have one and not the other.
mkdir -p "$folder/source"
if [ -z "$(find "$folder/source" -name 'perl_5.*.orig.tar.xz')" ]; then
    for version in $(apt-cache showsrc perl | sed -n 's/^Version: //p'); do
        (cd "$folder/source" && apt-get -qq --download-only source "perl=$version") || echo "fetch.sh: perl $version has no source here" >&2
    done
fi
source=$(find "$folder/source" -name 'perl_5.*.orig.tar.xz' | sort | head -n 1)
[ -n "$source" ] || { echo "fetch.sh: no source of perl" >&2; exit 1; }
rm -rf "$root"
mkdir -p "$root"
for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root"
done
mkdir -p "$root"/{proc,sys,dev,tmp,root}
ln -sf dash "$root/bin/sh"
mkdir -p "$root/perl/lib"
tar -C "$root/perl" --strip-components=1 --no-same-owner --wildcards -xf "$source" 'perl-*/t' 'perl-*/regen' 'perl-*/MANIFEST'
for modules in "$root"/usr/share/perl/5.*.* "$root"/usr/lib/*/perl/5.*.* "$root"/usr/lib/*/perl-base; do
    cp -a "$modules/." "$root/perl/lib/"
done
ln -s /usr/bin/perl "$root/perl/t/perl"
echo "$stamp" > "$root/complete"
