"""`tollcentre price` and `tollcentre network import` as scripts call them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.network.files import RAMP, A, B, load
from tests.tariff.roads import NO_TYPE, roads
from tollcentre.cli.network import network
from tollcentre.cli.price import price

pytestmark = pytest.mark.django_db


def ask(*units: str, more: tuple[str, ...] = ()) -> Result:
    arguments = ["--units", ",".join(units), "--vehicle-type", "1", "--medium", "obu",
                 "--at", "2025-08-01T08:00:00", *more]  # fmt: skip
    return CliRunner().invoke(price, arguments)


def test_the_answer_has_exactly_the_agreed_shape(tmp_path: Path) -> None:
    load(roads(), tmp_path)
    result = ask(A, B, more=("--json",))
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "units": [
            {"unit": A, "length_m": 1690, "pay_fee": 68, "discount_fee": 3, "fee": 65,
             "tariff_fee": 68},
            {"unit": B, "length_m": 4130, "pay_fee": 165, "discount_fee": 8, "fee": 157,
             "tariff_fee": 165},
        ],
        "mileage_m": 5820, "pay_fee": 233, "discount_fee": 11, "fee": 222,
        "owners": [
            {"owner_id": "7", "road_id": A[:11], "pay_fee": 68, "discount_fee": 3, "fee": 65},
            {"owner_id": "8", "road_id": A[:11], "pay_fee": 165, "discount_fee": 8, "fee": 157},
        ],
    }  # fmt: skip
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("unit", "reason"),
    [(NO_TYPE, "no_rate_for_road_type"), (RAMP, "unit_is_connector"), ("X", "unknown_unit")],
)
def test_a_refusal_is_json_one_plain_line_and_status_2(
    unit: str, reason: str, tmp_path: Path
) -> None:
    load(roads(), tmp_path)
    result = ask(A, unit, more=("--json",))
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    assert (answer["refused"], answer["unit"]) == (reason, unit)
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"tollcentre: {reason} ")


def test_people_read_yuan(tmp_path: Path) -> None:
    load(roads(), tmp_path)
    result = ask(A, B)
    assert result.exit_code == 0
    assert "5.820 km" in result.stdout
    assert "实收 / charged ¥2.22" in result.stdout


def test_a_free_journey_says_why(tmp_path: Path) -> None:
    load(roads(), tmp_path)
    result = ask(A, more=("--vehicle-class", "21", "--json"))
    answer = json.loads(result.stdout)
    assert (answer["fee"], answer["exemption"]["code"]) == (0, "green_passage")


def test_what_is_no_time_is_refused(tmp_path: Path) -> None:
    result = ask(A, more=("--at", "yesterday"))
    assert result.exit_code == 2
    assert "not a time" in result.stderr


def test_import_reports_as_json_and_again_as_unchanged(tmp_path: Path) -> None:
    files = roads()
    files.units = [*files.units, {"id": "short"}]
    paths = files.write(tmp_path)
    arguments = ["import", "--version", "V1", "--valid-from", "2020-01-01", "--json"]
    for name, path in paths.items():
        arguments += [f"--{name}", str(path)] if path else []
    first, again = (CliRunner().invoke(network, arguments) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0)
    answer = json.loads(first.stdout)
    assert (answer["unchanged"], json.loads(again.stdout)["unchanged"]) == (False, True)
    assert (answer["refused"], answer["reasons"]) == (1, {"unit_id_width": 1})
    assert answer["counts"]["units"] == 10
    assert Path(answer["report"]).read_text(encoding="utf-8-sig").count("\n") > 1
    plain = CliRunner().invoke(network, [a for a in arguments if a != "--json"])
    assert "V1 未变 / unchanged" in plain.stdout
    listed = CliRunner().invoke(network, ["list"])
    assert listed.stdout.startswith("V1 2020-01-01")
