"""Trains, evaluates and views in a loop for hours, and watches memory, open files and silence every second.

    python3 tests/chaos/soak.py --binary build/reverie --hours 2 --out soak --task dmc/walker-stand seed=1

Each round trains for some minutes and ends it with SIGTERM, evaluates the run, and films its twin without a
window. A run that has reached its steps is followed by another one. `soak.csv` gets a row a second: seconds, round, command,
resident MB, open files, seconds since it last wrote to its log or to the run. The summary compares each command's first and
last rounds. Needs nothing but Python's own library and Linux.
"""

import argparse
import csv
import os
import pathlib
import signal
import subprocess
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the runs and of soak.csv")
    parser.add_argument("--task", required=True)
    parser.add_argument("--minutes", type=float, default=6, help="of training a round")
    parser.add_argument("settings", nargs="*", help="key=value for the training")
    return parser.parse_args()


def watched(pid):
    """Resident megabytes and open files of a process, or nothing once it ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        resident = next((line for line in status.splitlines() if line.startswith("VmRSS")), None)
        return (int(resident.split()[1]) / 1024, len(os.listdir(f"/proc/{pid}/fd"))) if resident else None
    except (FileNotFoundError, ProcessLookupError):
        return None


def last_written(paths):
    """When one of the files was last written, or any file directly in one of the folders."""
    times = [0.0]
    for path in paths:
        for entry in [path, *(path.iterdir() if path.is_dir() else [])]:
            try:
                times.append(entry.stat().st_mtime)
            except FileNotFoundError:
                pass  # renamed between listing and asking
    return max(times)


class Soak:
    """Runs commands one after the other and keeps a row a second of each."""

    def __init__(self, options):
        self.options = options
        self.begin = time.time()
        self.rows = []
        self.file = (options.out / "soak.csv").open("w", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow(["seconds", "round", "command", "resident_mb", "open_files", "silent_s"])

    def call(self, round_number, words, run, seconds=None):
        """Runs the command, ends it with SIGTERM after the seconds, and returns its exit status."""
        log_path = self.options.out / f"{words[0]}.log"
        start = time.time()
        with log_path.open("a") as log:
            process = subprocess.Popen([str(self.options.binary), *words], stdout=log, stderr=log,
                                       env=dict(os.environ, OMP_NUM_THREADS="1"))
            asked = False
            while process.poll() is None:
                now = time.time()
                state = watched(process.pid)
                if state:
                    silent = now - max(start, last_written([log_path, run, run / "evaluation"]))
                    row = [round(now - self.begin), round_number, words[0], round(state[0], 1), state[1], round(max(silent, 0), 1)]
                    self.rows.append(row)
                    self.writer.writerow(row)
                    self.file.flush()
                if seconds and not asked and now - start > seconds:
                    process.send_signal(signal.SIGTERM)
                    asked = True
                time.sleep(1)
        return process.returncode, asked

    def summary(self):
        for command in sorted({row[2] for row in self.rows}):
            rows = [row for row in self.rows if row[2] == command]
            peaks = {}
            for row in rows:
                peaks[row[1]] = max(peaks.get(row[1], 0), row[3])
            rounds = sorted(peaks)
            print(f"{command}: {len(rounds)} rounds, peak MB {peaks[rounds[0]]} first, {peaks[rounds[-1]]} last, "
                  f"{max(peaks.values())} most; open files {max(row[4] for row in rows)} most; silent {max(row[5] for row in rows)} s most")


def script(path, folder):
    path.write_text("wait 10\nexpect twin.steps > 0\nkey F7\nframes 5\nexpect fan.shown == 1\nkey F7\nprint dream.error\n"
                    f"screenshot {folder / 'soak.png'}\n")


def main():
    options = arguments()
    options.out.mkdir(parents=True)
    soak = Soak(options)
    script(options.out / "script.txt", options.out)
    run_number, round_number, failures = 0, 0, 0
    run = options.out / "run-0"
    while time.time() - soak.begin < options.hours * 3600:
        words = ["train", "--resume", str(run)] if run.exists() else ["train", "--task", options.task, "--out", str(run), *options.settings]
        status, asked = soak.call(round_number, words, run, options.minutes * 60)
        statuses = [(words, status, status == 0 or (asked and status == 130))]
        for words in (["evaluate", str(run), "--quick"],
                      ["view", str(run), "--headless", "--script", str(options.out / "script.txt"), "--video", str(options.out / "soak.mp4")]):
            result, _ = soak.call(round_number, words, run)
            statuses.append((words, result, result == 0))
        for words, result, fine in statuses:
            if not fine:
                print(f"round {round_number}: {' '.join(words)}: status {result}", flush=True)
                failures += 1
        if not asked:  # the run has all of its steps
            run_number += 1
            run = options.out / f"run-{run_number}"
        round_number += 1
    soak.summary()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
