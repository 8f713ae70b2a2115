"""Control steps a second of Python's mujoco.rollout and of envpool, on the tasks of `reverie bench sim`."""

import time

import numpy as np

ENVS = 8
# name: MJCF of ours, physics steps a control step, envpool's name (None: it has no such task)
TASKS = {
    "dmc/cartpole-swingup": ("cartpole.xml", 1, "CartpoleSwingup-v1"),
    "dmc/cheetah-run": ("cheetah.xml", 1, "CheetahRun-v1"),
    "dmc/walker-walk": ("walker.xml", 10, "WalkerWalk-v1"),
    "dmc/quadruped-walk": ("quadruped.xml", 4, None),
    "dmc/humanoid-walk": ("humanoid.xml", 5, "HumanoidWalk-v1"),
}


class MujocoRollout:
    """Physics alone, no observation or reward: open-loop chunks of one control step, as a learner would call it."""

    def __init__(self, scenes, task, threads):
        import mujoco
        from mujoco import rollout

        file, self.substeps, _ = TASKS[task]
        self.model = mujoco.MjModel.from_xml_path(f"{scenes}/dmc/{file}")
        self.pool = rollout.Rollout(nthread=threads if threads > 1 else 0)
        self.datas = [mujoco.MjData(self.model) for _ in range(max(1, threads))]
        state = mujoco.mjtState.mjSTATE_FULLPHYSICS
        data = self.datas[0]
        mujoco.mj_forward(self.model, data)
        start = np.empty(mujoco.mj_stateSize(self.model, state))
        mujoco.mj_getState(self.model, data, start, state)
        self.start = np.tile(start, (ENVS, 1))
        self.rng = np.random.default_rng(1)

    def run(self, steps):
        low, high = self.model.actuator_ctrlrange.T
        controls = self.rng.uniform(low, high, (steps, ENVS, self.model.nu))
        state = self.start
        begin = time.perf_counter()
        for control in controls:
            control = np.repeat(control[:, None], self.substeps, 1)
            out, _ = self.pool.rollout(self.model, self.datas, state, control)
            state = out[:, -1]
        return ENVS * steps / (time.perf_counter() - begin)


class Envpool:
    def __init__(self, task, threads):
        import envpool

        self.env = envpool.make_gymnasium(TASKS[task][2], num_envs=ENVS, num_threads=threads)
        self.env.reset()
        self.rng = np.random.default_rng(1)

    def run(self, steps):
        space = self.env.action_space
        actions = self.rng.uniform(space.low, space.high, (steps, ENVS, *space.shape))
        begin = time.perf_counter()
        for action in actions:
            self.env.step(action)
        return ENVS * steps / (time.perf_counter() - begin)
