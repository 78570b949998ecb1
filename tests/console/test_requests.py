"""The page of missed hour batches: who may close one, and what is said."""

from datetime import date

import pytest

from tests.console.test_exchange import reader
from tollcentre.access.terms import Role
from tollcentre.monitoring.models import BatchRequest

pytestmark = pytest.mark.django_db
NOW = 1_795_000_000


@pytest.fixture
def request_row() -> BatchRequest:
    return BatchRequest.objects.create(
        device_id="G009962001001320130", hour="2026112208", record_kind="gantry_trade",
        event_day=date(2026, 11, 22), declared_count=40, missing_count=3, state="open",
        first_missed_at=NOW, asked_at=NOW, next_ask_at=NOW + 3600,
    )  # fmt: skip


def test_a_clerk_closes_a_request_with_a_reason(request_row: BatchRequest) -> None:
    clerk = reader(Role.CLEARING_CLERK)
    page = clerk.get("/completeness/requests").content.decode()
    assert "2026-11-22 08:00" in page
    assert "关闭催补" in page
    address = "/completeness/requests/close"
    told = clerk.post(address, {"number": request_row.pk, "reason": ""}, follow=True)
    assert "须说明原因" in told.content.decode()
    told = clerk.post(address, {"number": request_row.pk, "reason": "设备损毁"}, follow=True)
    assert "催补已关闭" in told.content.decode()
    request_row.refresh_from_db()
    assert (request_row.state, request_row.reason) == ("closed", "设备损毁")
    told = clerk.post(address, {"number": "x", "reason": "r"}, follow=True)
    assert "没有待补的催补" in told.content.decode()


def test_who_may_not_bring_records_in_may_not_close(request_row: BatchRequest) -> None:
    manager = reader(Role.MANAGER)
    assert "关闭催补" not in manager.get("/completeness/requests").content.decode()
    answer = manager.post("/completeness/requests/close", {"number": request_row.pk, "reason": "r"})
    assert answer.status_code == 403
