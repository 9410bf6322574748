#!/usr/bin/env bash
# Everything that is claimed of the record, in full: tests/proofs.sh FOLDER, where FOLDER is cargo's target folder. Each part prints its figures;
# at the end a line for each says how it ended, and the last one how many passed and failed. Ends with 1 where one failed.
#
# N (10000): random histories on each database. KILLED (200): kills of each kind. EXAMPLES (10): requests to each operation as everybody.
# ONLY="killed names": only parts whose names hold one of these words.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
target="$1" histories="${N:-10000}" kills="${KILLED:-200}" examples="${EXAMPLES:-10}"
unset N
ended=() failed=0

part() {
  local what="$1" begun=$SECONDS how=passed
  shift
  if [ -n "${ONLY:-}" ] && ! grep -qiE "${ONLY// /|}" <<<"$what"; then return; fi
  printf '\n== %s\n' "$what"
  "$@" || { how=FAILED; failed=$((failed + 1)); }
  ended+=("$how  $what, $((SECONDS - begun)) s")
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

part "matching with known truth, a million rows" "$target/release/proofs"
N=$histories part "$histories random histories on SQLite" tests --package hearth --lib store::tests::histories
N=$histories part "$histories random histories on PostgreSQL" on_postgres --package hearth --lib store::tests::histories
N=$kills part "killed $kills times on SQLite" tests --release --package hearth-tests --test faults --test audit -E 'test(/^killed/)'
N=$kills part "killed $kills times on PostgreSQL" on_postgres --release --package hearth-tests --test faults -E 'test(/postgresql/)'
N=1 part "cut off at every point on SQLite" tests --package hearth --lib tests::cut_off tests::points tests::submitted
N=1 part "cut off at every point on PostgreSQL" on_postgres --package hearth --lib tests::cut_off tests::points tests::submitted
part "every route, asked by everybody" tests --package hearth --lib api::tests::access
part "no predicate on the authority, on PostgreSQL" without_predicates
part "nobody's name in logs, counts and errors" tests --package hearth-tests --test no_person
part "whatever the API's document allows" frozen

printf '\n'
printf '%s\n' "${ended[@]}"
printf '\n%d passed, %d failed\n' $((${#ended[@]} - failed)) "$failed"
[ "$failed" = 0 ] && [ "${#ended[@]}" -gt 0 ]
