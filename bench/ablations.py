"""Trains the full algorithm and the algorithm without one of its parts; goes on where it was stopped.

    python3 bench/ablations.py --out runs/ablations --csv docs/results/ablations.csv

Every training has a row: the mean action over fresh episodes of its last checkpoint. --markdown prints the file as the
table of docs/algorithm.md and trains nothing.
"""

import argparse
import csv
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# what is removed: settings that remove it
PARTS = {
    "nothing": [],
    "imagined decisions of the actor": ["learner.imagination_horizon=0"],
    "plans in collection": ["collect_think=0"],
    "curiosity of these plans": ["collect_curiosity=0"],
    "episodes of the actor alone": ["planned_share=1"],
    "correlated exploration noise": ["learner.noise_octaves=1"],
    "joint-embedding loss": ["model.consistency_weight=0"],
    "second dynamics head": ["model.dynamics_heads=1"],
    "average of the actor": ["learner.average_share=0"],
    "adapting entropy weight": ["learner.entropy_rate=0"],
    "second update a decision": ["updates_per_decision=1"],
    "100 of 151 bins": ["model.bins=51"],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default=str(ROOT / "run"), help="the program, or ./run")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the runs")
    parser.add_argument("--csv", type=pathlib.Path, required=True, help="results file, made of all that is finished")
    parser.add_argument("--tasks", default="cartpole-swingup,walker-walk")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--steps", type=int, default=20000, help="control steps of a training")
    parser.add_argument("--jobs", type=int, default=2, help="trainings at once")
    parser.add_argument("--commit", help="in the rows; the checkout's when not given")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def train(options, settings, folder):
    """The last row of learning_table.py for each task and seed."""
    table = folder / "table.csv"
    words = ["--reverie", options.reverie, "--out", str(folder), "--csv", str(table), "--tasks", options.tasks,
             "--seeds", options.seeds, "--jobs", str(options.jobs)]
    if options.commit:
        words += ["--commit", options.commit]
    schedule = [f"env_steps={options.steps}", f"eval_every={options.steps}", "device=cpu", "overlap=false"]
    subprocess.run([sys.executable, str(ROOT / "bench/learning_table.py"), *words, *schedule, *settings], check=True)
    last = {}
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            last[row["task"], row["seed"]] = row
    return [last[key] for key in sorted(last)]


def markdown(path):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    tasks = sorted({row["task"] for row in rows})
    print("| removed | " + " | ".join(task.removeprefix("dmc/") + ": seeds | mean" for task in tasks) + " |")
    print("|---" * (1 + 2 * len(tasks)) + "|")
    for part in dict.fromkeys(row["removed"] for row in rows):
        cells = []
        for task in tasks:
            returns = [float(row["return_mean"]) for row in rows if (row["removed"], row["task"]) == (part, task)]
            cells.append(", ".join(f"{value:.0f}" for value in returns) or "-")
            cells.append(f"{statistics.mean(returns):.0f}" if returns else "-")
        print(f"| {part} | " + " | ".join(cells) + " |")


def main():
    options = arguments()
    if options.markdown:
        markdown(options.csv)
        return
    if options.out is None:
        sys.exit("ablations.py: --out is missing: the folder of the runs")
    rows = []
    for part, settings in PARTS.items():
        folder = options.out / part.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        rows += [{"removed": part, **row} for row in train(options, settings, folder)]
        with options.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
