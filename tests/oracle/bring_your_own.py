#!/usr/bin/env python3
"""Robots that we did not write: fetches them, and tries on each what a newcomer would do.

For every MJCF: `inspect --init`, ten seconds of random actions in the task that it wrote, `evaluate --self-test`, and a
short training that is killed behind a checkpoint at an episode's end and resumed, beside one that is not. Writes a table
in Markdown. Models are fetched with pip and apt into a folder of their own and are no part of this project.

  bring_your_own.py --reverie build/reverie --out docs/results/bring_your_own.md [--folder DIR] [--no-train]
                    [--only WORD] [--also GLOB ...]
"""

import argparse
import collections
import glob
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

WHEELS = ["robosuite==1.5.2", "robosuite_models==1.0.0", "mjlab==1.6.0", "dm_control==1.0.45"]
DEBIAN = "libmujoco-samples"
ROBOTS = {
    "robosuite": ["panda", "ur5e", "iiwa", "kinova3", "sawyer", "xarm7", "jaco", "baxter", "gr1", "spot", "spot_arm"],
    "robosuite_models": ["g1", "h1", "go2", "b1", "z1", "aloha", "yumi", "pr2"],
}
FILES = [
    ("mjlab", "mjlab/asset_zoo/robots/unitree_go1/xmls/go1.xml"),
    ("mjlab", "mjlab/asset_zoo/robots/unitree_g1/xmls/g1.xml"),
    ("mjlab", "mjlab/asset_zoo/robots/i2rt_yam/xmls/yam.xml"),
    ("dm_control", "dm_control/suite/dog.xml"),
    ("dm_control", "dm_control/suite/humanoid_CMU.xml"),
]
EPISODE, STEPS, KILLED = 80, 320, 200  # control steps: of an episode, of the training, and when it is killed at the earliest
TRAINING = [f"env_steps={STEPS}", "random_steps=80", f"checkpoint_every={EPISODE}", "log_every=10", "eval_every=0",
            "eval_episodes=1", "action_repeat=1", "updates_per_decision=0.2", "learner.batch_size=8",
            "learner.imagination_batch=8", "model.hidden_dim=32", "model.encoder_dim=32", "device=cpu"]
TEXT = """# Bring your own

Models that come from elsewhere, as they are in their packages: {wheels},
and Debian's {debian}, whose composites are of an older MuJoCo that the engine no longer reads.

- *init*: `reverie inspect F.xml --init` wrote a task file. It tries the file under random actions and, where they break the
  physics, writes a shorter physics step, a smaller share of the control range or a narrower start.
- *10 s random*: that task under random actions in one episode, without its terminations.
- *self-test*: `reverie evaluate --self-test`: the simulator in the world model's place, restored from recorded rows, must make
  the same states and rewards to the last bit.
- *resume*: a training of {steps} control steps with small networks and a checkpoint at the end of each episode of {episode} steps,
  killed with signal 9 behind such a checkpoint and resumed, ends with the same bytes of weights and optimiser as one that was
  not disturbed.

{loaded} models load, {init} get a task. Of these {random} hold 10 s of random actions, {exact} of {tested} are exact in the
self-test, and {same} of {resumed} that can be trained resume with the same bytes.

Made by `python3 tests/oracle/bring_your_own.py --reverie build/reverie --out docs/results/bring_your_own.md`.

| from | model | nq, nv, nu | init | 10 s random | self-test | resume | remark |
|---|---|---|---|---|---|---|---|
"""


def fetch(folder):
    """Wheels and the Debian package, unpacked below `folder`; nothing is installed."""
    for wheel in WHEELS:
        name = wheel.split("==")[0]
        if not glob.glob(f"{folder}/{name}-*.whl"):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, wheel], check=True)
        if not os.path.isdir(f"{folder}/{name}"):
            with zipfile.ZipFile(glob.glob(f"{folder}/{name}-*.whl")[0]) as archive:
                archive.extractall(folder)
    if not glob.glob(f"{folder}/{DEBIAN}_*.deb"):
        subprocess.run(["apt-get", "-q", "download", DEBIAN], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["dpkg", "-x", glob.glob(f"{folder}/{DEBIAN}_*.deb")[0], f"{folder}/debian"], check=True)


def models(folder):
    """(source, name, path) of every model that is tried."""
    root = f"{folder}/debian/usr/share/mujoco/model"
    for path in sorted(glob.glob(root + "/**/*.xml", recursive=True)):
        if "worldbody" in open(path, encoding="utf-8").read() and not path.endswith("_body.xml"):
            yield DEBIAN, os.path.relpath(path, root), path
    for package, robots in ROBOTS.items():
        for robot in robots:
            yield package, robot, f"{folder}/{package}/" + ("models/" if package == "robosuite" else "") + \
                f"assets/robots/{robot}/robot.xml"
    for package, path in FILES:
        yield package, os.path.relpath(path, package), f"{folder}/{path}"


class Trial:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def run(self, *words, limit=600):
        """(worked, standard output, the last line of standard error)."""
        try:
            done = subprocess.run([self.binary, *words], cwd=self.folder, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return False, "", f"not finished after {limit} s"
        lines = [line for line in done.stderr.strip().splitlines() if line.startswith(("error", "internal"))]
        last = lines[-1] if lines else (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return done.returncode == 0, done.stdout, last

    def variant(self, name, episode_steps):
        """The task without its terminations, with episodes of another length: its seconds a step."""
        text = open(f"{self.folder}/task.toml", encoding="utf-8").read()
        text = re.sub(r"episode_steps = \d+", f"episode_steps = {episode_steps}", text)
        text = re.sub(r"(#[^\n]*\n)?\[\[termination\]\]\n[^\n]*\n", "", text)
        open(f"{self.folder}/{name}", "w", encoding="utf-8").write(text)

    def steps(self):
        """Ten seconds of random actions in one piece. (text, fine)"""
        dt = float(re.search(r"control_dt = ([0-9.e-]+)",
                             open(f"{self.folder}/task.toml", encoding="utf-8").read()).group(1))
        self.variant("long.toml", round(10 / dt))
        fine, _, error = self.run("collect", "--task", "long.toml", "--episodes", "1", "--policy", "random", "--out",
                                  "data")
        if not fine:
            return error, False
        facts = json.loads(self.run("inspect", "data", "--json")[1])
        seconds = facts["control_steps"] * dt
        return ("diverged after " if facts["diverged"] else "") + f"{seconds:.3g} s", not facts["diverged"]

    def self_test(self):
        """"exact", or the largest error, or what went wrong."""
        fine, text, error = self.run("evaluate", "--self-test", "task.toml")
        found = re.search(r"own world model: largest error ([^ ]+ σ), largest reward error ([^ ]+)", text)
        if found is None:
            return error
        exact = found.group(1) == "0 σ" and float(found.group(2)) == 0
        if exact and fine:
            return "exact"
        failed = [line for line in text.splitlines() if line.startswith("FAIL")]
        return f"exact, but {failed[0]}" if exact and failed else f"{found.group(1)}, reward {found.group(2)}"

    def weights(self, run):
        digest = hashlib.sha256()
        for name in ("model", "optimizer"):
            with open(f"{self.folder}/{run}/checkpoints/last/{name}.safetensors", "rb") as file:
                digest.update(file.read())
        return digest.hexdigest()

    def kill(self, limit=600):
        """A training killed -9 as soon as its metrics pass KILLED. False when it was over before."""
        log = f"{self.folder}/killed/metrics.jsonl"
        child = subprocess.Popen([self.binary, "train", "--task", "short.toml", "--out", "killed", *TRAINING, "-q"],
                                 cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + limit
        while child.poll() is None and time.monotonic() < end:
            steps = re.findall(r'"step":(\d+)', open(log, encoding="utf-8").read()) if os.path.exists(log) else []
            if steps and int(steps[-1]) >= KILLED:
                break
            time.sleep(0.01)
        alive = child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        return alive

    def resume(self):
        """"same bytes" when the resumed training ends with the weights of the undisturbed one."""
        self.variant("short.toml", EPISODE)
        fine, _, error = self.run("train", "--task", "short.toml", "--out", "straight", *TRAINING, "-q")
        if not fine:
            return error
        if not self.kill():
            return "over before it could be killed"
        fine, _, error = self.run("train", "--resume", "killed", "-q")
        if not fine:
            return error
        return "same bytes" if self.weights("straight") == self.weights("killed") else "other weights"


def cell(error, path):
    """One table cell: the error without the model's own path, on one line."""
    return error.removeprefix("error: ").removeprefix(path + ": ").removeprefix("task.toml: ").replace("|", "/").replace("\n", " ")[:220]


def try_model(binary, path, folder, train):
    """One row: sizes, init, ten seconds at random, self-test, resume, remark."""
    trial = Trial(binary, folder)
    fine, text, error = trial.run("inspect", path, "--json")
    if not fine:
        return ["", "no", "", "", "", error]
    facts = json.loads(text)
    sizes = f"{facts['nq']}, {facts['nv']}, {facts['nu']}"
    fine, text, error = trial.run("inspect", path, "--init", "--out", "task.toml")
    if not fine:
        return [sizes, "no", "", "", "", error]
    remarks = [line.removeprefix("task.toml: ") for line in text.splitlines() if "try it" not in line]
    if "[[actuator]]" in open(f"{folder}/task.toml", encoding="utf-8").read():
        remarks.append("servos added")
    remark = "; ".join(remarks)
    stepped, fine = trial.steps()
    tested = trial.self_test() if fine else ""
    resumed = trial.resume() if fine and train and "nothing here can be driven" not in remark else ""
    return [sizes, "yes", stepped, tested, resumed, remark]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reverie", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--folder", help="where models are fetched to (default: a temporary folder)")
    parser.add_argument("--no-train", action="store_true")
    parser.add_argument("--only", default="", help="only models with this word in their name")
    parser.add_argument("--also", nargs="*", default=[], help="patterns of further MJCF files")
    arguments = parser.parse_args()
    scratch = tempfile.TemporaryDirectory()
    folder = os.path.abspath(arguments.folder or scratch.name)
    os.makedirs(folder, exist_ok=True)
    fetch(folder)
    rows, binary, counts = [], os.path.abspath(arguments.reverie), collections.Counter()
    further = [("further", path, os.path.abspath(path)) for word in arguments.also for path in sorted(glob.glob(word))]
    for source, name, path in [*models(folder), *further]:
        if arguments.only not in f"{source}/{name}":
            continue
        with tempfile.TemporaryDirectory() as work:
            row = try_model(binary, path, work, not arguments.no_train)
        counts.update(loaded=row[0] != "", init=row[1] == "yes", random=row[2] == "10 s", exact=row[3] == "exact",
                      tested=row[3] != "", same=row[4] == "same bytes", resumed=row[4] != "")
        rows.append(f"| {source} | {name} | {' | '.join(cell(one, path) for one in row)} |")
        print(rows[-1], flush=True)
    with open(arguments.out, "w", encoding="utf-8") as out:
        out.write(TEXT.format(wheels=", ".join(WHEELS), debian=DEBIAN, episode=EPISODE, steps=STEPS, **counts) +
                  "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
