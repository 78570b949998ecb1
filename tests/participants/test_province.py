"""The fictitious province comes with its parties, agreements and accounts."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from tollcentre.cli.parties import parties as verb
from tollcentre.participants.actions import import_parties, register_parties, seed_parties
from tollcentre.participants.queries import agreements, bank_account_of, parties
from tollcentre.participants.terms import (
    Cycle,
    OwnershipMoment,
    PartyInfo,
    PartyKind,
    SettlementModel,
)
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province

pytestmark = pytest.mark.django_db


def test_every_owner_of_the_province_has_an_agreement(tmp_path: Path) -> None:
    province = build_province(62)
    write_province(province, tmp_path)
    owners = {section.legal_owner_id for section in province.sections}
    seed_parties()
    register_parties(parties=[PartyInfo(o, PartyKind.ROAD_OWNER, o, o) for o in sorted(owners)])
    import_parties(
        parties=tmp_path / "parties.csv",
        agreements=tmp_path / "agreements.csv",
        accounts=tmp_path / "accounts.csv",
        actor="test",
    )
    day = date(2026, 11, 22)
    held = {one.party_id: one for one in agreements(day)}
    assert held.keys() == owners | {"000000", "620101"}
    of_owners = [held[owner] for owner in owners]
    assert {one.cycle for one in of_owners} == set(Cycle)
    assert {one.moment for one in of_owners} == set(OwnershipMoment)
    assert [one.model for one in of_owners].count(SettlementModel.REMIT) == 1
    assert all(bank_account_of(one.payer_bank, day) for one in held.values())
    assert len(parties(PartyKind.CHANNEL)) == 3


def test_the_verb_reports_what_was_new(tmp_path: Path) -> None:
    write_province(build_province(62), tmp_path)
    given = ["import", "--json", f"--parties={tmp_path / 'parties.csv'}",
             f"--accounts={tmp_path / 'accounts.csv'}"]  # fmt: skip
    first, again = (json.loads(CliRunner().invoke(verb, given).output) for _ in range(2))
    assert first == {"parties": 6, "sections": 0, "accounts": 2, "agreements": 0}
    assert again == dict.fromkeys(first, 0)
