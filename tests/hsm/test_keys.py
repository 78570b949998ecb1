"""Master keys: made once a home, kept to their owner, shown nowhere."""

import copy
import json
import logging
import pickle
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest

from tollcentre.config.environment import Environment
from tollcentre.core.refusal import Refusal
from tollcentre.hsm.actions import make_master_keys
from tollcentre.hsm.queries import key_path, open_hsm
from tollcentre.hsm.terms import MasterKeyName, TacAlgorithm, TacData

NAME = MasterKeyName("620101", TacAlgorithm.TRIPLE_DES, 1)
CARD = "62011901230214248571"
DATA = TacData(4500, "09", "01620000B051", "001A3099", 1_705_476_658)
KEY = "11223344556677889900AABBCCDDEEFF"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """An empty home whose keys do not come from the environment."""
    settings.HOME, settings.HSM_KEYS = tmp_path, ""
    return tmp_path


def as_text(**changes: object) -> str:
    return json.dumps(
        [{"issuer_id": "620101", "algorithm": 1, "key_version": 1, "key": KEY} | changes]
    )


def test_a_home_without_keys_signs_nothing() -> None:
    with pytest.raises(Refusal) as refused:
        open_hsm()
    assert refused.value.code == "master_keys_missing"


def test_set_up_makes_a_key_an_issuer_and_algorithm_for_the_owner_only() -> None:
    made = make_master_keys(issuer_ids=["620102", "620101"])
    assert made == [
        MasterKeyName(issuer_id, algorithm, 1)
        for issuer_id in ("620101", "620102")
        for algorithm in (TacAlgorithm.TRIPLE_DES, TacAlgorithm.SM4)
    ]
    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600
    assert len({row["key"] for row in json.loads(key_path().read_text("ascii"))}) == 4
    tac = open_hsm().tac(NAME, CARD, DATA)
    assert open_hsm().verify(NAME, CARD, DATA, tac)


def test_keys_that_stand_are_never_replaced() -> None:
    make_master_keys(issuer_ids=["620101"])
    before = key_path().read_text("ascii")
    assert make_master_keys(issuer_ids=["620101"]) == []
    assert key_path().read_text("ascii") == before
    tac = open_hsm().tac(NAME, CARD, DATA)
    assert [name.issuer_id for name in make_master_keys(issuer_ids=["620102"])] == ["620102"] * 2
    assert open_hsm().verify(NAME, CARD, DATA, tac)


def test_two_homes_have_different_keys(settings: Any, tmp_path: Path) -> None:
    codes = []
    for name in ("one", "two"):
        settings.HOME = tmp_path / name
        make_master_keys(issuer_ids=["620101"])
        codes.append(open_hsm().tac(NAME, CARD, DATA))
    assert codes[0] != codes[1]


def test_keys_may_come_from_the_environment(settings: Any) -> None:
    settings.HSM_KEYS = as_text()
    assert make_master_keys(issuer_ids=["620101"]) == []
    assert not key_path().exists()
    assert open_hsm().verify(NAME, CARD, DATA, open_hsm().tac(NAME, CARD, DATA))


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "{}",
        json.dumps([KEY]),
        as_text(issuer_id="62"),
        as_text(algorithm=3),
        as_text(key_version="1"),
        as_text(key=KEY + "0"),
        as_text()[:-1] + "," + as_text()[1:],
    ],
    ids=["no json", "no list", "no row", "issuer", "algorithm", "version", "key", "twice"],
)
def test_a_key_text_that_is_wrong_is_refused_and_not_shown(settings: Any, text: str) -> None:
    settings.HSM_KEYS = text
    with pytest.raises(Refusal) as refused:
        open_hsm()
    assert refused.value.code == "master_keys_malformed"
    assert KEY not in "".join(traceback.format_exception(refused.value))


def test_no_key_is_ever_shown(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HSM_KEYS = as_text()
    module = open_hsm()
    caplog.set_level(logging.DEBUG)
    module.tac(NAME, CARD, DATA)
    with pytest.raises(Refusal) as refused:
        module.tac(MasterKeyName("620101", TacAlgorithm.SM4, 1), CARD, DATA)
    monkeypatch.setenv("TOLLCENTRE_HSM_KEYS", as_text())
    shown = [repr(module), str(module), str(refused.value), caplog.text, repr(Environment.read())]
    as_bytes = repr(bytes.fromhex(KEY))
    assert not [text for text in shown if KEY in text.upper() or as_bytes in text]
    for written in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            written(module)
