#!/usr/bin/env python3
"""Robots that we did not write: fetches them, and tries on each what a newcomer would do.

For every MJCF: `reverie inspect`, `inspect --init`, ten seconds of random actions in the task that --init wrote, and a
training of 1,000 steps. Writes a table in Markdown. Models are fetched with pip and apt into a folder of their own and
are no part of this project.

  bring_your_own.py --reverie build/reverie --out docs/results/bring_your_own.md [--folder DIR] [--no-train] [--only WORD]
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
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
TRAINING = ["env_steps=1000", "random_steps=400", "updates_per_decision=0.2", "eval_every=0", "learner.batch_size=32",
            "learner.imagination_batch=32", "model.hidden_dim=64", "model.encoder_dim=64"]


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

    def steps(self):
        """Ten seconds in one piece: the same task without its terminations. (text, fine)"""
        text = open(f"{self.folder}/task.toml", encoding="utf-8").read()
        dt = float(re.search(r"control_dt = ([0-9.e-]+)", text).group(1))
        text = re.sub(r"episode_steps = \d+", f"episode_steps = {round(10 / dt)}", text)
        text = re.sub(r"(#[^\n]*\n)?\[\[termination\]\]\n[^\n]*\n", "", text)
        open(f"{self.folder}/long.toml", "w", encoding="utf-8").write(text)
        fine, _, error = self.run("collect", "--task", "long.toml", "--episodes", "1", "--policy", "random", "--out",
                                  "data")
        if not fine:
            return error, False
        facts = json.loads(self.run("inspect", "data", "--json")[1])
        seconds = facts["control_steps"] * dt
        return ("diverged after " if facts["diverged"] else "") + f"{seconds:.3g} s", not facts["diverged"]


def cell(error, path):
    """One table cell: the error without the model's own path, on one line."""
    return error.removeprefix("error: ").removeprefix(path + ": ").removeprefix("task.toml: ").replace("|", "/").replace("\n", " ")[:220]


def try_model(binary, path, folder, train):
    """One row: sizes, init, steps, training, remark."""
    trial = Trial(binary, folder)
    fine, text, error = trial.run("inspect", path, "--json")
    if not fine:
        return ["", "no", "", "", error]
    facts = json.loads(text)
    sizes = f"{facts['nq']}, {facts['nv']}, {facts['nu']}"
    fine, _, error = trial.run("inspect", path, "--init", "--out", "task.toml")
    if not fine:
        return [sizes, "yes", "", "", error]
    remark = "servos added by --init" if "[[actuator]]" in open(f"{folder}/task.toml", encoding="utf-8").read() else ""
    stepped, fine = trial.steps()
    if not fine:
        return [sizes, "yes", stepped, "", remark]
    if not train:
        return [sizes, "yes", stepped, "not tried", remark]
    fine, text, error = trial.run("train", "--task", "task.toml", "--out", "run", *TRAINING, "--json")
    if not fine:
        return [sizes, "yes", stepped, "no", error]
    return [sizes, "yes", stepped, f"{json.loads(text)['env_steps']} steps", remark]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reverie", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--folder", help="where models are fetched to (default: a temporary folder)")
    parser.add_argument("--no-train", action="store_true")
    parser.add_argument("--only", default="", help="only models with this word in their name")
    arguments = parser.parse_args()
    scratch = tempfile.TemporaryDirectory()
    folder = os.path.abspath(arguments.folder or scratch.name)
    os.makedirs(folder, exist_ok=True)
    fetch(folder)
    rows, binary = [], os.path.abspath(arguments.reverie)
    for source, name, path in models(folder):
        if arguments.only not in f"{source}/{name}":
            continue
        with tempfile.TemporaryDirectory() as work:
            row = try_model(binary, path, work, not arguments.no_train)
        row[-1] = cell(row[-1], path)
        rows.append(f"| {source} | {name} | {' | '.join(row)} |")
        print(rows[-1], flush=True)
    with open(arguments.out, "w", encoding="utf-8") as out:
        out.write("# Bring your own\n\nModels that come from elsewhere, as they are in their packages: "
                  f"{', '.join(WHEELS)},\nand Debian's {DEBIAN}. *Stepped*: the task file that `reverie inspect F.xml --init` "
                  "wrote, under\nrandom actions, without its terminations. *Trained*: `reverie train` with small "
                  "networks, to see that it runs; a decision of two control steps may end one step late. `--init` tries random\n"
                  "controls and, where they break the physics, writes a shorter physics step or a smaller share of the\n"
                  "control range. Debian's samples are of an older MuJoCo, whose composites the engine no longer reads.\n"
                  "Made by `tests/oracle/bring_your_own.py`.\n\n"
                  "| from | model | nq, nv, nu | loaded | stepped | trained | remark |\n"
                  "|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
