"""Our tasks against dm_control's own models and Python, through `reverie replay`.

segments: 60 control steps from dm_control's resets and from the middle of random episodes. Observations and rewards must
          agree within 1e-6 over the first 10 steps of every segment.
resets:   Kolmogorov-Smirnov tests of every observation, position and velocity of fresh resets.
returns:  mean return of the random policy over many episodes (slow), Holm-corrected at 1% over the tasks.
"""
import argparse
import csv
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

import numpy as np
from dm_control import suite
from scipy import stats

TOLERANCE, CHECKED_STEPS, SEGMENT_STEPS = 1e-6, 10, 60
LEVEL = 0.01


def tasks_of(reverie):
    lines = subprocess.check_output([reverie, "tasks"], text=True).split()
    return sorted({word for word in lines if word.startswith("dmc/") and "-" in word})


def load(task, seed):
    domain, name = task[len("dmc/"):].split("-", 1)
    return suite.load(domain, name, task_kwargs={"random": np.random.RandomState(seed)})


def targets(task, physics):
    """Mocap poses of our model: where dm_control keeps its target in the model instead."""
    model = physics.named.model
    if task.startswith("dmc/reacher"):
        return {"target": (model.geom_pos["target"].copy(), None)}
    if task.startswith("dmc/finger-turn"):
        return {"target": (model.site_pos["target"].copy(), None)}
    if task.startswith("dmc/manipulator"):
        return {"target_ball": (model.body_pos["target_ball"].copy(), model.body_quat["target_ball"].copy())}
    return {}


def observe(env):
    return np.concatenate([np.ravel(x) for x in env.task.get_observation(env.physics).values()])


class Recorder:
    """Rows for `reverie replay`, and beside each what dm_control says."""

    def __init__(self, env, task):
        self.env, self.task, self.rows, self.expected, self.position = env, task, [], [], []
        self.substeps = env._n_sub_steps

    def state(self):
        data = self.env.physics.data
        return np.concatenate([data.qpos, data.qvel, data.act if self.env.physics.model.na else []])

    def emit(self, reset, state, ctrl, reward, position):
        self.rows.append((reset, state, ctrl, targets(self.task, self.env.physics)))
        self.expected.append(np.concatenate([[reward], observe(self.env)]))
        self.position.append(position)

    def segment(self, rng):
        physics, model = self.env.physics, self.env.physics.model
        state = self.state()
        with physics.reset_context():  # the reset row: this state, no warm start, no actuation
            physics.data.qpos[:] = state[: model.nq]
            physics.data.qvel[:] = state[model.nq : model.nq + model.nv]
            if model.na:
                physics.data.act[:] = state[model.nq + model.nv :]
        self.emit(1, state, np.zeros(model.nu), 0.0, 0)
        for t in range(SEGMENT_STEPS):
            action = self.random_action(rng) * 1.2  # beyond the range too: the control cost sees the raw value
            self.advance(action)
            self.emit(0, self.state(), action, self.env.task.get_reward(physics), t + 1)

    def random_action(self, rng):
        spec = self.env.action_spec()
        return rng.uniform(spec.minimum, spec.maximum)

    def advance(self, action):
        self.env.task.before_step(action, self.env.physics)
        self.env.physics.step(self.substeps)
        self.env.task.after_step(self.env.physics)

    def write(self, path):
        model = self.env.physics.model
        head = ["reset"] + [f"qpos_{i}" for i in range(model.nq)] + [f"qvel_{i}" for i in range(model.nv)]
        head += [f"act_{i}" for i in range(model.na)] + [f"ctrl_{i}" for i in range(model.nu)]
        for name, (_, quat) in self.rows[0][3].items():
            head += [f"mocap_{name}_{c}" for c in "xyz"]
            head += [f"mocap_{name}_q{c}" for c in "wxyz"] if quat is not None else []
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            for reset, state, ctrl, mocap in self.rows:
                numbers = list(state) + list(ctrl)
                for position, quat in mocap.values():
                    numbers += list(position) + (list(quat) if quat is not None else [])
                writer.writerow([reset] + [repr(float(x)) for x in numbers])


def read_output(path, observation_dim):
    out = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    return np.concatenate([out[:, :1], out[:, 3 : 3 + observation_dim]], axis=1), out[:, 3:]


def check_segments(reverie, task, folder):
    env, rng = load(task, 5), np.random.RandomState(1)
    recorder = Recorder(env, task)
    for episode in range(10):
        env.reset()
        for _ in range(0 if episode < 6 else rng.randint(20, 200)):
            recorder.advance(recorder.random_action(rng))
        recorder.segment(rng)
    source, target = os.path.join(folder, "in.csv"), os.path.join(folder, "out.csv")
    recorder.write(source)
    subprocess.check_call([reverie, "replay", "--task", task, "--input", source, "--output", target])
    expected, position = np.array(recorder.expected), np.array(recorder.position)
    ours, _ = read_output(target, expected.shape[1] - 1)
    error = np.abs(ours - expected) / np.maximum(1.0, np.abs(expected))
    first = error[position <= CHECKED_STEPS]
    print(f"{task:32s} segments  first {CHECKED_STEPS} steps {first.max():.1e}  all {SEGMENT_STEPS} {error.max():.1e}", flush=True)
    return {"segments": int((position == 0).sum()), "worst_observation_error": first[:, 1:].max(), "worst_reward_error": first[:, 0].max(),
            "worst_error_60_steps": error.max()}


def check_resets(reverie, task, folder, count):
    env = load(task, 11)
    theirs = []
    for _ in range(count):
        step = env.reset()
        observation = np.concatenate([np.ravel(x) for x in step.observation.values()])
        theirs.append(np.concatenate([observation, env.physics.data.qpos, env.physics.data.qvel]))
    theirs = np.round(np.array(theirs), 9)
    target = os.path.join(folder, "resets.csv")
    subprocess.check_call([reverie, "replay", "--task", task, "--resets", str(count), "--seed", "3", "--output", target])
    ours = np.round(read_output(target, 1)[1], 9)
    p = [stats.ks_2samp(ours[:, k], theirs[:, k]).pvalue for k in range(ours.shape[1])]
    bound = LEVEL / len(p)
    print(f"{task:32s} resets    smallest p of {len(p)} {min(p):.4f} (bound {bound:.5f})", flush=True)
    return {"ks_tests": len(p), "ks_rejections": sum(x < bound for x in p)}


def our_returns(reverie, task, folder, episodes):
    out = os.path.join(folder, "data-" + task.replace("/", "-"))
    subprocess.check_call([reverie, "-q", "collect", "--task", task, "--episodes", str(episodes), "--policy", "random", "--out", out, "seed=3"],
                          stdout=subprocess.DEVNULL)
    sums = []
    for name in sorted(os.listdir(out)):
        if not name.endswith(".safetensors"):
            continue
        with open(os.path.join(out, name), "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            body = file.read()
        for key, entry in header.items():
            if key.endswith("/rewards"):
                begin, end = entry["data_offsets"]
                sums.append(float(np.frombuffer(body[begin:end], np.float32).astype(np.float64).sum()))
    return np.array(sums[:episodes])


def their_returns(task, episodes):
    env, rng, sums = load(task, 7), np.random.RandomState(7), []
    spec = env.action_spec()
    for _ in range(episodes):
        step, total = env.reset(), 0.0
        while not step.last():
            step = env.step(rng.uniform(spec.minimum, spec.maximum))
            total += step.reward
        sums.append(total)
    return np.array(sums)


def compare_returns(task, ours, theirs):
    """Means, their standard errors, and the two-sided p of their difference under the joint (Welch) standard error."""
    se = [x.std(ddof=1) / math.sqrt(len(x)) for x in (ours, theirs)]
    joint = math.hypot(*se)
    z = (ours.mean() - theirs.mean()) / joint if joint > 0 else 0.0
    print(f"{task:32s} returns   ours {ours.mean():.3f}  dm_control {theirs.mean():.3f}  z {z:.2f}", flush=True)
    return {"ours_mean": ours.mean(), "ours_se": se[0], "dm_control_mean": theirs.mean(), "dm_control_se": se[1], "z": z,
            "p": 2.0 * stats.norm.sf(abs(z))}


def add_holm(rows):
    """Holm's corrected p beside each p: a task differs where it is below LEVEL."""
    largest = 0.0
    for rank, row in enumerate(sorted(rows, key=lambda row: row["p"])):
        largest = max(largest, min(1.0, (len(rows) - rank) * row["p"]))
        row["holm_p"] = largest


def write_rows(folder, name, rows):
    if not folder or not rows:
        return
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow([f"{x:.4g}" if isinstance(x, float) else x for x in row.values()])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", required=True)
    parser.add_argument("--task", action="append", help="only tasks whose id contains this")
    parser.add_argument("--resets", type=int, default=400, help="fresh resets a task")
    parser.add_argument("--returns", type=int, default=0, help="random episodes a task; 0: skip")
    parser.add_argument("--returns-only", action="store_true", help="leave out segments and resets")
    parser.add_argument("--out", help="folder for oracle.csv and random_returns.csv")
    options = parser.parse_args()
    tasks = [t for t in tasks_of(options.reverie) if not options.task or any(word in t for word in options.task)]
    if not tasks:
        sys.exit("no such task")
    physics, returns = [], []
    with tempfile.TemporaryDirectory() as folder:
        for task in tasks:
            if not options.returns_only:
                segments = check_segments(options.reverie, task, folder)
                physics.append({"task": task} | segments | check_resets(options.reverie, task, folder, options.resets))
            if options.returns:
                ours, theirs = our_returns(options.reverie, task, folder, options.returns), their_returns(task, options.returns)
                returns.append({"task": task} | compare_returns(task, ours, theirs))
    add_holm(returns)
    write_rows(options.out, "oracle.csv", physics)
    write_rows(options.out, "random_returns.csv", returns)
    failed = [row["task"] + " segments" for row in physics
              if max(row["worst_observation_error"], row["worst_reward_error"]) > TOLERANCE]
    failed += [row["task"] + " resets" for row in physics if row["ks_rejections"]]
    failed += [row["task"] + " returns" for row in returns if row["holm_p"] < LEVEL]
    print(f"{len(tasks)} tasks, {len(failed)} checks failed" + "".join("\n  " + f for f in failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
