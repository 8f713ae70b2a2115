#!/usr/bin/env python3
"""Writes docs/scenes.md: every scene's picture, drawn by the product, and its table of tasks.

Usage: docs/make_scenes.py [--reverie build/reverie] [--pictures]

Without --pictures only the text is written anew, e.g. after a change of a scene's hash.
"""
import argparse
import csv
import json
import os
import subprocess
import tempfile
import xml.etree.ElementTree as xml

DOCS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(DOCS)

# The viewer's picture of the physics is 640 x 400 in a window of this size, with its corner at (6, 46).
WINDOW, CROP = (893, 725), "640:400:6:46"

# Scene: title, what it is, and what the picture shows: task, seconds, seed.
SCENES = {
    "dmc/pendulum": ("Pendulum", "A pole with a motor too weak to lift it: it has to swing up.", ("swingup", 1.0, 2)),
    "dmc/cartpole": ("Cart-pole", "A cart on a rail carries a pole on a free hinge.", ("balance", 0.4, 1)),
    "dmc/acrobot": ("Acrobot", "Two links, a motor at the elbow only; the target is straight up.", ("swingup", 1.0, 1)),
    "dmc/reacher": ("Two-link arm", "A planar arm reaches for a target drawn at every reset.", ("easy", 0.4, 1)),
    "dmc/finger": ("Finger", "A two-joint finger turns a free body by pushing it.", ("turn_easy", 0.6, 1)),
    "dmc/ball_in_cup": ("Ball in cup", "A cup on springs, a ball on a string; the ball belongs in the cup.", ("catch", 0.3, 1)),
    "dmc/point_mass": ("Point mass", "A mass pushed along two axes to the middle.", ("easy", 0.4, 1)),
    "dmc/cheetah": ("Cheetah", "A planar runner with six joints.", ("run", 0.4, 1)),
    "dmc/hopper": ("Hopper", "A planar one-legged hopper.", ("stand", 0.1, 3)),
    "dmc/walker": ("Walker", "A planar walker with two legs.", ("walk", 0.05, 3)),
    "dmc/quadruped": ("Quadruped", "Four legs in three dimensions, driven through tendons by filtered servos.", ("walk", 0.6, 1)),
    "dmc/humanoid": ("Humanoid", "Twenty-one motors; a reset is any pose that touches nothing.", ("walk", 0.15, 6)),
    "dmc/manipulator": ("Manipulator", "A planar arm with a gripper carries a ball to a target.", ("bring_ball", 0.4, 1)),
    "gym/half_cheetah": ("HalfCheetah", "Gymnasium's v5 semantics: speed is distance covered in a step, the reward has no bound.", ("", 0.4, 1)),
    "gym/hopper": ("Hopper of Gymnasium", "Ends when it falls.", ("", 0.1, 1)),
    "gym/walker2d": ("Walker2d", "Ends when it falls.", ("", 0.1, 1)),
    "reverie/scout": ("Scout", "Twelve servos follow velocity commands: noise, delay, pushes, randomised friction and mass.", ("", 1.0, 1)),
    "reverie/arm": ("Arm", "Seven joints and a gripper bring a cube to a target in the air.", ("", 1.0, 1)),
}

REWARDS = {
    "dmc/pendulum-swingup": "1 within 8° of upright, else 0",
    "dmc/cartpole-balance": "product of upright, centred, small control, small velocity, each in [0, 1]",
    "dmc/cartpole-balance_sparse": "1 where \\|x\\| ≤ 0.25 m and cos θ ≥ 0.995, else 0",
    "dmc/cartpole-swingup": "product of upright, centred, small control, small velocity, each in [0, 1]",
    "dmc/cartpole-swingup_sparse": "1 where \\|x\\| ≤ 0.25 m and cos θ ≥ 0.995, else 0",
    "dmc/acrobot-swingup": "1 with the tip in the target (0.2 m), falling smoothly over 1 m",
    "dmc/acrobot-swingup_sparse": "1 with the tip in the target (0.2 m), else 0",
    "dmc/reacher-easy": "1 where finger and target (radius 0.05 m) overlap, else 0",
    "dmc/reacher-hard": "1 where finger and target (radius 0.015 m) overlap, else 0",
    "dmc/finger-spin": "1 where the body spins at 15 rad/s or more, else 0",
    "dmc/finger-turn_easy": "1 with the body's tip in the target (radius 0.07 m), else 0",
    "dmc/finger-turn_hard": "1 with the body's tip in the target (radius 0.03 m), else 0",
    "dmc/ball_in_cup-catch": "1 with the ball in the cup, else 0",
    "dmc/point_mass-easy": "nearness to the middle × small control",
    "dmc/cheetah-run": "forward speed / 10 m/s, at most 1",
    "dmc/hopper-stand": "1 while standing (0.6 m) × small control",
    "dmc/hopper-hop": "1 while standing × forward speed / 2 m/s, at most 1",
    "dmc/walker-stand": "(3 × height + upright) / 4",
    "dmc/walker-walk": "stand × (1 + 5 × speed towards 1 m/s) / 6",
    "dmc/walker-run": "stand × (1 + 5 × speed towards 8 m/s) / 6",
    "dmc/quadruped-walk": "upright × speed towards 0.5 m/s",
    "dmc/quadruped-run": "upright × speed towards 5 m/s",
    "dmc/humanoid-stand": "head height (1.4 m) × upright × small control × standing still",
    "dmc/humanoid-walk": "head height × upright × small control × (1 + 5 × speed towards 1 m/s) / 6",
    "dmc/humanoid-run": "head height × upright × small control × (1 + 5 × speed towards 10 m/s) / 6",
    "dmc/manipulator-bring_ball": "1 with the ball within 0.01 m of the target, falling smoothly over 0.02 m",
    "gym/half_cheetah": "speed − 0.1 × sum of squared actions",
    "gym/hopper": "speed + 1 − 0.001 × sum of squared actions",
    "gym/walker2d": "speed + 1 − 0.001 × sum of squared actions",
    "reverie/scout": "tracking of linear and angular command, less penalties on posture, torque and jerk",
    "reverie/arm": "reach (0.2) + grasp (0.2) + carry (0.6) − small penalty on actions",
}


def physics_of(scene):
    """One line: timestep, integrator and what differs from MuJoCo's defaults."""
    root = xml.parse(os.path.join(ROOT, "scenes", scene + ".xml")).getroot()
    words, timestep, integrator = [], "0.002", "Euler"
    for option in root.findall("option"):
        timestep, integrator = option.get("timestep", timestep), option.get("integrator", integrator)
        words += [f"{key} {option.get(key)}" for key in ("cone", "iterations", "impratio") if option.get(key)]
        words += [f"{key} off" for flag in option.findall("flag") for key, state in flag.items() if state == "disable"]
    words += [f"total mass {c.get('settotalmass')} kg" for c in root.findall("compiler") if c.get("settotalmass")]
    return timestep, ", ".join([f"timestep {timestep} s", integrator] + words)


def draw(reverie, scene, target):
    variant, seconds, seed = SCENES[scene][2]
    task = scene + ("-" + variant if variant else "")
    with tempfile.TemporaryDirectory() as folder:
        window = os.path.join(folder, "window.png")
        subprocess.check_call([reverie, "-q", "view", task, "--headless", "--screenshot", window, "--seconds", str(seconds), "--width",
                               str(WINDOW[0]), "--height", str(WINDOW[1]), f"seed={seed}"], stdout=subprocess.DEVNULL)
        subprocess.check_call(["ffmpeg", "-v", "error", "-y", "-i", window, "-vf", "crop=" + CROP, "-pred", "mixed", target])


def scene_section(scene, tasks):
    title, sentence, _ = SCENES[scene]
    timestep, physics = physics_of(scene)
    lines = [f"## {title}", "", sentence, "", f"![{title}](images/scenes/{scene.replace('/', '-')}.png)", "",
             f"`scenes/{scene}.xml`: {physics}.", "",
             "| task | obs | actions | control step | physics steps | episode | reward of a step | hash |",
             "|---|---|---|---|---|---|---|---|"]
    for task in tasks:
        dt, steps = task["control_dt"], task["episode_steps"]
        lines.append(f"| `{task['task']}` | {task['observation_dim']} | {task['action_dim']} | {dt:g} s | {round(dt / float(timestep))} | "
                     f"{steps} steps, {steps * dt:g} s | {REWARDS[task['task']]} | `{task['hash']}` |")
    return lines + [""]


def rows_of(name):
    path = os.path.join(DOCS, "results", name)
    if not os.path.exists(path):
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def oracle_section():
    rows = rows_of("oracle.csv")
    if not rows:
        return []
    worst = max(float(row[key]) for row in rows for key in ("worst_observation_error", "worst_reward_error"))
    rejected = sum(int(row["ks_rejections"]) for row in rows)
    tests = sum(int(row["ks_tests"]) for row in rows)
    return ["## Checked against dm_control", "",
            f"`./run test-oracle` replays segments of 60 control steps, from dm_control's own resets and from the middle of random "
            f"episodes, through `reverie replay`. Over the first 10 steps of every segment the largest error of an observation or reward "
            f"of the {len(rows)} tasks is {worst:.1e} (relative where the value is above 1; the bound is 1e-6). Kolmogorov-Smirnov tests of "
            f"the numbers of 400 resets, at 1% within a task: {rejected} of {tests} rejected. Numbers by task: "
            "[results/oracle.csv](results/oracle.csv).", ""]


def returns_section():
    rows = rows_of("random_returns.csv")
    if not rows:
        return []
    differ = [row["task"] for row in rows if float(row["holm_p"]) < 0.01]
    verdict = "differ: " + ", ".join(differ) if differ else "no task differs"
    lines = ["## Return of the random policy", "",
             f"Uniformly random actions, 100 episodes a task in each of the two programs, seeds fixed beforehand: "
             f"`./run test-oracle --returns 100 --returns-only --out docs/results`. The difference of the means is measured in joint (Welch) "
             f"standard errors and Holm-corrected over the {len(rows)} tasks; at the 1% level {verdict}. "
             "Tasks of one domain that start alike share start states and actions, so their rows move together. "
             "[results/random_returns.csv](results/random_returns.csv) is the table below.", "",
             "| task | Reverie | dm_control | z | p | Holm p |", "|---|---|---|---|---|---|"]
    for row in rows:
        ours, theirs = (f"{float(row[k + '_mean']):.3g} ± {float(row[k + '_se']):.2g}" for k in ("ours", "dm_control"))
        lines.append(f"| `{row['task']}` | {ours} | {theirs} | {float(row['z']):.2f} | {float(row['p']):.2g} | {float(row['holm_p']):.2g} |")
    return lines + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reverie", default=os.path.join(ROOT, "build", "reverie"))
    parser.add_argument("--pictures", action="store_true", help="draw the pictures too")
    parser.add_argument("--scene", action="append", help="pictures of scenes whose name contains this only")
    options = parser.parse_args()
    tasks = json.loads(subprocess.check_output([options.reverie, "tasks", "--json"]))["tasks"]
    os.makedirs(os.path.join(DOCS, "images", "scenes"), exist_ok=True)
    lines = ["# Scenes", "",
             "Every task that comes with the program. Sizes are numbers of observations and actions; `hash` covers model and task file and "
             "is written into every result. Actions are in [−1, 1] unless `reverie inspect TASK` says otherwise; rewards of the `dmc` tasks "
             "are in [0, 1]. This page is made by `docs/make_scenes.py`; [tasks.md](tasks.md) tells how to write a task of your own.", ""]
    for scene in SCENES:
        own = [task for task in tasks if task["task"] == scene or task["task"].startswith(scene + "-")]
        if options.pictures and (not options.scene or any(word in scene for word in options.scene)):
            draw(options.reverie, scene, os.path.join(DOCS, "images", "scenes", scene.replace("/", "-") + ".png"))
        lines += scene_section(scene, own)
    lines += oracle_section() + returns_section()
    with open(os.path.join(DOCS, "scenes.md"), "w") as file:
        file.write("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
