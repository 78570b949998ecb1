"""Values of a run from files: the house's, with a given file's in place of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.refusal import Refusal

from .chance import MILLION
from .terms import FILE_UNREADABLE, UNKNOWN_VALUE, WRONG_SHAPE

PARAMETERS = Path(__file__).resolve().parent.parent / "parameters"
ABOUT_THE_FILE = ("from", "source")
Ends = tuple[int, int]


def read_values(files: Sequence[str], given: Path | None) -> dict[str, Any]:
    """The values of the house's files, with those of a given one in place of their own.

    Refuses a file that is no mapping, a name that is not known, and a value of another shape.
    """
    values: dict[str, Any] = {}
    for name in files:
        values |= _read(PARAMETERS / name)
    if given is not None:
        for name, value in _read(given).items():
            values[name] = _agreed(name, value, values)
    return values


def _read(path: Path) -> dict[str, Any]:
    """A file's values without what it says about itself."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise Refusal(FILE_UNREADABLE, field="faults", path=path, why=why) from error
    if not isinstance(values, dict):
        raise wrong(path.name, values, "一个映射", "a mapping")
    return {name: value for name, value in values.items() if name not in ABOUT_THE_FILE}


def _agreed(name: str, value: Any, known: Mapping[str, Any]) -> Any:
    """The value in the shape that the known one of this name has; mappings are laid over it."""
    if name not in known:
        raise Refusal(UNKNOWN_VALUE, field=str(name), name=name, known=", ".join(map(str, known)))
    pattern = known[name]
    if isinstance(pattern, dict):
        if not isinstance(value, dict):
            raise wrong(name, value, "一个映射", "a mapping")
        return pattern | {key: _agreed(key, number, pattern) for key, number in value.items()}
    if isinstance(pattern, list):
        return _numbers(name, value, ordered=name != "provinces")
    return _number(name, value)


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MILLION:
        raise wrong(name, value, "0 到 1000000 的整数", "a whole number from 0 to 1000000")
    return value


def _numbers(name: str, value: Any, *, ordered: bool) -> list[int]:
    if not isinstance(value, list) or not value:
        raise wrong(name, value, "整数列表", "a list of whole numbers")
    numbers = [_number(name, number) for number in value]
    if ordered and (len(numbers) != 2 or numbers[0] > numbers[1]):
        raise wrong(name, value, "先小后大的两个整数", "two whole numbers, the lower first")
    return numbers


def wrong(name: str, value: Any, zh: str, en: str) -> Refusal:
    """The refusal of a value that is not what it should be."""
    return Refusal(
        WRONG_SHAPE, field=str(name), name=name, value=repr(value), wanted_zh=zh, wanted_en=en
    )


def frozen(value: Any) -> Any:
    """A list as a tuple; another value as it is."""
    return tuple(value) if isinstance(value, list) else value
