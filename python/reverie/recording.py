"""Twin episodes as MCAP files: physics and dream as two robots, for viewers that people already have."""

import os

from reverie.arguments import whole
from reverie.runs import Run, _learned


def record(run, out, *, episodes=1, seed=0, anchor_every=0):
    """Writes fresh episodes of a run's policy in physics, and its dream along the same actions, as one MCAP file `out`.

    Both robots stand side by side in the frames `simulation` and `dream`: topic /scene has their shapes, /simulation/tf
    and /dream/tf where their bodies are, /simulation/state and /dream/state observation, action, reward and
    uncertainty, and /difference the distance of the observations in standard deviations. Log time is simulated time. The
    dream begins anew at every `anchor_every`-th decision, or with 0 only where the episode begins. Returns `out`.

    Messages are JSON of Foxglove's schemas; Foxglove and other viewers of MCAP open the file.
    """
    run = run if isinstance(run, Run) else Run(run)
    counts = whole(episodes, 1, "episodes"), whole(seed, 0, "seed"), whole(anchor_every, 0, "anchor_every")
    path = os.fspath(out)
    if os.path.exists(path):
        raise FileExistsError(f"{path}: is there already")
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise FileNotFoundError(f"{path}: no such directory")
    _learned.record(run._open, path, *counts)
    return out
