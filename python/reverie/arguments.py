"""Checks what callers hand over, so that each mistake is one sentence."""

import numpy as np


def rows(values, shape, name, exact=False):
    """`values` as float32 rows of `shape` in C order; a None in `shape` takes any length.

    float32 arrays in that order are not copied; float64 and float16 are rounded. With `exact` float64 stays as it is.
    """
    if hasattr(values, "detach"):  # a tensor of PyTorch: on the CPU it shares its memory
        values = values.detach().cpu()
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name}: expected {_text(shape)} numbers, found rows of different lengths") from None
    if array.dtype != np.float32 and not (exact and array.dtype == np.float64):
        if array.dtype.kind != "f":
            raise TypeError(f"{name}: expected float32 numbers, found {array.dtype}")
        array = array.astype(np.float32)
    fits = array.ndim == len(shape) and all(want in (None, have) for want, have in zip(shape, array.shape))
    if not fits:
        raise ValueError(f"{name}: expected shape {_text(shape)}, found {_text(array.shape)}")
    return np.ascontiguousarray(array)


def whole(value, low, name):
    """`value` as an int of at least `low`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number, found {value!r}")
    if not low <= value < 2**31:
        raise ValueError(f"{name}: expected a number from {low} to {2**31 - 1}, found {value}")
    return int(value)


def finite(array, name):
    """Raises ValueError when `array` has a NaN or an infinite number."""
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"{name}: {array[tuple(place)]} at {_text(place)}, expected finite numbers")
    return array


def _text(shape):
    return "[" + ", ".join("any" if part is None else str(part) for part in shape) + "]"
