"""The pages of ETC 拓展: every figure leads to the trades or packs behind it."""

from datetime import date

import pytest
from django.test import Client

from tests.console.test_exchange import reader
from tests.parking.centre import NOW, PARK, Said, act, deliver, open_up, packs, take, trade
from tollcentre.access.terms import Role
from tollcentre.parking.actions import make_packs

LISTS = ("fates", "trades", "packs")


@pytest.fixture
def clerk(db: None) -> Client:
    client = reader(Role.CLEARING_CLERK)
    open_up()
    take(*(trade(n, f"{n}0.00") for n in (1, 2, 3)))
    make_packs(NOW + 300)
    [pack] = packs()
    said = Said()
    deliver(said.booking(pack, {2: 3}))
    deliver(said.statistics(date(2026, 11, 18), 2, 3_999, (pack.message_id,), ()))
    act()
    take(trade(9, "1.00"))
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    body: bytes = b"".join(answer) if answer.streaming else answer.content
    return body.decode()


def test_a_fate_leads_to_its_trades(clerk: Client) -> None:
    shown = text(clerk, "/extension/fates")
    assert f"/extension/trades?provider={PARK}&amp;fate=disputed" in shown
    found = text(clerk, f"/extension/trades?provider={PARK}&fate=disputed")
    assert "T0002" in found
    assert "T0001" not in found
    assert "用户状态变化" in found


def test_a_pack_shows_its_state_its_tries_and_what_was_confirmed(clerk: Client) -> None:
    shown = text(clerk, "/extension/packs")
    assert "/exchange/sent/1" in shown
    assert "¥40.00" in shown
    assert "T0003" in text(clerk, "/extension/trades?pack=1")


def test_statistics_that_differ_are_marked(clerk: Client) -> None:
    shown = text(clerk, "/extension/statistics")
    assert "-¥0.01" in shown
    assert "¥39.99" in shown
    assert "¥39.99" in text(clerk, "/extension/statistics/2026-11-18")
    assert "¥39.99" not in text(clerk, "/extension/statistics/2026-11-17")


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_exported_whole(clerk: Client, name: str) -> None:
    assert text(clerk, f"/extension/{name}?export=csv").count("中心停车场") > 0


def test_a_message_shows_its_times_and_rulings_in_words(clerk: Client) -> None:
    shown = text(clerk, "/exchange/sent/1")
    assert "2026-11-18 08:00:00" in shown
    assert ">95<" in shown
