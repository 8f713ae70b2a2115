"""Twin episodes as MCAP files: physics and dream as two robots, for viewers that people already have."""

import itertools
import os

import numpy as np

from reverie.arguments import whole
from reverie.environments import load_task
from reverie.runs import Run, _learned

_WORLDS = ("simulation", "dream")
_FAR = 20.0  # m, half length of a ground that has no end
_PAUSE = 1.0  # s between two episodes
_DREAMED = 0.75  # opacity of the dream's robot


def record(run, out, *, episodes=1, seed=0, anchor_every=0):
    """Writes fresh episodes of a run's policy in physics, and its dream along the same actions, as one MCAP file `out`.

    Both robots stand side by side in the frames `simulation` and `dream`: topic /scene has their shapes, /simulation/tf
    and /dream/tf where their bodies are, /simulation/state and /dream/state observation, action, reward and
    uncertainty, and /difference the distance of the observations in standard deviations. Log time is simulated time. The
    dream begins anew at every `anchor_every`-th decision, or with 0 only where the episode begins. Returns `out`.

    Needs the package foxglove-sdk: pip install '.[recording]'. Foxglove and other viewers of MCAP open the file.
    """
    try:
        import foxglove
    except ImportError:
        raise ImportError("record: the package foxglove-sdk writes MCAP files; pip install foxglove-sdk") from None
    run = run if isinstance(run, Run) else Run(run)
    counts = whole(episodes, 1, "episodes"), whole(seed, 0, "seed"), whole(anchor_every, 0, "anchor_every")
    path = os.fspath(out)
    if os.path.exists(path):
        raise FileExistsError(f"{path}: is there already")
    context = foxglove.Context()  # channels of ours alone
    partial = f"{path}.partial"
    try:
        with foxglove.open_mcap(partial, allow_overwrite=True, context=context) as writer:
            _Recorder(run, context, writer).record(*counts)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    return out


class _Recorder:
    def __init__(self, run, context, writer):
        import foxglove
        from foxglove import channels

        self.run = run
        # The task itself: its shapes, and where its bodies are.
        params = (word.removeprefix("params.").split("=", 1) for word in run._open.task_overrides)
        self.task = load_task(run._open.task_path, dict(params))
        self.decision = run.spec["control_dt"] * run.action_repeat  # s
        self.scene = channels.SceneUpdateChannel("/scene", context=context)
        self.frames = {world: channels.FrameTransformsChannel(f"/{world}/tf", context=context) for world in _WORLDS}
        self.states = {world: foxglove.Channel(f"/{world}/state", schema=_schema(run.spec, world), context=context)
                       for world in _WORLDS}
        self.difference = foxglove.Channel("/difference", schema=_DIFFERENCE, context=context)
        writer.write_metadata("reverie", {
            "task": run.spec["task"], "task_hash": run.spec["hash"], "checkpoint": run.checkpoint,
            "seconds_a_decision": str(self.decision)})

    def record(self, episodes, seed, anchor):
        start = 0.0
        for index in range(episodes):
            twin = _learned.twin(self.run._open, seed, index, anchor)
            if index == 0:
                self.scene.log(_scene(self.task), log_time=0)
            self._episode(twin, index, start)
            start += len(twin["rewards"]) * self.decision + _PAUSE

    def _episode(self, twin, index, start):
        poses = {"simulation": self.task.body_poses(twin["physics"], np.empty((0, 0), np.float32)),
                 "dream": self.task.body_poses(twin["physics"], twin["dream_positions"])}
        seen = {"simulation": (twin["observations"], twin["rewards"]),
                "dream": (twin["dream_observations"], twin["dream_rewards"])}
        for k in range(len(twin["observations"])):
            seconds = start + k * self.decision
            time = round(seconds * 1e9)
            for world in _WORLDS:
                self.frames[world].log(self._transforms(world, poses[world][k], time), log_time=time)
                observations, rewards = seen[world]
                state = {"episode": index, "decision": k, "observation": _groups(self.run.spec, observations[k])}
                if k < len(rewards):
                    state |= {"action": twin["actions"][k].tolist(), "reward": float(rewards[k])}
                    if world == "dream":
                        state["uncertainty"] = float(twin["uncertainty"][k])
                self.states[world].log(state, log_time=time)
            self.difference.log(_difference(twin, k), log_time=time)

    def _transforms(self, world, poses, time):
        from foxglove.messages import FrameTransform, FrameTransforms, Quaternion, Timestamp, Vector3

        stamp = Timestamp(time // 1_000_000_000, time % 1_000_000_000)
        aside = 0.0 if world == "simulation" else 2.0 * self.task.extent
        upright = Quaternion(x=0.0, y=0.0, z=0.0, w=1.0)
        transforms = [FrameTransform(timestamp=stamp, parent_frame_id="world", child_frame_id=world,
                                     translation=Vector3(x=0.0, y=aside, z=0.0), rotation=upright)]
        for body, (x, y, z, qw, qx, qy, qz) in enumerate(poses.tolist()):
            transforms.append(FrameTransform(
                timestamp=stamp, parent_frame_id=world, child_frame_id=_frame(self.task, world, body),
                translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)))
        return FrameTransforms(transforms=transforms)


def _frame(task, world, body):
    return f"{world}/{task.body_names[body] or f'body {body}'}"


def _groups(spec, observation):
    """Observation groups by name: a number, or a list."""
    return {name: float(observation[at]) if size == 1 else observation[at : at + size].tolist()
            for name, at, size in spec["observation"]}


def _difference(twin, k):
    out = {"anchored": bool(twin["anchored"][k])}
    if len(twin["error"]):
        out["observation_error"] = float(twin["error"][k])
    if k < len(twin["rewards"]):
        out["reward_error"] = float(twin["dream_rewards"][k] - twin["rewards"][k])
    return out


_NUMBER, _ROW = {"type": "number"}, {"type": "array", "items": {"type": "number"}}
_DIFFERENCE = {"title": "reverie.Difference", "type": "object", "properties": {
    "observation_error": _NUMBER, "reward_error": _NUMBER, "anchored": {"type": "boolean"}}}


def _schema(spec, world):
    groups = {name: _NUMBER if size == 1 else _ROW for name, _, size in spec["observation"]}
    properties = {"episode": {"type": "integer"}, "decision": {"type": "integer"},
                  "observation": {"type": "object", "properties": groups}, "action": _ROW, "reward": _NUMBER}
    if world == "dream":
        properties["uncertainty"] = _NUMBER
    return {"title": f"reverie.{world.capitalize()}", "type": "object", "properties": properties}


# ------------------------------------------------------------------------------------------------ shapes
def _scene(task):
    from foxglove.messages import SceneEntity, SceneUpdate

    entities = []
    for world in _WORLDS:
        for body, shapes in itertools.groupby(task.shapes, key=lambda shape: shape["body"]):
            parts = {"cubes": [], "spheres": [], "cylinders": [], "triangles": []}
            for shape in shapes:
                _add(shape, _DREAMED if world == "dream" else 1.0, parts)
            entities.append(SceneEntity(frame_id=_frame(task, world, body), id=f"{world} {body}", frame_locked=True,
                                        **parts))
    return SceneUpdate(entities=entities)


def _add(shape, opacity, parts):
    """One geom as primitives of Foxglove, whose sizes are whole lengths."""
    from foxglove.messages import (
        Color, CubePrimitive, CylinderPrimitive, Point3, SpherePrimitive, TriangleListPrimitive, Vector3)

    red, green, blue, alpha = shape["colour"]
    colour = Color(r=red, g=green, b=blue, a=alpha * opacity)
    a, b, c = shape["size"]
    kind = shape["kind"]

    def lengths(x, y, z):
        return Vector3(x=x, y=y, z=z)

    if kind == "plane":
        size = lengths(2 * (a or _FAR), 2 * (b or _FAR), 1e-3)
        parts["cubes"].append(CubePrimitive(pose=_pose(shape, -5e-4), size=size, color=colour))
    elif kind == "box":
        parts["cubes"].append(CubePrimitive(pose=_pose(shape), size=lengths(2 * a, 2 * b, 2 * c), color=colour))
    elif kind in ("sphere", "ellipsoid"):
        size = lengths(2 * a, 2 * a, 2 * a) if kind == "sphere" else lengths(2 * a, 2 * b, 2 * c)
        parts["spheres"].append(SpherePrimitive(pose=_pose(shape), size=size, color=colour))
    elif kind in ("cylinder", "capsule"):
        parts["cylinders"].append(CylinderPrimitive(pose=_pose(shape), size=lengths(2 * a, 2 * a, 2 * b),
                                                    bottom_scale=1.0, top_scale=1.0, color=colour))
        for end in (b, -b) if kind == "capsule" else ():
            parts["spheres"].append(SpherePrimitive(pose=_pose(shape, end), size=lengths(2 * a, 2 * a, 2 * a),
                                                    color=colour))
    else:
        corners = np.reshape(shape["vertices"], (-1, 3)).tolist()
        parts["triangles"].append(TriangleListPrimitive(
            pose=_pose(shape), points=[Point3(x=x, y=y, z=z) for x, y, z in corners], indices=shape["faces"],
            color=colour))


def _pose(shape, along=0.0):
    """The geom's place in its body, moved `along` its own z axis."""
    from foxglove.messages import Pose, Quaternion, Vector3

    w, x, y, z = shape["turn"]
    axis = np.array([2 * (x * z + w * y), 2 * (y * z - w * x), w * w - x * x - y * y + z * z])
    place = np.array(shape["place"]) + along * axis
    return Pose(position=Vector3(x=place[0], y=place[1], z=place[2]), orientation=Quaternion(x=x, y=y, z=z, w=w))
