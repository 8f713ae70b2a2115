"""Recorded episodes as numpy arrays."""

import os

from reverie._physics import Episode, load_episodes


def episodes(path):
    """All episodes of a run, of a directory of shards or of one shard: a list of Episode.

    An Episode has observations [T+1, O], actions [T, A], rewards [T], physics [T+1, P] (float64), signals [T+1, G]
    and reward_terms [T, R]: views without a copy, read only. len(episode) is T, in control steps.
    """
    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: expected a run, a directory of episodes or a shard")
    found = load_episodes(path)
    if not found:
        raise ValueError(f"{path}: expected shards of episodes, shard-000000.safetensors and so on, found none")
    return found
