"""The main walk, in a real browser: sign in, run the day, follow a passage, take the statement."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from .conftest import DAY, Reader, Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AMOUNT = re.compile(r"-?¥[\d,]+\.\d\d")
MENU = ".menu a"


def fen(text: str) -> int:
    """Fen of `¥1,234.56`."""
    found = AMOUNT.search(text)
    assert found is not None, text
    return int(found.group().replace("¥", "").replace(",", "").replace(".", ""))


def column_of(reader: Reader, table: str, place: int) -> list[str]:
    """The texts of one column of a table's body, 1 being the first."""
    return reader.page.locator(f"{table} tbody tr td:nth-child({place})").all_inner_texts()


def test_from_sign_in_to_the_statement(reader: Reader, cleared: Served) -> None:
    page = reader.page
    reader.sign_in("clerk")
    reader.open(f"/day/{DAY}")
    assert page.locator(".tag.bad").count() == 0
    assert page.locator(".tag.good", has_text="相等").count() == 3

    page.click(".figures a")
    page.wait_for_url("**/passages?**")
    page.locator("table.grid tbody a.code, table.grid tbody td a").first.click()
    page.wait_for_url("**/passages/*")
    units = page.locator("table", has=page.get_by_text("来历")).first
    rows = units.locator("tbody tr")
    shares = [fen(text) for text in rows.locator("td:nth-child(10)").all_inner_texts() if text]
    total = fen(units.locator("tfoot td:nth-child(6)").inner_text())
    assert sum(shares) == total
    assert page.locator(".timeline li").count() > 0
    page.wait_for_selector("[data-passage-map][data-ready]")

    reader.open(f"/statements?day={DAY}")
    earned = fen(page.locator("table.grid tbody tr td:last-child").first.inner_text())
    page.locator("table.grid tbody td a").first.click()
    page.wait_for_url("**/statements/*/*")
    assert fen(page.locator(".figures .value").first.inner_text()) == earned
    with page.expect_download() as workbook:
        page.click("text=Excel")
    path = workbook.value.path()
    book = CalamineWorkbook.from_filelike(BytesIO(Path(path).read_bytes()))
    last = book.get_sheet_by_index(0).to_python()[-1]
    assert round(last[-1] * 100) == earned
    with page.expect_download() as pages:
        page.click("text=PDF")
    assert Path(pages.value.path()).read_bytes().startswith(b"%PDF-")
    assert reader.troubles == []


def test_no_request_leaves_this_machine(reader: Reader, cleared: Served) -> None:
    """Every page of the menu, in both languages, asks this machine only, and nothing fails.

    A page is opened by the first of the three that has it.
    """
    opened: set[tuple[str, str]] = set()
    for name in ("clerk", "manager", "admin"):
        reader.sign_in(name)
        for language in ("zh-hans", "en"):
            reader.page.click(f".lang button[value={language}]")
            reader.page.wait_for_selector(f".lang button[value={language}][aria-pressed=true]")
            menu = reader.page.locator(MENU)
            paths = [link.get_attribute("href") or "" for link in menu.all()]
            assert len(paths) >= 6
            for path in paths:
                if (language, path) in opened:
                    continue
                opened.add((language, path))
                assert reader.open(path) == 200
                reader.page.wait_for_load_state("networkidle")
                width = reader.page.evaluate("document.documentElement.scrollWidth")
                assert width <= 1366, f"{path} is {width} wide in {language}"
        reader.page.click("details.user summary")
        reader.page.click("details.user button.plain")
        reader.page.wait_for_url("**/login")
    outside = [
        url for url in reader.requested
        if not url.startswith((cleared.address + "/", "data:", "blob:"))
    ]  # fmt: skip
    assert outside == []
    assert reader.troubles == []


def test_english_pages_show_no_untranslated_menu(reader: Reader, cleared: Served) -> None:
    reader.sign_in("manager")
    reader.page.click(".lang button[value=en]")
    reader.page.wait_for_selector(".lang button[value=en][aria-pressed=true]")
    assert not re.search(r"[\u4e00-\u9fff]", reader.page.locator(".side").inner_text())
    assert reader.page.locator("html").get_attribute("lang") == "en"


def test_road_owner_sees_own_statement_only(reader: Reader, cleared: Served) -> None:
    page = reader.page
    reader.sign_in("owner")
    paths = [link.get_attribute("href") for link in page.locator(MENU).all()]
    assert "/passages" not in paths
    assert "/ledger" not in paths
    reader.open(f"/statements?day={DAY}")
    assert column_of(reader, "table.grid", 2) == [cleared.owner_id]
    assert reader.open(f"/statements/{DAY}/6203002") == 404
    assert reader.open("/passages") == 403
    assert reader.open(f"/day/{DAY}/plan") == 403


def test_list_page_turns_chooses_columns_and_exports(reader: Reader, cleared: Served) -> None:
    page = reader.page
    reader.sign_in("clerk")
    reader.open(f"/passages?day={DAY}")
    first = page.locator("table.grid tbody a").first.inner_text()
    page.click(".pager a:has-text('2')")
    page.wait_for_url("**page=2**")
    page.wait_for_function(
        "text => document.querySelector('table.grid tbody a').innerText !== text", arg=first
    )
    page.click(".chooser summary:has-text('列')")
    page.check(".chooser input[value=issuer_id]")
    page.wait_for_selector("table.grid th:has-text('发行方')")
    page.click(".chooser summary:has-text('导出')")
    with page.expect_download() as download:
        page.click(".chooser a:has-text('CSV')")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    assert "发行方" in lines[0]
    total = int(re.sub(r"\D", "", page.locator(".pager .total span").inner_text()))
    assert len(lines) - 1 == total


def click_station(reader: Reader, place: int) -> str:
    """Click the map where a station is drawn; its name."""
    found = reader.page.evaluate(
        """place => {
          const drawn = window.TollMap.drawn;
          const station = drawn.network.stations[place];
          drawn.map.setView(station.at, 11, { animate: false });
          const at = drawn.map.latLngToContainerPoint(station.at);
          return [at.x, at.y, station.name];
        }""",
        place,
    )
    box = reader.page.locator("[data-tariff-map]").bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + found[0], box["y"] + found[1])
    return str(found[2])


def test_journey_is_priced_by_clicking_two_stations(reader: Reader, served: Served) -> None:
    page = reader.page
    reader.sign_in("clerk")
    reader.open("/tariff")
    page.wait_for_selector("[data-tariff-map][data-ready]")
    entry = click_station(reader, 3)
    page.wait_for_function("document.getElementById('entry').value !== ''")
    exit_ = click_station(reader, 20)
    page.wait_for_selector("#answer [data-units]")
    assert page.input_value("#entry").startswith(f"{entry} ")
    assert page.input_value("#exit").startswith(f"{exit_} ")
    fee = fen(page.locator("#answer .figures .value").first.inner_text())
    units = column_of(reader, "#answer .span8 table", 8)
    owners = column_of(reader, "#answer .span4 table", 3)
    assert fee > 0
    assert sum(fen(text) for text in units) == fee
    assert sum(fen(text) for text in owners) == fee
    page.fill("#exit", "没有这个站")
    page.click("#price .btn.main")
    page.wait_for_selector("#answer .notice.bad")
    assert reader.troubles == []
