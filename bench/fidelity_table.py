"""Trains tasks over seeds and kinds of model, and adds what the dream is worth to a results file; goes on where it stopped.

    python3 bench/fidelity_table.py --out runs/fidelity --csv docs/results/fidelity.csv \
        --tasks cartpole-swingup,walker-walk --seeds 1,2,3 --kinds grounded

A row a run: median errors after 2, 10 and 50 control steps in held-out standard deviations, the valid horizon and that of a
simulator restarted a hair away (200 control steps are the most that is measured), and the simulated return of the actor alone
and with plans. Needs nothing but Python's own library.
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import threading

import tables

COLUMNS = ["task", "seed", "kind", "size", "env_steps", "data_steps", "err2", "err10", "err50", "valid_steps", "floor_steps",
           "return_actor", "return_think1", "updates_per_s", "commit"]
LOCK = threading.Lock()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default=str(tables.ROOT / "run"), help="the program, or ./run")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the runs")
    parser.add_argument("--csv", type=pathlib.Path, required=True, help="results file that rows are added to")
    parser.add_argument("--tasks", required=True, help="names of dmc tasks, with commas")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--kinds", default="grounded", help="model.kind, with commas")
    parser.add_argument("--name", help="of the kind in the rows, where settings make it a variant")
    parser.add_argument("--episodes", type=int, default=20, help="of the evaluations")
    parser.add_argument("--jobs", type=int, default=2, help="trainings at once")
    parser.add_argument("--commit", help="in the rows; the checkout's when not given")
    parser.add_argument("settings", nargs="*", help="key=value for every training")
    return parser.parse_args()


def report(options, run, think, sections, log):
    words = ["evaluate", run, f"think={think}", "--episodes", options.episodes, "--sections", sections]
    tables.call(options, words, stdout=log, stderr=log)
    folder = run / "evaluation" if think == "0" else run / "evaluation" / f"think-{think}"
    return json.loads((folder / "report.json").read_text())


def row_of(rows, name, horizon=None):
    """The value of a row of the section, at a horizon where it has one."""
    for row in rows:
        if row["name"] == name and (horizon is None or row["horizon_steps"] == horizon):
            return row["value"]
    raise KeyError(f"{name} at {horizon}")


def floor_steps(rows):
    """Control steps until the simulator restarted a hair away passes the threshold; the last of the record when it does not."""
    curve = sorted((r["horizon_steps"], r["value"]) for r in rows if r["name"] == "chaos_floor_error")
    within = [step for step, error in curve if error <= 0.3]
    return int(within[-1]) if within else 0


def job(options, task, seed, kind, commit):
    name = options.name or kind
    run = options.out / f"{task}-{name}-{seed}"
    done = run / "table.done"
    if done.exists():
        return
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / f"{run.name}.log").open("a") as log:
        if run.exists():
            tables.call(options, ["train", "--resume", run], stdout=log, stderr=log)
        else:
            words = [f"seed={seed}", f"model.kind={kind}", "overlap=false", *options.settings]
            tables.call(options, ["train", "--task", f"dmc/{task}", "--out", run, *words], stdout=log, stderr=log)
        actor = report(options, run, "0", "fidelity,returns", log)
        plans = report(options, run, "1", "returns", log)
    rows = actor["sections"]["fidelity"]["rows"]
    simulated = [round(statistics.mean(r["sections"]["returns"]["points"]["returns"]["simulated"]), 1) for r in (actor, plans)]
    metrics = tables.last_metrics(run)
    row = {"task": task, "seed": seed, "kind": name, "size": tables.config_value(run, "size"), "env_steps": metrics["step"],
           "data_steps": metrics["step"], **{f"err{h}": float(f"{row_of(rows, 'imagined_error', h):.3g}") for h in (2, 10, 50)},
           "valid_steps": int(row_of(rows, "valid_horizon")), "floor_steps": floor_steps(rows), "return_actor": simulated[0],
           "return_think1": simulated[1], "updates_per_s": round(metrics["time/updates_per_second"], 1), "commit": commit}
    with LOCK:
        tables.add_rows(options.csv, COLUMNS, [row])
    done.touch()
    print(json.dumps(row), flush=True)


def main():
    options = arguments()
    commit = tables.commit_of(options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(job, options, task, int(seed), kind, commit) for task in options.tasks.split(",")
                for kind in options.kinds.split(",") for seed in options.seeds.split(",")]
        for waiting in jobs:
            waiting.result()


if __name__ == "__main__":
    main()
