"""Every read of runs for others."""

from datetime import date
from typing import Any

from tollcentre.core.law import Law
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import connect, paths
from tollcentre.ledger.queries import batch_nets

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
    """The newest thousand runs, newest first; of one day where it is given."""
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
    for row in Run.objects.order_by("-id"):
        newest.setdefault(row.clear_date, _info(row))
    return [newest[day] for day in sorted(newest, reverse=True)]


def standing_runs() -> list[RunInfo]:
    """The run that stands of each cleared day, newest day first."""
    newest: dict[date, RunInfo] = {}
    for row in Run.objects.filter(state=RunState.DONE).order_by("-id"):
        newest.setdefault(row.clear_date, _info(row))
    return [newest[day] for day in sorted(newest, reverse=True)]


def finished_runs() -> list[str]:
    """The keys of every finished run, sorted."""
    found = Run.objects.filter(state=RunState.DONE).order_by("run_key")
    return list(found.values_list("run_key", flat=True))


def runs_before(run_key: str) -> list[str]:
    """The keys of the finished runs of the same day that came before this one, oldest first."""
    one = Run.objects.get(run_key=run_key)
    found = Run.objects.filter(clear_date=one.clear_date, state=RunState.DONE, pk__lt=one.pk)
    return list(found.order_by("pk").values_list("run_key", flat=True))


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

_NETS = """
    SELECT CASE party
        WHEN 'issuer' THEN 'receivable.issuer.' || coalesce(nullif(issuer_id, ''), 'unknown')
        WHEN 'collector' THEN 'receivable.collector'
        WHEN 'province' THEN
          'receivable.province.' || coalesce(nullif(toll_province, ''), 'unknown')
        WHEN 'owner' THEN 'payable.owner.' || owner_id
        WHEN 'other_province' THEN
          'payable.province.' || coalesce(nullif(toll_province, ''), 'unknown')
        WHEN 'unknown' THEN 'held.review'
        WHEN 'review' THEN 'held.review'
        ELSE party END AS account,
      sum(CASE WHEN side = 'debit' THEN fee ELSE -fee END)::BIGINT AS net
    FROM {party_net} GROUP BY account"""
"""Debit minus credit in fen that each account must have been posted, said a second time here:
were it read from the table that `post` goes by, a wrong account there would go unseen."""


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
        netted = dict(con.execute(_NETS.format(**tables)).fetchall())
    finally:
        con.close()
    return [*laws, _posted_is_netted(run_key, netted)]


def _posted_is_netted(run_key: str, netted: dict[str, int]) -> Law:
    """Every account was posted what its parties' nets come to; names the first that was not."""
    posted = batch_nets(run_key)
    for account in sorted(netted.keys() | posted.keys()):
        left, right = posted.get(account, 0), netted.get(account, 0)
        if left != right:
            return Law(f"posted_is_netted:{run_key}", False, f"{account}: {left} = {right}")
    return Law(f"posted_is_netted:{run_key}", True, f"{len(posted)} 个科目 / accounts")
