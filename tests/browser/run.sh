#!/usr/bin/env bash
# Plays each role's journeys on the pages of a demonstration host in a real browser, and looks at every page that its links lead to: barriers
# (axe), small screens, without scripts, size, time. Pictures of each page stay in PICTURES.
#   run.sh HEARTH PLUGINS TOOLS PICTURES
# With MANY (the program that adds families) and FAMILIES it measures instead how long pages take beside so many.
# With TOUR (a folder) it goes the new user's path of the README and keeps its pictures there.
# HEARTH: the program. PLUGINS: the folder of components; DEMO names those of the demonstration, first the one that decides outcomes. TOOLS: where npm's packages are installed, once.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
hearth="$(realpath "$1")" plugins="$(realpath "$2")" tools="$(realpath "$3")"
mkdir -p "$4"
pictures="$(realpath "$4")"
tour="$(realpath -m "${TOUR:-.}")"
adopted=()
for name in $DEMO; do adopted+=(--plugin "$plugins/$name.wasm"); done

release="$tools/$(cat "$here"/package*.json | sha256sum | cut -c1-16)"
if [ ! -e "$release/whole" ]; then
    mkdir -p "$release"
    cp "$here"/package*.json "$release/"
    (cd "$release" && npm ci --ignore-scripts --no-audit --no-fund --silent)
    touch "$release/whole"
fi
# Node finds packages beside the file that wants them: the tests are copied beside theirs.
cp "$here"/*.mjs "$release/"

data="$(mktemp -d)"
host=
finish() {
    [ -z "$host" ] || kill "$host" 2>/dev/null || true
    [ -z "$host" ] || wait "$host" 2>/dev/null || true
    rm -rf "$data"
}
trap finish EXIT

if [ -n "${MANY:-}" ]; then
    "$hearth" demo --once --listen 127.0.0.1:0 --data "$data" "${adopted[@]}" >"$data/said"
    "$MANY" --data "$data" --authority E06000023 --families "${FAMILIES:-5000}"
    "$hearth" evaluate --data "$data" --authority E06000023 --plugin bristol-outcomes --as-of 2026-08-31 >"$data/said"
fi

HEARTH_LIMIT_CALLER_A_MINUTE=10000000 HEARTH_LIMIT_AUTHORITY_A_MINUTE=10000000 HEARTH_LOG="${HEARTH_LOG:-error}" \
    "$hearth" demo --listen 127.0.0.1:0 --data "$data" "${adopted[@]}" >"$data/said" 2>"$data/log" &
host=$!
base=
for _ in $(seq 600); do
    base="$(sed -n 's|^Sign in at \(http://[^ ]*\) as.*|\1|p' "$data/said")"
    [ -n "$base" ] && break
    kill -0 "$host" || { cat "$data/log" >&2; exit 1; }
    sleep 0.1
done

cd "$release"
export HEARTH_BASE="$base" HEARTH_LETTERS="$data/letters" HEARTH_PICTURES="$pictures" HEARTH_PLUGIN="$plugins/${DEMO%% *}.wasm"
CHROMIUM="$(command -v chromium)"
export CHROMIUM
if [ -n "${MANY:-}" ]; then
    node times.mjs
elif [ -n "${TOUR:-}" ]; then
    HEARTH_TOUR="$tour" node tour.mjs
else
    node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs
fi
if grep -q "panicked\|could not be made" "$data/log"; then
    echo "a page could not be made:" >&2
    grep "panicked\|could not be made" "$data/log" >&2
    exit 1
fi
