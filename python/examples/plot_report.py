"""Plots rows of a report with matplotlib: the dream's error by horizon.

    python plot_report.py RUN OUT.png
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

import reverie


def main(path, out):
    report = reverie.evaluate(None, path, quick=True, sections=["fidelity"])
    rows = report["sections"]["fidelity"]["rows"]
    figure, axes = plt.subplots()
    for name in sorted({row["name"] for row in rows if "horizon_steps" in row}):
        points = [row for row in rows if row["name"] == name and "horizon_steps" in row]
        if len(points) > 1:
            axes.plot([row["horizon_steps"] for row in points], [row["value"] for row in points], label=name)
    axes.set_xlabel("horizon (control steps)")
    axes.set_ylabel("error (standard deviations)")
    axes.legend()
    figure.savefig(out)
    print(out)
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:3])
