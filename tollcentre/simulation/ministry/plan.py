"""The plan of a run: how the ministry's centre behaves and what goes wrong; from files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.refusal import Refusal

from .chance import MILLION
from .terms import FILE_UNREADABLE, UNKNOWN_VALUE, WRONG_SHAPE, Planted, Receiving, Sending

PARAMETERS = Path(__file__).resolve().parent.parent / "parameters"
FILES = ("exchange_ministry_2026.yaml", "exchange_faults_2026.yaml")
ABOUT_THE_FILE = ("from", "source")
TRADES_A_MESSAGE_MAX = 10_000
Ends = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """Every value of a run; shares in millionths, spans in seconds or days as their names say."""

    booking_after_s: Ends
    dispute_ppm: int
    dispute_reasons: Mapping[int, int]
    ruling_after_days: Ends
    bad_debt_ppm: int
    bad_debt_with_evidence_ppm: int
    ruling_at_s: int
    split_after_days: Ends
    split_at_s: int
    split_differs_ppm: int
    split_difference_fen: Ends
    change_after_s: Ends
    change_reject_ppm: int
    credit_after_s: Ends
    changes_at_s: int
    change_ppm: int
    faulty_change_ppm: int
    statistics_at_s: int
    holdings_at_s: int
    pay_net_at_s: int
    trades_per_day: int
    messages_per_day: int
    sm4_ppm: int
    faulty_ppm: int
    faulty_kinds: Mapping[Planted, int]
    overdue_days: int
    provinces: tuple[int, ...]
    receiving: Mapping[Receiving, int]
    sending: Mapping[Sending, int]
    delay_s: Ends
    reorder_s: int


def read_plan(given: Path | None = None, *, faults: bool = True) -> Plan:
    """The plan of the house, with the values of a file in place of its own.

    Refuses a file that is no mapping, a name that is not known, and a value of another shape.
    """
    values = read_values(FILES, given)
    if not faults:
        values["receiving"] = dict.fromkeys(values["receiving"], 0)
        values["sending"] = dict.fromkeys(values["sending"], 0)
    most = values["messages_per_day"] * TRADES_A_MESSAGE_MAX
    if values["trades_per_day"] > most:
        raise _wrong("trades_per_day", values["trades_per_day"], f"至多 {most}", f"at most {most}")
    for name in ("dispute_reasons", "faulty_kinds"):
        if not any(values[name].values()):
            raise _wrong(name, values[name], "至少一个权重大于 0", "given a weight above 0")
    return Plan(**{name: frozen(value) for name, value in values.items()})


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
        raise _wrong(path.name, values, "一个映射", "a mapping")
    return {name: value for name, value in values.items() if name not in ABOUT_THE_FILE}


def _agreed(name: str, value: Any, known: Mapping[str, Any]) -> Any:
    """The value in the shape that the known one of this name has; mappings are laid over it."""
    if name not in known:
        raise Refusal(UNKNOWN_VALUE, field=str(name), name=name, known=", ".join(map(str, known)))
    pattern = known[name]
    if isinstance(pattern, dict):
        if not isinstance(value, dict):
            raise _wrong(name, value, "一个映射", "a mapping")
        return pattern | {key: _agreed(key, number, pattern) for key, number in value.items()}
    if isinstance(pattern, list):
        return _numbers(name, value, ordered=name != "provinces")
    return _number(name, value)


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MILLION:
        raise _wrong(name, value, "0 到 1000000 的整数", "a whole number from 0 to 1000000")
    return value


def _numbers(name: str, value: Any, *, ordered: bool) -> list[int]:
    if not isinstance(value, list) or not value:
        raise _wrong(name, value, "整数列表", "a list of whole numbers")
    numbers = [_number(name, number) for number in value]
    if ordered and (len(numbers) != 2 or numbers[0] > numbers[1]):
        raise _wrong(name, value, "先小后大的两个整数", "two whole numbers, the lower first")
    return numbers


def _wrong(name: str, value: Any, zh: str, en: str) -> Refusal:
    return Refusal(
        WRONG_SHAPE, field=str(name), name=name, value=repr(value), wanted_zh=zh, wanted_en=en
    )


def frozen(value: Any) -> Any:
    """A list as a tuple; another value as it is."""
    return tuple(value) if isinstance(value, list) else value
