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
    first = error[position <= CHECKED_STEPS].max()
    print(f"{task:32s} segments  first {CHECKED_STEPS} steps {first:.1e}  all {SEGMENT_STEPS} {error.max():.1e}", flush=True)
    return first <= TOLERANCE


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
    p = min(stats.ks_2samp(ours[:, k], theirs[:, k]).pvalue for k in range(ours.shape[1]))
    bound = LEVEL / ours.shape[1]
    print(f"{task:32s} resets    smallest p of {ours.shape[1]} {p:.4f} (bound {bound:.5f})", flush=True)
    return p >= bound


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


def return_p_value(reverie, task, folder, episodes):
    ours, theirs = our_returns(reverie, task, folder, episodes), their_returns(task, episodes)
    error = math.sqrt(ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(theirs))
    z = (ours.mean() - theirs.mean()) / error if error > 0 else 0.0
    print(f"{task:32s} returns   ours {ours.mean():.3f}  dm_control {theirs.mean():.3f}  z {z:.2f}", flush=True)
    return 2.0 * stats.norm.sf(abs(z))


def holm(p_values):
    """The tasks that differ at LEVEL."""
    rejected = []
    for rank, (task, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p > LEVEL / (len(p_values) - rank):
            break
        rejected.append(task)
    return rejected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", required=True)
    parser.add_argument("--task", action="append", help="only tasks whose id contains this")
    parser.add_argument("--resets", type=int, default=400, help="fresh resets a task")
    parser.add_argument("--returns", type=int, default=0, help="random episodes a task; 0: skip")
    options = parser.parse_args()
    tasks = [t for t in tasks_of(options.reverie) if not options.task or any(word in t for word in options.task)]
    if not tasks:
        sys.exit("no such task")
    failed, p_values = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for task in tasks:
            failed += [] if check_segments(options.reverie, task, folder) else [task + " segments"]
            failed += [] if check_resets(options.reverie, task, folder, options.resets) else [task + " resets"]
            if options.returns:
                p_values[task] = return_p_value(options.reverie, task, folder, options.returns)
    failed += [task + " returns" for task in holm(p_values)]
    print(f"{len(tasks)} tasks, {len(failed)} checks failed" + "".join("\n  " + f for f in failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
