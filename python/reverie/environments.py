"""Physics as Gymnasium environments: one, or a batch that steps in threads of C++."""

import gymnasium
import numpy as np
from gymnasium.error import ClosedEnvironmentError
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from reverie import _physics
from reverie.arguments import finite, rows, whole


def tasks():
    """Ids of all tasks that come with Reverie, e.g. 'dmc/walker-walk'."""
    return _physics.task_ids()


def load_task(task, params):
    """The task of an id or of a path to a task file, with its parameters set."""
    if not isinstance(task, str):
        task = str(task)
    return _physics.load_task(task, [f"params.{name}={value}" for name, value in params.items()])


def spaces(spec):
    """Observation and action space of one environment."""
    low = np.array(spec["action_low"], np.float32)
    high = np.array(spec["action_high"], np.float32)
    seen = gymnasium.spaces.Box(-np.inf, np.inf, (spec["observation_dim"],), np.float32)
    return seen, gymnasium.spaces.Box(low, high, dtype=np.float32)


def make_vec(task, num_envs=1, threads=1, *, action_repeat=1, copy=True, **params):
    """A batch of environments of one task; see PhysicsVectorEnv.

    reverie.make_vec("dmc/walker-walk", num_envs=64, threads=2, speed=8) sets the task's parameter `speed`.
    """
    return PhysicsVectorEnv(task, num_envs, threads=threads, action_repeat=action_repeat, copy=copy, **params)


def make(task, *, action_repeat=1, **params):
    """One environment of a task; see PhysicsEnv."""
    return PhysicsEnv(task, action_repeat=action_repeat, **params)


class Episodes:
    """Which episodes an environment plays: a seed, and the first index that was not played yet."""

    def __init__(self):
        self.seed = None
        self.next = 0

    def begin(self, seed):
        if seed is not None:
            self.seed, self.next = _seed(seed), 0
        elif self.seed is None:
            self.seed = int(np.random.SeedSequence().generate_state(1, np.uint32)[0])


def _seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed: expected one whole number for all environments, found {seed!r}")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed: expected a number from 0 to {2**63 - 1}, found {seed}")
    return int(seed)


class FlatVectorEnv(gymnasium.vector.VectorEnv):
    """What batches of physics and of dreams share: flat buffers of C++, SAME_STEP autoreset, `final_obs`.

    `core` has step(actions) -> whether an episode ended, and views() of its buffers.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": []}
    _exact = False  # whether `core` takes float64 as well

    def __init__(self, core, spec, num_envs, copy):
        self._core = core
        self._copy = bool(copy)
        self.task_spec = spec
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = spaces(spec)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.render_mode = None
        views = core.views()
        self._observations = views["observations"]
        self._final = views["final_observations"]
        self._rewards = views["rewards"]
        self._terminated = views["terminated"].view(np.bool_)
        self._truncated = views["truncated"].view(np.bool_)
        self._views = views
        self._shape = (num_envs, spec["action_dim"])
        self._started = False
        self._episodes = Episodes()

    def reset(self, *, seed=None, options=None):
        """Begins an episode everywhere: those of `seed` from the first, or without one those that come next.

        Returns observations [N, O] and infos, which are empty. The first reset without a seed draws one.
        """
        if options:
            raise ValueError(f"options: expected none, found {', '.join(map(repr, options))}")
        self._begin(seed)
        return self._observations.copy() if self._copy else self._observations, {}

    def _begin(self, seed):
        self._check_open("reset")
        if seed is None and self._started:
            highest = int(self._views["episode_indices"].max())
            self._episodes.next = (highest // self.num_envs + 1) * self.num_envs
        self._episodes.begin(seed)
        self._core.reset(self._episodes.seed, self._episodes.next)
        self._started = True

    def step(self, actions):
        """Steps all environments under `actions` [N, A], float32 within the action space.

        Returns observations [N, O], rewards [N] (float32, summed over action_repeat), terminated [N], truncated [N]
        and infos. Where an episode ended, the observation is the first of the next one, and infos["final_obs"] [N]
        holds the last of the old one. With copy=False the arrays are views that the next step overwrites.
        """
        self._check_open("step")
        if not self._started:
            raise gymnasium.error.ResetNeeded("step: call reset() first")
        if not (
            type(actions) is np.ndarray
            and actions.dtype == np.float32
            and actions.shape == self._shape
            and actions.flags.c_contiguous
        ):
            actions = rows(actions, self._shape, "actions", self._exact)
        infos = self._ended_infos() if self._core.step(actions) else {}
        if self._copy:
            return (
                self._observations.copy(),
                self._rewards.copy(),
                self._terminated.copy(),
                self._truncated.copy(),
                infos,
            )
        return self._observations, self._rewards, self._terminated, self._truncated, infos

    def close_extras(self, **kwargs):
        """Lets go of the environments; arrays that were handed out stay valid."""
        self._core = None

    def _ended_infos(self):
        ended = self._terminated | self._truncated
        final = np.full(self.num_envs, None, dtype=object)
        for row in np.flatnonzero(ended):
            final[row] = self._final[row].copy()
        return {"final_obs": final, "_final_obs": ended}

    def _check_open(self, what):
        if self.closed:
            raise ClosedEnvironmentError(f"{what}: this environment is closed")


_STATE = ("qpos", "qvel")


class PhysicsVectorEnv(FlatVectorEnv):
    """N environments of one task in physics, stepped by `threads` threads without Python's lock.

    Environment i plays episodes i, i + N, ... of the seed given to reset(): the same bits as the command line's, for any
    number of threads. Autoreset is SAME_STEP. An episode whose physics diverges is truncated, with
    infos["final_info"]["diverged"]. `action_repeat` control steps make one step. `params` are the task's own.
    Actions that are a float64 array are stepped without being rounded. `task_spec` holds names, ranges, control_dt
    (seconds) and the task's hash.
    """

    _exact = True

    def __init__(self, task, num_envs=1, *, threads=1, action_repeat=1, copy=True, **params):
        num_envs = whole(num_envs, 1, "num_envs")
        threads = whole(threads, 1, "threads")
        action_repeat = whole(action_repeat, 1, "action_repeat")
        loaded = load_task(task, params)
        super().__init__(_physics.Batch(loaded, num_envs, threads, action_repeat), loaded.spec, num_envs, copy)
        self._diverged = self._views["diverged"].view(np.bool_)

    def reset(self, *, seed=None, options=None):
        """As above; options={"qpos": [N, nq], "qvel": [N, nv]} puts these positions and velocities in the place of those
        that the episodes draw. Later episodes draw theirs."""
        state = self._state(options) if options else None
        self._begin(seed)
        if state:
            self._core.place(*state)
        return self._observations.copy() if self._copy else self._observations, {}

    def _state(self, options):
        if set(options) != set(_STATE):
            raise ValueError(f"options: expected qpos and qvel, found {', '.join(map(repr, options))}")
        state = []
        for name, width in zip(_STATE, (self.task_spec["nq"], self.task_spec["nv"])):
            array = np.ascontiguousarray(options[name], np.float64)
            if array.shape != (self.num_envs, width):
                raise ValueError(f"{name}: expected shape [{self.num_envs}, {width}], found {list(array.shape)}")
            state.append(finite(array, name))
        return state

    def _ended_infos(self):
        infos = super()._ended_infos()
        if self._diverged.any():
            ended = infos["_final_obs"]
            infos["final_info"] = {"diverged": self._diverged.copy(), "_diverged": ended}
            infos["_final_info"] = ended
        return infos


class PhysicsEnv(gymnasium.Env):
    """One environment of a task in physics: observations [O] float32, actions [A] float32 or float64, rewards summed over
    `action_repeat` control steps."""

    metadata = {"render_modes": []}

    def __init__(self, task, *, action_repeat=1, render_mode=None, **params):
        if render_mode is not None:
            raise ValueError(f"render_mode: expected None, found {render_mode!r}; 'reverie view' draws")
        loaded = load_task(task, params)
        self.task_spec = loaded.spec
        self.render_mode = None
        self.observation_space, self.action_space = spaces(self.task_spec)
        self._core = _physics.Single(loaded, whole(action_repeat, 1, "action_repeat"))
        self._observation = self._core.observation()
        self._episodes = Episodes()
        self._started = False
        self._over = False

    def reset(self, *, seed=None, options=None):
        """Begins episode 0 of `seed`, or without one the next episode."""
        self._check_open("reset")
        super().reset(seed=seed)
        self._episodes.begin(seed)
        self._core.reset(self._episodes.seed, self._episodes.next)
        self._episodes.next += 1
        self._started, self._over = True, False
        return self._observation.copy(), {}

    def step(self, action):
        """Returns observation [O], reward, terminated, truncated, infos."""
        self._check_open("step")
        if not self._started:
            raise gymnasium.error.ResetNeeded("step: call reset() first")
        if self._over:
            raise gymnasium.error.ResetNeeded("step: the episode has ended; call reset() first")
        action = rows(action, self.action_space.shape, "action", exact=True)
        reward, terminated, truncated, diverged = self._core.step(action[np.newaxis])
        truncated = truncated or diverged
        self._over = terminated or truncated
        return self._observation.copy(), reward, terminated, truncated, {"diverged": True} if diverged else {}

    def close(self):
        """Lets go of the physics."""
        self._core = None

    def _check_open(self, what):
        if self._core is None:
            raise ClosedEnvironmentError(f"{what}: this environment is closed")


def environment_id(task):
    """The id of a task in Gymnasium's registry: 'dmc/walker-walk' is 'Reverie/dmc-walker-walk-v0'."""
    return f"Reverie/{task.replace('/', '-')}-v0"


def register_environments():
    """Makes gymnasium.make and gymnasium.make_vec know every task; called when reverie is imported."""
    for task in tasks():
        if environment_id(task) not in gymnasium.registry:
            gymnasium.register(
                environment_id(task),
                entry_point="reverie.environments:PhysicsEnv",
                vector_entry_point="reverie.environments:PhysicsVectorEnv",
                disable_env_checker=True,
                order_enforce=False,
                kwargs={"task": task},
            )
