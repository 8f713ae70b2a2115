"""Reverie in Python: robots in MuJoCo, and the worlds that were learned from them, as Gymnasium environments.

    import reverie
    envs = reverie.make_vec("dmc/walker-walk", num_envs=64, threads=2)
    observations, infos = envs.reset(seed=1)
    observations, rewards, terminated, truncated, infos = envs.step(envs.action_space.sample())

Physics needs numpy and gymnasium. What was learned (`Run`, `train`, `evaluate`) also loads LibTorch, at its first use.
Shapes: N environments, O numbers of an observation, A of an action, Z of a latent state, T steps.
"""

from reverie import interpreter, libmujoco  # isort: skip

interpreter.refuse_others()
libmujoco.load()

from reverie.environments import PhysicsEnv, PhysicsVectorEnv, make, make_vec, register_environments, tasks
from reverie.recorded import Episode, episodes

__version__ = "0.1.0"
__all__ = [
    "DreamVectorEnv",
    "Episode",
    "PhysicsEnv",
    "PhysicsVectorEnv",
    "Run",
    "WorldModel",
    "episodes",
    "evaluate",
    "export_dataset",
    "import_dataset",
    "make",
    "make_vec",
    "record",
    "tasks",
    "train",
]

_DATASETS = ("export_dataset", "import_dataset")
_LEARNED = {"Run": "runs", "WorldModel": "runs", "train": "runs", "evaluate": "runs", "DreamVectorEnv": "dreams",
            "record": "recording"}


def __getattr__(name):
    """What needs LibTorch or other packages is loaded when it is asked for."""
    module = "datasets" if name in _DATASETS else _LEARNED.get(name)
    if module:
        import importlib

        return getattr(importlib.import_module(f"reverie.{module}"), name)
    raise AttributeError(f"module 'reverie' has no attribute '{name}'")


def __dir__():
    return sorted(set(globals()) | set(__all__))


register_environments()
