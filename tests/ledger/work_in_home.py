"""What tests do inside a home in a process of its own: post, reverse, tamper, tell digests."""

import json
import os
import sys
from datetime import date, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")

import django

django.setup()

import pyarrow as pa  # noqa: E402 - as above
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from tollcentre.access import actions as access  # noqa: E402
from tollcentre.access.queries import trail_content_digest  # noqa: E402
from tollcentre.access.terms import SHELL_VIEWER  # noqa: E402
from tollcentre.lake.actions import write_table  # noqa: E402
from tollcentre.ledger import actions, queries  # noqa: E402
from tollcentre.ledger.terms import PostingLine  # noqa: E402

FIRST_DAY = date(2026, 1, 1)


def post_one(number: int, *, with_file: bool) -> None:
    """Batch `run-N`, its lake file first; every third one is reversed in the same transaction."""
    key, day, fen = f"run-{number}", FIRST_DAY + timedelta(number % 300), 100 + number
    if with_file:
        table = pa.table({"fee": pa.array([number] * 3, pa.int64())})
        write_table(relation="share", partition=f"clear_date={day}", run_key=key, table=table)
    with transaction.atomic():
        actions.post_batch(
            batch_key=key,
            clear_date=day,
            lines=[
                PostingLine(
                    "receivable.issuer.620101", "debit", fen, issuer_id="620101", media_type=1
                ),
                PostingLine(f"payable.owner.{number % 7}", "credit", fen, str(number % 7)),
            ],
            actor=f"process {os.getpid()}",
            memo="clear day",
        )
        if number % 3 == 0:
            actions.reverse_batch(
                batch_key=key, reversal_key=f"{key}~", actor="clerk", reason="restated"
            )


def post(first: str, last: str, files: str = "no") -> None:
    for number in range(int(first), int(last)):
        post_one(number, with_file=files == "files")
        print(number, file=sys.stderr, flush=True)


def digests() -> dict[str, object]:
    trial = queries.trial_balance(viewer=SHELL_VIEWER)
    return {
        "ledger": queries.content_digest_of_all(),
        "trail": trail_content_digest(),
        "balances": {row.account: row.balance_fen for row in trial.rows},
    }


def sign_in() -> None:
    """A demo user, and an open session of somebody."""
    from django.conf import settings  # noqa: PLC0415 - the settings are named first
    from django.contrib.sessions.models import Session  # noqa: PLC0415 - as above

    access.seed_demo_users(settings.HOME, owner_ids=["3"])
    Session.objects.create(session_key="stolen", session_data="x", expire_date=timezone.now())


def count_sessions() -> int:
    from django.contrib.sessions.models import Session  # noqa: PLC0415 - as above

    return Session.objects.count()


ACTS = {"post": post, "digests": digests, "sign_in": sign_in, "count_sessions": count_sessions}

if __name__ == "__main__":
    print(json.dumps(ACTS[sys.argv[1]](*sys.argv[2:])))
