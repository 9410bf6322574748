#!/usr/bin/env bash
# Asks the API of a demonstration host whatever its OpenAPI document allows, and what it does not, as everybody who has a token: no server
# error, no status, type of content or header that the document does not name, and answers as their schemas say.
#   run.sh HEARTH PLUGIN TOOLS [EXAMPLES] [SEED]
# CALLERS="manager coordinator": only those. COVERED="manager": every value at its bounds is asked as these alone, which is nine tenths of all requests; as everybody if left out. HEARTH: the program. PLUGIN: the demonstration's plugin. TOOLS: where schemathesis is installed, once. EXAMPLES: of each operation.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
hearth="$(realpath "$1")" plugin="$(realpath "$2")" tools="$(realpath "$3")" examples="${4:-10}" seed="${5:-1}"

# Exactly what the lock file names; again where it changed.
release="$tools/$(sha256sum "$here/requirements.txt" | cut -c1-16)"
if [ ! -e "$release/whole" ]; then
    echo "installing schemathesis into $release" >&2
    python3 -m venv --clear "$release"
    "$release/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: -r "$here/requirements.txt"
    touch "$release/whole"
fi

# Half of the callers each ask a host of their own at the same time: what one caller leaves behind, the next of the same half meets.
if [ -z "${HALF:-}" ]; then
    said="$(mktemp -d)"
    failed=0
    HALF=0 "$here/run.sh" "$@" >"$said/0" 2>&1 &
    first=$!
    HALF=1 "$here/run.sh" "$@" >"$said/1" 2>&1 || failed=1
    wait "$first" || failed=1
    cat "$said/0" "$said/1"
    rm -rf "$said"
    exit "$failed"
fi

data="$(mktemp -d)"
mkdir "$data/mail"
host=
finish() {
    [ -z "$host" ] || kill "$host" 2>/dev/null || true
    [ -z "$host" ] || wait "$host" 2>/dev/null || true
    rm -rf "$data"
}
trap finish EXIT

"$hearth" demo --once --listen 127.0.0.1:0 --data "$data" --plugin "$plugin" >"$data/said"
# Set up whole: a host without an address or e-mail says 503 where either is needed. Whoever compiles thousands of things that are no plugins is another's concern; how many requests a caller may send too.
HEARTH_LIMIT_CALLER_A_MINUTE=10000000 HEARTH_LIMIT_AUTHORITY_A_MINUTE=10000000 HEARTH_LOG="${HEARTH_LOG:-error}" \
    HEARTH_ADDRESS=https://hearth.example.org HEARTH_MAIL="folder:$data/mail" "$hearth" serve --data "$data" --listen 127.0.0.1:0 >"$data/address" 2>"$data/log" &
host=$!
for _ in $(seq 100); do
    base="$(sed -n 's|^Hearth serves \(http://[^/]*\)/.*|\1|p' "$data/address")"
    [ -n "$base" ] && break
    kill -0 "$host" || { cat "$data/log" >&2; exit 1; }
    sleep 0.1
done

failed=0
"$release/bin/python" "$here/tokens.py" "$data/tokens.json" >"$data/everybody"
for who in ${CALLERS:-} ${COVERED:-}; do
    grep -q "^$who " "$data/everybody" || { echo "nobody in the demonstration is $who; there are: $(cut -d' ' -f1 "$data/everybody" | paste -sd' ')" >&2; exit 1; }
done
awk -v half="$HALF" -v only="${CALLERS:-}" 'only ? index(" " only " ", " " $1 " ") && ++n % 2 == half : NR % 2 == half' "$data/everybody" >"$data/tokens"
while read -r who token; do
    phases=examples,coverage,fuzzing
    [ -z "${COVERED:-}" ] || [[ " $COVERED " == *" $who "* ]] || phases=examples,fuzzing
    echo "== as $who: $phases"
    # It leaves what it found where it is run.
    if ! cd "$data" || ! HEARTH_BASE="$base" HEARTH_TOKEN="$token" SCHEMATHESIS_HOOKS="$here/hooks.py" PYTHONDONTWRITEBYTECODE=1 \
        "$release/bin/schemathesis" --config-file "$here/schemathesis.toml" run "$base/v1/openapi.json" --header "Authorization: Bearer $token" \
        --checks not_the_hosts_fault,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
        --phases "$phases" --max-examples "$examples" --seed "$seed" --generation-database none --request-timeout 60 --continue-on-failure \
        --warnings off --no-color >"$data/report" 2>&1; then
        failed=1
        sed -n '/FAILURES\|ERRORS/,$p' "$data/report" | sed "s/$token/TOKEN/g"
    fi
    grep -E "generated|test cases|Test cases|passed|failed" "$data/report" | tail -3 || true
    kill -0 "$host" || { echo "the host is gone" >&2; cat "$data/log" >&2; exit 1; }
done <"$data/tokens"
if grep -q "panicked" "$data/log"; then
    echo "a request panicked:" >&2
    grep "panicked" "$data/log" >&2
    failed=1
fi
exit "$failed"
