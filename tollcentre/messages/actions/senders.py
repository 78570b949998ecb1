"""Senders, their tokens, and the batches that they deliver over HTTP."""

import hashlib
import re
import secrets
import time
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tollcentre.access.actions import record_trail
from tollcentre.core.refusal import Refusal

from ..codecs.definitions import limits
from ..codecs.json_blocks import records_block
from ..models import DeliveredBatch, IntakeBatch, Sender
from ..queries import delivery, digest_of
from ..terms import KEY_REUSED, SENDER_EXISTS, SENDER_NAME_INVALID, IntakeReport, RecordKind
from .landing import SeenKeys
from .take_in import intake_lock, take_in_pieces

DELIVERY_WAIT_S = 30.0
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def create_sender(*, name: str, actor: str, devices: str = "") -> str:
    """Make a sender and return its token, which is shown this once and stored as a digest.

    `devices`: beginnings of the ids of the devices whose records it sends, divided by |.
    """
    if not NAME.fullmatch(name):
        raise Refusal(SENDER_NAME_INVALID, "name")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        record_trail(
            actor=actor,
            act="create_sender",
            subject=name,
            detail={"devices": devices} if devices else {},
        )
        if Sender.objects.filter(name=name).exists():
            raise Refusal(SENDER_EXISTS, "name", name=name)
        Sender.objects.create(
            name=name, devices=devices, token_digest=digest_of(token), created_at=timezone.now()
        )
    return token


def disable_sender(*, name: str, actor: str) -> bool:
    """Take a sender's token away; False where no enabled sender has that name."""
    with transaction.atomic():
        changed = Sender.objects.filter(name=name, disabled_at=None).update(
            disabled_at=timezone.now()
        )
        if changed:
            record_trail(actor=actor, act="disable_sender", subject=name, detail={})
    return bool(changed)


def take_in_delivery(
    *,
    sender: Sender,
    key: str,
    body: bytes,
    kind: RecordKind,
    records: list[dict[str, Any]],
    now: int | None = None,
) -> tuple[dict[str, Any], bool]:
    """Take in one HTTP batch; the receipt, and whether it is that of an earlier delivery.

    The receipt is stored with the records in one transaction: a sender that lost the answer
    asks again with the same key and gets the same receipt. Another body under a kept key is
    refused.
    """
    digest = hashlib.sha256(body).hexdigest()
    content = hashlib.sha256(f"{sender.pk}\x1f{key}\x1f{digest}".encode()).hexdigest()
    with intake_lock(DELIVERY_WAIT_S):
        earlier = delivery(sender, key, now=timezone.now())
        if earlier is not None:
            if earlier.body_sha256 != digest:
                raise Refusal(KEY_REUSED, "Idempotency-Key", key=key)
            return earlier.receipt, True
        kept: list[dict[str, Any]] = []

        def keep_receipt(report: IntakeReport, batch: IntakeBatch) -> None:
            receipt = _receipt(key, kind, report, batch)
            DeliveredBatch.objects.update_or_create(
                sender=sender,
                key=key,
                defaults={
                    "body_sha256": digest,
                    "receipt": receipt,
                    "received_at": timezone.now(),
                },
            )
            kept.append(receipt)

        take_in_pieces(
            pieces=[lambda: records_block(kind, records)],
            source="http",
            name=key,
            sha256=lambda: content,
            size_bytes=len(body),
            seen=SeenKeys(),
            now=int(time.time()) if now is None else now,
            actor=f"sender:{sender.name}",
            sender=sender,
            within=keep_receipt,
        )
    return kept[0], False


def _receipt(
    key: str, kind: RecordKind, report: IntakeReport, batch: IntakeBatch
) -> dict[str, Any]:
    """What the sender is told: every record is accepted, quarantined or a duplicate."""
    return {
        "key": key,
        "batch": batch.key,
        "kind": kind.value,
        "received": report.rows_read,
        "accepted": report.accepted,
        "quarantined": report.quarantined,
        "duplicates": report.duplicates,
        "reasons": dict(sorted(report.reasons.items())),
        "anomalies": dict(sorted(report.anomalies.items())),
        "unknown_columns": sorted(report.unknown_columns),
        "days": sorted(report.days),
    }


def forget_old_deliveries() -> int:
    """Remove receipts whose idempotency key is no longer kept; how many went."""
    oldest = timezone.now() - timedelta(days=limits()["idempotency_days"])
    return DeliveredBatch.objects.filter(received_at__lt=oldest).delete()[0]
