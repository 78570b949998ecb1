"""Who drives where and when: vehicles with habits, their media, plates and journeys."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from tollcentre.core.clock import DAY_SECONDS, day_start

from .prices import TYPE_INDEX
from .road_map import IntArray, RoadMap
from .routes import LEAST, TURN_BACK, RouteBook

JOURNEYS = (
    "local", "inbound", "outbound_recorded", "outbound_open", "through_recorded", "through_open",
    "open_road",
)  # fmt: skip
LOCAL, INBOUND, OUT_RECORDED, OUT_OPEN, THROUGH_RECORDED, THROUGH_OPEN, OPEN_ROAD = range(7)
NORMAL, MILITARY, GREEN, HARVESTER, EMERGENCY, SEMI_TRAILER = 0, 8, 21, 22, 26, 27
OBU, CPC = 1, 2
PLATE_SPACE = 34**5
PLATE_STEP = 21_589_417
NUMBER_SPACE = 10**12
NUMBER_STEPS = (7_919_419_133, 6_700_417_003, 5_915_587_277)
"""Coprime to 10^12, and small enough that a 30-bit serial times a step stays in 63 bits."""


@dataclass
class Journeys:
    """One element per passage; `end_time` is the exit, or the last read where there is no exit."""

    vehicle: IntArray
    journey: IntArray
    habit: IntArray
    origin: IntArray
    target: IntArray
    variant: IntArray
    end_time: IntArray
    speed: IntArray
    media: IntArray
    single_piece: IntArray
    vehicle_type: IntArray
    type_index: IntArray
    vehicle_class: IntArray
    seats: IntArray
    axles: IntArray
    weight_kg: IntArray
    plate_province: IntArray
    plate_number: IntArray
    plate_city: IntArray
    plate_colour: IntArray
    medium_number: IntArray
    card_number: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)

    def take(self, rows: IntArray) -> "Journeys":
        """The journeys at `rows`, in that order."""
        return Journeys(**{name: values[rows] for name, values in vars(self).items()})


def choose(rng: np.random.Generator, weights: Any, count: int) -> IntArray:
    """`count` positions drawn by weight."""
    cumulated = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(cumulated, rng.random(count) * cumulated[-1], side="right")
    return np.minimum(drawn, len(cumulated) - 1)


class Population:
    """Draws the journeys of one day."""

    def __init__(
        self, road_map: RoadMap, book: RouteBook, traffic: dict[str, Any], day: date,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.road_map, self.book, self.traffic, self.day = road_map, book, traffic, day
        self.rng = rng
        self.stations = self.connected_stations()
        rank = rng.permutation(len(self.stations))
        self.station_weight = (rank + 3.0) ** -float(traffic["zipf_exponent"])

    def connected_stations(self) -> IntArray:
        """Stations that can reach many others and be reached by them: no stray ends."""
        stations = self.road_map.station_nodes
        dist = self.book.trees[LEAST].dist_m[self.book.origin_row[stations]][:, stations]
        reach = (dist > 0).sum(axis=1)
        reached = (dist > 0).sum(axis=0)
        keep = (reach > reach.max() // 2) & (reached > reached.max() // 2)
        return stations[keep]

    def draw(self, count: int) -> Journeys:
        """`count` passages whose exit day is the day."""
        journey = self.draw_journeys(count)
        habit, vehicle = self.draw_habits(count, journey)
        origin, target = self.draw_places(journey, habit, vehicle)
        owners = np.unique(vehicle, return_inverse=True)[1]
        traits = self.draw_traits(habit, owners)
        end_time = self.draw_times(journey, habit, vehicle)
        speeds = np.array([h["speed"] for h in self.traffic["habits"].values()])[habit]
        journeys = Journeys(
            vehicle=owners,
            journey=journey,
            habit=habit,
            origin=origin,
            target=target,
            variant=np.zeros(count, dtype=np.int64),
            end_time=end_time,
            speed=speeds * self.rng.normal(1.0, 0.08, count).clip(0.75, 1.25),
            **traits,
        )
        self.choose_ways(journeys)
        order = np.lexsort((np.arange(count), end_time))
        return journeys.take(order)

    def draw_journeys(self, count: int) -> IntArray:
        """The kind of every journey."""
        share = self.traffic["journey_share"]
        weights = [share.get(name, 0.0) for name in JOURNEYS]
        weights[LOCAL] = 1.0 - sum(weights)
        if not len(self.book.entering) or not len(self.book.leaving):
            weights[INBOUND:OPEN_ROAD] = [0.0] * (OPEN_ROAD - INBOUND)
        return choose(self.rng, weights, count)

    def draw_habits(self, count: int, journey: IntArray) -> tuple[IntArray, IntArray]:
        """Habit per journey; neighbouring commuters share a vehicle: out and back."""
        habits = self.traffic["habits"]
        habit = choose(self.rng, [h["share"] for h in habits.values()], count)
        names = list(habits)
        border = (journey != LOCAL) & (habit == names.index("commuter"))
        habit[border] = names.index("haul")
        vehicle = np.arange(count)
        commuters = np.flatnonzero(habit == names.index("commuter"))
        pairs = commuters[: len(commuters) // 2 * 2].reshape(-1, 2)
        vehicle[pairs[:, 1]] = vehicle[pairs[:, 0]]
        return habit, vehicle

    def draw_places(
        self, journey: IntArray, habit: IntArray, vehicle: IntArray
    ) -> tuple[IntArray, IntArray]:
        """Origin and target nodes: Zipf weights, thinned by distance; a commuter drives back."""
        origin = np.zeros(len(journey), dtype=np.int64)
        target = np.zeros(len(journey), dtype=np.int64)
        book = self.book
        goes_out = np.isin(journey, (OUT_RECORDED, OUT_OPEN, THROUGH_RECORDED, THROUGH_OPEN))
        comes_in = np.isin(journey, (INBOUND, THROUGH_RECORDED, THROUGH_OPEN))
        for h, settings in enumerate(self.traffic["habits"].values()):
            for inward in (False, True):
                for outward in (False, True):
                    rows = np.flatnonzero(
                        (habit == h) & (comes_in == inward) & (goes_out == outward)
                    )
                    if not len(rows):
                        continue
                    starts = book.entering if inward else self.stations
                    ends = book.leaving if outward else self.stations
                    origin[rows], target[rows] = self.draw_pairs(
                        len(rows), starts, ends, float(settings["km"])
                    )
        second = np.flatnonzero(vehicle != np.arange(len(vehicle)))
        origin[second], target[second] = target[vehicle[second]], origin[vehicle[second]]
        return origin, target

    def draw_pairs(
        self, count: int, starts: IntArray, ends: IntArray, km: float
    ) -> tuple[IntArray, IntArray]:
        """`count` connected pairs of nodes by weight and distance."""
        dist = self.book.trees[LEAST].dist_m
        matrix = dist[self.book.origin_row[starts]][:, ends].astype(np.float64) / 1000
        back_known = self.book.origin_row[ends] >= 0
        if back_known.all():
            back = dist[self.book.origin_row[ends]][:, starts].T
            matrix = np.where(back > 0, matrix, -1.0)
        attraction = np.exp(-matrix / km) * (1 + matrix / km)
        weight = np.where(matrix > 0, attraction, 0.0)
        weight *= self.weight_of(starts)[:, None] * self.weight_of(ends)[None, :]
        drawn = choose(self.rng, weight.ravel(), count)
        return starts[drawn // len(ends)], ends[drawn % len(ends)]

    def weight_of(self, nodes: IntArray) -> IntArray:
        """Zipf weight of stations; borders are alike."""
        if len(nodes) == len(self.stations) and (nodes == self.stations).all():
            return self.station_weight
        return np.ones(len(nodes))

    def draw_times(self, journey: IntArray, habit: IntArray, vehicle: IntArray) -> IntArray:
        """Exit time on the day; last read a week before where no exit record comes."""
        names = list(self.traffic["habits"])
        hours = self.traffic["hours"]
        hour = choose(self.rng, hours["car"], len(journey))
        haul = habit == names.index("haul")
        hour[haul] = choose(self.rng, hours["truck"], int(haul.sum()))
        second = vehicle != np.arange(len(vehicle))
        paired = np.isin(np.arange(len(vehicle)), vehicle[second])
        hour[paired] = choose(self.rng, hours["morning"], int(paired.sum()))
        hour[second] = choose(self.rng, hours["evening"], int(second.sum()))
        end = day_start(self.day) + hour * 3600 + self.rng.integers(0, 3600, len(hour))
        week_ago = day_start(self.day - timedelta(days=int(self.traffic["overdue_days"])))
        no_exit = np.isin(journey, (OUT_OPEN, THROUGH_OPEN))
        return np.where(no_exit, end - day_start(self.day) + week_ago, end) % (1 << 62)

    def draw_traits(self, habit: IntArray, owners: IntArray) -> dict[str, IntArray]:
        """Everything about the vehicles and their media, drawn once per vehicle."""
        count = int(owners.max()) + 1 if len(owners) else 0
        first = np.zeros(count, dtype=np.int64)
        first[owners[::-1]] = np.arange(len(owners))[::-1]
        rng, traffic = self.rng, self.traffic
        kind = np.zeros(count, dtype=np.int64)
        for h, settings in enumerate(traffic["habits"].values()):
            rows = np.flatnonzero(habit[first] == h)
            types = np.array(list(settings["types"]))
            kind[rows] = types[choose(rng, list(settings["types"].values()), len(rows))]
        share = traffic["obu_share"]
        obu_share = np.array([share.get(k, share["default"]) for k in TYPE_INDEX])
        type_index = np.array([TYPE_INDEX[k] for k in range(27) if k in TYPE_INDEX])
        lookup = np.zeros(27, dtype=np.int64)
        lookup[list(TYPE_INDEX)] = type_index
        media = np.where(rng.random(count) < obu_share[lookup[kind]], OBU, CPC)
        provinces = choose(rng, list(traffic["plate_provinces"].values()), count)
        green = (rng.random(count) < traffic["new_energy_share"]) & (kind == 1)
        colour = np.where(green, 4, np.where(kind == 1, 0, 1))
        colour = np.where((kind == 11) & (rng.random(count) < 0.7), 0, colour)
        vehicle_class = self.draw_classes(kind)
        colour = np.where(vehicle_class == MILITARY, 3, colour)
        serial = np.arange(count, dtype=np.int64) + int(rng.integers(1, 1 << 30))
        traits = {
            "media": media,
            "single_piece": (rng.random(count) < traffic["single_piece_share"]) & (media == OBU),
            "vehicle_type": kind,
            "type_index": lookup[kind],
            "vehicle_class": vehicle_class,
            "seats": self.draw_seats(kind),
            "axles": np.where(kind > 10, np.maximum(2, kind % 10), 2),
            "weight_kg": np.where(kind > 10, rng.integers(18, 80, count) * 100 * (kind % 10), 0),
            "plate_province": provinces,
            "plate_number": serial * PLATE_STEP % PLATE_SPACE,
            "plate_city": rng.integers(0, 12, count),
            "plate_colour": colour,
            "medium_number": number_of(serial, 0),
            "card_number": number_of(serial, 1),
        }
        spread_out = {name: values[owners] for name, values in traits.items()}
        # A CPC card is handed out anew at every entry.
        passage = np.arange(len(owners), dtype=np.int64) + int(rng.integers(1, 1 << 30))
        spread_out["medium_number"] = np.where(
            spread_out["media"] == CPC, number_of(passage, 2), spread_out["medium_number"]
        )
        return spread_out

    def draw_classes(self, kind: IntArray) -> IntArray:
        """车种 by the shares of the parameter file."""
        rng, shares = self.rng, self.traffic["kinds"]
        u = rng.random(len(kind))
        truck, special, car = (kind > 10) & (kind < 20), kind > 20, kind == 1
        green, harvest = shares["green_of_trucks"], shares["harvester_of_trucks"]
        result = np.zeros(len(kind), dtype=np.int64)
        result[(kind == 16) & (u > 1 - shares["semi_trailer_of_class_16"])] = SEMI_TRAILER
        result[truck & (u < green)] = GREEN
        result[truck & (u >= green) & (u < green + harvest)] = HARVESTER
        result[special & (u < shares["emergency_of_special"])] = EMERGENCY
        result[car & (u < shares["military_of_cars"])] = MILITARY
        return result

    def draw_seats(self, kind: IntArray) -> IntArray:
        """核定载人数, fitting the class; trucks carry two or three."""
        rng = self.rng
        car = np.where(rng.random(len(kind)) < 0.88, 5, np.where(rng.random(len(kind)) < 0.8, 7, 9))
        bus = np.where(kind == 2, 19, np.where(kind == 3, 39, 55))
        return np.where(kind == 1, car, np.where(kind <= 4, bus, 3))

    def choose_ways(self, journeys: Journeys) -> None:
        """A small share drives another way than the least one, fewer turn back (U/J)."""
        rng, traffic = self.rng, self.traffic
        count = len(journeys)
        hashed = 1 + (journeys.origin * 7 + journeys.target * 13) % (TURN_BACK - 1)
        differs = np.zeros(count, dtype=bool)
        for variant in range(1, TURN_BACK):
            rows = np.flatnonzero(hashed == variant)
            differs[rows] = self.other_way(journeys.origin[rows], journeys.target[rows], variant)
        wanted = float(traffic["non_least_share"]) * count
        chance = min(1.0, wanted / max(1, int(differs.sum())))
        journeys.variant[:] = np.where(differs & (rng.random(count) < chance), hashed, LEAST)
        turning = (journeys.journey == LOCAL) & (rng.random(count) < traffic["turn_back_share"])
        journeys.variant[turning] = TURN_BACK

    def other_way(self, origin: IntArray, target: IntArray, variant: int) -> IntArray:
        """Whether the variant's way is another one and not too long, pair by pair."""
        size = self.road_map.size
        pairs, inverse = np.unique(origin * size + target, return_inverse=True)
        start, end = pairs // size, pairs % size
        least = self.book.walk(LEAST, start, end)
        other = self.book.walk(variant, start, end)
        length = self.road_map.length_m
        least_m = sums(length[least.nodes], least.first)
        other_m = sums(length[other.nodes], other.first)
        ratio = float(self.traffic["non_least_ratio_max"])
        return ((other_m > least_m) & (other_m <= least_m * ratio))[inverse]


def sums(values: IntArray, first: IntArray) -> IntArray:
    """Sum of the values of each stretch first[r]:first[r + 1]."""
    total = np.concatenate([[0], np.cumsum(values)])
    return total[first[1:]] - total[first[:-1]]


def number_of(serial: IntArray, which: int) -> IntArray:
    """A 12-digit number, one to one with the serial."""
    return serial * NUMBER_STEPS[which] % NUMBER_SPACE


def day_index(epoch: IntArray, day: date) -> IntArray:
    """Days from `day` to the Shanghai day of each time."""
    return (epoch - day_start(day)) // DAY_SECONDS


def crosses_border(journeys: Journeys) -> IntArray:
    """Journeys whose exit names more than one province."""
    return ~np.isin(journeys.journey, (LOCAL, OPEN_ROAD))


def recorded_elsewhere(journeys: Journeys) -> IntArray:
    """Journeys that leave the province and whose exit record comes from another."""
    return np.isin(journeys.journey, (OUT_RECORDED, THROUGH_RECORDED))
