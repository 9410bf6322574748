#!/usr/bin/env bash
# The client as a package file, and the example built with it.
#   build.sh HEARTH OUT
# HEARTH: the program, whose OpenAPI document it is made from. OUT: a folder.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
hearth="$(realpath "$1")"
mkdir -p "$2/work"
out="$(realpath "$2")" work="$(realpath "$2/work")"

cp -r "$here"/{package.json,package-lock.json,tsconfig.json,src,example} "$work/"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --silent
"$hearth" openapi >openapi.json
npx openapi-typescript openapi.json --output src/api.ts --silent
npx tsc
npm pack --silent --pack-destination "$out"
# The example is built as anybody would build theirs: from the package.
mkdir -p example/node_modules/@hearth && ln -sfn ../../.. example/node_modules/@hearth/client
npx tsc --noEmit --strict --module nodenext --target es2022 --lib es2022,dom,dom.iterable,dom.asynciterable --skipLibCheck example/main.ts
node node_modules/esbuild/bin/esbuild example/main.ts --bundle --format=esm --minify --outfile="$out/example/main.js" --log-level=warning
cp example/index.html "$out/example/"
ls "$out"/*.tgz
