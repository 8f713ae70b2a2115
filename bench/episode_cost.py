"""Seconds and memory of commands on episodes of one step, of a thousand steps and of one endless episode, as a table.

    python3 bench/episode_cost.py --reverie build/reverie --steps 8000,16000,32000 --episode-steps 1,1000

The task is a two-joint arm whose reward is a function of the action, so that physics costs little. Processor seconds (user and
system) and the largest resident memory are those of the process. Needs nothing but Python's own library, on Linux.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile

MODEL = """<mujoco>
  <worldbody>
    <body><joint name="shoulder" axis="0 1 0" damping="1"/><geom type="capsule" fromto="0 0 0 0 0 -0.4" size="0.03"/>
      <body pos="0 0 -0.4"><joint name="elbow" axis="0 1 0" damping="1"/><geom type="capsule" fromto="0 0 0 0 0 -0.3" size="0.02"/></body>
    </body>
  </worldbody>
  <actuator><motor joint="shoulder" ctrlrange="-1 1"/><motor joint="elbow" ctrlrange="-1 1"/></actuator>
</mujoco>
"""
TASK = """schema = 1
id = "bench/arm-{steps}"
model = "arm.xml"
control_dt = 0.02
episode_steps = {steps}
[[observation]]
name = "joints"
expr = 'qpos()'
[reward]
expr = '-sum((action() - 0.5)**2)'
[[reset]]
op = "uniform"
joints = ["shoulder", "elbow"]
low = -0.5
high = 0.5
"""
TRAIN = ["random_steps=300", "size=nano", "device=cpu", "action_repeat=1", "eval_every=0", "-q"]


def measured(*words):
    """Processor seconds, peak MB."""
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(map(str, words))}: {error.decode()[-300:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(reverie, folder, steps, length):
    """(name, words), in an order in which each finds what it needs."""
    task, run, data = folder / f"arm-{length}.toml", folder / f"run-{steps}-{length}", folder / f"data-{steps}-{length}"
    yield "train, hardly an update", [reverie, "train", "--task", task, "--out", run, f"env_steps={steps}",
                                      "updates_per_decision=0.0005", *TRAIN]
    yield "resume", [reverie, "train", "--resume", run, f"env_steps={steps + 10}", "-q"]
    yield "train, 0.1 updates a step", [reverie, "train", "--task", task, "--out", f"{run}-learn", f"env_steps={steps}",
                                        "updates_per_decision=0.1", *TRAIN]
    yield "collect", [reverie, "collect", "--task", task, "--episodes", str(max(1, steps // min(length, steps))), "--out", data]
    yield "inspect", [reverie, "inspect", data]
    yield "learn from data", [reverie, "train", "--task", task, "--out", f"{run}-data", f"data={data}", "env_steps=0",
                              "updates=200", "size=nano", "device=cpu", "action_repeat=1", "-q"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", required=True, help="the program")
    parser.add_argument("--steps", default="8000,16000,32000", help="control steps in all, with commas")
    parser.add_argument("--episode-steps", default="1,1000", help="control steps of an episode, with commas")
    parser.add_argument("--only", default="", help="commands with this word in their name")
    options = parser.parse_args()
    reverie = str(pathlib.Path(options.reverie).resolve())
    lengths = [int(n) for n in options.episode_steps.split(",")]
    print("| command | steps | " + " | ".join(f"{n} a episode: s, MB" for n in lengths) + " |")
    print("|---|---|" + "---|" * len(lengths))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "arm.xml").write_text(MODEL)
        for length in lengths:
            (folder / f"arm-{length}.toml").write_text(TASK.format(steps=length))
        for steps in map(int, options.steps.split(",")):
            for row in zip(*(commands(reverie, folder, steps, length) for length in lengths)):
                if options.only not in row[0][0]:
                    continue
                cells = [measured(*words) for _, words in row]
                print(f"| {row[0][0]} | {steps} | " + " | ".join(f"{s:.1f}, {mb:.0f}" for s, mb in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
