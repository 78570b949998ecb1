"""What a cleared day's lanes took that no issuer books: kept in the lake, due from then on."""

from datetime import date

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.lake.actions import write_parquet
from tollcentre.lake.queries import connect

from ..models import LaneDay
from ..queries.lanes import payments_sql
from ..queries.parameters import pay_means
from ..terms import LANE_PAYMENTS
from .restate import post_moves, restate_day


def keep_lane_payments(*, run_key: str, day: date) -> int:
    """Write a run's payments at lanes to the lake under its key; gives the rows."""
    con = connect()
    try:
        con.register("pay_means", pay_means(day))
        stored = write_parquet(
            relation=LANE_PAYMENTS,
            partition=f"clear_date={day}",
            run_key=run_key,
            con=con,
            select=payments_sql(run_key, day),
            control_sums={"fee": "coalesce(sum(fee), 0)"},
        )
    finally:
        con.close()
    return stored.rows


def take_lane_day(*, run_key: str, day: date, actor: str) -> None:
    """Let a run's payments stand for its day, instead of an earlier run's.

    Inside the caller's transaction, so that what is due changes with what clearing posts.
    """
    hold_trail()
    standing, _ = LaneDay.objects.update_or_create(clear_date=day, defaults={"run_key": run_key})
    post_moves(cause=f"lanes:{run_key}", clear_date=day, lines=restate_day(day), actor=actor)
    record_trail(
        actor=actor, act="deposit.take_lane_day", subject=standing.run_key,
        detail={"clear_date": day.isoformat()},
    )  # fmt: skip
