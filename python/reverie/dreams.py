"""A run's dream as a Gymnasium vector environment."""

import os

from reverie.arguments import whole
from reverie.environments import FlatVectorEnv
from reverie.runs import Run, _check_process, _learned


class DreamVectorEnv(FlatVectorEnv):
    """N dreams of a run, side by side: the world model answers in the place of physics.

    A step is one decision, `run.action_repeat` control steps. Episodes begin at recorded points: `starts` is "any" for
    every tenth decision of `episodes` (a directory of shards; default: the run's own), or "first" for their beginnings.
    They are truncated after `horizon` decisions, and terminate with the probability that the model predicts.
    Observations are those that the model decodes; infos["uncertainty"] [N] is the spread of its prediction.
    Autoreset is SAME_STEP, as in physics.
    """

    def __init__(self, run, num_envs=1, *, starts="any", episodes=None, horizon=100, copy=True):
        _check_process()
        run = run if isinstance(run, Run) else Run(run)
        if starts not in ("any", "first"):
            raise ValueError(f"starts: expected 'any' or 'first', found {starts!r}")
        num_envs = whole(num_envs, 1, "num_envs")
        every = 0 if starts == "first" else 10 * run.action_repeat
        folder = os.path.join(run.path, "episodes") if episodes is None else os.fspath(episodes)
        core = _learned.Dream(run._open, folder, every, num_envs, whole(horizon, 1, "horizon"))
        super().__init__(core, run.spec, num_envs, copy)
        self._uncertainty = self._views["uncertainty"]

    def step(self, actions):
        """As in physics, with infos["uncertainty"] [N]."""
        observations, rewards, terminated, truncated, infos = super().step(actions)
        infos["uncertainty"] = self._uncertainty.copy() if self._copy else self._uncertainty
        return observations, rewards, terminated, truncated, infos
