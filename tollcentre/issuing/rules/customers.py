"""What a customer's data must be: documents with their check digits, phones, contracts."""

import re
from dataclasses import dataclass

from stdnum.cn import ric, uscc

from tollcentre.core.refusal import Refusal

from ..terms import (
    BANK_ACCOUNT_MISSING,
    CUSTOMER_FIELD_MISSING,
    ID_NUMBER_WRONG,
    ID_TYPE_UNKNOWN,
    PHONE_WRONG,
    ContractGiven,
    ContractKind,
    CustomerGiven,
)

PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
DOCUMENT = re.compile(r"[0-9A-Za-z()-]{5,30}")
ACCOUNT = re.compile(r"[0-9]{8,30}")
NAMED = {"name": 80, "id_number": 30, "phone": 20, "address": 200}


@dataclass(frozen=True)
class IssuingParameters:
    """What issuing goes by on a day."""

    issuer_id: str
    networks: tuple[str, ...]
    enabled_years: int
    check_again_s: int
    id_types: dict[str, tuple[str, ...]]
    resident_id: str
    credit_code: str


def check_customer(given: CustomerGiven, rules: IssuingParameters) -> None:
    """Refuse a customer of whom something lacks or is malformed; values are never shown."""
    for name, most in NAMED.items():
        value = getattr(given, name).strip()
        if (not value and name != "address") or len(value) > most or not value.isprintable():
            raise Refusal(CUSTOMER_FIELD_MISSING, name, name=name)
    if given.id_type not in rules.id_types[given.kind]:
        raise Refusal(ID_TYPE_UNKNOWN, "id_type", value=given.id_type)
    number = given.id_number.strip().upper()
    checked = {rules.resident_id: ric.is_valid, rules.credit_code: uscc.is_valid}
    valid = checked.get(given.id_type, lambda text: bool(DOCUMENT.fullmatch(text)))
    if not valid(number):
        raise Refusal(ID_NUMBER_WRONG, "id_number")
    if not PHONE.fullmatch(given.phone.strip()):
        raise Refusal(PHONE_WRONG, "phone")


def check_contract(given: ContractGiven) -> None:
    """Refuse a contract with a bank that lacks the bank or an account of digits."""
    if given.kind is ContractKind.BANK and not (
        given.bank.strip() and ACCOUNT.fullmatch(given.account.strip())
    ):
        raise Refusal(BANK_ACCOUNT_MISSING, "account")
