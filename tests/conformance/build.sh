#!/usr/bin/env bash
# Builds the rule in three languages with the program $1 into $2, from copies: what the build supplies stays out of the tree. A
# plugin newer than all that it is made of stays.
set -euo pipefail
hearth="$(realpath "$1")"
out="$(mkdir -p "$2" && cd "$2" && pwd)"
cd "$(dirname "$0")"

for language in rust javascript python; do
    file="$out/conformance-$language.wasm"
    made_of=("$language" manifest.json world.wit build.sh ../../wit ../../plugins/kit ../../host/src/plugins)
    [ -e "$file" ] && [ -z "$(find "${made_of[@]}" -newer "$file" -type f -print -quit)" ] && continue
    echo "building $file"
    copy="$out/build/conformance-$language"
    rm -rf "$copy" && mkdir -p "$copy"
    cp -r "$language"/. manifest.json world.wit "$copy/"
    CARGO_TARGET_DIR="$out/build" "$hearth" plugin build "$copy" --out "$file.part" >/dev/null
    mv "$file.part" "$file"
done
