#!/usr/bin/env python3
"""Measures the viewer: time of a frame, rates of both worlds, time to the first frame, and what chance input leaves.

Usage: bench/viewer_figures.py --run RUN [--robots RUN_OR_TASK ...] [--reverie build/reverie] [--frames 10000]

RUN is a trained run of a walker. Nothing is written. Other work on the machine makes times longer: the least of
several is the best estimate of what the viewer itself takes, and processor time is told beside the clock's.
"""
import argparse
import os
import resource
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIZE = ["--width", "1280", "--height", "720"]


def play(options, what, script, *arguments, size=None):
    """Values that the script printed, by name, each a list; seconds by the clock and of the processor."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(script)
        file.flush()
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run([options.reverie, "view", what, "--headless", "--script", file.name, *(size or SIZE), *arguments],
                              stdout=subprocess.PIPE, text=True)
        seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{what}: status {done.returncode}")
    values = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition(" ")
        values.setdefault(name, []).append(float(value))
    return values, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def start(options):
    times = [play(options, options.run, "frames 1\n")[1:] for _ in range(5)]
    print(f"start to first frame and out again: {min(t[0] for t in times):.2f} s by the clock at best, "
          f"{min(t[1] for t in times):.2f} s of the processor")


def frames(options):
    script = "wait 3\n" + 10 * "wait 2\nprint twin.rate\n"
    script += "".join(f"print view.{name}\n" for name in ("frames", "panels_ms", "scenes_ms", "worlds_ms", "shown_ms"))
    values, seconds, _ = play(options, options.run, script, "--real-time")
    ours = values["view.panels_ms"][-1] + values["view.scenes_ms"][-1]
    print(f"a frame: panels {values['view.panels_ms'][-1]:.2f} ms and scenes {values['view.scenes_ms'][-1]:.2f} ms "
          f"of the processor, together {ours:.2f} ms; OpenGL {values['view.worlds_ms'][-1]:.1f} ms for the worlds and "
          f"{values['view.shown_ms'][-1]:.1f} ms for the rest, by the clock; {values['view.frames'][-1] / seconds:.1f} "
          "frames a second")
    rate(options, "twin, in real time", values)


def rate(options, name, values):
    steps = play(options, options.run, "print twin.control_steps\n")[0]["twin.control_steps"][0]
    rates = sorted(steps * value for value in values["twin.rate"])
    print(f"{name}: {rates[len(rates) // 2]:.1f} control steps a second (median of {len(rates)}; least {rates[0]:.1f})")


def drive(options):
    script = "key Tab\nkey F8\nkey Equal\nwait 3\n" + 10 * "hold D 1\nwait 1\nprint twin.rate\n"
    rate(options, "driving the dream alone at twice real time", play(options, options.run, script, "--real-time")[0])


def stepping(options):
    """Control steps that a second of the processor pays for, nothing drawn."""
    empty = min(play(options, options.run, "frames 1\n")[2] for _ in range(3))
    for name, keys in (("twin that is driven", "key Tab\n"), ("driving the dream alone", "key Tab\nkey F8\n")):
        script = keys + 12 * "hold D 0.5\nwait 4.5\n" + "print twin.steps\nprint twin.control_steps\n"
        runs = [play(options, options.run, script) for _ in range(3)]
        best = max(values["twin.steps"][0] * values["twin.control_steps"][0] / (processor - empty)
                   for values, _, processor in runs)
        print(f"{name}: {best:.0f} control steps a second of one processor")


def chance(options):
    for robot in options.robots:
        thousands = 1 + options.frames // 1000
        settled = "key Backspace\nprint view.memory_mb\nframes 50\nprint view.memory_mb\n"  # what is closed goes in these frames
        script = "".join(f"random 1000 {seed}\n{settled}" for seed in range(1, thousands + 1))
        script += f"random 1000 {thousands}\n{settled}print view.gl_errors\n"
        values, seconds, _ = play(options, robot, script, size=["--width", "640", "--height", "360"])
        print(f"{os.path.basename(robot)}: {thousands} times 1000 frames in {seconds:.0f} s and the last ones once more, "
              f"{values['view.gl_errors'][0]:.0f} errors of OpenGL; memory after each, and 50 frames later", flush=True)
        for when in (0, 1):
            print(" ".join(f"{mb:.1f}" for mb in values["view.memory_mb"][when::2]), "MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    parser.add_argument("--robots", nargs="*", default=[])
    parser.add_argument("--reverie", default=os.path.join(ROOT, "build/reverie"))
    parser.add_argument("--frames", type=int, default=10000)
    options = parser.parse_args()
    if options.robots:
        return chance(options)
    start(options)
    stepping(options)
    frames(options)
    drive(options)


main()
