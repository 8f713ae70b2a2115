#!/usr/bin/env bash
# A small disk (tmpfs; needs root) that is full at a random byte: reverie must say so in one line with status 3, and end in
# the same bits once there is room. Usage: tests/chaos/disk_full.sh [TIMES] [BINARY]
set -euo pipefail
times=${1:-50}
binary=$(readlink -f "${2:-$(dirname "$0")/../../build/reverie}")
work=$(mktemp -d)
disk=$work/disk
mkdir "$disk"
cleanup() { umount "$disk" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
export OMP_NUM_THREADS=1
words=(env_steps=600 random_steps=200 updates_per_decision=0.1 eval_every=300 eval_episodes=1 eval_dream=0
  checkpoint_every=100 log_every=50 device=cpu model.latent_dim=16 model.encoder_dim=16 model.hidden_dim=16
  model.probe_dim=16 learner.batch_size=8 learner.imagination_batch=8)
sums() { (cd "$1" && find checkpoints episodes -type f ! -name '*.tmp' -print0 | sort -z | xargs -0 sha256sum); }

"$binary" train --out "$work/whole" "${words[@]}" -q >/dev/null
kilobytes=$(du -sk "$work/whole" | cut -f1)
full=0
for ((i = 0; full < times && i < 3 * times; ++i)); do
  room=$((16 + (RANDOM * 32768 + RANDOM) % kilobytes))
  mount -t tmpfs -o "size=${room}k" none "$disk"
  status=0
  "$binary" train --out "$disk/run" "${words[@]}" -q >/dev/null 2>"$work/err" || status=$?
  if ((status != 0)); then
    full=$((full + 1))
    [[ $status == 3 && $(wc -l <"$work/err") == 1 ]] || { echo "room $room: status $status: $(cat "$work/err")"; exit 1; }
    mount -o remount,size=1g "$disk"
    if [[ -e $disk/run/config.toml ]]; then
      "$binary" train --resume "$disk/run" -q >/dev/null
    else
      rm -rf "$disk/run"
      "$binary" train --out "$disk/run" "${words[@]}" -q >/dev/null
    fi
  fi
  diff <(sums "$work/whole") <(sums "$disk/run") >"$work/diff" || { echo "room $room: other bits"; head "$work/diff"; exit 1; }
  "$binary" verify "$disk/run" >/dev/null
  umount "$disk"
done
echo "$full times full: status 3, one line, the same bits"
