#!/usr/bin/env python3
"""Makes the pictures of docs/viewer.md and the film of README.md, drawn by the product from scripts.

Usage: docs/make_pictures.py --runs FOLDER --evaluated RUN [--reverie build/reverie] [--out FOLDER] [--only NAME ...]

FOLDER holds the runs named below: 50,000 control steps of training with the usual settings,
e.g. `reverie train --task dmc/cheetah-run seed=1 --out FOLDER/cheetah-run-grounded-1`. RUN is one of a walker, with the
report of `reverie evaluate RUN`. Nothing is written into them. Needs ffmpeg and ImageMagick.
"""
import argparse
import os
import subprocess
import tempfile

DOCS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(DOCS)
IMAGES = os.path.join(DOCS, "images")
SIZE = (1280, 720)

CHEETAH, WALKER, FINGER = "cheetah-run-grounded-1", "walker-walk-mechanics-1", "finger-spin-grounded-1"


def shown(*panels):
    """Lines of a script that show hidden panels, or hide shown ones."""
    return "key F2\n" + "".join(f'click "layout/{panel}"\n' for panel in panels) + "key F2\n"


# Name: what is opened, options, and the script; it ends where the picture is taken.
PICTURES = {
    "twin": ([CHEETAH], ["--anchor-every", "100"], "wait 3.3\nexpect dream.held == 1\n"),
    "split": ([CHEETAH], [], shown("observations", "learning") + 'click "dream controls/ghost over the robot"\nwait 2.4\n'),
    "colour": ([CHEETAH], [], shown("dream") + "wait 1.3\nexpect dream.held == 0\n"),
    "fan": ([CHEETAH], ["--anchor-every", "100"], "wait 4.1\nkey F7\n" + 'set "fan/Look ahead" 14\n'),
    "fork": ([CHEETAH], [], shown("acts", "dream controls", "drive", "fan", "events") + """
wait 3
key Space
set "fork/Look back" 40
key F6
key Space
wait 1
key Space
set "fork/Look back" 60
click fork/Edits
set "fork/Action 1" 1
click "fork/Fork with this action"
key Space
wait 0.4
key Space
click fork/Edits
expect fork.count == 3
"""),
    "moved": ([WALKER], [], "key G\n" + shown("acts", "dream controls", "drive", "fan", "events") + """
wait 3
key Space
double-click physics 0.5 0.4
expect view.selected == torso
drag physics 0.5 0.5 0.6 0.35 right Ctrl
double-click physics 0.55 0.682
expect view.selected == left_foot
drag physics 0.55 0.682 0.85 0.5 right Ctrl
expect fork.count == 3
"""),
    "events": ([CHEETAH], ["--anchor-every", "100"], shown("acts", "dream controls", "time", "drive", "fan", "fork") + """
wait 3.1
set "events/Mass" 2
wait 0.7
expect event.count == 1
expect event.drifted_after > 0
"""),
    "drive": ([WALKER], [], shown("clock", "acts", "dream controls", "time") + """
wait 1
key Tab
key F8
wait 3
hold D 0.3
wait 1
expect physics.on == 0
expect dream.admissible > 0
"""),
    "training": (["{evaluated}"], [], shown("promise", "returns", "error", "time", "acts", "dream controls", "drive", "fan",
                                         "fork", "events", "checkpoints", "scene") + "wait 2\n"),
    "point": ([], ["--from", "{evaluated}/evaluation/report.json", "--point", "returns-0"], "wait 1\n"),
    "runs": ([CHEETAH, "cheetah-run-grounded-K4-1"], ["--anchor-every", "100"], shown("learning") + "wait 2.5\nexpect runs.count == 2\n"),
    "light": ([CHEETAH], ["--anchor-every", "100"], 'key F2\nclick "layout/light theme"\nkey F2\nwait 3.3\n'),
    "keys": ([WALKER], [], "key Tab\nkey F1\n"),
    "pull": ([WALKER], ["--anchor-every", "80"], shown("acts", "dream controls", "time", "drive", "fan", "fork", "checkpoints") + """
wait 4
key Space
double-click physics 0.5 0.4
expect view.selected == torso
key Space
drag physics 0.5 0.5 0.9 0.3 right Ctrl 0.4
expect pull.force > 1
expect event.count == 1
key Space
"""),
    "sensors": ([FINGER], ["--anchor-every", "40"], shown("sensors", "learning", "returns") + 28 * "wait 0.1\n" + "expect sensors.count == 2\n"),
    "docked": ([CHEETAH], ["--anchor-every", "100"], """wait 1.5
drag returns 0.01 0.01 1.55 -0.5
drag returns 0.2 -0.05 -0.79 1
click scene/Apart
frames 3
drag scene 0.5 -0.04 1.7 0.91
wait 0.4
expect view.arranged == 1
expect view.floating == 1
"""),
}

# Half speed, so that a frame is a step of the dream: 25 frames a second.
FILM = ([CHEETAH + "@5000"], ["--speed", "0.5"], shown("scene", "training") + """
say "A half-cheetah learns in its dream. Here are the checkpoints of its training, one after another"
wait 2.2
""" + 9 * "key UpArrow\nwait 0.6\n" + """
say "Both worlds take the same actions. The ghost is the dream; it turns red where the dream is wrong"
key Backspace
wait 5
click "dream controls/Anchor now"
wait 2
say "An imagination fan: violet is what the dream expects of the next second, amber is what physics does"
key Backspace
wait 1.6
key F7
""" + "".join(f'set "fan/Look ahead" {h}\nframes 6\n' for h in range(0, 51, 5)) + """
say "A fork: look back, change the action, and both worlds go on from there, exactly"
key F7
set "fork/Look back" 20
frames 12
click fork/Edits
set "fork/Action 0" 1
click "fork/Fork with this action"
click fork/Edits
key Space
wait 2
key Space
click "fork/Branch 0"
frames 20
say "Drive: physics is off, and the keys of the user move the dream alone"
key Backspace
key Space
click "drive/you drive"
key F8
wait 1
hold W 0.8
wait 1
hold D 0.8
wait 1
say "Physics is on again, and shows what would really have happened"
key F8
until physics.behind == 0 5
wait 1
""")


def run(command, folder):
    subprocess.run(command, check=True, cwd=folder)


def view(options, opened, arguments, script, result):
    paths = [os.path.join(options.runs, path.format(evaluated=options.evaluated)) for path in opened]
    arguments = [word.format(evaluated=options.evaluated) for word in arguments]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(script)
        file.flush()
        run([options.reverie, "view", *paths, "--headless", "--script", file.name, "--width", str(SIZE[0]),
             "--height", str(SIZE[1]), *arguments, *result], options.out)


def make_small(options, picture):
    """As many colours as the eye needs."""
    run(["convert", picture, "-strip", "-dither", "None", "-colors", "255", "-define", "png:compression-level=9", "PNG8:" + picture],
        options.out)


def make_film_small(options):
    """A film of less than 3 MB, and a moving preview of it."""
    quiet = ["ffmpeg", "-y", "-loglevel", "error", "-i"]
    run([*quiet, "film-large.mp4", "-c:v", "libx264", "-preset", "slow", "-crf", "28", "-pix_fmt", "yuv420p",
         "-movflags", "+faststart", "film.mp4"], options.out)
    preview = "fps=8,scale=640:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=64[p];[b][p]paletteuse=dither=none"
    run([*quiet, "film.mp4", "-ss", "10", "-t", "6", "-filter_complex", preview, "film.gif"], options.out)
    os.remove(os.path.join(options.out, "film-large.mp4"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", required=True)
    parser.add_argument("--evaluated", required=True)
    parser.add_argument("--reverie", default=os.path.join(ROOT, "build/reverie"))
    parser.add_argument("--out", default=IMAGES)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    for name in ("runs", "evaluated", "reverie", "out"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    for name, (opened, arguments, script) in PICTURES.items():
        if options.only and name not in options.only:
            continue
        view(options, opened, arguments, script, ["--screenshot", f"{name}.png"])
        make_small(options, f"{name}.png")
    if not options.only or "film" in options.only:
        opened, arguments, script = FILM
        view(options, opened, arguments, script, ["--video", "film-large.mp4"])
        make_film_small(options)


main()
