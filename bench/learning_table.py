"""Trains tasks over seeds and adds every evaluation to a results file; goes on where it was stopped.

    python3 bench/learning_table.py --out runs/table --csv docs/results/learning.csv \
        --tasks cartpole-swingup,walker-walk --seeds 1,2 --think 0,3

A row an evaluation point: those during training (the actor alone, the averaged weights of that moment), then the
last checkpoint with each level of --think. Needs nothing but Python's own library.
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import subprocess
import threading

import tables

COLUMNS = ["task", "seed", "size", "think", "env_steps", "wall_s", "return_mean", "return_std", "episodes", "commit"]
LOCK = threading.Lock()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default=str(tables.ROOT / "run"), help="the program, or ./run")
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
        streams = {"stdout": subprocess.DEVNULL, "stderr": log}
        if run.exists():
            tables.call(options, ["train", "--resume", run], **streams)
        else:
            alone = "true" if options.jobs == 1 else "false"  # a training alone uses two cores
            words = [f"seed={seed}", f"overlap={alone}", *options.settings]
            tables.call(options, ["train", "--task", f"dmc/{task}", "--out", run, *words], **streams)
        common = {"task": f"dmc/{task}", "seed": seed, "size": tables.config_value(run, "size"), "commit": commit}
        rows = training_rows(run, common, int(tables.config_value(run, "eval_episodes")))
        for think in options.think.split(","):
            words = ["evaluate", str(run), f"think={think}", "--episodes", str(options.episodes), "--json"]
            tables.call(options, words, **streams)
            folder = run / "evaluation" if think == "0" else run / "evaluation" / f"think-{think}"
            sections = json.loads((folder / "report.json").read_text())["sections"]
            returns = sections["returns"]["points"]["returns"]["simulated"]
            rows.append(dict(rows[-1], think=think, return_mean=round(statistics.mean(returns), 1),
                             return_std=round(statistics.stdev(returns), 1), episodes=len(returns)))
        with LOCK:
            tables.add_rows(options.csv, COLUMNS, rows)
        done.touch()
    print(f"{task} seed {seed}: " + ", ".join(
        f"think {r['think']}: {r['return_mean']}" for r in rows[-len(options.think.split(",")):]), flush=True)


def main():
    options = arguments()
    commit = tables.commit_of(options)
    seeds = [int(seed) for seed in options.seeds.split(",")]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(job, options, task, seed, commit) for task in options.tasks.split(",") for seed in seeds]
        for waiting in jobs:
            waiting.result()


if __name__ == "__main__":
    main()
