"""Record definitions read from `parameters/*.yaml`, once a process."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.clock import epoch_of

from ..terms import (
    Accumulator,
    Column,
    DerivedColumn,
    PassIdForm,
    RecordDefinition,
    RecordKind,
    RowCheck,
    Severity,
    UnitGroups,
)

PARAMETERS = Path(__file__).resolve().parent.parent / "parameters"


def load(name: str) -> Any:
    """The content of `parameters/<name>.yaml`."""
    return yaml.safe_load((PARAMETERS / f"{name}.yaml").read_text(encoding="utf-8"))


@lru_cache
def definition(kind: RecordKind) -> RecordDefinition:
    """The definition of one record kind."""
    raw = load(kind.value)
    return RecordDefinition(
        kind=kind,
        schema_version=raw["schema_version"],
        record_id=raw["record_id"],
        event_time=raw["event_time"],
        detect=tuple(folded(name) for name in raw["detect"]),
        columns=tuple(_column(entry) for entry in raw["columns"]),
        derived=tuple(DerivedColumn(**entry) for entry in raw["derived"]),
        keys=raw["keys"],
        checks=tuple(_check(entry) for entry in raw["checks"]),
        accumulators=tuple(Accumulator(**entry) for entry in raw.get("accumulators", ())),
        units=UnitGroups(**raw["units"]) if "units" in raw else None,
    )


def _column(entry: dict[str, Any]) -> Column:
    return Column(
        name=entry["name"],
        official=entry["official"],
        form=entry.get("form", ""),
        width=entry.get("width", 0),
        codes=entry.get("codes", ""),
        required=entry.get("required", False),
        bad=Severity(entry.get("bad", "anomaly")),
        landed=entry.get("as", ""),
        blank=entry.get("blank", 0),
        content=entry.get("content", True),
        optional=entry.get("optional", False),
        aliases=tuple(entry.get("aliases", ())),
    )


def _check(entry: dict[str, Any]) -> RowCheck:
    return RowCheck(entry["name"], entry["fails"], Severity(entry.get("bad", "anomaly")))


def folded(name: str) -> str:
    """A header name as it is matched: without case, underscores, blanks and byte order mark."""
    return name.strip("\ufeff \t\"'").replace("_", "").lower()


@lru_cache
def names_of(kind: RecordKind) -> dict[str, str]:
    """Folded header name → our column name, aliases and our own names included."""
    names: dict[str, str] = {}
    for column in definition(kind).columns:
        for spelling in (column.name, *column.aliases, column.official):
            names[folded(spelling)] = column.name
    for column in definition(kind).columns:
        names[folded(column.official)] = column.name
    return names


def detect(header: list[str]) -> RecordKind | None:
    """The kind whose telling columns are all there, the best known one; None where none fits."""
    present = {folded(name) for name in header}
    best: RecordKind | None = None
    most = 0
    for kind in RecordKind:
        spellings = names_of(kind)
        ours = {spellings[name] for name in present if name in spellings}
        wanted = {spellings[name] for name in definition(kind).detect}
        if wanted <= ours and len(ours) > most:
            best, most = kind, len(ours)
    return best


@lru_cache
def codes() -> dict[str, frozenset[str]]:
    """Code tables: name → the allowed texts."""
    return {name: frozenset(map(str, values)) for name, values in load("codes").items()}


@lru_cache
def forms() -> dict[str, str]:
    """Text forms: name → pattern over the whole text."""
    return dict(load("forms"))


@lru_cache
def pass_id_forms() -> tuple[PassIdForm, ...]:
    """The known forms of a pass id, in order of precedence."""
    return tuple(PassIdForm(**entry) for entry in load("pass_ids")["forms"])


@lru_cache
def limits() -> dict[str, int]:
    """The limits of intake, times as epoch seconds."""
    raw = load("limits")
    raw["earliest_time"] = epoch_of(raw["earliest_time"])
    return {name: int(value) for name, value in raw.items()}


@lru_cache
def issuer_rule(day: date) -> dict[str, Any]:
    """How an issuer follows from a network number on that day."""
    rules = [rule for rule in load("issuers") if rule["from"] <= day]
    return max(rules, key=lambda rule: rule["from"])


@lru_cache
def skip_patterns() -> tuple[tuple[str, str], ...]:
    """File name patterns that a folder walk passes over, each with what such a file is."""
    return tuple((entry["pattern"], entry["what"]) for entry in load("skips"))
