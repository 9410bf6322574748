#!/usr/bin/env bash
# Replays every decision in the data folders below a folder: tests/replays.sh HEARTH FOLDER. One line for each that does not repeat, then
# the sum. Ends with 1 where one does not repeat, or where a folder cannot be read through.
set -euo pipefail
shopt -s dotglob nullglob
hearth="$1" kept="$2" folders=0 same=0 contracts=0 erased=0 other=0 closed=0 tampered=0
for common in "$kept"/*/common.sqlite; do
  data="$(dirname "$common")"
  # What a test changed behind the host's back is not to repeat, and the test says so itself.
  if [ -e "$data/tampered" ]; then
    tampered=$((tampered + 1))
    continue
  fi
  folders=$((folders + 1))
  said="$("$hearth" replay --all --data "$data" 2>&1)" || true
  sum="$(sed -nE 's/^([0-9]+) decisions repeat .*; ([0-9]+) erased; ([0-9]+) not$/\1 \2 \3/p' <<<"$said")"
  if [ -z "$sum" ]; then
    closed=$((closed + 1))
    echo "$data: $said"
    continue
  fi
  read -r a b c <<<"$sum"
  k="$(sed -nE 's/^([0-9]+) decisions about contracts repeat .*$/\1/p' <<<"$said")"
  same=$((same + a)) contracts=$((contracts + ${k:-0})) erased=$((erased + b)) other=$((other + c))
  [ "$c" = 0 ] || echo "$data: $said"
done
echo "$folders folders: $same decisions repeat byte for byte, $contracts about contracts too, $erased were erased, $other do not repeat; $closed folders cannot be read through; $tampered were tampered with by their test, and left out"
[ "$folders" -gt 0 ] && [ "$other" = 0 ] && [ "$closed" = 0 ]
