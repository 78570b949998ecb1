"""Media that sign at exits: every TAC proves its record, and each planted fault is told."""

import csv
import json

import pytest

from tests.simulation.days import rows_of, run
from tollcentre.core.clock import epoch_of
from tollcentre.hsm.queries import hsm_of_file
from tollcentre.hsm.terms import MasterKeyName, TacAlgorithm, TacData

RATES = {"unregistered_rate": 0.1, "listed_rate": 0.1, "broken_tac_rate": 0.1,
         "repeated_charge_rate": 0.1}  # fmt: skip


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "hsm.json"
    rows = [{"issuer_id": "620101", "algorithm": algorithm, "key_version": 1, "key": "5A" * 16}
            for algorithm in (1, 2)]  # fmt: skip
    path.write_text(json.dumps(rows), encoding="ascii")
    return path


@pytest.fixture(scope="module")
def signed_day(network, keys, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    run(network, folder, tac_keys=keys, noise=RATES)
    return folder


def proves(module, row):
    dual = row["PAYCARDTYPE"] in ("22", "23")
    number = row["PAYCARDNET"] + row["PAYCARDID"] if dual else row["OBUID"]
    algorithm = TacAlgorithm(int(row["ALGORITHMIDENTIFIER"]))
    data = TacData(abs(int(row["TRANSFEE"])), row["TRANSTYPE"], row["TERMINALNO"],
                   row["TERMINALTRANSNO"], epoch_of(row["EXTIME"]))  # fmt: skip
    return module.verify(MasterKeyName("620101", algorithm, 1), number, data, row["TAC"])


def faults(folder):
    found = {}
    for row in rows_of(folder, "truth_faults.csv"):
        found.setdefault(row["fault"], set()).add(row["record_id"])
    return found


def test_own_media_sign_here_and_every_tac_that_was_not_broken_proves_its_record(signed_day, keys):
    module, told = hsm_of_file(keys), faults(signed_day)
    signed = [row for row in rows_of(signed_day, "tbl_ExWasteRec_*.csv")
              if row["TAC"] and row["MODIFYFLAG"] == "1"]  # fmt: skip
    assert len(signed) > 100
    assert {row["TOLLPROVINCEID"] for row in signed} == {"620201"}
    first = [row for row in signed if row["ID"] not in told["repeated_charge"]]
    wrong = {row["ID"] for row in first if not proves(module, row)}
    assert wrong == told["broken_tac"]
    assert all(int(row["BALANCEBEFORE"]) - int(row["BALANCEAFTER"]) == int(row["TRANSFEE"])
               for row in signed if row["BALANCEBEFORE"])  # fmt: skip


def test_the_register_lacks_the_unregistered_and_the_list_names_the_listed(signed_day):
    told = faults(signed_day)
    media = {row["medium_no"] for row in rows_of(signed_day, "media.csv")}
    listed = {row["medium_no"] for row in rows_of(signed_day, "status_list.csv")}
    exits = {row["ID"]: row for row in rows_of(signed_day, "tbl_ExWasteRec_*.csv")}
    assert told["unregistered_medium"]
    assert told["listed_medium"]
    for record in told["unregistered_medium"]:
        assert exits[record]["OBUID"] not in media
    for record in told["listed_medium"]:
        row = exits[record]
        assert {row["OBUID"], row["PAYCARDNET"] + row["PAYCARDID"]} & listed
        assert row["OBUID"] in media


def test_a_repeated_charge_is_the_same_charge_under_another_id(signed_day):
    charges, told = {}, faults(signed_day)
    for row in rows_of(signed_day, "tbl_ExWasteRec_*.csv"):
        if row["TAC"] and row["MODIFYFLAG"] == "1":
            key = (row["OBUID"], row["TERMINALNO"], row["TERMINALTRANSNO"], row["EXTIME"])
            charges.setdefault(key, set()).add(row["ID"])
    again = {record for ids in charges.values() if len(ids) > 1 for record in ids}
    assert told["repeated_charge"] < again
    assert len(again) == 2 * len(told["repeated_charge"])


def test_without_keys_nothing_is_signed_and_without_noise_nothing_is_planted(
    network, keys, tmp_path, quiet_day
):
    header = next(csv.reader(next(quiet_day.glob("tbl_ExWasteRec_*.csv")).open(encoding="utf-8")))
    assert "TAC" not in header
    run(network, tmp_path, passages=200, quiet=True, tac_keys=keys)
    assert not faults(tmp_path).keys() & {name.removesuffix("_rate") for name in RATES}
    assert rows_of(tmp_path, "status_list.csv") == []
