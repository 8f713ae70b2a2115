"""Runs: their policy, their world model, evaluation of any policy, and training."""

import json
import os
import sys
import time
import warnings

import numpy as np

from reverie import libtorch
from reverie.arguments import finite, rows, whole

_learned = libtorch.load()
_PROCESS = os.getpid()


def _check_process():
    if os.getpid() != _PROCESS:
        raise RuntimeError(
            "LibTorch was loaded before this process was forked, and its threads are not here; start processes with "
            "multiprocessing.get_context('spawn')"
        )


def _like(given, answer):
    """`answer` as a tensor that shares its memory where a tensor was given, else as it is."""
    if hasattr(given, "detach"):
        import torch

        return torch.from_dlpack(answer)
    return answer


class Run:
    """A training, opened at one of its checkpoints: 'last', 'best', 'most_faithful' or a step.

    `threads` of LibTorch compute, in the whole process. `spec` holds names, ranges, control_dt (seconds) and the task's
    hash. Raises ValueError with one sentence when `path` is no run or its task has changed since.
    """

    def __init__(self, path, checkpoint="last", *, device="cpu", threads=1):
        _check_process()
        path = os.path.abspath(os.fspath(path))
        if not os.path.isdir(path):
            raise FileNotFoundError(f"{path}: expected the directory of a run")
        _learned.set_threads(whole(threads, 1, "threads"))
        self._open = _learned.OpenRun(path, str(checkpoint), device)
        self.spec = self._open.spec

    path = property(lambda self: os.fspath(self._open.path), doc="The run's directory.")
    checkpoint = property(lambda self: self._open.checkpoint, doc="Name of the checkpoint, e.g. '000040000'.")
    env_steps = property(lambda self: self._open.env_steps, doc="Control steps of training behind the checkpoint.")
    updates = property(lambda self: self._open.updates, doc="Learner updates behind the checkpoint.")
    action_repeat = property(lambda self: self._open.action_repeat, doc="Control steps of one decision.")
    task = property(lambda self: self.spec["task"], doc="Id or path of the task.")

    def policy(self):
        """The run's policy: a function of observations [N, O] or [O] that gives actions [N, A] or [A], its mean ones,
        within the action range. It decides once in `action_repeat` control steps."""
        width, count = self.spec["observation_dim"], self.spec["action_dim"]

        def policy(observations):
            one = getattr(observations, "ndim", 2) == 1
            seen = finite(rows([observations] if one else observations, (None, width), "observations"), "observations")
            actions = self._open.act(seen) if len(seen) else np.empty((0, count), np.float32)
            return _like(observations, actions[0] if one else actions)

        return policy

    def world_model(self):
        """The functions of the run's world model; see WorldModel."""
        return WorldModel(self)

    def make_vec(self, num_envs=1, threads=1, **arguments):
        """Physics of the run's task, a step for a decision of the run: reverie.make_vec with its action_repeat."""
        from reverie.environments import make_vec

        params = dict(word.removeprefix("params.").split("=", 1) for word in self._open.task_overrides)
        arguments = {"action_repeat": self.action_repeat, **params, **arguments}
        return make_vec(self._open.task_path, num_envs, threads, **arguments)

    def dream_vec(self, num_envs=1, **arguments):
        """The run's dream as a vector environment; see DreamVectorEnv."""
        from reverie.dreams import DreamVectorEnv

        return DreamVectorEnv(self, num_envs, **arguments)

    def episodes(self):
        """The run's own episodes: reverie.episodes(run.path)."""
        from reverie.recorded import episodes

        return episodes(self.path)

    def export(self, format="onnx", out=None):
        """Writes policy and world model as 'safetensors', 'torchscript' or 'onnx' into `out` (default: export/ of the
        run) and returns the files' paths."""
        folder = os.path.join(self.path, "export") if out is None else os.fspath(out)
        return [os.fspath(file) for file in _learned.export_run(self._open, format, folder)]

    def __repr__(self):
        return f"<Run {self.path}@{self.checkpoint}: {self.task}, {self.env_steps} control steps>"


class WorldModel:
    """Functions of a world model on rows. N rows, O observation, A action and Z latent numbers, all float32.

    Numpy arrays go in and come out; where a tensor of PyTorch on the CPU goes in, one that shares memory comes out.
    """

    def __init__(self, run):
        self._run = run
        self._open = run._open
        self.latent_dim = self._open.latent_width
        self.reads_states = self._open.reads_states

    def encode(self, observations, physics=None):
        """Latents [N, Z] of observations [N, O]. A model that reads positions and velocities (`reads_states`) also
        takes rows of Episode.physics [N, P], float64."""
        seen = self._rows(observations, "observation_dim", "observations")
        state = self._physics(physics, len(seen))
        return _like(observations, self._open.encode(seen, state))

    def step(self, latents, actions):
        """One decision on: the next latents [N, Z]."""
        return _like(latents, self._open.step(*self._decision(latents, actions))[0])

    def uncertainty(self, latents, actions):
        """Spread of the prediction of step(), [N], at least 0."""
        return _like(latents, self._open.step(*self._decision(latents, actions))[1])

    def reward(self, latents, actions):
        """Predicted for one decision, [N]: the sum over its control steps, in the task's units."""
        return _like(latents, self._open.reward(*self._decision(latents, actions)))

    def continuation(self, latents, actions):
        """Probability that the episode goes on after one decision, [N]."""
        return _like(latents, self._open.continuation(*self._decision(latents, actions)))

    def decode(self, latents):
        """Observations [N, O] in physical units."""
        known = self._open.decode(self._latents(latents))
        return _like(latents, np.ascontiguousarray(known[:, : self._run.spec["observation_dim"]]))

    def _rows(self, values, width, name):
        return finite(rows(values, (None, self._run.spec[width]), name), name)

    def _latents(self, latents):
        return finite(rows(latents, (None, self.latent_dim), "latents"), "latents")

    def _decision(self, latents, actions):
        state = self._latents(latents)
        return state, finite(rows(actions, (len(state), self._run.spec["action_dim"]), "actions"), "actions")

    def _physics(self, physics, count):
        width = self._run.spec["physics_dim"]
        if not self.reads_states:
            return np.empty((0, width))
        if physics is None:
            raise ValueError("physics: this kind of model reads positions and velocities; give rows of Episode.physics")
        state = np.ascontiguousarray(physics, np.float64)
        if state.shape != (count, width):
            raise ValueError(f"physics: expected shape [{count}, {width}], found {list(state.shape)}")
        return state


def evaluate(policy, run, *, episodes=20, starts=256, horizon=200, seed=0, sections=None, quick=False, name=None,
             out=None, progress=True, on_progress=None):
    """Compares what `run` dreams with physics while `policy` acts: the report of 'reverie evaluate' as a dictionary.

    `policy` is None for the run's own, a function of observations [N, O] that gives actions [N, A], or anything with
    Stable-Baselines3's predict(). `sections` are names such as ["returns", "fidelity"], `horizon` control steps.
    `out` names a directory for the report's files. `progress` is a line on a terminal, and `on_progress(part, share)` is
    called with the section at work and the share of all that is done, 0 to 1. Ctrl-C ends it with KeyboardInterrupt.
    """
    _check_process()
    run = run if isinstance(run, Run) else Run(run)
    if quick:
        episodes, starts, horizon, sections = 5, 64, 100, sections or ["quick"]
    function = None
    if policy is not None:
        function = _function(policy, run.spec)
        name = name or getattr(policy, "__name__", type(policy).__name__)
    wanted = sections if isinstance(sections, str) else ",".join(sections or [])
    shown = _Line() if progress else None

    def told(part, share):
        if shown:
            shown(f"{part}, {100 * share:.0f}%")
        if on_progress:
            on_progress(part, share)

    report = json.loads(
        _learned.evaluate(run._open, function, name or "", whole(episodes, 1, "episodes"), whole(starts, 1, "starts"),
                          whole(horizon, 1, "horizon"), whole(seed, 0, "seed"), wanted,
                          "" if out is None else os.fspath(out), told if on_progress or (shown and shown.shows) else None)
    )
    if shown:
        shown.end()
    return report


def _function(policy, spec):
    """`policy` as a function that gives rows within the action range, with its answer checked."""
    choose = policy
    if hasattr(policy, "predict"):
        choose = lambda observations: policy.predict(observations, deterministic=True)[0]
    elif not callable(policy):
        raise TypeError(f"policy: expected a function or an object with predict(), found {type(policy).__name__}")

    def function(observations):
        return rows(choose(observations), (len(observations), spec["action_dim"]), "the policy's actions")

    return function


def train(task=None, *, out=None, resume=None, total=0, progress=True, on_progress=None, **settings):
    """Trains a run and returns it opened: the loop of 'reverie train', with its settings as keywords.

    reverie.train("dmc/cartpole-swingup", env_steps=20000, learner={"discount": 0.98}) sets `env_steps` and
    `learner.discount`; params={"speed": 8} are the task's own. `out` is the run's directory (default: a new one in
    $REVERIE_RUNS or runs/). `resume` goes on with a run, to `total` steps when that is given. `on_progress(step, total,
    updates, row)` is called with the metrics row just written, or {}. Ctrl-C saves a checkpoint and raises
    KeyboardInterrupt: train(resume=...) goes on.
    """
    _check_process()
    shown = _Progress() if progress else None

    def told(step, total, updates, row):
        if shown:
            shown(step, total, row)
        if on_progress:
            on_progress(step, total, updates, row)

    if resume is not None:
        if task is not None or out is not None or settings:
            raise TypeError("resume: a run goes on with its own task and settings; only `total` can change")
        path = os.path.abspath(os.fspath(resume))
        result = _learned.resume(path, whole(total, 0, "total"), told, warnings.warn)
    else:
        words = list(_words(settings))
        path = os.path.abspath(
            os.fspath(out) if out is not None
            else _learned.fresh_run_path(os.environ.get("REVERIE_RUNS") or "runs", task or "dmc/cartpole-swingup")
        )
        result = _learned.train(task or "", words, path, told, warnings.warn)
    if shown:
        shown.end()
    if result[0]:
        raise KeyboardInterrupt(f"after {result[1]} steps; go on with reverie.train(resume={path!r})")
    return Run(path)


def _words(settings, prefix=""):
    """key=value words of nested keywords."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _words(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            yield f"{prefix}{name}={'true' if value else 'false'}"
        else:
            yield f"{prefix}{name}={value}"


class _Line:
    """A line on stderr, four times a second at most, and only on a terminal."""

    def __init__(self):
        self.last = time.monotonic()
        self.shows = sys.stderr.isatty()

    def __call__(self, text):
        now = time.monotonic()
        if self.shows and now - self.last >= 0.25:
            self.last = now
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()

    def end(self):
        if self.shows:
            sys.stderr.write("\n")


class _Progress(_Line):
    """How far a training is."""

    def __init__(self):
        super().__init__()
        self.begin = self.last
        self.latest = {}

    def __call__(self, step, total, row):
        self.latest.update(row)
        text = f"{step}/{total} steps, {time.monotonic() - self.begin:.0f} s"
        if "eval/return" in self.latest:
            text += f", return {self.latest['eval/return']:.4g}"
        super().__call__(text)
