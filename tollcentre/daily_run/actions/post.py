"""Post a run's nets to the ledger: one batch a run; a restatement reverses the earlier one."""

from tollcentre.clearing.queries import party_nets
from tollcentre.clearing.terms import PartyNet, Side
from tollcentre.lake.queries import Engine
from tollcentre.ledger.actions import PostingLine, post_batch, reverse_batch
from tollcentre.ledger.queries import batch_totals

from ..models import Run

ACCOUNTS = {
    (Side.DEBIT, "issuer"): "receivable.issuer.{issuer_id}",
    (Side.DEBIT, "collector"): "receivable.collector",
    (Side.DEBIT, "province"): "receivable.province.{province}",
    (Side.CREDIT, "owner"): "payable.owner.{owner_id}",
    (Side.CREDIT, "unknown"): "held.review",
    (Side.CREDIT, "other_province"): "payable.province.{province}",
    (Side.CREDIT, "review"): "held.review",
}
"""Side and party of a net row → the account it is posted to."""


def post_run(engine: Engine, run: Run, *, superseded: str, actor: str) -> int:
    """Post the nets of the run that stands in the engine; gives the number of lines.

    Inside the caller's transaction: with a superseded run its batch is reversed first, so the
    day is never counted twice and never missing.
    """
    lines = [_line(net, run) for net in party_nets(engine)]
    if superseded and batch_totals(superseded) != (0, 0):
        reverse_batch(
            batch_key=superseded,
            reversal_key=f"{superseded}~{run.run_key}",
            actor=actor,
            reason=f"restated by {run.run_key}",
        )
    if lines:
        post_batch(
            batch_key=run.run_key,
            clear_date=run.clear_date,
            lines=lines,
            actor=actor,
            memo=f"clear day {run.clear_date}",
        )
    return len(lines)


def _line(net: PartyNet, run: Run) -> PostingLine:
    """One net as a posting line; a negative net stands on the other side."""
    province = net.toll_province or "unknown"
    account = ACCOUNTS[net.side, net.party].format(
        issuer_id=net.issuer_id or "unknown", owner_id=net.owner_id, province=province
    )
    side = net.side
    if net.fee < 0:
        side = Side.CREDIT if side is Side.DEBIT else Side.DEBIT
    return PostingLine(
        account=account,
        side=side.value,
        amount_fen=abs(net.fee),
        owner_id=net.owner_id,
        issuer_id=net.issuer_id,
        province=net.toll_province,
        media_type=net.media_type,
        clear_date=run.clear_date,
    )
