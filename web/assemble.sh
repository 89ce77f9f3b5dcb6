#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# assemble.sh SITE IMAGE_DIR: makes the static folder from the compiled module (mvn package first), the page's sources and a
# built disk image. Incremental: what is newer than its sources stays.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: assemble.sh SITE IMAGE_DIR" >&2
  exit 2
fi
mkdir -p "$1"
site=$(cd "$1" && pwd)
image=$(cd "$2" && pwd)
cd "$(dirname "$0")"

for needed in target/web/classes.wasm target/web/classes.wasm-runtime.js "$image/manifest.json" "$image/console.psf"; do
  if [ ! -e "$needed" ]; then
    echo "assemble.sh: $needed is missing (build it first: ./kmos build)" >&2
    exit 1
  fi
done
if ! command -v npm > /dev/null; then
  echo "assemble.sh: npm is needed for the page's libraries: apt-get install npm" >&2
  exit 1
fi

# Libraries by lock file. esbuild needs no install script: its program is a package of its own.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  echo "Fetching the page's libraries (npm)"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "assemble.sh: npm could not fetch the packages of web/package-lock.json: is there a network?" >&2
    exit 1
  }
fi

bundle=target/bundle
mkdir -p "$bundle"
options=(--bundle --format=iife --target=es2022 --charset=utf8 --legal-comments=linked --log-level=warning)
for name in early page; do
  node_modules/.bin/esbuild "src/main/webapp/$name.js" "${options[@]}" --minify --sourcemap --outfile="$bundle/$name.js"
done
rm -f "$bundle"/kmos.js*
module=(--bundle --format=esm --target=es2022 --charset=utf8 --legal-comments=linked --log-level=warning --sourcemap --loader:.css=text --external:./kmos.js)
for name in kmos kmos-machine bench; do
  node_modules/.bin/esbuild "src/main/webapp/$name.js" "${module[@]}" --outfile="$bundle/$name.js"
done
cp src/main/webapp/kmos.d.ts src/main/webapp/kmos-machine.d.ts src/main/webapp/bench.html "$bundle/"
node_modules/.bin/esbuild src/main/webapp/worker.js "${options[@]}" --sourcemap --outfile="$bundle/kmos-worker.js" \
  --banner:js="importScripts((self.kmosBase ?? '') + 'classes.wasm-runtime.js' + (self.kmosVersion ?? self.location.search));"
node_modules/.bin/esbuild src/main/webapp/kmos.css --bundle --minify --log-level=warning --outfile="$bundle/kmos.css"
cp target/web/classes.wasm-runtime.js "$bundle/"
if [ ! "$bundle/classes.wasm.gz" -nt target/web/classes.wasm ]; then
  gzip -9 -n -c target/web/classes.wasm > "$bundle/classes.wasm.gz.new"
  mv "$bundle/classes.wasm.gz.new" "$bundle/classes.wasm.gz"
fi

# The usual machine when it has booted, for pages that open a snapshot.
if [ ! "$bundle/base.gz" -nt target/web/classes.wasm ] || [ ! "$bundle/base.gz" -nt "$image/manifest.json" ]; then
  java -Dkmos.memory=512 -cp "$(echo target/kmos-web-*.jar):target/lib/*" kmos.headless.BaseAsset "$image" "$bundle/base.gz.new"
  mv "$bundle/base.gz.new" "$bundle/base.gz"
fi

# Lessons: their texts and machines.
if [ ! "$bundle/lessons/list.html" -nt target/web/classes.wasm ] || [ ! "$bundle/lessons/list.html" -nt "$image/manifest.json" ] \
    || [ -n "$(find ../assets/lessons -newer "$bundle/lessons/list.html" -print -quit)" ]; then
  rm -rf "$bundle/lessons"
  java -XX:-DontCompileHugeMethods -XX:+UseSerialGC -Dkmos.memory=512 -cp "$(echo target/kmos-web-*.jar):target/lib/*" \
    kmos.headless.lessons.LessonsAsset "$image" ../assets/lessons "$bundle/lessons" > "$bundle/lessons.log"
fi
mkdir -p "$site/lessons"
cp "$bundle"/lessons/*.kmos "$bundle"/lessons/*.html "$site/lessons/"
sed -e "/@LESSONS@/{r $bundle/lessons/list.html" -e 'd}' src/main/webapp/lessons.html > "$bundle/lessons.html"

# Old copies in the browser's cache are recognised by the build's name.
build=$(cat "$bundle"/early.js "$bundle"/page.js "$bundle"/kmos-worker.js "$bundle"/kmos.css "$bundle"/classes.wasm.gz | sha256sum | cut -c1-12)
sed "s/@BUILD@/$build/g" src/main/webapp/index.html > "$bundle/index.html"
find "$bundle" -maxdepth 1 -type f -not -name '*.log' -exec cp {} "$site/" \;

mkdir -p "$site/disk/chunks"
cp "$image/console.psf" "$site/disk/"
cp -u "$image"/chunks/*.gz "$site/disk/chunks/"
cp "$image/manifest.json" "$site/disk/"
./assemble-npm.sh "$site" target/npm
echo "The static folder is $site ($(du -sh "$site" | cut -f1), build $build)"
