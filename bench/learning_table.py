"""Trains tasks over seeds and adds every evaluation to a results file; goes on where it was stopped.

    python3 bench/learning_table.py --out runs/table --csv docs/results/learning.csv \
        --tasks cartpole-swingup,walker-walk --seeds 1,2 --think 0,3

A row an evaluation point: those during training (the actor alone, the averaged weights of that moment), then the
last checkpoint with each level of --think. Needs nothing but Python's own library.
"""

import argparse
import concurrent.futures
import csv
import json
import os
import pathlib
import statistics
import subprocess
import threading

COLUMNS = ["task", "seed", "size", "think", "env_steps", "wall_s", "return_mean", "return_std", "episodes", "commit"]
ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCK = threading.Lock()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default=str(ROOT / "run"), help="the program, or ./run")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the runs")
    parser.add_argument("--csv", type=pathlib.Path, required=True, help="results file that rows are added to")
    parser.add_argument("--tasks", required=True, help="names of dmc tasks, with commas")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--think", default="0", help="planning levels of the final evaluation")
    parser.add_argument("--episodes", type=int, default=20, help="of the final evaluation")
    parser.add_argument("--jobs", type=int, default=2, help="trainings at once")
    parser.add_argument("--commit", help="in the rows; the checkout's when not given")
    parser.add_argument("settings", nargs="*", help="key=value for every training")
    return parser.parse_args()


def add_rows(path, rows):
    with LOCK:
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerows(rows)


def call(options, words, log):
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    done = subprocess.run([options.reverie, *words], stdout=subprocess.PIPE, stderr=log, env=environment, check=True)
    return done.stdout.decode()


def config_value(run, key):
    for line in (run / "config.toml").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.strip() == key:
            return value.split("#")[0].strip().strip('"')
    raise KeyError(key)


def training_rows(run, common, episodes):
    rows = []
    for line in (run / "metrics.jsonl").read_text().splitlines():
        point = json.loads(line)
        if "eval/return" not in point:
            continue
        rows.append(dict(common, think=0, env_steps=point["step"], wall_s=round(point["time/seconds"]),
                         return_mean=round(point["eval/return"], 1), return_std=round(point["eval/return_std"], 1),
                         episodes=episodes))
    return rows


def job(options, task, seed, commit):
    run = options.out / f"{task}-{seed}"
    done = run / "table.done"
    if done.exists():
        return
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / f"{task}-{seed}.log").open("a") as log:
        if run.exists():
            call(options, ["train", "--resume", str(run)], log)
        else:
            alone = "true" if options.jobs == 1 else "false"  # a training alone uses two cores
            words = [f"seed={seed}", f"overlap={alone}", *options.settings]
            call(options, ["train", "--task", f"dmc/{task}", "--out", str(run), *words], log)
        common = {"task": f"dmc/{task}", "seed": seed, "size": config_value(run, "size"), "commit": commit}
        rows = training_rows(run, common, int(config_value(run, "eval_episodes")))
        for think in options.think.split(","):
            words = ["evaluate", str(run), f"think={think}", "--episodes", str(options.episodes), "--json"]
            call(options, words, log)
            folder = run / "evaluation" if think == "0" else run / "evaluation" / f"think-{think}"
            sections = json.loads((folder / "report.json").read_text())["sections"]
            returns = sections["returns"]["points"]["returns"]["simulated"]
            rows.append(dict(rows[-1], think=think, return_mean=round(statistics.mean(returns), 1),
                             return_std=round(statistics.stdev(returns), 1), episodes=len(returns)))
        add_rows(options.csv, rows)
        done.touch()
    print(f"{task} seed {seed}: " + ", ".join(
        f"think {r['think']}: {r['return_mean']}" for r in rows[-len(options.think.split(",")):]), flush=True)


def main():
    options = arguments()
    head = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = options.commit or subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(job, options, task, seed, commit) for task in options.tasks.split(",") for seed in seeds]
        for waiting in jobs:
            waiting.result()


if __name__ == "__main__":
    main()
