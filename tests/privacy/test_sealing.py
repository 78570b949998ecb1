"""Personal data is sealed at rest, found by its digest, masked, and shown whole for a reason."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.access.models import TrailRow
from tollcentre.access.terms import Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.privacy import actions, key_file, queries, rules
from tollcentre.privacy.terms import PersonalKind, SealingKeys

CLERK = Viewer("outlet", frozenset({Role.OUTLET_CLERK}), None)
AUDITOR = Viewer("auditor", frozenset({Role.AUDITOR}), None)
ONE = SealingKeys(1, {1: bytes(range(32))}, bytes(32))
KINDS = st.sampled_from(PersonalKind)
TEXTS = st.text(min_size=1, max_size=40)


@pytest.fixture
def home(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path, ""
    return tmp_path


@given(kind=KINDS, text=TEXTS)
def test_what_is_sealed_opens_and_never_looks_the_same(kind: PersonalKind, text: str) -> None:
    sealer = queries.Sealer(ONE)
    sealed = sealer.seal(kind, text)
    assert sealer.unseal(kind, sealed) == rules.alike(kind, text)
    assert sealed != sealer.seal(kind, text)
    assert text.encode() not in sealed or len(text.encode()) < 3


@given(kind=KINDS, other=KINDS, text=TEXTS, at=st.integers(0, 200), by=st.integers(1, 255))
def test_what_was_changed_or_is_read_as_another_kind_is_refused(
    kind: PersonalKind, other: PersonalKind, text: str, at: int, by: int
) -> None:
    sealer = queries.Sealer(ONE)
    sealed = bytearray(sealer.seal(kind, text))
    if other is not kind:
        with pytest.raises(Refusal, match="sealed_unreadable"):
            sealer.unseal(other, bytes(sealed))
    sealed[at % len(sealed)] ^= by
    with pytest.raises(Refusal, match="sealed_unreadable"):
        sealer.unseal(kind, bytes(sealed))


def test_the_same_number_written_otherwise_is_found_by_the_same_digest() -> None:
    sealer = queries.Sealer(ONE)
    phone, number = PersonalKind.PHONE, PersonalKind.ID_NUMBER
    assert sealer.digest(phone, "138 1234-5678") == sealer.digest(phone, "13812345678")
    assert sealer.digest(number, "62010219800101001x") == sealer.digest(
        number, "62010219800101001X"
    )
    assert sealer.digest(phone, "13812345678") != sealer.digest(number, "13812345678")
    other = queries.Sealer(SealingKeys(1, ONE.sealing, bytes([1] * 32)))
    assert sealer.digest(phone, "13812345678") != other.digest(phone, "13812345678")
    assert sealer.digest(phone, "") == ""
    assert sealer.seal(phone, "") == b""


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (PersonalKind.NAME, "张三", "张*"),
        (PersonalKind.NAME, "欧阳建国", "欧***"),
        (PersonalKind.NAME, "甘肃某某物流有限公司", "甘肃******公司"),
        (PersonalKind.PHONE, "13812345678", "138****5678"),
        (PersonalKind.PHONE, "12345", "*****"),
        (PersonalKind.ID_NUMBER, "62010219800101001X", "620***********001X"),
        (PersonalKind.BANK_ACCOUNT, "6222020000000001234", "***************1234"),
        (PersonalKind.ADDRESS, "甘肃省兰州市某区某路1号", "甘肃省兰州市******"),
    ],
)
def test_what_everybody_sees(kind: PersonalKind, text: str, shown: str) -> None:
    assert rules.masked(kind, text) == shown


def test_keys_are_made_once_for_the_owner_alone_and_a_new_one_seals_while_the_old_opens(
    home: Path,
) -> None:
    assert actions.make_sealing_keys()
    text = queries.key_path().read_text()
    assert not actions.make_sealing_keys()
    assert queries.key_path().read_text() == text
    assert stat.S_IMODE(queries.key_path().stat().st_mode) == 0o600
    old = queries.sealer().seal(PersonalKind.NAME, "张三")
    digest = queries.sealer().digest(PersonalKind.NAME, "张三")
    assert actions.add_sealing_key() == 2
    new = queries.sealer().seal(PersonalKind.NAME, "张三")
    assert (old[0], new[0]) == (1, 2)
    assert [queries.sealer().unseal(PersonalKind.NAME, one) for one in (old, new)] == ["张三"] * 2
    assert queries.sealer().digest(PersonalKind.NAME, "张三") == digest


def test_a_home_without_keys_is_refused(home: Path) -> None:
    with pytest.raises(Refusal, match="personal_keys_missing"):
        queries.sealer()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"sealing": {}, "searching": "00"}', '{"sealing": 1, "searching": "00"}',
     json.dumps({"sealing": {"1": "00"}, "searching": "00" * 32}),
     json.dumps({"sealing": {"300": "00" * 32}, "searching": "00" * 32}),
     json.dumps({"sealing": {"1": "zz" * 32}, "searching": "00" * 32})],
)  # fmt: skip
def test_malformed_keys_are_refused_unshown(text: str) -> None:
    with pytest.raises(Refusal, match="personal_keys_malformed") as told:
        key_file.read_keys(text, "here")
    assert "zz" not in told.value.text()


@pytest.mark.django_db
def test_who_sees_a_text_whole_says_why_and_is_in_the_trail(home: Path) -> None:
    actions.make_sealing_keys()
    sealed = queries.sealer().seal(PersonalKind.PHONE, "13812345678")
    asked = {"kind": PersonalKind.PHONE, "sealed": sealed, "subject": "C1"}
    with pytest.raises(Refusal, match="permission_missing"):
        actions.unmask(**asked, reason="客户来电核对", viewer=AUDITOR)
    with pytest.raises(Refusal, match="reason_for_unmasking_missing"):
        actions.unmask(**asked, reason=" 看看 ", viewer=CLERK)
    assert not TrailRow.objects.exists()
    assert actions.unmask(**asked, reason="客户来电核对", viewer=CLERK) == "13812345678"
    row = TrailRow.objects.get()
    assert (row.actor, row.act, row.subject) == ("outlet", "privacy.unmask", "C1")
    assert "13812345678" not in json.dumps(row.detail)
