#!/usr/bin/env bash
# Everything that is claimed of the record, in full: tests/proofs.sh FOLDER, where FOLDER is cargo's target folder. Each part prints its figures;
# at the end a line for each says how it ended, and the last one how many passed and failed. Ends with 1 where one failed.
#
# What is measured goes first, with nothing beside it. Then PostgreSQL's parts run beside all others, marked where they speak.
#
# N (10000): random histories on each database. KILLED (200): kills of each kind. EXAMPLES (10): requests to each operation as everybody.
# ONLY="killed names": only parts whose names hold one of these words.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
target="$1" histories="${N:-10000}" kills="${KILLED:-200}" examples="${EXAMPLES:-10}"
unset N
ended="$(mktemp)"
trap 'rm -f "$ended"' EXIT

part() {
  local what="$1" begun=$SECONDS how=passed
  shift
  if [ -n "${ONLY:-}" ] && ! grep -qiE "${ONLY// /|}" <<<"$what"; then return; fi
  if [ ! -e "$ended" ]; then return; fi # given up
  printf '\n== %s\n' "$what"
  "$@" || how=FAILED
  if [ -e "$ended" ]; then echo "$how  $what, $((SECONDS - begun)) s" >>"$ended"; fi
}

# Tests, with what they say of themselves; what nextest and the test harness say around it is left out.
tests() {
  "${on[@]}" cargo nextest run --success-output "${shown:-immediate}" --status-level fail --show-progress none --no-fail-fast "$@" 2>&1 |
    grep -vE '^ +(Blocking|Compiling|Finished|Nextest|Starting|stdout ─|Cancelling)|^ *(running 1 test|test .* \.\.\. ok|test result: ok.*)?$|^ *─+$'
  return "${PIPESTATUS[0]}"
}
on=()
on_postgres() {
  local on=("$here/with-postgres.sh")
  tests "$@"
}
# Every statement of the store on PostgreSQL, as the role that owns nothing, is without a predicate on the authority (store/connection asserts
# it): so this is the suite against a build that leaves them out.
without_predicates() {
  local shown=never
  on_postgres --package hearth --lib store:: workflow:: intake:: access:: api:: && on_postgres --package hearth-tests --test limits --test uploads
}
frozen() {
  make --no-print-directory -C "$here/.." schemathesis EXAMPLES="$examples" && tests --package hearth --lib api::tests::document api::frozen
}

postgresql_parts() {
  N=$histories part "$histories random histories on PostgreSQL" on_postgres --package hearth --lib store::tests::histories
  N=$kills part "killed $kills times on PostgreSQL" on_postgres --release --package hearth-tests --test faults -E 'test(/postgresql/)'
  N=1 part "cut off at every point on PostgreSQL" on_postgres --package hearth --lib tests::cut_off tests::points tests::submitted
  part "no predicate on the authority, on PostgreSQL" without_predicates
}
other_parts() {
  N=$histories part "$histories random histories on SQLite" tests --package hearth --lib store::tests::histories
  N=$kills part "killed $kills times on SQLite" tests --release --package hearth-tests --test faults --test audit -E 'test(/^killed/)'
  N=1 part "cut off at every point on SQLite" tests --package hearth --lib tests::cut_off tests::points tests::submitted
  part "every route, asked by everybody" tests --package hearth --lib api::tests::access
  part "nobody's name in logs, counts and errors" tests --package hearth-tests --test no_person
  part "whatever the API's document allows" frozen
}

part "matching with known truth, a million rows" "$target/release/proofs"
postgresql_parts 2>&1 | sed --unbuffered 's/^/PostgreSQL | /' &
other_parts
wait

passed=$(grep -c '^passed' "$ended")
failed=$(grep -c '^FAILED' "$ended")
printf '\n'
cat "$ended"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
