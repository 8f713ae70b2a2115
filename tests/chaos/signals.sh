#!/usr/bin/env bash
# SIGINT, SIGTERM and SIGUSR1 to every command that may take longer than ten seconds, a while after its start: it ends with
# status 130 within ten seconds, and a training goes on from its checkpoint. Usage: tests/chaos/signals.sh [BINARY] [WAIT]
set -euo pipefail
binary=$(readlink -f "${1:-$(dirname "$0")/../../build/reverie}")
wait=${2:-4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OMP_NUM_THREADS=1 REVERIE_RUNS=$work/runs
small=(device=cpu model.latent_dim=16 model.encoder_dim=16 model.hidden_dim=16 model.probe_dim=16 learner.batch_size=8
  learner.imagination_batch=8)
"$binary" train --out run env_steps=1200 random_steps=200 updates_per_decision=0.1 eval_every=0 "${small[@]}" -q >/dev/null
"$binary" train --out other seed=2 env_steps=1200 random_steps=200 updates_per_decision=0.1 eval_every=0 "${small[@]}" -q >/dev/null
"$binary" collect --episodes 40 --out data -q >/dev/null
slowest=0
failed=0
# The words of a command.
try() {
  for signal in INT TERM USR1; do
    rm -rf out out.csv v.mp4 runs
    "$binary" "$@" >/dev/null 2>err &
    local id=$! status=0
    for ((i = 0; i < 10 * wait; ++i)); do sleep 0.1; kill -0 $id 2>/dev/null || break; done
    if ! kill -0 $id 2>/dev/null; then
      wait $id || status=$?
      echo "$1 ${2:-} $signal: ended by itself with status $status: $(tail -1 err)"
      [[ $status == 0 ]] || failed=1
      continue
    fi
    local before=$(date +%s%N)
    kill -"$signal" $id
    wait $id || status=$?
    local took=$((($(date +%s%N) - before) / 1000000))
    ((took > slowest)) && slowest=$took
    echo "$1 ${2:-} $signal: status $status after $took ms"
    [[ $status == 130 && $took -le 10000 ]] || { failed=1; cat err; }
  done
}
try train --out out env_steps=100000000 envs=8 eval_every=5000 "${small[@]}" -q
try train --out out env_steps=0 data=data updates=10000000 eval_every=1000 "${small[@]}" -q
try train --out out seeds=1,2 env_steps=100000000 "${small[@]}" -q
try train --resume run env_steps=100000000 -q
try collect --episodes 100000000 --out out -q
try evaluate run --long-dream 10000000
try evaluate run --episodes 100000
try evaluate --self-test run
try evaluate run --all-checkpoints --episodes 10000
try evaluate run other --episodes 10000
try evaluate run --videos --episodes 10000
try compare run other
try replay --task dmc/cartpole-swingup --resets 100000000 --output out.csv
try bench sim --repeats 1000
try bench learn --repeats 1000
try bench plan --repeats 1000
try view run --headless --video v.mp4 --seconds 3600
try demo
try export run --out out
try verify data
try inspect dmc/humanoid-walk
try doctor
((failed == 0)) && echo "every command ended; the slowest after $slowest ms"
exit $failed
