"""Every read of runs for others."""

from datetime import date
from typing import Any

from tollcentre.core.law import Law
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import connect, paths
from tollcentre.ledger.queries import batch_totals

from .models import Run, RunStep
from .terms import NO_SUCH_RUN, RunInfo, RunState, StepInfo, StepState


def _info(row: Run) -> RunInfo:
    return RunInfo(
        run_key=row.run_key,
        clear_date=row.clear_date,
        state=RunState(row.state),
        engine=row.engine,
        network_version=row.network_version,
        code_version=row.code_version,
        inputs_digest=row.inputs_digest,
        supersedes=row.supersedes,
        control_totals=row.control_totals,
        message=row.message,
        actor=row.actor,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def runs(viewer: Any, *, day: date | None = None) -> list[RunInfo]:
    """Runs, newest first; of one day where it is given."""
    found = Run.objects.order_by("-id")
    if day is not None:
        found = found.filter(clear_date=day)
    return [_info(row) for row in found[:1000]]


def run(run_key: str) -> RunInfo:
    """The run of that key; Refusal where there is none."""
    row = Run.objects.filter(run_key=run_key).first()
    if row is None:
        raise Refusal(NO_SUCH_RUN, "run_key", run=run_key)
    return _info(row)


def latest_run(day: date) -> RunInfo | None:
    """The newest finished run of the day: the one whose figures stand."""
    row = Run.objects.filter(clear_date=day, state=RunState.DONE).order_by("-id").first()
    return None if row is None else _info(row)


def steps(run_key: str) -> list[StepInfo]:
    """The steps of a run in order."""
    found = RunStep.objects.filter(run__run_key=run_key).order_by("seq")
    return [
        StepInfo(
            row.seq,
            row.name,
            StepState(row.state),
            row.rows,
            row.seconds,
            tuple(row.checks),
            row.message,
        )  # fmt: skip
        for row in found
    ]


def days(viewer: Any) -> list[RunInfo]:
    """The newest run of each day, newest day first."""
    newest: dict[date, RunInfo] = {}
    for info in runs(viewer):
        newest.setdefault(info.clear_date, info)
    return [newest[day] for day in sorted(newest, reverse=True)]


def standing_runs() -> list[RunInfo]:
    """The run that stands of each cleared day, newest day first."""
    newest: dict[date, RunInfo] = {}
    for row in Run.objects.filter(state=RunState.DONE).order_by("-id"):
        newest.setdefault(row.clear_date, _info(row))
    return [newest[day] for day in sorted(newest, reverse=True)]


_LAWS = {
    "collected_is_own_plus_others_plus_held": """
        SELECT coalesce(sum(CASE WHEN side = 'debit' AND party IN ('issuer', 'collector')
            THEN fee END), 0),
          (SELECT coalesce(sum(fee), 0) FROM {unit_split}
             WHERE exit_kind = 'own' AND owner_id <> '')
          + coalesce(sum(CASE WHEN side = 'credit' AND party IN ('other_province', 'review')
              THEN fee END), 0)
        FROM {party_net}""",
    "receivable_from_provinces_is_own_units": """
        SELECT coalesce(sum(CASE WHEN side = 'debit' AND party = 'province' THEN fee END), 0),
          (SELECT coalesce(sum(fee), 0) FROM {unit_split} WHERE exit_kind <> 'own')
        FROM {party_net}""",
    "unit_shares_are_owner_shares": """
        SELECT (SELECT coalesce(sum(fee), 0) FROM {unit_split}),
          (SELECT coalesce(sum(fee), 0) FROM {owner_net})""",
    "unit_shares_are_passage_amounts": """
        SELECT (SELECT coalesce(sum(fee), 0) FROM {unit_split}),
          (SELECT coalesce(sum(own_fee), 0) FROM {passage})""",
    "pay_fee_is_fee_plus_discount": """
        SELECT coalesce(sum(pay_fee), 0), coalesce(sum(fee + discount_fee), 0) FROM {unit_split}""",
}
"""Law of a run → the two figures, in fen, that must be equal."""


def run_laws(run_key: str) -> list[Law]:
    """The laws of one finished run, re-computed from the files it left and the ledger."""
    tables = {}
    for relation in ("unit_split", "owner_net", "party_net", "passage"):
        listed = ", ".join(f"'{path}'" for path in paths(relation, run_key=run_key))
        tables[relation] = f"read_parquet([{listed}])"
    con = connect()
    laws = []
    try:
        for name, sql in _LAWS.items():
            found = con.execute(sql.format(**tables)).fetchone()
            left, right = found or (0, 0)
            laws.append(Law(f"{name}:{run_key}", left == right, f"{left} = {right}"))
        debit = con.execute(
            f"SELECT coalesce(sum(abs(fee)), 0) FROM {tables['party_net']}"
        ).fetchone()
    finally:
        con.close()
    posted_debit, posted_credit = batch_totals(run_key)
    owed = int((debit or (0,))[0])
    holds = posted_debit == posted_credit and posted_debit + posted_credit == owed
    detail = f"{posted_debit} + {posted_credit} = {owed}"
    laws.append(Law(f"posted_is_netted:{run_key}", holds, detail))
    return laws
