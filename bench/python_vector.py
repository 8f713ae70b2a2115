"""Steps a second of make_vec beside the same batch in C++ and beside Gymnasium's own vector environments.

    python bench/python_vector.py [ENVIRONMENTS] [ROUNDS] [RUN]

Every round measures each of them for half a second, in turns, and the table shows medians over rounds: steps a second, and steps
a second of this process's own processor time, which tells more on a machine that others use too. Workers of Gymnasium's
AsyncVectorEnv are other processes, so it has no such figure. Ratios are medians of the ratio within a round. RUN adds its dream.
"""

import statistics
import sys
import time

import gymnasium
import numpy as np

import reverie

SECONDS = 0.5


def rate(step, per_call):
    """Steps a second of a call that makes `per_call` of them: by the clock, and of processor time."""
    calls, begin, busy = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begin < SECONDS:
        step()
        calls += 1
    steps = calls * per_call
    return steps / (time.perf_counter() - begin), steps / (time.process_time() - busy)


def of_reverie(task, count, threads):
    envs = reverie.make_vec(task, count, threads)
    envs.reset(seed=1)
    actions = np.random.default_rng(1).uniform(-1, 1, (count, envs.single_action_space.shape[0])).astype(np.float32)
    batch = envs._core
    return {
        f"make_vec, {threads} threads": lambda: rate(lambda: envs.step(actions), count),
        f"C++ batch, {threads} threads": lambda: rate(lambda: batch.steps(actions, 20), 20 * count),
    }


def of_gymnasium(task, count):
    one = reverie.environments.environment_id(task)
    made = {}
    for mode in ("sync", "async"):
        envs = gymnasium.make_vec(one, num_envs=count, vectorization_mode=mode)
        envs.reset(seed=1)
        actions = envs.action_space.sample()
        made[f"Gymnasium's {mode}, ours inside"] = lambda envs=envs, actions=actions: rate(
            lambda: envs.step(actions), count)
    return made


def of_dream(path, count):
    dream = reverie.Run(path).dream_vec(count)
    dream.reset(seed=1)
    actions = dream.action_space.sample()
    return {"dream_vec (decisions)": lambda: rate(lambda: dream.step(actions), count)}


def main(count=64, rounds=7, run=None):
    for task in ("dmc/cartpole-swingup", "dmc/walker-walk"):
        cases = {**of_reverie(task, count, 1), **of_reverie(task, count, 2), **of_gymnasium(task, count)}
        if run and task == reverie.Run(run).task:
            cases |= of_dream(run, count)
        rows = {name: [] for name in cases}
        for _ in range(rounds):
            for name, measure in cases.items():
                rows[name].append(measure())
        print(f"\n{task}, {count} environments, median of {rounds} rounds\n")
        print("| what | steps/s | steps/s of processor time |\n|---|---|---|")
        for name, values in rows.items():
            clock, busy = (statistics.median(column) for column in zip(*values))
            print(f"| {name} | {clock:,.0f} | {'' if 'async' in name else format(busy, ',.0f')} |")
        for threads in (1, 2):
            pairs = list(zip(rows[f"make_vec, {threads} threads"], rows[f"C++ batch, {threads} threads"]))
            clock, busy = (statistics.median(ours[k] / theirs[k] for ours, theirs in pairs) for k in (0, 1))
            print(f"| make_vec / C++ batch, {threads} threads | {clock:.3f} | {busy:.3f} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:4])
