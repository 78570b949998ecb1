"""The TAC: what a card makes of a charge, and what the issuer's centre verifies."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.core.clock import epoch_of
from tollcentre.core.refusal import Refusal
from tollcentre.hsm import rules
from tollcentre.hsm.software import SoftwareHsm
from tollcentre.hsm.terms import MasterKeyName, TacAlgorithm, TacData

DAY = date(2026, 11, 22)
DES = MasterKeyName("620101", TacAlgorithm.TRIPLE_DES, 1)
SM4 = MasterKeyName("620101", TacAlgorithm.SM4, 1)
CARD = "62011901230214248571"
DATA = TacData(4500, "09", "01620000B051", "001A3099", epoch_of("2024-01-17 15:30:58"))
REGIONS = [{"from": date(2000, 1, 1), "value": {"62": "甘肃"}}]


def hsm(fold: str = "left") -> SoftwareHsm:
    """A module with made-up keys of its own."""
    keys = {DES: bytes(range(16)), SM4: bytes(range(16, 32))}
    folds = [{"from": date(2020, 1, 1), "value": fold}]
    return SoftwareHsm(keys, {"region": REGIONS, "sm4_fold": folds})


def test_the_vector_that_was_worked_out_apart() -> None:
    """Self-made: by openssl from a made-up subkey; no published vector is at hand."""
    subkey = bytes.fromhex("11223344556677889900AABBCCDDEEFF")
    message = rules.tac_message(DATA)
    assert message.hex().upper() == "000011940901620000B051001A309920240117153058"
    assert rules.des_tac(subkey, message).hex().upper() == "4D986742"


def test_sm4_is_the_standard_cipher_and_folds_as_the_parameter_says() -> None:
    # GB/T 32907 appendix A: its key enciphers itself to this block; the message fills one block.
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    factor_and_complement = rules.both(key[:8])
    assert factor_and_complement == key
    assert rules.sm4_subkey(key, key[:8]).hex().upper() == "681EDF34D206965E86B3E94F536E4246"
    left, xored = (hsm(fold).tac(SM4, CARD, DATA) for fold in ("left", "xor"))
    assert left != xored


def test_padding_always_adds_the_mark() -> None:
    assert rules.padded(bytes(22), 8) == bytes(22) + b"\x80\x00"
    assert rules.padded(bytes(23), 8) == bytes(23) + b"\x80"
    assert rules.padded(bytes(24), 8) == bytes(24) + b"\x80" + bytes(7)


def test_every_card_issuer_version_and_algorithm_has_a_code_of_its_own() -> None:
    other_card, other_version = "62011901230214248572", replace(DES, key_version=2)
    module = SoftwareHsm(
        {DES: bytes(range(16)), SM4: bytes(range(16)), other_version: bytes(range(1, 17))},
        hsm()._parameters,
    )
    codes = {
        module.tac(DES, CARD, DATA),
        module.tac(SM4, CARD, DATA),
        module.tac(DES, other_card, DATA),
        module.tac(other_version, CARD, DATA),
    }
    assert len(codes) == 4


def test_the_network_digits_do_not_change_a_subkey() -> None:
    """An OBU's own number has 16 digits and a card's 20: the low 16 make the subkey."""
    assert hsm().tac(DES, CARD, DATA) == hsm().tac(DES, CARD[-16:], DATA)


def test_letters_of_a_code_may_be_small() -> None:
    code = hsm().tac(DES, CARD, DATA)
    assert hsm().verify(DES, CARD, DATA, code.lower())
    assert not hsm().verify(DES, CARD, DATA, "")
    assert not hsm().verify(DES, CARD, DATA, "全角１２")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"trans_fee_fen": -1}, "trans_fee"),
        ({"trans_fee_fen": 1 << 32}, "trans_fee"),
        ({"trans_type": "05"}, "trans_type"),
        ({"terminal_no": "01620000B05"}, "terminal_no"),
        ({"terminal_trans_no": "001A309G"}, "terminal_trans_no"),
    ],
)
def test_what_cannot_be_signed_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        hsm().tac(DES, CARD, replace(DATA, **change))
    assert (refused.value.code, refused.value.field) == ("tac_data_malformed", field)
    assert not hsm().verify(DES, CARD, replace(DATA, **change), "00000000")


@pytest.mark.parametrize("card", ["", "6201190123021424857", "6201190123021424857A"])
def test_a_number_that_is_none_has_no_subkey(card: str) -> None:
    with pytest.raises(Refusal) as refused:
        hsm().tac(DES, card, DATA)
    assert refused.value.field == "medium_no"


def test_without_the_master_key_nothing_is_signed_or_proved() -> None:
    unknown = replace(DES, key_version=9)
    with pytest.raises(Refusal) as refused:
        hsm().tac(unknown, CARD, DATA)
    assert refused.value.code == "no_such_master_key"
    assert not hsm().verify(unknown, CARD, DATA, hsm().tac(DES, CARD, DATA))


HEX = "0123456789ABCDEF"
CARDS = st.text("0123456789", min_size=20, max_size=20)
CHARGES = st.builds(
    TacData,
    st.integers(0, (1 << 32) - 1),
    st.sampled_from(["06", "09"]),
    st.text(HEX, min_size=12, max_size=12),
    st.text(HEX, min_size=8, max_size=8),
    st.integers(epoch_of("2020-01-01"), epoch_of("2035-12-31")),
)


def turned(text: str, at: int, by: int, alphabet: str) -> str:
    """The text with one sign turned into another."""
    sign = alphabet[(alphabet.index(text[at]) + by) % len(alphabet)]
    return text[:at] + sign + text[at + 1 :]


def mutated(card: str, data: TacData, tac: str, what: str, seed: int) -> tuple[str, TacData, str]:
    """The signed charge with one bit or one sign of one field changed."""
    step = seed % 9 + 1
    match what:
        case "fee":
            return card, replace(data, trans_fee_fen=data.trans_fee_fen ^ 1 << seed % 32), tac
        case "type":
            return card, replace(data, trans_type="06" if data.trans_type == "09" else "09"), tac
        case "terminal":
            changed = turned(data.terminal_no, seed % 12, step, HEX)
            return card, replace(data, terminal_no=changed), tac
        case "counter":
            changed = turned(data.terminal_trans_no, seed % 8, step, HEX)
            return card, replace(data, terminal_trans_no=changed), tac
        case "time":
            return card, replace(data, trans_time=data.trans_time ^ 1 << seed % 28), tac
        case "card":
            return turned(card, 4 + seed % 16, step, HEX[:10]), data, tac
    return card, data, f"{int(tac, 16) ^ 1 << seed % 32:08X}"


FIELDS = ("fee", "type", "terminal", "counter", "time", "card", "tac")


@given(
    CARDS, CHARGES, st.sampled_from([DES, SM4]), st.sampled_from(FIELDS), st.integers(0, 1 << 20)
)
def test_any_change_is_caught(
    card: str, data: TacData, name: MasterKeyName, what: str, seed: int
) -> None:
    module = hsm()
    tac = module.tac(name, card, data)
    assert module.verify(name, card, data, tac)
    assert not module.verify(name, *mutated(card, data, tac, what, seed))


def test_ten_thousand_changes_are_caught() -> None:
    module = hsm()
    passed = []
    for number in range(10_000):
        card = f"6201{number * 7_919_191_919 % 10**16:016d}"
        data = TacData(
            number * 37, "09" if number % 2 else "06", f"{number * 104_729:012X}",
            f"{number:08X}", DATA.trans_time + number,
        )  # fmt: skip
        name = SM4 if number % 3 == 0 else DES
        tac = module.tac(name, card, data)
        what = FIELDS[number % len(FIELDS)]
        if module.verify(name, *mutated(card, data, tac, what, number // 7)):
            passed.append((number, what))
    assert passed == []
