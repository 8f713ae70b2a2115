"""Loads MuJoCo before the extension that needs it: the user's own mujoco of the pinned version, else that of .deps/.

Two copies of one version in a process would both register the engine's plugins, which it refuses.
"""

import ctypes
import importlib.metadata
import importlib.util
import pathlib

PINNED = "3.12.0"


def load():
    """Loads the user's copy where its version is the pinned one; another version stands beside ours."""
    found = importlib.util.find_spec("mujoco")
    if found is None or not found.submodule_search_locations:
        return
    try:
        version = importlib.metadata.version("mujoco")
    except importlib.metadata.PackageNotFoundError:
        return
    library = pathlib.Path(found.submodule_search_locations[0]) / f"libmujoco.so.{PINNED}"
    if version == PINNED and library.exists():
        ctypes.CDLL(str(library))
