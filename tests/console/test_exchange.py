"""Pages of the exchange: what stands there, and that a person can bring a stuck message on."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client

from tollcentre.access.terms import Role
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.terms import Receipt, ResultCode

pytestmark = pytest.mark.django_db
NOW = 1_795_000_000
DAY = date(2026, 11, 18)


def reader(role: Role) -> Client:
    user = User.objects.create_user(f"test-{role}", password="x")
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def refused() -> Any:
    """A message of ours that the peer refused."""
    actions.add_peer(code="000000", own_code="620201", address="http://x", actor="t", now=NOW)
    with transaction.atomic():
        made = actions.queue_messages(
            cause="run/610101", kind="exit_upload", receiver="000000", clear_date=DAY, now=NOW,
            fields={"clear_date": DAY, "split_no": 1},
            records=[{"transaction_id": "t1", "issuer_id": "610101", "media_type": 1,
                      "vehicle_id": "甘A12345_0", "vehicle_type": 1, "ex_station_id": "G1",
                      "ex_time": NOW, "exit_fee_type": 1, "pay_fee": 123_456, "discount_fee": 0,
                      "fee": 123_456, "multi_province": 0}],
        )[0]  # fmt: skip
    actions.record_try(
        message_id=made.message_id, now=NOW, fault="",
        receipt=Receipt(made.message_id, ResultCode.CONTENT, 1, 123_456, made.digest, "no"),
    )  # fmt: skip
    return made


def test_a_refused_message_is_told_in_the_inbox_and_sent_again(refused: Any) -> None:
    clerk = reader(Role.CLEARING_CLERK)
    assert "对端拒收的报文" in clerk.get("/").content.decode()
    page = clerk.get(f"/exchange/sent/{refused.message_id}").content.decode()
    assert "¥1,234.56" in page
    assert "4 报文内容错误" in page
    assert "重新发送" in page
    answer = clerk.post(f"/exchange/sent/{refused.message_id}/again")
    assert answer.status_code == 302
    assert messages.messages_due(2**40, 9) == [refused]
    again = clerk.post(f"/exchange/sent/{refused.message_id}/again", follow=True)
    assert "无须人工重发" in again.content.decode()


def test_who_may_not_run_the_exchange_sees_no_button_and_no_plate(refused: Any) -> None:
    manager = reader(Role.MANAGER)
    page = manager.get(f"/exchange/sent/{refused.message_id}").content.decode()
    assert "重新发送" not in page
    assert "甘A12345" not in page
    assert manager.post(f"/exchange/sent/{refused.message_id}/again").status_code == 403


@pytest.mark.parametrize("path", ["/exchange/sent/none", "/exchange/received/000000/none"])
def test_a_message_that_is_not_there_is_refused_in_words(path: str) -> None:
    answer = reader(Role.CLEARING_CLERK).get(path)
    assert answer.status_code == 404
    assert "none" in answer.content.decode()


def test_notices_bills_and_peers_stand_on_pages() -> None:
    actions.add_channel(
        code="wechat", own_code="620201", address="http://x", actor="t", now=NOW - 86_400
    )  # fmt: skip
    notice = b'{"noticeId":"n1","orderNo":"4200001","stationId":"G1","amountFen":950,"paidAt":1}'
    channel = messages.peer("wechat")
    actions.take_notice(channel=channel, body=notice, refused=None, now=NOW)
    actions.await_bills(now=NOW)
    [due] = messages.bills_due("wechat", NOW, 9)
    actions.take_bill(
        row=due.pk, body=None, status=404, fault="HTTP 404", check=lambda parcel: None, now=NOW
    )  # fmt: skip
    actions.take_bill(
        row=due.pk, body=b"H|1|", status=200, fault="", check=lambda parcel: None, now=NOW
    )  # fmt: skip
    clerk = reader(Role.CLEARING_CLERK)
    page = clerk.get("/exchange/notices").content.decode()
    assert "4200001" in page
    assert "¥9.50" in page
    bills = clerk.get("/exchange/bills?state=missing").content.decode()
    assert f"/exchange/bills/wechat/{due.day}" in bills
    one = clerk.get(f"/exchange/bills/wechat/{due.day}").content.decode()
    assert "HTTP 404" in one
    assert "2 报文头错误" in one
    assert "支付渠道" in clerk.get("/exchange/peers").content.decode()
    for path in ("/exchange/bills/wechat/2020-01-01", "/exchange/bills/wechat/x"):
        assert clerk.get(path).status_code == 404
