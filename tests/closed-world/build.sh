#!/usr/bin/env bash
# Builds the plugin that looks for the world, in three languages with their WASI left in, into $1. What JavaScript and Python are
# built with is installed where it is missing, into a folder outside the clone. A plugin newer than all that it is made of stays.
set -euo pipefail
out="$(mkdir -p "$1" && cd "$1" && pwd)"
cd "$(dirname "$0")"
tools="${HEARTH_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/hearth/tools}"
wit=../../wit

fresh() { # FILE LANGUAGE: is it newer than its sources, the interface and this script?
    [ -e "$1" ] && [ -z "$(find "$2" wit build.sh "$wit"/{family,platform,decision,outcomes} -newer "$1" -type f -print -quit)" ]
}

debian() { # PROGRAM PACKAGE...
    command -v "$1" >/dev/null || { echo "installing ${*:2}"; apt-get update -qq && apt-get install -y -qq "${@:2}"; }
}

# The world with the packages that it names beside it, as the tools of JavaScript and Python read it.
laid_out() {
    rm -rf "$1" && mkdir -p "$1/deps"
    cp wit/world.wit "$1/"
    cp -r "$wit"/{family,platform,decision,outcomes} "$1/deps/"
}

rust() {
    CARGO_TARGET_DIR="$out/build" cargo build --quiet --release --locked --target wasm32-wasip2 --manifest-path rust/Cargo.toml
    cp "$out/build/wasm32-wasip2/release/closed_world.wasm" "$1"
}

javascript() {
    debian npm nodejs npm
    local mark here
    mark="$(cat javascript/package.json javascript/package-lock.json | sha256sum | head -c 16)"
    here="$tools/componentize-js-$mark"
    if [ ! -d "$here" ]; then
        mkdir -p "$tools" && rm -rf "$here.part" && mkdir "$here.part"
        cp javascript/package.json javascript/package-lock.json "$here.part/"
        (cd "$here.part" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
        mv "$here.part" "$here"
    fi
    laid_out "$out/build/closed-world-js"
    node javascript/build.mjs "$here" "$out/build/closed-world-js" "$1"
}

python() {
    debian python3 python3 python3-venv
    local version here
    version="$(tr -d '[:space:]' <python/requirements.txt)"
    here="$tools/closed-world-${version//==/-}"
    if [ ! -d "$here" ]; then
        mkdir -p "$tools" && rm -rf "$here"
        python3 -m venv "$here" && "$here/bin/pip" install --quiet --requirement python/requirements.txt || { rm -rf "$here"; exit 1; }
    fi
    laid_out "$out/build/closed-world-py"
    # From a copy: the tool's Python leaves what it compiled beside the source.
    cp python/plugin.py "$out/build/closed-world-py/"
    (cd "$out/build/closed-world-py" && "$here/bin/componentize-py" -q -d . -w closed-world componentize plugin -o "$1")
}

for language in rust javascript python; do
    file="$out/closed-world-$language.wasm"
    fresh "$file" "$language" && continue
    echo "building $file"
    "$language" "$file.part"
    mv "$file.part" "$file"
done
