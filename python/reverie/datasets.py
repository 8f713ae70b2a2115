"""Episodes as data sets of Minari and of LeRobot (v3), and theirs as episodes that a training learns from.

Minari needs the packages minari and h5py, LeRobot sets pandas and pyarrow: pip install '.[datasets]'. No library of LeRobot
is needed.
"""

import difflib
import json
import math
import os
import pathlib
import re
import warnings

import numpy as np

from reverie import _physics
from reverie.arguments import finite
from reverie.environments import load_task, spaces
from reverie.recorded import episodes as load_episodes

FORMATS = ("minari", "lerobot")


def export_dataset(path, out, format):
    """Writes the episodes of `path` (a run, a directory or a shard) as a set of Minari, whose id is `out`, or of LeRobot,
    in the new directory `out`. Returns `out`. Episodes that diverged are left out."""
    _known(format, FORMATS, "format")
    episodes = [episode for episode in load_episodes(path) if not episode.diverged]
    if not episodes:
        raise ValueError(f"{path}: every episode diverged, and there is nothing to write")
    spec = load_task(_task_of(path, episodes[0]), {}).spec
    (_to_minari if format == "minari" else _to_lerobot)(episodes, spec, os.fspath(out))
    return out


def import_dataset(source, out, mapping):
    """Writes a set of Minari (`source` is its id) or LeRobot (its directory) as episodes into the new directory `out`,
    which 'reverie train data=OUT env_steps=0' learns from. Returns their number.

    `mapping` is a TOML file or a dictionary; docs/interop.md describes it. Raises ValueError where names, sizes, rates or
    ranges do not fit.
    """
    mapping = _read_mapping(mapping)
    task = load_task(mapping["task"], mapping.get("params", {}))
    lerobot = pathlib.Path(source) / "meta" / "info.json"
    found, rate = _from_lerobot(lerobot.parents[1]) if lerobot.exists() else _from_minari(source)
    _check_rate(rate or mapping.get("rate"), task.spec, source)
    os.makedirs(out)
    rows = [_episode(columns, mapping, task.spec, f"{source}, episode {i}") for i, columns in enumerate(found)]
    _physics.save_shard(os.path.join(out, "shard-000000.safetensors"), task, rows, mapping.get("policy", "imported"))
    return len(rows)


def _task_of(path, episode):
    """The task's id or file: episodes name it, a run knows where its file is."""
    config = pathlib.Path(path) / "config.toml"
    if config.is_file():
        import tomllib

        return tomllib.loads(config.read_text())["task"]
    return episode.task


def _known(word, words, name):
    if word not in words:
        near = difflib.get_close_matches(str(word), words, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"{name}: unknown {word!r}{hint}; there are {', '.join(words)}")


# ------------------------------------------------------------------------------------------------ Minari
def _to_minari(episodes, spec, out):
    import minari
    from minari.data_collector import EpisodeBuffer

    seen, done = spaces(spec)
    buffers = []
    for k, episode in enumerate(episodes):
        ends = np.zeros((2, len(episode)), bool)
        ends[:, -1] = episode.terminated, not episode.terminated
        buffers.append(EpisodeBuffer(id=k, seed=int(episode.seed), observations=episode.observations,
                                     actions=episode.actions, rewards=episode.rewards.astype(np.float64),
                                     terminations=ends[0], truncations=ends[1], infos=None))
    about = {"task": spec["task"], "task_hash": spec["hash"], "rate": 1 / spec["control_dt"],
             "observation": spec["observation"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Minari asks for an author, a link to code and an environment of theirs
        minari.create_dataset_from_buffers(out, buffers, observation_space=seen, action_space=done,
                                           algorithm_name=episodes[0].policy, description=json.dumps(about))


def _from_minari(source):
    import minari

    dataset = minari.load_dataset(source)
    found = []
    for episode in dataset.iterate_episodes():
        columns = dict(_flat("observations", episode.observations))
        columns |= dict(_flat("actions", episode.actions))
        columns["rewards"] = np.asarray(episode.rewards)
        found.append((columns, bool(episode.terminations[-1]), len(episode.rewards)))
    try:
        rate = json.loads(dataset.storage.metadata.get("description", "")).get("rate")
    except (ValueError, AttributeError):  # a set of others, with words for people
        rate = None
    return found, rate


def _flat(name, values):
    """Columns of nested dictionaries, by names joined with dots."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _flat(f"{name}.{key}", value)
    else:
        array = np.asarray(values)
        yield name, array.reshape(len(array), -1)


# ------------------------------------------------------------------------------------------------ LeRobot
_STATE, _NEXT, _ACTION, _REWARD, _DONE = ("observation.state", "next.observation.state", "action", "next.reward",
                                          "next.done")
_CHUNK = "chunk-000/file-000.parquet"


def _names(spec):
    return [f"{name}[{i}]" if size > 1 else name for name, _, size in spec["observation"] for i in range(size)]


def _to_lerobot(episodes, spec, out):
    import pandas

    rate = 1 / spec["control_dt"]
    if abs(rate - round(rate)) > 1e-6:
        raise ValueError(f"{spec['task']}: LeRobot sets have a whole number of frames a second, the task has {rate:g}")
    folder = pathlib.Path(out)
    for part in ("data/chunk-000", "meta/episodes/chunk-000"):
        (folder / part).mkdir(parents=True, exist_ok=False)
    frames, rows, index = [], [], 0
    for k, episode in enumerate(episodes):
        frame = _frames(episode, k, index, spec["control_dt"])
        rows.append({"episode_index": k, "tasks": [spec["task"]], "length": len(episode), "data/chunk_index": 0,
                     "data/file_index": 0, "dataset_from_index": index, "dataset_to_index": index + len(episode),
                     "meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
                    | {f"stats/{name}/{key}": value for name, stats in _stats(frame).items()
                       for key, value in stats.items()})
        frames.append(frame)
        index += len(episode)
    every = {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}
    # LeRobot's reader wants a number where the shape is [1], and a list where it is longer.
    pandas.DataFrame({name: list(x) if x.ndim > 1 and x.shape[1] > 1 else x.reshape(-1) for name, x in every.items()}
                     ).to_parquet(folder / "data" / _CHUNK, index=False)
    pandas.DataFrame(rows).to_parquet(folder / "meta/episodes" / _CHUNK, index=False)
    pandas.DataFrame({"task_index": [0]}, index=[spec["task"]]).to_parquet(folder / "meta/tasks.parquet")
    (folder / "meta/stats.json").write_text(json.dumps(_stats(every)))
    (folder / "meta/info.json").write_text(json.dumps(_info(every, spec, len(episodes), round(rate)), indent=1))


def _frames(episode, number, first, seconds):
    count = len(episode)
    done = np.zeros(count, bool)
    done[-1] = True
    return {_STATE: episode.observations[:-1], _NEXT: episode.observations[1:], _ACTION: episode.actions,
            _REWARD: episode.rewards, _DONE: done,
            "next.terminated": done & episode.terminated,
            "timestamp": (np.arange(count) * seconds).astype(np.float32), "frame_index": np.arange(count),
            "episode_index": np.full(count, number), "index": first + np.arange(count),
            "task_index": np.zeros(count, np.int64)}


def _stats(columns):
    def of(array):
        array = array.reshape(len(array), -1)
        return {key: [float(x) for x in getattr(array, key)(axis=0)] for key in ("min", "max", "mean", "std")} | {
            "count": [len(array)]}

    return {name: of(array) for name, array in columns.items()}


def _info(columns, spec, episodes, rate):
    names = {_STATE: _names(spec), _NEXT: _names(spec), _ACTION: spec["actuators"]}
    features = {name: {"dtype": str(array.dtype), "shape": list(array.shape[1:]) or [1], "names": names.get(name)}
                for name, array in columns.items()}
    return {"codebase_version": "v3.0", "robot_type": spec["task"], "total_episodes": episodes,
            "total_frames": len(columns["index"]), "total_tasks": 1, "chunks_size": 1000, "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200, "fps": rate, "splits": {"train": f"0:{episodes}"},
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet", "video_path": None,
            "features": features, "task_hash": spec["hash"]}


def _from_lerobot(folder):
    import pandas

    info = json.loads((folder / "meta" / "info.json").read_text())
    if not str(info.get("codebase_version", "")).startswith("v3"):
        raise ValueError(f"{folder}: codebase_version is {info.get('codebase_version')!r}, expected 'v3.0'")
    files = sorted((folder / "data").glob("chunk-*/file-*.parquet"))
    if not files:
        raise ValueError(f"{folder}: no data/chunk-*/file-*.parquet")
    table = pandas.concat([pandas.read_parquet(file) for file in files])
    found = []
    for _, frame in table.groupby("episode_index", sort=True):
        frame = frame.sort_values("frame_index")
        columns = {}
        for name in info["features"]:
            if name in frame and info["features"][name]["dtype"] not in ("video", "image", "string"):
                columns[name] = np.stack(frame[name].to_numpy()).reshape(len(frame), -1)
        ended = bool(columns["next.terminated"][-1]) if "next.terminated" in columns else False
        steps = len(frame) - 1
        if _NEXT in columns:  # ours: the last observation is there
            steps = len(frame)
            columns[_STATE] = np.concatenate([columns[_STATE], columns[_NEXT][-1:]])
        found.append((columns, ended, steps))
    return found, info["fps"]


# ------------------------------------------------------------------------------------------------ mapping
def _read_mapping(mapping):
    if not isinstance(mapping, dict):
        import tomllib

        path = pathlib.Path(mapping)
        try:
            mapping = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path}: {error}") from None
    for name in mapping:
        _known(name, ("task", "params", "policy", "rate", "observation", "action", "reward", "qpos", "qvel"), "mapping")
    for name in ("task", "observation", "action", "reward"):
        if name not in mapping:
            raise ValueError(f"mapping: '{name}' is missing")
    return mapping


def _check_rate(rate, spec, source):
    ours = 1 / spec["control_dt"]
    if rate is None:
        raise ValueError(f"{source}: the set does not say its rate; expected rate = {ours:g} in the mapping, in Hz")
    if not math.isclose(rate, ours, rel_tol=1e-3):
        raise ValueError(f"{source}: {rate:g} steps a second, and {spec['task']} has {ours:g}")


def _column(columns, words, name, where):
    """What "column" or "column[2:5]" names, as rows of float32."""
    parts = re.fullmatch(r"([^\[\]]+)(?:\[(\d*):(\d*)\])?", words)
    if parts is None:
        raise ValueError(f"mapping: {name} = {words!r}, expected a column or column[from:to]")
    _known(parts[1], sorted(columns), f"{where}: column of {name}")
    first, last = (int(part) if part else None for part in parts.group(2, 3))
    array = columns[parts[1]]
    return finite(np.ascontiguousarray(array.reshape(len(array), -1)[:, first:last], np.float64), f"{where}: {words}")


def _sized(array, rows, width, name, where):
    if array.shape[1] != width or len(array) < rows:
        raise ValueError(f"{where}: {name} has shape {list(array.shape)}, expected [{rows}, {width}]")
    return array[:rows]


def _episode(found, mapping, spec, where):
    columns, terminated, steps = found
    if steps < 1:
        raise ValueError(f"{where}: no step in it")
    groups = {name: size for name, _, size in spec["observation"]}
    for name in mapping["observation"]:
        _known(name, list(groups), "mapping: observation")
    for name in groups:
        if name not in mapping["observation"]:
            raise ValueError(f"mapping: observation '{name}' has no column; there are {', '.join(sorted(columns))}")
    seen = [_sized(_column(columns, mapping["observation"][name], name, where), steps + 1, size, name, where)
            for name, size in groups.items()]
    actions = _sized(_column(columns, mapping["action"], "action", where), steps, spec["action_dim"], "action", where)
    outside = (actions < np.array(spec["action_low"]) - 1e-6) | (actions > np.array(spec["action_high"]) + 1e-6)
    if outside.any():
        t, a = np.argwhere(outside)[0]
        raise ValueError(f"{where}: action[{t}, {a}] is {actions[t, a]:g}, expected {spec['action_low'][a]:g} to "
                         f"{spec['action_high'][a]:g}")
    rewards = _sized(_column(columns, mapping["reward"], "reward", where), steps, 1, "reward", where)
    episode = {"observations": np.concatenate(seen, 1).astype(np.float32), "actions": actions.astype(np.float32),
               "rewards": rewards.astype(np.float32), "terminated": terminated,
               "qpos": np.zeros((steps + 1, spec["nq"])), "qvel": np.zeros((steps + 1, spec["nv"]))}
    for name, width in (("qpos", spec["nq"]), ("qvel", spec["nv"])):
        if name in mapping:
            episode[name] = np.ascontiguousarray(
                _sized(_column(columns, mapping[name], name, where), steps + 1, width, name, where))
    return episode
