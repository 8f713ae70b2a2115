"""The type stubs say what the module is."""

import ast
import inspect
import pathlib

import reverie

STUBS = ast.parse((pathlib.Path(reverie.__file__).parent / "__init__.pyi").read_text())


def parameters(arguments):
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument.arg for argument in every if argument]


def test_every_name_has_types_and_documentation():
    stubbed = {node.name for node in STUBS.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))} - {"Predictor"}
    assert stubbed == set(reverie.__all__)
    for name in reverie.__all__:
        assert name == "Episode" or inspect.getdoc(getattr(reverie, name)), name


def test_functions_and_methods_take_what_the_stubs_say():
    for node in STUBS.body:
        if isinstance(node, ast.FunctionDef):
            assert list(inspect.signature(getattr(reverie, node.name)).parameters) == parameters(node.args), node.name
        if isinstance(node, ast.ClassDef) and node.name not in ("Predictor", "Episode"):
            for method in (part for part in node.body if isinstance(part, ast.FunctionDef)):
                found = inspect.signature(getattr(getattr(reverie, node.name), method.name))
                assert list(found.parameters) == parameters(method.args), (node.name, method.name)
