"""Saving answers as JSON and loading them: frozen dataclasses of numbers, strings, arrays, laws and one another."""

import dataclasses
import json
import math
from pathlib import Path
from types import UnionType
from typing import Any, Self, get_args, get_origin

import numpy as np

from plaw.curves.arrays import read_only
from plaw.curves.constrained import constrain
from plaw.curves.laws import Law, get_law
from plaw.errors import PlawError

_KINDS: dict[str, type["Saved"]] = {}


class Saved:
    """A dataclass that is saved by `to_json` and `save`. What `from_json` and `load` make of it is the same again."""

    def __init_subclass__(cls) -> None:
        _KINDS[cls.__name__] = cls

    def to_json(self) -> str:
        """The whole as one JSON object, from which `from_json` makes it again; numbers keep all their digits.

        Examples
        --------
        >>> from plaw.curves.intervals import Interval
        >>> kept = Interval(3.0, 2.0, float("inf")).to_json()
        >>> kept
        '{"kind": "Interval", "value": 3.0, "low": 2.0, "high": {"float": "inf"}, "level": 0.95}'
        >>> Interval.from_json(kept)
        Interval(value=3.0, low=2.0, high=inf, level=0.95)
        """
        return json.dumps(_plain(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote.

        Raises
        ------
        PlawError
            For text that is no JSON, or that holds something else.
        """
        try:
            loaded = _whole(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            raise PlawError(f"This is no saved {cls.__name__}: {error}.") from None
        if not isinstance(loaded, cls):
            raise PlawError(f"This is no saved {cls.__name__}, but {type(loaded).__name__}.")
        return loaded

    def save(self, path: str | Path) -> None:
        """Write `to_json` to a file.

        Raises
        ------
        PlawError
            Where the file cannot be written.
        """
        try:
            Path(path).write_text(self.to_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise PlawError(f"{path} cannot be written: {error}.") from None

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """What `save` wrote.

        Raises
        ------
        PlawError
            For a file that cannot be read, or that holds something else.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PlawError(f"{path} cannot be read: {error}.") from None
        return cls.from_json(text)


def _plain(value: Any) -> Any:
    """What JSON can hold. Tuples and arrays, laws and numbers that JSON lacks become objects of one key."""
    if isinstance(value, Law):
        return _recipe(value)
    if dataclasses.is_dataclass(value):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, np.ndarray):
        return {"array": _plain(value.ravel().tolist()), "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, tuple):
        return {"tuple": [_plain(part) for part in value]}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {"dict": [[_plain(key), _plain(part)] for key, part in value.items()]}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def _recipe(law: Law) -> dict[str, Any]:
    """A law's name, and what is fixed or limited of it."""
    recipe: dict[str, Any] = {"law": law.name, "fixed": dict(law.fixed), "limits": dict(law.limits)}
    try:
        known = constrain(get_law(law.name), recipe["fixed"], recipe["limits"])
    except PlawError:
        known = None
    if known != law:
        raise PlawError(f"Only laws that plaw knows by name can be saved as JSON, and {law.name} is another.")
    return recipe


def _is_a(value: Any, hint: Any) -> bool:
    """Whether a value is of the annotated type, and so is what a dict or a tuple of any length holds."""
    if hint is Any:
        return True
    if isinstance(hint, UnionType):
        return any(_is_a(value, part) for part in get_args(hint))
    origin, held = get_origin(hint), get_args(hint)
    kind: Any = (int, float) if hint is float else origin or hint
    if not isinstance(value, kind):
        return False
    if isinstance(value, dict) and held:
        return all(_is_a(key, held[0]) and _is_a(part, held[1]) for key, part in value.items())
    if isinstance(value, tuple) and held and held[-1] is Ellipsis:
        return all(_is_a(part, held[0]) for part in value)
    return True


def _whole(plain: Any) -> Any:
    """The inverse of `_plain`."""
    if isinstance(plain, list):
        return [_whole(part) for part in plain]
    if not isinstance(plain, dict):
        return plain
    if "kind" in plain:
        kind = _KINDS[plain["kind"]]
        parts = {name: _whole(value) for name, value in plain.items() if name != "kind"}
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]
            if not _is_a(parts[field.name], field.type):
                raise TypeError(f"{field.name} of {kind.__name__} cannot be {parts[field.name]!r:.40}")
            if field.type is float:
                parts[field.name] = float(parts[field.name])  # not a whole number beyond every float
        return kind(**parts)
    if "array" in plain:
        return read_only(np.array(_whole(plain["array"]), float).reshape(plain["shape"]))
    if "law" in plain:
        return constrain(get_law(plain["law"]), plain["fixed"], plain["limits"])
    if "tuple" in plain:
        return tuple(_whole(part) for part in plain["tuple"])
    if "dict" in plain:
        return {_whole(key): _whole(value) for key, value in plain["dict"]}
    return float(plain["float"])
