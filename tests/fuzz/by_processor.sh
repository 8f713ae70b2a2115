#!/usr/bin/env bash
# Runs each harness of test_fuzz until it had so many seconds of the processor, in turns of about half a minute, so that
# all have had about the same when it is stopped. Children count. A line a turn: harness, inputs, seconds so far.
# What a turn printed is in LOG; a turn that fails is said, its output is in LOG, and the others go on.
# Usage: tests/fuzz/by_processor.sh TEST_FUZZ SECONDS LOG [FIRST_NUMBER [HARNESS...]]
set -uo pipefail
binary=$1 wanted=$2 log=$3 first=${4:-10000000}
shift "$(($# < 4 ? $# : 4))"
harnesses=("$@")
[ ${#harnesses[@]} -gt 0 ] || mapfile -t harnesses < <("$binary" --gtest_list_tests |
  awk '/^Fuzz\./ { on = 1; next } /^[^ ]/ { on = 0 } on && !/KnownCrashers/ { print $1 }')
# Files are written and read by the thousand: no disk is waited for.
[ -n "${TMPDIR:-}" ] || ! [ -w /dev/shm ] || export TMPDIR=/dev/shm
export OMP_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
declare -A seconds count next
for one in "${harnesses[@]}"; do seconds[$one]=0 count[$one]=100 next[$one]=$first; done

TIMEFORMAT='%U %S'
busy=1
while [ "$busy" = 1 ]; do
  busy=0
  for one in "${harnesses[@]}"; do
    [ "${seconds[$one]}" -lt "$wanted" ] || continue
    busy=1
    used=$({ time REVERIE_FUZZ=${count[$one]} REVERIE_FUZZ_FROM=${next[$one]} \
      "$binary" --gtest_brief=1 --gtest_filter="Fuzz.$one" >"$log.turn" 2>&1; } 2>&1)
    grep -q '\[  PASSED  \]' "$log.turn" || echo "FAILED $one: $(head -c 300 "$log.turn")"
    { echo "== $one from ${next[$one]} by ${count[$one]}"; cat "$log.turn"; } >>"$log"
    turn=$(awk '{ printf "%d", $1 + $2 + 0.5 }' <<<"$used")
    next[$one]=$((next[$one] + count[$one])) seconds[$one]=$((seconds[$one] + turn))
    echo "$one $((next[$one] - first)) inputs, ${seconds[$one]} s"
    [ "$turn" -ge 20 ] || count[$one]=$((count[$one] * 2))
  done
done
