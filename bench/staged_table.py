"""Learns worlds from datasets of several sizes, and adds how long each dream holds to a results file; goes on where it stopped.

    python3 bench/staged_table.py --run runs/walker --out runs/staged --csv docs/results/staged.csv --sizes 60,200,600,2000

--run is a training whose checkpoints collect the data, exploring, in equal shares with random actions; in 30% of the episodes
random actions push them now and then. A row a world: median errors after 2, 10 and 50 control steps under the recorded actions of
the run's last policy, pushed, 256 starts, of all observations and of each group, in held-out standard deviations; the valid horizon
and that of a simulator restarted a hair away (200 control steps are the most that is measured); the noise in the simulator that
errs as much, and how long that holds; seconds of learning. Needs nothing but Python's own library.
"""

import argparse
import json
import pathlib

import tables

COLUMNS = ["task", "data_steps", "hidden_dim", "updates", "group", "err2", "err10", "err50", "valid_steps", "floor_steps", "budget_noise",
           "budget_steps", "learn_s", "commit"]
SETTINGS = ["env_steps=0", "learn=model", "model.kind=mechanics", "learner.batch_size=128", "model.rho=0.8", "overlap=false"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default=str(tables.ROOT / "run"), help="the program, or ./run")
    parser.add_argument("--run", type=pathlib.Path, required=True, help="a training whose checkpoints collect")
    parser.add_argument("--checkpoints", default="5000,10000,15000,20000,30000,50000", help="of the run, the best last")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of datasets, worlds and evaluations")
    parser.add_argument("--csv", type=pathlib.Path, required=True, help="results file that rows are added to")
    parser.add_argument("--sizes", default="60,200,600,2000", help="episodes a dataset, about, with commas")
    parser.add_argument("--updates", type=int, default=8000)
    parser.add_argument("--hidden", type=int, default=256, help="model.hidden_dim")
    parser.add_argument("--commit", help="in the rows; the checkout's when not given")
    return parser.parse_args()


def collect(options, policies, episodes, seed, data):
    words = [word for policy in policies for word in ("--policy", policy)]
    tables.call(options, ["collect", *words, "--explore", "--episodes", episodes, "--out", data, "pushed_share=0.3",
                          "envs=16", f"seed={seed}"])


def learn(options, task, data, world):
    if world.exists():
        tables.call(options, ["train", "--resume", world])
    else:
        tables.call(options, ["train", "--task", task, "--out", world, f"data={data}", f"updates={options.updates}",
                              f"model.hidden_dim={options.hidden}", *SETTINGS])


def values(rows, name):
    return {row["horizon_steps"]: row["value"] for row in rows if row["name"] == name}


def rows_of(report):
    """(group, errors by horizon) of all observations and of each group, and what is said of all."""
    fidelity, parts = report["sections"]["fidelity"]["rows"], report["sections"]["fidelity_parts"]["rows"]
    prefix = "imagined_error_of_"
    groups = [("all", values(fidelity, "imagined_error"))]
    for name in dict.fromkeys(row["name"] for row in parts if row["name"].startswith(prefix)):
        groups.append((name.removeprefix(prefix), values(parts, name)))
    floor = [step for step, error in sorted(values(fidelity, "chaos_floor_error").items()) if error <= 0.3]
    one = {row["name"]: row["value"] for row in fidelity if row["name"] in ("valid_horizon", "horizon_budget", "horizon_budget_noise")}
    whole = {"valid_steps": int(one["valid_horizon"]), "floor_steps": int(floor[-1]) if floor else 0,
             "budget_noise": float(f"{one['horizon_budget_noise']:.3g}") if "horizon_budget_noise" in one else "",
             "budget_steps": int(one["horizon_budget"]) if "horizon_budget" in one else ""}
    return groups, whole


def world_rows(options, policies, size, commit):
    task = tables.config_value(options.run, "task")
    name = f"{task.split('/')[-1]}-{size}"
    made = f"{name}-{options.updates}" + ("" if options.hidden == 256 else f"-hidden{options.hidden}")
    episodes = len(policies) * max(1, round(size / len(policies)))
    data, world = options.out / f"data-{name}", options.out / f"world-{made}"
    if not data.exists():
        collect(options, policies, episodes, 10 + size, data)
    learn(options, task, data, world)
    spent = {"learn_s": round(tables.last_metrics(world)["time/seconds"])}
    out = options.out / f"evaluation-{made}"
    if not (out / "report.json").exists():
        tables.call(options, ["evaluate", world, "--policy", policies[-1], "--sections", "fidelity,fidelity_parts,returns,closed_loop",
                       "--episodes", "20", "--out", out])
    groups, whole = rows_of(json.loads((out / "report.json").read_text()))
    for group, errors in groups:
        row = {"task": task.split("/")[-1], "data_steps": 1000 * episodes, "hidden_dim": options.hidden,
               "updates": options.updates, "group": group, "commit": commit,
               **{f"err{h}": float(f"{errors[h]:.3g}") for h in (2, 10, 50)}}
        yield {**row, **whole, **spent} if group == "all" else row


def main():
    options = arguments()
    commit = tables.commit_of(options)
    policies = ["random", *(f"{options.run}@{checkpoint}" for checkpoint in options.checkpoints.split(","))]
    options.out.mkdir(parents=True, exist_ok=True)
    for size in map(int, options.sizes.split(",")):
        rows = list(world_rows(options, policies, size, commit))
        tables.add_rows(options.csv, COLUMNS, rows)
        print(json.dumps(rows[0]), flush=True)


if __name__ == "__main__":
    main()
