#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# assemble-npm.sh SITE OUT: the npm package from an assembled site: OUT/package and OUT/kmos-VERSION.tgz (npm pack). The disk
# image is not in it: it is too large for a registry, and is given with the option image.
set -euo pipefail
site=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")"
rm -rf "$out/package" "$out"/*.tgz
mkdir "$out/package"
for file in kmos.js kmos.d.ts kmos-machine.js kmos-machine.d.ts kmos-worker.js classes.wasm.gz classes.wasm-runtime.js; do
  cp "$site/$file" "$out/package/"
done
cp ../LICENSE "$out/package/"
cp ../docs/embedding.md "$out/package/README.md"
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
cat > "$out/package/package.json" <<JSON
{
  "name": "kmos",
  "version": "$version",
  "description": "A PC with a Linux-compatible kernel for the browser",
  "license": "Apache-2.0",
  "type": "module",
  "exports": {
    ".": { "types": "./kmos.d.ts", "default": "./kmos.js" },
    "./kmos-machine.js": { "types": "./kmos-machine.d.ts", "default": "./kmos-machine.js" },
    "./package.json": "./package.json"
  },
  "types": "./kmos.d.ts",
  "sideEffects": ["./kmos-machine.js"]
}
JSON
(cd "$out/package" && npm pack --silent --ignore-scripts --pack-destination "$out" > /dev/null)
echo "The npm package is $(ls "$out"/*.tgz)"
