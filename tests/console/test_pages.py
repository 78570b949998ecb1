"""Every page without data: it opens for the roles that may, in both languages, and for no other."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tollcentre.access.actions import record_trail
from tollcentre.access.terms import ROLE_PERMISSIONS, Role
from tollcentre.console.shell import MENU
from tollcentre.console.urls import urlpatterns

pytestmark = pytest.mark.django_db

ENTRIES = [entry for section in MENU for entry in section.entries]
PATHS = {pattern.name: f"/{pattern.pattern}" for pattern in urlpatterns}
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
OF_THE_LANGUAGE_SWITCH = {"中文"}


def reader(role: Role) -> Client:
    user = User.objects.create_user(f"test-{role}", password="x", first_name="Test")
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_the_roles_that_may(role):
    client = reader(role)
    for entry in ENTRIES:
        allowed = entry.needs is None or entry.needs in ROLE_PERMISSIONS[role]
        answer = client.get(PATHS[entry.name])
        assert answer.status_code == (200 if allowed else 403), (entry.name, role)


@pytest.mark.parametrize("role", list(Role))
def test_menu_offers_only_what_the_role_may_open(role):
    page = reader(role).get("/").content.decode()
    offered = set(re.findall(r'<a href="(/[^"]*)"', page.split("</nav>")[0]))
    allowed = {
        PATHS[entry.name]
        for entry in ENTRIES
        if entry.needs is None or entry.needs in ROLE_PERMISSIONS[role]
    }
    assert offered == allowed


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_english_page_has_no_chinese(entry):
    role = next(r for r in Role if entry.needs is None or entry.needs in ROLE_PERMISSIONS[r])
    client = reader(role)
    client.cookies["django_language"] = "en"
    text = client.get(PATHS[entry.name]).content.decode()
    visible = re.sub(r"<[^>]+placeholder=\"[^\"]*\"", "", text)
    assert set(CHINESE.findall(visible)) <= OF_THE_LANGUAGE_SWITCH


def test_page_is_chinese_whatever_the_browser_wishes():
    client = reader(Role.CLEARING_CLERK)
    page = client.get("/", headers={"accept-language": "en"})
    assert page.headers["Content-Language"] == "zh-hans"
    assert '<html lang="zh-CN">' in page.content.decode()


def test_language_switch_is_kept():
    client = reader(Role.CLEARING_CLERK)
    answer = client.post("/language", {"language": "en", "next": "/runs"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/runs"
    assert '<html lang="en">' in client.get("/runs").content.decode()


def test_stranger_is_sent_to_sign_in_and_back():
    answer = Client().get("/runs?day=2026-11-22")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=%2Fruns%3Fday%3D2026-11-22"


def test_stranger_behind_htmx_is_sent_as_a_whole_page():
    answer = Client().get("/runs", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


def test_wrong_password_is_said_without_a_hint():
    User.objects.create_user("known", password="right")
    for name in ("known", "unknown"):
        page = Client().post("/login", {"username": name, "password": "wrong"})
        assert "用户名或口令不正确" in page.content.decode()


def test_answers_carry_the_content_policy():
    answer = Client().get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    ["/runs/no-such-run", "/passages/020000", "/statements/2026-11-22/1", "/network/data/none"],
)
def test_what_is_not_there_is_refused_in_words(path):
    answer = reader(Role.CLEARING_CLERK).get(path)
    assert answer.status_code == 404
    assert "原因代码" in answer.content.decode()


@pytest.mark.parametrize("path", ["/day/2026-02-30", "/day?day=x", "/nowhere"])
def test_impossible_address_is_no_page(path):
    assert reader(Role.CLEARING_CLERK).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/day/2026-11-22/start", "/quarantine/replay"])
def test_acts_are_not_done_by_a_link(path):
    assert reader(Role.CLEARING_CLERK).get(path).status_code == 405


@pytest.mark.parametrize("path", ["/day/2026-11-22/start", "/quarantine/replay"])
def test_acts_are_refused_to_who_only_reads(path):
    assert reader(Role.AUDITOR).post(path).status_code == 403


def test_starting_a_day_without_records_is_refused():
    answer = reader(Role.CLEARING_CLERK).post("/day/2026-11-22/start")
    assert answer.status_code == 404
    assert "no_network_version" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/runs", "/passages", "/statements", "/ledger", "/quarantine", "/completeness"]
)
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_empty_list_is_exported_with_its_headings(path, suffix):
    answer = reader(Role.CLEARING_CLERK).get(f"{path}?export={suffix}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(f'.{suffix}"')
    assert len(b"".join(answer.streaming_content)) > 10


def test_trail_is_listed_paged_and_counted():
    for number in range(25):
        record_trail(actor="甲", act="test.act", subject=str(number), detail={"n": number})
    client = reader(Role.AUDITOR)
    page = client.get("/trail?act=test.act").content.decode()
    assert "共 25 条" in page
    assert page.count("test.act</span>") == 20
    part = client.get("/trail?act=test.act&page=2", headers={"hx-request": "true"})
    assert "<html" not in part.content.decode()
    assert part.content.decode().count("test.act</span>") == 5
    assert "共 25 条" in client.get("/trail?act=test.act&count=exact").content.decode()
