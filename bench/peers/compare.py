#!/usr/bin/env python3
"""Reverie's speed beside the same work in PyTorch and beside other simulators, by turns in one run.

    compare.py --reverie build/reverie [--what learn|plan|sim] [--sizes tiny,s,m] [--compile] [--json]

learn: updates/s at batch 256 and horizon 3. PyTorch's figure is its fastest Adam's. plan: decisions/s of think=1|2|3 at
horizon 3. sim: control steps/s of 8 environments. Every figure is a median over --repeats turns. Needs torch and safetensors (learn), mujoco and envpool (sim).
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

# size: latent, encoder, hidden, probe, as training/presets.cc has them; checked against `reverie config`.
SETTINGS = ("model.latent_dim", "model.encoder_dim", "model.hidden_dim", "model.probe_dim")
TASK = "dmc/walker-walk"
OBSERVATION, ACTION, STATE = 24, 6, 18


def reverie(binary, *words):
    done = subprocess.run([binary, *words, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{binary} {' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def row(what, case, threads, unit, ours, others):
    """others: name -> turns."""
    best = {name: statistics.median(turns) for name, turns in others.items()}
    value = statistics.median(ours)
    return {
        "what": what,
        "case": case,
        "threads": threads,
        "unit": unit,
        "reverie": value,
        "turns": len(ours),
        **{name: speed for name, speed in best.items()},
        **{f"ratio to {name}": value / speed for name, speed in best.items()},
    }


def seconds_each(work, seconds):
    """Of one call of `work`, which waits for what it asked of the device."""
    count, begin = 0, time.perf_counter()
    while count < 2 or time.perf_counter() - begin < seconds:
        work()
        work()
        count += 2
    return (time.perf_counter() - begin) / count


def compare_learn(options):
    import torch

    from tdmpc import Learner, Sizes, random_batch

    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    for size in options.sizes.split(","):
        words = [f"size={size}", f"device={options.device}", "learner.batch_size=256", "learner.imagination_batch=256"]
        if options.threads == 1:
            words.append("overlap=false")
        config = reverie(options.reverie, "config", f"task={TASK}", *words)
        sizes = Sizes(OBSERVATION, ACTION, STATE, *(config[key] for key in SETTINGS))
        peers = {f"adam={kind}": Learner(sizes, kind) for kind in ("default", "foreach", "fused")}
        if options.compile:
            peers["torch.compile"] = Learner(sizes, "fused", compiled=True)
        batch = random_batch(sizes)
        for learner in peers.values():
            for _ in range(4):
                learner.update(batch)
        ours, limits, theirs = [], [], {name: [] for name in peers}
        for _ in range(options.repeats):
            rows = reverie(options.reverie, "bench", "learn", "--task", TASK, "--repeats", "1", *words)["rows"]
            measured = next(r for r in rows if r["threads"] == options.threads)
            ours.append(measured["value"])
            limits.append(measured["limit"])
            for name, learner in peers.items():
                theirs[name].append(1 / seconds_each(lambda: learner.update(batch), 0.5))
        eager = max((n for n in theirs if n != "torch.compile"), key=lambda n: statistics.median(theirs[n]))
        others = {"pytorch": theirs[eager]}
        if options.compile:
            others["torch.compile"] = theirs["torch.compile"]
        result = row("learn", size, options.threads, "updates/s", ours, others)
        result["adam"] = eager.removeprefix("adam=")
        result["share of GEMM rate"] = statistics.median(a / b for a, b in zip(ours, limits))
        yield result


# By think, as policies/planner_config.cc has them.
BUDGETS = {
    "1": {"samples": 64, "iterations": 2, "prior": 3, "elites": 8},
    "2": {"samples": 256, "iterations": 4, "prior": 13, "elites": 32},
    "3": {"samples": 512, "iterations": 6, "prior": 26, "elites": 64},
}


def compare_plan(options):
    import torch

    from mppi import Mppi
    from tdmpc import Learner, Sizes

    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    for size in options.sizes.split(","):
        words = [f"size={size}", f"device={options.device}"]
        config = reverie(options.reverie, "config", f"task={TASK}", *words)
        learner = Learner(Sizes(OBSERVATION, ACTION, STATE, *(config[key] for key in SETTINGS)))
        peers = {think: Mppi(learner, **budget) for think, budget in BUDGETS.items()}
        ours, theirs = {think: [] for think in BUDGETS}, {think: [] for think in BUDGETS}
        observation, limits = torch.randn(1, OBSERVATION), {think: [] for think in BUDGETS}
        for _ in range(options.repeats):
            rows = reverie(options.reverie, "bench", "plan", "--task", TASK, "--repeats", "1", *words)["rows"]
            for think, peer in peers.items():
                mine = next(r for r in rows if r["case"].endswith(f"think={think}"))
                ours[think].append(mine["value"])
                limits[think].append(mine["limit"])
                mean = peer.plan(observation)
                theirs[think].append(1 / seconds_each(lambda: peer.plan(observation, mean), 0.5))
        for think in BUDGETS:
            case = f"{size} think={think}"
            result = row("plan", case, options.threads, "decisions/s", ours[think], {"pytorch": theirs[think]})
            result["share of GEMM rate"] = statistics.median(a / b for a, b in zip(ours[think], limits[think]))
            yield result


def compare_sim(options):
    from simulate import TASKS, Envpool, MujocoRollout

    for task, (_, substeps, envpool_name) in TASKS.items():
        for threads in (1, 2):
            peers = {"mujoco.rollout": MujocoRollout(options.scenes, task, threads)}
            if envpool_name:
                peers["envpool"] = Envpool(task, threads)
            ours, theirs = [], {name: [] for name in peers}
            engine = []
            for _ in range(options.repeats):
                rows = reverie(options.reverie, "bench", "sim", "--task", task, "--repeats", "1")["rows"]
                mine = next(r for r in rows if r["threads"] == threads)
                ours.append(mine["value"])
                engine.append(mine["limit"])
                for name, peer in peers.items():
                    theirs[name].append(peer.run(max(20, 400 // substeps)))
            result = row("sim", task, threads, "control steps/s", ours, theirs)
            result["share of engine alone"] = statistics.median(a / b for a, b in zip(ours, engine))
            yield result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default="build/reverie", help="the binary")
    parser.add_argument("--scenes", default="scenes", help="folder of the MJCF files")
    parser.add_argument("--what", default="learn", choices=["learn", "plan", "sim"])
    parser.add_argument("--sizes", default="tiny,s,m")
    two = "2: PyTorch's products on two threads, our two gradients side by side"
    parser.add_argument("--threads", type=int, default=1, choices=[1, 2], help=two)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"], help="where learn and plan compute")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="torch.compile too; takes minutes to warm up")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    rows = []
    for result in {"learn": compare_learn, "plan": compare_plan, "sim": compare_sim}[options.what](options):
        rows.append(result)
        print("  ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in result.items()), file=sys.stderr)
    if options.json:
        print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
