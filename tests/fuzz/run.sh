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
    answers) cp answers.json "$into/" ;;
    scenarios) cp $root/plugins/*/scenarios/*.yaml "$into/" ;;
    settings) for m in $root/plugins/*/manifest.json; do jq -c '.settings // empty' "$m" >"$into/$(basename "$(dirname "$m")")"; done ;;
    table) for m in $root/plugins/*/manifest.json; do
        jq -c '.tables[]? | del(.rows)' "$m" | head -1 | tr -d '\n' >"$into/$(basename "$(dirname "$m")")"
        printf '\0[{"first":"2026-01-01","last":"2026-12-31"}]' >>"$into/$(basename "$(dirname "$m")")"
    done ;;
    extract) for f in 0:attendance 2:police-callouts 3:benefit-spells; do
        { printf "\\x0${f%%:*}"; head -5 "$root/host/demo/extracts/E06000023/${f#*:}.csv"; } >"$into/${f#*:}"; done ;;
    mapping) cp $root/host/src/intake/mappings/*.yaml "$into/" ;;
    spreadsheet) { printf '\1'; cat sheet.xml; } >"$into/sheet"
        printf '\2<sst><si><t>UPN</t><phoneticPr/></si><si><r><t xml:space="preserve"> a </t></r></si></sst>' >"$into/texts"
        printf '\3<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-809]dd\\ mmm;@"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>' >"$into/styles"
        printf '\4<workbook><workbookPr date1904="1"/><sheets><sheet name="S" sheetId="1" state="hidden" r:id="r1"/></sheets><definedNames><definedName name="n">S!A1</definedName></definedNames></workbook>' >"$into/book"
        printf '\5<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>' >"$into/relations" ;;
    family) cp $root/host/demo/families/E06000023/*.json "$into/" ;;
    kept) local demo
        demo="$(mktemp -d)"
        "$CARGO_TARGET_DIR/debug/hearth" demo --once --data "$demo" --plugin "$CARGO_TARGET_DIR/plugins/bristol-outcomes.wasm" --listen 127.0.0.1:0 >/dev/null 2>&1
        python3 kept.py "$demo/authorities/E06000023.sqlite" "$into"
        rm -rf "$demo"
        { printf '\0'; cat $root/host/src/record/snapshot/of_seven_sections.json; } >"$into/snapshot"
        printf '\3{"form":{"form":"f","digest":"sha256:%064d","answers":[{"question":"q","item":1,"state":"answered","value":{"tenths":35}}]}}' 0 >"$into/form"
        printf '\3{"referral":{"on":"2026-08-31","route":"school","urgent":true,"problems":["none"],"people":[0]}}' >"$into/referral"
        printf '\3{"event":{"kind":"stage","on":"2026-08-31","fact":0}}' >"$into/event"
        printf '\3"record"' >"$into/matter" ;;
    esac
}

longest() { # TARGET: bytes of an input; as long as what the tree has of the kind, since time grows with them and what is found does not
    case "$1" in
    condition | settings | table | extract) echo 4096 ;;
    answers | mapping | spreadsheet) echo 8192 ;;
    form) echo 65536 ;;
    *) echo 32768 ;;
    esac
}

mkdir -p "$out"
# The record that extracts are read into: on a disk each transaction waits for it. A target that is killed leaves its own behind.
TMPDIR="$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "$out")/hearth-fuzz-XXXXXX")"
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# Every word between quotation marks of the published schemas and the code lists.
cat $root/wit/*.json $root/wit/codes/*.json $root/plugins/*/forms/*.json | grep -oE '"[$A-Za-z][A-Za-z-]{1,30}"' | sort -u | sed 's/"/\\"/g; s/.*/"&"/' >"$out/words.dict"

cargo +nightly fuzz build --fuzz-dir . -s none
for target in "${targets[@]}"; do
    seeds "$target"
    mkdir -p "$out/artifacts/$target"
    echo "$target: $runs inputs"
    "$CARGO_TARGET_DIR/x86_64-unknown-linux-gnu/release/$target" -runs="$runs" -timeout="${SLOWEST:-2}" -rss_limit_mb=2048 -max_len="$(longest "$target")" \
        -dict="$out/words.dict" -artifact_prefix="$out/artifacts/$target/" -print_final_stats=1 "$out/corpus/$target" 2>"$out/$target.log" ||
        { tail -40 "$out/$target.log"; echo "$target: found something; see $out/artifacts/$target"; exit 1; }
    grep -E '^(Done|stat::(number_of_executed_units|average_exec_per_sec|slowest_unit|peak_rss))' "$out/$target.log"
    grep ' DONE ' "$out/$target.log"
done
