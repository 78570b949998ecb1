"""The SQL of intake, made from a record definition: typing, keys, digest, checks. Text only."""

import re
from collections.abc import Mapping
from typing import Any

from tollcentre.core.keys import intern_key_sql

from ..terms import Column, PassIdForm, RecordDefinition, Severity

TYPES = {"smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "epoch": "BIGINT"}
SHANGHAI_SECONDS = 28800


def validation_sql(
    definition: RecordDefinition,
    *,
    source: str,
    constants: Mapping[str, str],
    misfits: Mapping[str, tuple[str, Severity]],
    limits: Mapping[str, int],
    now: int,
    issuer: Mapping[str, Any],
    pass_ids: tuple[PassIdForm, ...],
) -> str:
    """One row per row of `source` in its order: day, typed and made columns, reasons, anomalies.

    `misfits` maps a boolean column of `source` to the name and severity of what it marks;
    `constants` are the columns that hold one value in all rows, which is then worked out once.
    """
    fill = _Fill(definition, limits, issuer)
    derived = "".join(f",\n{fill(d.sql)} AS {d.name}" for d in definition.derived)
    if _has_pass_id(definition):
        derived += f",\n{_matches(pass_ids[0])} AS pass_id_is_standard"
    named = _named_checks(definition, misfits, limits, now, pass_ids, fill)
    landed = "".join(f",\n{name}" for name in _worked_out(definition))
    rest = f"""{derived}
FROM typed)
SELECT idx,
({definition.event_time} + {SHANGHAI_SECONDS}) // 86400 AS event_day{landed},
{_joined(named[Severity.QUARANTINE])} AS reasons,
{_joined(named[Severity.ANOMALY])} AS anomalies
FROM derived"""
    # Only what is spoken of: most columns land as they are, and a column costs time to plan.
    words = set(re.findall(r"\w+", rest))
    typed = "".join(_typed(column, constants, words) for column in definition.columns)
    masks = "".join(f", {mask}" for mask in misfits)
    return f"WITH typed AS (SELECT idx{masks}{typed}\nFROM {source}),\nderived AS (SELECT *{rest}"


def _worked_out(definition: RecordDefinition) -> list[str]:
    """Typed columns, and made ones that land or that a key is of."""
    names = [column.name for column in definition.columns if column.landed]
    keyed = set(definition.keys.values())
    return names + [d.name for d in definition.derived if d.land or d.name in keyed]


def _typed(column: Column, constants: Mapping[str, str], words: set[str]) -> str:
    """The column's typed value under its name; its text under `r_name` where the two differ."""
    text = column.name
    if column.name in constants:
        text = "'" + constants[column.name].replace("'", "''") + "'"
    found = []
    raw = f"r_{column.name}" if column.landed else column.name
    if raw in words:
        found.append(f"{text}::VARCHAR AS {raw}")
    if column.landed:
        to = TYPES[column.landed]
        value = epoch_sql(text) if column.landed == "epoch" else whole_sql(text, to)
        found.append(f"coalesce({value}, {column.blank})::{to} AS {column.name}")
    return "".join(f",\n{entry}" for entry in found)


def whole_sql(text: str, to: str = "BIGINT") -> str:
    """The whole number of a text; NULL where it is none, or too long for sums not to overflow."""
    return f"CASE WHEN length({text}) <= 16 THEN TRY_CAST({text} AS {to}) END"


def epoch_sql(text: str) -> str:
    """Epoch seconds of a time text in any accepted form; NULL where it is no moment."""
    local = f"epoch_ms(TRY_CAST({text} AS TIMESTAMP)) // 1000 - {SHANGHAI_SECONDS}"
    compact = f"epoch_ms(try_strptime({text}, '%Y%m%d%H%M%S')) // 1000 - {SHANGHAI_SECONDS}"
    offset = f"epoch_ms(TRY_CAST({text} AS TIMESTAMPTZ)) // 1000"
    return (
        f"CASE WHEN length({text}) = 19 THEN {local} WHEN length({text}) = 14 THEN {compact}"
        f" WHEN regexp_matches({text}, '(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$') THEN {offset}"
        f" WHEN length({text}) > 19 THEN {local} END"
    )


def _named_checks(
    definition: RecordDefinition,
    misfits: Mapping[str, tuple[str, Severity]],
    limits: Mapping[str, int],
    now: int,
    pass_ids: tuple[PassIdForm, ...],
    fill: "_Fill",
) -> dict[Severity, dict[str, list[str]]]:
    """Severity → name → conditions, in order: what a column says, the time, then the row."""
    named: dict[Severity, dict[str, list[str]]] = {severity: {} for severity in Severity}

    def add(severity: Severity, name: str, condition: str) -> None:
        named[severity].setdefault(name, []).append(condition)

    for mask, (name, severity) in misfits.items():
        add(severity, name, mask)
    for column in definition.columns:
        if column.landed == "epoch":
            raw = f"r_{column.name}"
            # Only a text of the right form can reach here unparsed: 30 February, hour 25.
            add(column.bad, f"bad_time:{column.official}", f"{raw} <> '' AND {column.name} = 0")
    time = definition.event_time
    for name, condition in _time_checks(time, limits, now).items():
        add(Severity.QUARANTINE, name, condition)
    add(Severity.ANOMALY, "time_ahead_of_receive", f"receive_time > 0 AND {time} > receive_time")
    add(Severity.ANOMALY, "late_record",
        f"receive_time > 0 AND receive_time - {time} > {limits['late_after_s']}")  # fmt: skip
    if _has_pass_id(definition):
        matched = " OR ".join(map(_matches, pass_ids[1:]))
        add(Severity.QUARANTINE, "bad_form:passId",
            f"NOT pass_id_is_standard AND pass_id <> '' AND NOT ({matched})")  # fmt: skip
        for name, condition in _pass_id_names(pass_ids).items():
            add(Severity.ANOMALY, name, condition)
    for check in definition.checks:
        add(check.bad, check.name, fill(check.fails))
    for law in definition.accumulators:
        before, after = f"{law.sum}_before", f"{law.sum}_after"
        unset = limits["unset_sentinel"]
        add(Severity.ANOMALY, f"accumulator_mismatch:{definition.column(before).official[:-6]}",
            f"{before} + {law.by} <> {after} AND {before} >= 0 AND {after} >= 0"
            f" AND {before} <> {unset} AND {law.when}")  # fmt: skip
    return named


def _time_checks(time: str, limits: Mapping[str, int], now: int) -> dict[str, str]:
    """The event time lies between the network's beginning and the receive clock."""
    ahead = limits["future_tolerance_s"]
    stated = f"least(receive_time, {now + limits['stated_receive_lead_s']})"
    clock = f"CASE WHEN receive_time > 0 THEN {stated} ELSE {now} END"
    return {
        "time_in_future": f"{time} > {clock} + {ahead}",
        "time_before_2000": f"{time} <> 0 AND {time} < {limits['earliest_time']}",
    }


def _has_pass_id(definition: RecordDefinition) -> bool:
    return any(column.form == "pass_id" for column in definition.columns)


def _matches(form: PassIdForm) -> str:
    return f"regexp_full_match(pass_id, '{form.pattern}')"


def _pass_id_names(pass_ids: tuple[PassIdForm, ...]) -> dict[str, str]:
    """Name of a non-standard form → its condition; looked at only where the standard one fails."""
    earlier: list[str] = []
    names: dict[str, list[str]] = {}
    for form in pass_ids[1:]:
        before = "".join(f" AND NOT {other}" for other in earlier)
        names.setdefault(form.name, []).append(f"({_matches(form)}{before})")
        earlier.append(_matches(form))
    unlike = "NOT pass_id_is_standard AND pass_id <> ''"
    return {name: f"{unlike} AND ({' OR '.join(found)})" for name, found in names.items()}


def _joined(named: Mapping[str, list[str]]) -> str:
    """The names whose conditions hold, joined by `|`; empty where none does."""
    if not named:
        return "''"
    cases = ",\n".join(
        f"CASE WHEN {' OR '.join(f'({condition})' for condition in conditions)} THEN '{name}' END"
        for name, conditions in named.items()
    )
    return f"concat_ws('|', {cases})"


class _Fill:
    """Replaces the places of a definition's SQL: {sum:x}, {count:x}, {issuer:x}, limits."""

    def __init__(
        self, definition: RecordDefinition, limits: Mapping[str, int], issuer: Mapping[str, Any]
    ) -> None:
        self.limits = {**limits, "unset": limits["unset_sentinel"]}
        self.issuer = issuer

    def __call__(self, sql: str) -> str:
        return re.sub(r"\{([a-z]\w*)(?::(\w+))?\}", self._place, sql)

    def _place(self, found: re.Match[str]) -> str:
        word, column = found.group(1), found.group(2)
        if column is None:
            return str(self.limits[word])
        return str(getattr(self, f"_{word}")(column))

    def _sum(self, column: str) -> str:
        return (
            f"CASE WHEN contains({column}, '|') THEN coalesce(list_sum(list_transform("
            f"string_split({column}, '|'), lambda v: {whole_sql('v')})), 0)::BIGINT"
            f" ELSE coalesce({whole_sql(column)}, 0) END"
        )

    def _sum_of_pairs(self, column: str) -> str:
        """Sum of a list of amounts, each alone or after `province:`."""
        amount = whole_sql("split_part(v, ':', -1)")
        return (
            f"coalesce(list_sum(list_transform(string_split({column}, '|'),"
            f" lambda v: {amount})), 0)::BIGINT"
        )

    def _count(self, column: str) -> str:
        return (
            f"CASE WHEN {column} = '' THEN 0 ELSE"
            f" length({column}) - length(replace({column}, '|', '')) + 1 END"
        )

    def _issuer(self, column: str) -> str:
        """The issuer of a medium by its network number; blank where there is none."""
        cases = "".join(
            f" WHEN starts_with({column}, '{network}') THEN '{issuer}'"
            for network, issuer in self.issuer["exceptions"].items()
        )
        return (
            f"CASE{cases} WHEN regexp_matches({column}, '^[1-9][0-9]{{3}}')"
            f" THEN left({column}, 2) || '{self.issuer['suffix']}' ELSE '' END"
        )


def units_sql(definition: RecordDefinition, *, source: str, event_time: str) -> str:
    """Charged units of the records of `source`, one row a unit, in path order.

    A reversal's groups are written positive beside a negative fee: the units take its sign.
    """
    groups = definition.units
    assert groups is not None
    fill = _Fill(definition, {"unset_sentinel": 0}, {"exceptions": {}, "suffix": ""})
    turn = f"CASE WHEN fee < 0 AND {fill(f'{{sum:{groups.fee}}}')} > 0 THEN -1 ELSE 1 END"

    def amounts(column: str) -> str:
        return (
            f"list_transform(string_split({column}, '|'), lambda v: coalesce({whole_sql('v')}, 0))"
        )

    pay = f"{amounts(groups.pay_fee)}[n + 1] * turn" if groups.pay_fee else "u_fee + u_discount"
    sign = (
        f"coalesce(TRY_CAST(string_split({groups.signs}, '|')[n + 1] AS SMALLINT), 0)"
        if groups.signs
        else "0"
    )
    gantry = "gantry_key" if "gantry_key" in definition.keys else "0::BIGINT"
    return f"""
WITH many AS (SELECT *, {turn} AS turn FROM {source} WHERE {fill(groups.when)}),
spread AS (SELECT *, unnest(range(unit_count)) AS n FROM many),
units AS (SELECT *, string_split({groups.ids}, '|')[n + 1] AS unit_id,
 coalesce({amounts(groups.fee)}[n + 1], 0) * turn AS u_fee,
 coalesce({amounts(groups.discount_fee)}[n + 1], 0) * turn AS u_discount
 FROM spread)
SELECT record_key, content_digest, {groups.source}::SMALLINT AS source, pass_key,
 {event_time} AS event_time, {gantry} AS gantry_key, n::SMALLINT AS seq,
 {intern_key_sql("unit_id")} AS unit_key, unit_id AS toll_interval_id, {sign}::SMALLINT AS sign,
 ({pay})::BIGINT AS pay_fee, u_discount::BIGINT AS discount_fee, u_fee::BIGINT AS fee
FROM units ORDER BY record_key, content_digest, source, seq"""
