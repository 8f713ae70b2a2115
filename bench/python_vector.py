"""Steps a second of make_vec beside the same batch in C++, Gymnasium's vector environments, and envpool.

    pip install . 'gymnasium[mujoco]' mujoco==3.12.0 envpool
    python bench/python_vector.py [--envs 64] [--rounds 9] [--seconds 0.5] [--turns 40] [--run RUN] [--tasks ID ...]

The tasks are DeepMind's cart-pole and walker, which envpool has too, and Walker2d, which Gymnasium has too. Every round
measures each contender for a while, in turns, and the tables show medians over rounds: control steps a second by the clock,
and a second of processor time (threads and child processes counted), which tells more on a machine that others use as well.
What the binding costs is measured apart: make_vec and the batch in C++ change places so many times, for an eighth of a second
each, and the median of the ratios of neighbours is shown. --run adds the dream of a run of the same task. What is not
installed is left out, and the machine's load stands beside the figures.
"""

import argparse
import os
import statistics
import time
import warnings

import gymnasium
import numpy as np

import reverie

# Ours; envpool's; Gymnasium's.
TASKS = (
    ("dmc/cartpole-swingup", "CartpoleSwingup-v1", None),
    ("dmc/walker-walk", "WalkerWalk-v1", None),
    ("gym/walker2d", "Walker2d-v5", "Walker2d-v5"),
)


def children_seconds(processes):
    """Processor time of other processes so far, s."""
    ticks = 0
    for process in processes:
        with open(f"/proc/{process.pid}/stat") as file:
            ticks += sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def rate(step, per_call, seconds, processes=()):
    """Steps a second of a call that makes `per_call` of them: by the clock, and of processor time."""
    calls, begin, busy = 0, time.perf_counter(), time.process_time() + children_seconds(processes)
    while time.perf_counter() - begin < seconds:
        step()
        calls += 1
    steps = calls * per_call
    used = time.process_time() + children_seconds(processes) - busy
    return steps / (time.perf_counter() - begin), steps / max(used, 1e-9)


def actions_of(space, count):
    return np.random.default_rng(1).uniform(-1, 1, (count, *space.shape)).astype(np.float32)


def of_reverie(task, args):
    made = {}
    for threads in (1, 2):
        envs = reverie.make_vec(task, args.envs, threads)
        envs.reset(seed=1)
        actions = actions_of(envs.single_action_space, args.envs)
        batch = envs._core
        made[f"make_vec, {threads} threads"] = (lambda envs=envs, actions=actions: envs.step(actions), args.envs, ())
        made[f"the batch in C++, {threads} threads"] = (
            lambda batch=batch, actions=actions: batch.steps(actions, 20), 20 * args.envs, ())
    return made


def of_gymnasium(env_id, title, args):
    made = {}
    for mode, name in (("sync", "SyncVectorEnv"), ("async", "AsyncVectorEnv")):
        try:
            envs = gymnasium.make_vec(env_id, num_envs=args.envs, vectorization_mode=mode)
        except Exception as error:
            print(f"left out: Gymnasium's {env_id}: {error}")
            return {}
        envs.reset(seed=1)
        actions = actions_of(envs.single_action_space, args.envs)
        made[f"{name} of {title}"] = (lambda envs=envs, actions=actions: envs.step(actions), args.envs,
                                      getattr(envs, "processes", ()))
    return made


def of_envpool(env_id, args):
    try:
        import envpool
    except ImportError:
        print("left out: envpool is not installed")
        return {}
    made = {}
    for threads in (1, 2):
        envs = envpool.make(env_id, env_type="gymnasium", num_envs=args.envs, num_threads=threads, seed=1)
        envs.reset()
        space = envs.action_space
        actions = actions_of(space, args.envs).astype(space.dtype)
        made[f"envpool's {env_id}, {threads} threads"] = (lambda envs=envs, actions=actions: envs.step(actions), args.envs, ())
    return made


def of_dream(path, args):
    dream = reverie.Run(path).dream_vec(args.envs)
    dream.reset(seed=1)
    actions = actions_of(dream.single_action_space, args.envs)
    return {"dream_vec, decisions": (lambda: dream.step(actions), args.envs, ())}


def binding(cases, turns, threads):
    """make_vec's steps a second over those of the batch in C++: by the clock, and of processor time."""
    ours, theirs = cases[f"make_vec, {threads} threads"], cases[f"the batch in C++, {threads} threads"]
    ratios = []
    for turn in range(turns):
        found = {}
        for case in (ours, theirs) if turn % 2 else (theirs, ours):
            found[case] = rate(case[0], case[1], 0.12)
        ratios.append([a / b for a, b in zip(found[ours], found[theirs])])
    return [statistics.median(column) for column in zip(*ratios)]


def table(task, rows, rounds, count):
    print(f"\n{task}, {count} environments, medians of {rounds} rounds\n")
    print("| what | steps/s | steps/s of processor time |\n|---|---|---|")
    for name, values in rows.items():
        clock, busy = (statistics.median(column) for column in zip(*values))
        print(f"| {name} | {clock:,.0f} | {busy:,.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--envs", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--run")
    parser.add_argument("--tasks", nargs="*", default=[task for task, *_ in TASKS])
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start")
    for task, pooled, theirs in TASKS:
        if task not in args.tasks:
            continue
        cases = of_reverie(task, args) | of_envpool(pooled, args)
        cases |= of_gymnasium(reverie.environments.environment_id(task), "our environments", args)
        if theirs:
            cases |= of_gymnasium(theirs, f"its {theirs}", args)
        if args.run and task == reverie.Run(args.run).task:
            cases |= of_dream(args.run, args)
        rows = {name: [] for name in cases}
        for turn in range(args.rounds):
            for name, (step, per_call, processes) in list(cases.items())[:: 1 if turn % 2 else -1]:
                rows[name].append(rate(step, per_call, args.seconds, processes))
        table(task, rows, args.rounds, args.envs)
        for threads in (1, 2):
            clock, busy = binding(cases, args.turns, threads)
            print(f"| make_vec over the batch in C++, {threads} threads | {clock:.3f} | {busy:.3f} |")
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
