# SPDX-License-Identifier: Apache-2.0
# Programs whose output says whether the processor computes as it should: run in the host's Linux (chroot) and in kmOS, the
# texts must be equal. run.sh brief | quick | long ["NAME ..."] | perl_tests [FILE ...] | perl_long. What is left out is in skip.txt.
export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/root LC_ALL=C PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
cd /tmp
section() { echo "== $1"; }
# The names that skip.txt has for a part (perl, python) and this word size.
skipped() { sed -n "s/^$1 \(any\|$(getconf LONG_BIT)\) \([^:]*\): ..*/\2/p" /skip.txt; }
python() { section "python $1"; python3 -m test -v $1 $(set -f; for name in $(skipped python); do echo "-i $name"; done) 2>&1 | grep -E '^(Ran|OK|FAILED|ERROR|FAIL)' | sed 's/ in [0-9.]*s$//'; }
have() { command -v "$1" > /dev/null && section "$1"; }
brief() {
# With FMA glibc's sin and cos differ in the last bit: on both sides it takes the code that every processor can run.
export GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX
if have gzip; then seq 1 20000 > s; gzip -k -n -9 s; sha256sum s.gz | cut -c1-64; gzip -t s.gz && gzip -dc s.gz | cmp - s && echo same; fi
if have xz; then seq 1 20000 > t; xz -k -3 t; sha256sum t.xz | cut -c1-64; xz -t t.xz && xz -dc t.xz | cmp - t && echo same; fi
if have bc; then echo 'scale=60; 4*a(1); e(1); s(1); l(2); sqrt(2); 2^500; j(0,1)' | bc -l; fi
if have openssl; then for a in md5 sha1 sha256 sha512 sha3-256 blake2b512; do printf abc | openssl dgst -$a; seq 1 3000 | openssl dgst -$a; done 2>&1; fi
if have perl; then perl -e 'my $s = 0; for my $i (1..5000) { $h{"k".($i*7919%1007)} += sqrt($i)*$i; $s += sin($i)*cos($i) } printf "%.15g %d\n", $s, scalar keys %h; my $x = join ",", map { $_ ** 2 } 1..200; $x =~ s/(\d+),(\d+)/$2-$1/g; print length($x), " ", unpack("%32C*", $x), "\n"; printf "%.20e %a %s %d\n", 1/3, 0.1, 2**64, -7 % 3; print unpack("H*", pack("dfnNvVwq", 1.5, 2.5, 1, 2, 3, 4, 300, -5)), "\n"'; fi
if have sqlite3; then sqlite3 :memory: "create table t(a integer primary key, b real, c text); with recursive n(i) as (select 1 union all select i+1 from n where i<500) insert into t select i, i*1.1/7, printf('%08d-%x', (i*7919)%50021, i) from n; create index x on t(c); select count(*), sum(a), total(b), avg(b), min(c), max(c) from t; select c, b from t where c > '0000' order by c limit 5;"; fi
}
quick() {
section openssl
for a in md5 sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 shake128 blake2b512 blake2s256 ripemd160 sm3; do printf abc | openssl dgst -$a; seq 1 30000 | openssl dgst -$a; done 2>&1
for c in aes-128-cbc aes-256-ctr aes-256-gcm camellia-256-cbc chacha20 des-ede3-cbc aria-128-cbc; do seq 1 5000 | openssl enc -$c -K 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff -iv 0102030405060708090a0b0c0d0e0f10 2>/dev/null | openssl dgst -sha256; done
echo 'message' | openssl dgst -sha256 -hmac key
section "openssl keys"
# Keys are random: what one key made the other must undo, and two ways to the same secret must meet.
for k in "RSA -pkeyopt rsa_keygen_bits:1024" "EC -pkeyopt ec_paramgen_curve:P-256" "EC -pkeyopt ec_paramgen_curve:P-384" "EC -pkeyopt ec_paramgen_curve:brainpoolP512r1"; do
echo "$k"; openssl genpkey -algorithm $k -out k 2>/dev/null; openssl pkey -in k -pubout -out p; openssl pkey -in k -check -noout; openssl dgst -sha256 -sign k -out g /run.sh; openssl dgst -sha256 -verify p -signature g /run.sh
done
for k in X25519 X448 "EC -pkeyopt ec_paramgen_curve:P-521" "DH -pkeyopt group:ffdhe2048"; do
for i in 1 2; do openssl genpkey -algorithm $k -out k$i 2>/dev/null; openssl pkey -in k$i -pubout -out p$i; done
openssl pkeyutl -derive -inkey k1 -peerkey p2 -out a; openssl pkeyutl -derive -inkey k2 -peerkey p1 -out b; cmp a b && echo "$k: $(wc -c < a)"
done
# Ed25519 has no random part: the key is its 32 bytes.
printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040kmOS has 32 bytes, all are known' | openssl pkey -inform DER -out k; openssl pkeyutl -sign -inkey k -rawin -in /run.sh | openssl dgst -sha256
openssl prime -hex FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF
section bc
echo 'scale=200; 4*a(1); e(1); s(1); c(1); l(2); sqrt(2); 2^1000; j(0,1)' | bc -l
section xz
seq 1 60000 > s; xz -k -6 s; gzip -k -n -9 s; sha256sum s.xz s.gz | cut -c1-64; xz -t s.xz && gzip -t s.gz && xz -dc s.xz | cmp - s && gzip -dc s.gz | cmp - s && echo same
section perl
perl -e 'use strict; my ($h, $s)=({}, 0); for my $i (1..50000) { $h->{"k".($i*7919%10007)} += sqrt($i)*$i; $s += sin($i)*cos($i) } printf "%.15g %d\n", $s, scalar keys %$h; my $t=0; $t += $h->{$_} for sort keys %$h; printf "%.17g\n", $t; my $x = join ",", map { $_ ** 2 } 1..200; $x =~ s/(\d+),(\d+)/$2-$1/g; print length($x), " ", unpack("%32C*", $x), "\n"; printf "%.20e %a %s\n", 1/3, 0.1, 2**64; print pack("dfnNvVwq", 1.5, 2.5, 1,2,3,4,300,-5) =~ s/(.)/sprintf "%02x", ord $1/gser, "\n"; use integer; print 7/-2, " ", -7 % 3, "\n"'
perl -MMath::BigInt -MMath::BigFloat -MDigest::SHA=sha256_hex -MList::Util=sum -MStorable=freeze -e 'print Math::BigInt->new(3)->bpow(500), "\n", Math::BigFloat->bpi(80), "\n", sha256_hex("abc"), "\n", sum(map { $_ / 7 } 1..1000), "\n"'
section sqlite
sqlite3 :memory: "create table t(a integer primary key, b real, c text); with recursive n(i) as (select 1 union all select i+1 from n where i<50000) insert into t select i, i*1.1/7, printf('%08d-%x', (i*7919)%50021, i) from n; create index x on t(c); select count(*), sum(a), total(b), avg(b), min(c), max(c) from t; select c, b from t where c like '000012%' order by c limit 5; delete from t where a%3=0; select count(*), sum(length(c)), round(sum(sqrt(b)),6) from t; select group_concat(k) from (select substr(c,1,2) k, count(*) n from t group by k order by n desc, k limit 10);"
}
long() {
for t in ${1:-float cmath struct json math array decimal long ctypes zlib hashlib int complex random fractions re format bytes unicode}; do python test_$t; done
section stress-ng
stress-ng --cpu 1 --cpu-method all --cpu-ops 300 --verify 2>&1 | sed 's/^[^]]*] //' | grep -iE 'pass|fail|error|successful' | sed 's/ in .*//'
}
# Files that take kmOS minutes: perl works for seconds on the host, or waits four seconds of guest time in a loop (op/sigdispatch.t).
slow_perl_files='op/sigdispatch.t re/fold_grind_*.t re/pat.t re/pat_psycho.t re/reg_email.t'
perl_files() {
for file in $1; do
skip=no
for name in $skips; do case $file in $name) skip=yes ;; esac; done
[ $skip = yes ] || echo $file
done
}
perl_long() { cd /perl/t; perl_tests $(perl_files "$slow_perl_files"); }
# What perl's own tests say: exit status, how many passed, which did not.
perl_tests() {
cd /perl/t
set -f; skips="$(skipped perl) $([ $# -gt 0 ] || echo $slow_perl_files)"; set +f
[ $# -gt 0 ] || set -- $(perl_files "op/*.t re/*.t")
for file; do
section "$file"
switches=$(head -n 1 "$file" | sed -n 's/^#!.*perl *\(-[-A-Za-z ]*\).*/\1/p')
PERL_HASH_SEED=0 timeout 900 /usr/bin/perl $switches "$file" < /dev/null > /tmp/out 2> /tmp/errors
echo "status $?, passed $(grep -c '^ok' /tmp/out), not passed:" $(sed -n 's/^not ok \([0-9]*\).*/\1/p' /tmp/out)
done
}
"$@"
echo "== end"
