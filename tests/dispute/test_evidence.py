"""Evidence and positions: put together by the system, frozen, and sent to who rules."""

from pathlib import Path
from typing import Any

import pytest

from tests.dispute.local import book, clear, set_up, trade
from tests.dispute.test_own_rulings import CLERK, MANAGER, NOW
from tests.dispute.test_rulings import take, told, upload
from tollcentre.core.refusal import Refusal
from tollcentre.dispute import queries
from tollcentre.dispute.actions import submit_evidence
from tollcentre.dispute.models import Dispute, DisputeEvidence
from tollcentre.dispute.terms import Result
from tollcentre.hsm.actions import make_master_keys
from tollcentre.messages.models import SentMessage
from tollcentre.messages.queries import parcel_of

__all__ = ["upload"]
pytestmark = pytest.mark.django_db


def facts(name: str) -> dict[str, str]:
    dispute = Dispute.objects.select_related("booked").get(transaction_id=name)
    return dict(fact.split("=", 1) for fact in queries.evidence_facts([dispute], NOW)[dispute.pk])


def say(*names: str, grounds: str = "门架流水齐全") -> int:
    keys = list(Dispute.objects.filter(transaction_id__in=names).values_list("pk", flat=True))
    return submit_evidence(disputes=keys, position=Result.PAY, grounds=grounds, maker=CLERK,
                           now=NOW)  # fmt: skip


def test_within_the_province_we_know_tac_lists_repetitions_and_shares(
    tmp_path: Path, settings: Any
) -> None:
    set_up(tmp_path, settings)
    clear(trade("t1", 1), trade("t3", 3, tac="00000000"), trade("t4", 1))
    book()
    known = facts("t3")
    assert (known["tac_check"], known["listed"], known["repeated"]) == ("invalid", "no", "no")
    assert (known["checked_now"], known["share_62030010"]) == ("1", "3000")
    assert facts("t4")["repeated"] == "yes"
    assert facts("t4")["checked_now"] == "2"
    assert say("t3") == 1
    assert not SentMessage.objects.exists()


def test_evidence_of_the_toll_side_goes_to_the_ministry_once(upload: str) -> None:
    make_master_keys(issuer_ids=["620101"])
    take(told(upload)[0])
    assert facts("t3")["tac_check"] == "not_checkable"
    assert say("t2", "t3") == 2
    assert say("t2", "t3") == 0
    message = SentMessage.objects.get(kind="dispute_evidence")
    assert (message.count, message.amount_fen) == (2, 5000)
    records = parcel_of(message).records
    assert {record["of_message_id"] for record in records} == {upload}
    kept = {row.dispute.transaction_id: row for row in DisputeEvidence.objects.all()}
    for record in records:
        frozen = kept[record["transaction_id"]]
        assert (record["position"], record["reason"]) == (0, "门架流水齐全")
        assert record["evidence_digest"] == frozen.digest
        assert list(record["facts"]) == frozen.facts
    assert len(queries.disputes_without_evidence()) == 1


def test_what_was_ruled_needs_no_evidence_and_who_may_not_rule_gives_none(upload: str) -> None:
    make_master_keys(issuer_ids=["620101"])
    for content in told(upload):
        take(content)
    with pytest.raises(Refusal, match="dispute_ruled_before"):
        say("t2")
    with pytest.raises(Refusal, match="grounds_missing"):
        say("t2", grounds="")
    with pytest.raises(Refusal, match="permission_missing"):
        submit_evidence(disputes=[], position=Result.PAY, grounds="x", maker=MANAGER, now=NOW)
