#!/usr/bin/env bash
# Replays every decision in the data folders below a folder: tests/replays.sh HEARTH FOLDER. One line for each that does not repeat, then the sum.
set -euo pipefail
shopt -s dotglob
hearth="$1" kept="$2" folders=0 same=0 erased=0 other=0 closed=0
for common in "$kept"/*/common.sqlite; do
  data="$(dirname "$common")"
  folders=$((folders + 1))
  # A test that damages a folder may leave one that cannot be opened: said, and counted.
  if ! said="$("$hearth" replay --all --data "$data" 2>&1)" && ! grep -q 'byte for byte' <<<"$said"; then
    closed=$((closed + 1))
    echo "$data: $said"
    continue
  fi
  read -r a b c < <(sed -nE 's/^([0-9]+) decisions repeat .*; ([0-9]+) erased; ([0-9]+) not$/\1 \2 \3/p' <<<"$said")
  same=$((same + a)) erased=$((erased + b)) other=$((other + c))
  [ "$c" = 0 ] || echo "$data: $said"
done
echo "$folders folders: $same decisions repeat byte for byte, $erased were erased, $other do not repeat; $closed folders cannot be opened"
[ "$folders" -gt 0 ] && [ "$other" = 0 ]
