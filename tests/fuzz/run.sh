#!/usr/bin/env bash
# Fuzzes every parser that sees uploaded bytes: $1 inputs of each target, or of those that are named after it. Seeds and words come
# from the tree, what is found stays in $CARGO_TARGET_DIR/fuzz. No sanitizer: there is no unsafe code here, and what is looked for
# are panics, inputs of more than SLOWEST (2) seconds and memory of more than 2 GiB, which libFuzzer notices by itself. On a machine
# that is busy otherwise, SLOWEST has to be larger: the clock on the wall counts.
set -euo pipefail
runs="$1"
shift
cd "$(dirname "$0")"
root=../..
out="${CARGO_TARGET_DIR:?}/fuzz"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | tail -n +2)

rustup toolchain list | grep -q ^nightly || rustup toolchain install nightly --profile minimal
command -v jq >/dev/null || { echo "installing jq, which takes seeds out of the tree"; apt-get update -qq && apt-get install -y -qq jq; }
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-fuzz

seeds() { # TARGET: what the tree has of the kind, and what was found worth keeping before
    local into="$out/corpus/$1"
    mkdir -p "$into"
    case "$1" in
    packed_file) "$CARGO_TARGET_DIR/debug/smith" --seeds "$into" ;;
    manifest) for m in $root/plugins/*/manifest.json $root/plugins/*/*/manifest.json $root/tests/*/manifest.json; do cp "$m" "$into/$(echo "$m" | tr -c 'a-z0-9\n' -)"; done ;;
    form) cp $root/plugins/*/forms/*.json "$into/" ;;
    condition) jq -c '.. | objects | (."visible-when", ."required-when", ."valid-when".when?, .computed?) | select(. != null)' $root/plugins/*/forms/*.json |
        sort -u | split -l 1 -a 4 - "$into/condition-" ;;
    answers) jq -c '.. | objects | .answers? | select(type == "object")' $root/plugins/*/forms/*.json 2>/dev/null | split -l 1 -a 4 - "$into/answers-"
        echo '{"form":"f","digest":"sha256:'"$(printf '0%.0s' {1..64})"'","answers":{},"groups":{}}' >"$into/none" ;;
    scenarios) cp $root/plugins/*/scenarios/*.yaml "$into/" ;;
    settings) for m in $root/plugins/*/manifest.json; do jq -c '.settings // empty' "$m" >"$into/$(basename "$(dirname "$m")")"; done ;;
    table) for m in $root/plugins/*/manifest.json; do
        jq -c '.tables[]? | del(.rows)' "$m" | head -1 | tr -d '\n' >"$into/$(basename "$(dirname "$m")")"
        printf '\0[{"first":"2026-01-01","last":"2026-12-31"}]' >>"$into/$(basename "$(dirname "$m")")"
    done ;;
    extract) for f in 0:attendance 2:police-callouts 3:benefit-spells; do
        { printf "\\x0${f%%:*}"; head -5 "$root/host/demo/extracts/E06000023/${f#*:}.csv"; } >"$into/${f#*:}"; done ;;
    mapping) cp $root/host/src/intake/mappings/*.yaml "$into/" ;;
    spreadsheet) printf '\1<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>UPN</t></is></c><c r="B1"><f>A1+1</f><v>45901</v></c></row></sheetData></worksheet>' >"$into/sheet" ;;
    family) cp $root/host/demo/families/E06000023/*.json "$into/" ;;
    kept) printf '\0{"format":1}' >"$into/snapshot"; printf '\1{"question":"progress","result":{"answered":"none-yet"},"findings":[],"claims":[],"tasks":[],"delivered":[]}' >"$into/answer"
        printf '\2{"format":1}' >"$into/context"; printf '\3"record"' >"$into/matter" ;;
    esac
}

# Every word between quotation marks of the published schemas and the code lists.
# The record that extracts are read into: on a disk each transaction waits for it.
[ -w /dev/shm ] && export TMPDIR=/dev/shm

mkdir -p "$out"
cat $root/wit/*.json $root/plugins/*/forms/*.json | grep -oE '"[$A-Za-z][A-Za-z-]{1,30}"' | sort -u | sed 's/"/\\"/g; s/.*/"&"/' >"$out/words.dict"

cargo +nightly fuzz build --fuzz-dir . -s none
for target in "${targets[@]}"; do
    seeds "$target"
    mkdir -p "$out/artifacts/$target"
    echo "$target: $runs inputs"
    "$CARGO_TARGET_DIR/x86_64-unknown-linux-gnu/release/$target" -runs="$runs" -timeout="${SLOWEST:-2}" -rss_limit_mb=2048 -max_len=65536 \
        -dict="$out/words.dict" -artifact_prefix="$out/artifacts/$target/" -print_final_stats=1 "$out/corpus/$target" 2>"$out/$target.log" ||
        { tail -40 "$out/$target.log"; echo "$target: found something; see $out/artifacts/$target"; exit 1; }
    grep -E '^(Done|stat::number_of_executed_units|stat::slowest_unit|stat::peak_rss)' "$out/$target.log"
done
