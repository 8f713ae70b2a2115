"""What the scripts that train runs and add rows to a results file share: calling the program, reading a run, writing rows."""

import csv
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def call(options, words, **streams):
    """Runs the program with one thread a training; a status other than 0 is an error."""
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    return subprocess.run([options.reverie, *map(str, words)], env=environment, check=True, **streams)


def commit_of(options):
    """--commit, or that of the checkout."""
    head = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return options.commit or subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()


def config_value(run, key):
    for line in (run / "config.toml").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.strip() == key:
            return value.split("#")[0].strip().strip('"')
    raise KeyError(key)


def last_metrics(run):
    """The last value of every metric."""
    values = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        values.update(json.loads(line))
    return values


def add_rows(path, columns, rows):
    """Adds rows to a CSV file, which begins with its columns."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)
