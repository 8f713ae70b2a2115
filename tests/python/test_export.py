"""Exported files under the programs that they are for: the same numbers within 1e-5, and what they mean inside."""

import json

import numpy as np
import pytest

import reverie


@pytest.fixture(scope="module")
def other_kinds(tmp_path_factory):
    """Runs of every kind of model, and of a task that terminates; hardly trained."""
    folder = tmp_path_factory.mktemp("kinds")
    words = {"progress": False, "env_steps": 1100, "random_steps": 1000, "eval_every": 0, "updates_per_decision": 0.2}
    return {
        "grounded": reverie.train("dmc/cartpole-swingup", out=folder / "g", model={"kind": "grounded"}, **words),
        "mechanics": reverie.train("dmc/cartpole-swingup", out=folder / "m", model={"kind": "mechanics"}, **words),
        "terminating": reverie.train("gym/hopper", out=folder / "t", model={"kind": "joint_embedding"}, **words),
        "touching": reverie.train("gym/hopper", out=folder / "h", model={"kind": "mechanics"}, **words),
    }


def seen_by(run):
    return np.concatenate([episode.observations for episode in run.episodes()])[::7][:100].copy()


def states_of(run):
    """Rows of physics beside seen_by(), and what `encode` of other programs takes of them."""
    physics = np.concatenate([episode.physics for episode in run.episodes()])[::7][:100].copy()
    nq, nv = run.spec["nq"], run.spec["nv"]
    return physics, {"positions": physics[:, 1 : 1 + nq].astype(np.float32),
                     "velocities": physics[:, 1 + nq : 1 + nq + nv].astype(np.float32)}


def session(path):
    onnxruntime = pytest.importorskip("onnxruntime")
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def close(a, b, within=1e-5):
    return np.abs(a - b).max() <= within * max(1.0, np.abs(b).max())


# A head that has hardly learned sums 151 bins of up to 402 that cancel: our own float32 sum is off by so much.
OF_UNTRAINED_REWARDS = 2e-5


@pytest.mark.parametrize("kind", ["grounded", "mechanics", "terminating", "touching"])
def test_onnxruntime_acts_as_the_policy(other_kinds, kind, tmp_path):
    run = other_kinds[kind]
    files = run.export("onnx", tmp_path)
    model = session(tmp_path / "policy.onnx")
    seen = seen_by(run)
    actions = model.run(["actions"], {"observations": seen})[0]
    assert close(actions, run.policy()(seen)) and len(actions) == len(seen)
    assert (tmp_path / "policy.onnx") == type(tmp_path)(files[0])
    about = {key: json.loads(value) for key, value in model.get_modelmeta().custom_metadata_map.items()}
    assert about["task"] == run.task and about["task_hash"] == run.spec["hash"]
    assert about["action_low"] == run.spec["action_low"] and about["checkpoint"] == run.checkpoint
    assert [group["name"] for group in about["observation"]] == [name for name, _, _ in run.spec["observation"]]
    assert len(about["actuators"]) == run.spec["action_dim"] and about["joints"]
    assert about["decisions_per_second"] == pytest.approx(1 / (run.spec["control_dt"] * run.action_repeat))


@pytest.mark.parametrize("kind", ["grounded", "mechanics", "terminating", "touching"])
def test_onnxruntime_dreams_as_the_world_model(other_kinds, kind, tmp_path):
    run = other_kinds[kind]
    run.export("onnx", tmp_path)
    ours = run.world_model()
    seen, (physics, states) = seen_by(run), states_of(run)
    actions = np.random.default_rng(1).uniform(-1, 1, (len(seen), run.spec["action_dim"])).astype(np.float32)
    read = {"observations": seen} | (states if ours.reads_states else {})
    latents = session(tmp_path / "encode.onnx").run(None, read)[0]
    assert close(latents, ours.encode(seen, physics))
    given = {"latents": latents, "actions": actions}
    after, uncertainty = session(tmp_path / "step.onnx").run(["next_latents", "uncertainty"], given)
    assert close(after, ours.step(latents, actions))
    assert close(uncertainty, ours.uncertainty(latents, actions))
    assert close(session(tmp_path / "reward.onnx").run(None, given)[0], ours.reward(latents, actions),
                 OF_UNTRAINED_REWARDS)
    assert close(session(tmp_path / "decode.onnx").run(None, {"latents": after})[0], ours.decode(after))
    if run.spec["has_termination"]:
        ends = session(tmp_path / "continuation.onnx").run(None, given)[0]
        assert close(ends, ours.continuation(latents, actions)) and (ends < 1).all()


def test_onnx_itself_finds_no_fault(other_kinds, tmp_path):
    onnx = pytest.importorskip("onnx")
    for kind in ("terminating", "touching"):
        for file in other_kinds[kind].export("onnx", tmp_path):
            model = onnx.load(file)
            onnx.checker.check_model(model, full_check=True)
            assert model.producer_name == "reverie"


@pytest.mark.parametrize("kind", ["grounded", "mechanics", "terminating", "touching"])
def test_pytorch_acts_and_dreams_as_the_run(other_kinds, kind, tmp_path):
    torch = pytest.importorskip("torch")
    run = other_kinds[kind]
    run.export("torchscript", tmp_path)
    extra = {"metadata.json": ""}
    policy = torch.jit.load(tmp_path / "policy.pt", _extra_files=extra)
    assert json.loads(json.loads(extra["metadata.json"])["task"]) == run.task
    seen = seen_by(run)
    assert close(policy(torch.from_numpy(seen)).numpy(), run.policy()(seen))
    model, ours = torch.jit.load(tmp_path / "world_model.pt"), run.world_model()
    physics, states = states_of(run)
    read = [seen, *(states.values() if ours.reads_states else ())]
    latents = model.encode(*map(torch.from_numpy, read))
    assert close(latents.numpy(), ours.encode(seen, physics))
    actions = torch.zeros(len(seen), run.spec["action_dim"])
    after, uncertainty = model.step(latents, actions)
    assert close(after.numpy(), ours.step(latents.numpy(), actions.numpy()))
    assert close(uncertainty.numpy(), ours.uncertainty(latents.numpy(), actions.numpy()))
    assert close(model.reward(latents, actions).numpy(), ours.reward(latents.numpy(), actions.numpy()),
                 OF_UNTRAINED_REWARDS)
    assert close(model.decode(after).numpy(), ours.decode(after.numpy()))


@pytest.mark.parametrize("kind", ["grounded", "mechanics"])
def test_safetensors_hold_the_weights_and_the_operations(other_kinds, kind, tmp_path):
    safetensors = pytest.importorskip("safetensors")
    run = other_kinds[kind]
    run.export("safetensors", tmp_path)
    seen = seen_by(run)

    def calculated_from(name, function, inputs):
        with safetensors.safe_open(tmp_path / f"{name}.safetensors", "numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            return calculated(file.metadata()[f"graph.{function}"], tensors, inputs)

    assert close(calculated_from("policy", "policy", {"observations": seen})["actions"], run.policy()(seen))
    model, actions = run.world_model(), np.full((len(seen), 1), 0.5, np.float32)
    latents = model.encode(seen, states_of(run)[0])
    found = calculated_from("world_model", "step", {"latents": latents, "actions": actions})
    assert close(found["next_latents"], model.step(latents, actions), 2e-5)


def calculated(text, constants, inputs):
    """Runs the list of operations in numpy, as docs/interop.md describes them."""
    values = dict(inputs)

    def norm(x, gamma, beta):
        return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gamma + beta

    def softmax(x, group):
        parts = np.exp(x.reshape(len(x), -1, int(group)))
        return (parts / parts.sum(-1, keepdims=True)).reshape(x.shape)

    operations = {
        "linear": lambda x, w, b: x @ w.T + b, "layer_norm": norm, "softmax": softmax, "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "add": np.add, "sub": np.subtract, "mul": np.multiply,
        "div": np.divide, "join": lambda a, b: np.concatenate([a, b], 1),
        "slice": lambda x, begin, end: x[:, int(begin):int(end)], "pick": lambda x, *columns: x[:, [*map(int, columns)]],
        "cos": np.cos, "sin": np.sin, "atan2": np.arctan2, "min": np.minimum, "max": np.maximum, "sqrt": np.sqrt,
        "row_sum": lambda x: x.sum(1), "dot": lambda x, v: x @ v, "column": lambda x: x[:, 0],
    }
    for line in text.splitlines():
        name, what = line.split(" = ")
        if "(" not in what:
            values[name] = values[what]
            continue
        operation, arguments = what[:-1].split("(", 1)
        read = [values.get(word, constants.get(word, word)) for word in arguments.split(", ")]
        values[name] = operations[operation](*read)
    return values


def test_an_unknown_format_names_the_nearest(run, tmp_path):
    with pytest.raises(ValueError, match="did you mean 'onnx'"):
        run.export("onx", tmp_path)
