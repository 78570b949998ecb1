"""One real minute of a neighbour: every row is read, and each real oddity is named."""

from datetime import date
from pathlib import Path

import pytest

from tests.messages.roadside import NOW
from tollcentre.messages import actions, queries
from tollcentre.messages.terms import RecordKind

pytestmark = pytest.mark.shared_data

NAMED = {
    "accumulator_mismatch:obuFeeSum": 1,
    "accumulator_mismatch:obuMileage": 1,
    "accumulator_mismatch:obuProvFeeSum": 1,
    "bad_code:feeVehicleType": 9,
    "bad_code:vehicleClass": 2,
    "bad_code:vehicleType": 7,
    "bad_form:cpuEndDate": 1,
    "bad_form:cpuStartDate": 1,
    "bad_form:enTollLaneHex": 1,
    "bad_form:hourBatchNo": 3,
    "bad_width:cpuIssueId": 2,
    "bad_width:id": 1,
    "bad_width:obuIssueFlag": 1,
    "bad_width:obuIssueId": 1,
    "charge_group_without_units": 1,
    "control_character:cpuIssueId": 2,
    "failed_trade_group_misfit": 1,
    "group_sign_opposite": 1,
    "group_sum_mismatch": 1,
    "late_record": 1,
    "media_sum_mismatch": 4,
    "negative_fee_reversal": 1,
    "obu_plate_differs": 1,
    "pass_id_medium_prefix": 2,
    "pass_id_no_medium": 1,
    "pass_id_paper": 1,
    "pass_id_without_entry": 4,
    "pass_id_without_prefix": 1,
    "pass_info_mismatch": 2,
    "plate_unread": 1,
    "province_code_nonstandard": 1,
    "province_fee_beside_zero_fee": 1,
    "province_sum_mismatch": 1,
    "stale_entry_time": 1,
    "time_ahead_of_receive": 1,
    "unset_sentinel": 2,
}


def test_every_row_is_read_and_each_oddity_named(home: Path, shared_data: Path) -> None:
    report = actions.take_in_paths(paths=[shared_data / "shandong-records"], now=NOW)
    assert (report.accepted, report.quarantined, report.duplicates) == (127, 0, 0)
    assert report.kinds == {"gantry_trade": 110, "exit_record": 12, "entry_record": 5}
    assert dict(report.anomalies) == NAMED
    assert report.unknown_columns == set()
    assert queries.key_collisions(date(2024, 1, 17)) == []


def test_the_reversal_and_the_odd_province_are_found_again(home: Path, shared_data: Path) -> None:
    actions.take_in_paths(paths=[shared_data / "shandong-records"], now=NOW)
    exits = RecordKind.EXIT_RECORD
    assert len(queries.rows_with_anomaly(date(2020, 2, 13), exits, "negative_fee_reversal")) == 1
    odd = queries.rows_with_anomaly(date(2024, 1, 17), exits, "province_code_nonstandard")
    assert len(odd) == 1
