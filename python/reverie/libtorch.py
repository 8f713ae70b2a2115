"""Loads LibTorch before the extension that needs it: the user's own torch of the pinned version, else that of .deps/."""

import ctypes
import importlib.metadata
import importlib.util
import os
import pathlib
import sys

PINNED = "2.11.0"


def load():
    """The extension reverie._learned. Raises ImportError when torch of another version is installed."""
    here = pathlib.Path(__file__).parent
    if "torch" not in sys.modules:  # a torch that is loaded already has asked
        ctypes.CDLL(str(here / "libreverie_mkl.so"), mode=ctypes.RTLD_GLOBAL)
    folder = _installed()
    if folder is not None:
        for name in ("libc10.so", "libtorch_cpu.so"):
            ctypes.CDLL(str(folder / "lib" / name))
    from reverie import _learned

    return _learned


def _installed():
    """The folder of the torch that is installed, or None."""
    found = importlib.util.find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return None
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None
    if version.split("+")[0] != PINNED:
        raise ImportError(
            f"torch {version} is installed, and runs need {PINNED}: two versions cannot be in one process. "
            f"Environments of physics work with any; for runs: pip install torch=={PINNED}"
        )
    return pathlib.Path(os.fspath(found.submodule_search_locations[0]))
