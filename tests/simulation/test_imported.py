"""The network as imported and as read from its files are one and the same to the simulator."""

from datetime import date

import numpy as np
import pytest

from tests.simulation.days import DAY
from tollcentre.core.refusal import Refusal
from tollcentre.network.actions import import_network
from tollcentre.network.terms import DiscountRow
from tollcentre.simulation.imported import discount_rules, imported_network
from tollcentre.simulation.prices import DiscountRule, obu_factor, spread, yuan_half_up

ANY = {
    "media_type": 1, "vehicle_type": 0, "vehicle_class": -1, "road_id": "", "seats_most": 0,
    "hour_from": 0, "hour_to": 24, "factor": "0.95", "valid_from": date(2026, 1, 1),
    "valid_to": None,
}  # fmt: skip


@pytest.mark.django_db
def test_import_and_files_give_the_same_road_map(province_folder, network):
    files = {
        name: province_folder / f"{name}.csv"
        for name in ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
    }
    import_network(version="6220260101001", valid_from=date(2026, 1, 1), actor="test", **files)
    ours, rates = network
    theirs, their_rates, rules = imported_network(None, DAY)
    assert rates == their_rates
    assert rules == [DiscountRule(0, "", "0.95")]
    assert ours.gantries == theirs.gantries
    assert ours.node_ids == theirs.node_ids
    assert ours.border == theirs.border
    for name in ("kind", "length_m", "readable", "charged_by", "opposite", "inout",
                 "first_gantry", "gantry_count", "edge_from", "edge_to", "edge_miles"):  # fmt: skip
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


def test_the_most_particular_discount_wins():
    rules = [DiscountRule(0, "", "0.95"), DiscountRule(16, "", "0.90"), DiscountRule(0, "R", "0.8")]
    assert str(obu_factor(rules, 1, "Q", "1")) == "0.95"
    assert str(obu_factor(rules, 16, "Q", "1")) == "0.90"
    assert str(obu_factor(rules, 16, "R", "1")) == "0.8"
    assert str(obu_factor([], 16, "R", "0.97")) == "0.97"


def test_discounts_of_the_day_only_and_none_it_cannot_price():
    ended = DiscountRow(**ANY | {"valid_to": date(2026, 6, 30)})
    assert discount_rules([ended, DiscountRow(**ANY)], DAY) == [DiscountRule(0, "", "0.95")]
    with pytest.raises(Refusal) as refused:
        discount_rules([DiscountRow(**ANY | {"hour_to": 6})], DAY)
    assert refused.value.code == "discount_beyond_simulation"


def test_spread_gives_every_fen_ties_by_order():
    weights = np.array([1, 1, 1, 0, 0, 5, 3])
    group = np.array([0, 0, 0, 1, 1, 2, 2])
    shares = spread(np.array([100, 7, 3]), weights, group, 3)
    assert shares.tolist() == [34, 33, 33, 0, 0, 2, 1]


def test_yuan_are_rounded_half_up():
    assert yuan_half_up(np.array([0, 49, 50, 3086, 3050])).tolist() == [0, 0, 100, 3100, 3100]
