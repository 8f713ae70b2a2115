"""The examples and the documents' lines run, on little work."""

import importlib.util
import os
import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "python" / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))

    def load(name):
        return importlib.import_module(name)

    return load


def test_random_shooting_plans_in_the_model(example, run_path):
    assert 0.0 <= example("random_shooting").main(run_path, 20) <= 40.0


def test_a_report_is_plotted(example, run_path, tmp_path):
    pytest.importorskip("matplotlib")
    rows = example("plot_report").main(run_path, tmp_path / "error.png")
    assert any(row["name"] == "imagined_error" for row in rows)
    assert (tmp_path / "error.png").read_bytes().startswith(b"\x89PNG")


def test_ppo_learns_in_physics_and_in_the_dream(example, run_path):
    pytest.importorskip("torch")
    example("ppo").main("dmc/cartpole-swingup", 2048)
    assert example("ppo_in_dream").main(run_path, 8192) >= 0.0


def test_stable_baselines_is_judged_in_both_worlds(example, run_path):
    pytest.importorskip("stable_baselines3")
    report = example("stable_baselines").main(run_path, 2048)
    assert report["simulated_return"]["n"] == 5


def blocks(document):
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_the_lines_of_the_documents_run(run_path, tmp_path, monkeypatch):
    """In one namespace each, with a run of ours in the place of the demo's."""
    monkeypatch.chdir(tmp_path)
    os.makedirs("runs")
    os.symlink(run_path, "runs/demo-seed1")
    for document in ("README.md", "docs/python.md"):
        names = {}
        lines = blocks(document)
        assert lines, document
        for block in lines:
            exec(compile(block, document, "exec"), names)  # noqa: S102
