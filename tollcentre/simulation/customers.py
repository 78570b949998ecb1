"""Fictitious customers and their vehicles, as a register of what was enrolled says it.

No row is anybody's: names and documents say that they are simulated.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from .organisation import CENTRE, OUTLETS, SERVICE_POINTS

FIELDS = (
    "customer_kind", "name", "id_type", "id_number", "phone", "address", "plate", "colour",
    "vehicle_kind", "seats", "length_mm", "width_mm", "height_mm", "total_mass", "axles",
    "car_train", "use_character", "vin", "licensed_on", "wanted_type", "obu_no", "card_no",
    "card_type", "contract_kind", "bank", "account", "unit_code", "issued_on",
)  # fmt: skip
LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CITIES = "ABCDEFGHJKLMNP"
PLATES, PLATE_STEP = len(LETTERS) ** 5, 21_589_417
BLOCK, COMPANY_ROWS = 100, 10
"""Of a hundred vehicles in a row the last ten are one company's; of the others every tenth is a
second one of the person before."""
FIRST_DAY, DAYS = date(2015, 1, 1), 4_300
STORED_SHARE, TRUCK_SHARE, GREEN_SHARE = 0.12, 0.14, 0.1
CAR = ("passenger", (
    (5, 4670, 1810, 1480, 1870, 2), (7, 4825, 1825, 1760, 2250, 2), (9, 5341, 2032, 2390, 3300, 2),
    (15, 5990, 2000, 2500, 4490, 2), (33, 7995, 2480, 3280, 9500, 2),
    (55, 12000, 2550, 3800, 18000, 2),
))  # fmt: skip
TRUCK = ("truck", (
    (2, 5365, 1850, 1840, 2970, 2), (3, 5995, 2250, 3000, 4495, 2), (3, 8590, 2500, 3500, 16000, 2),
    (2, 6950, 2550, 3900, 25000, 3), (2, 12000, 2550, 4000, 31000, 4),
    (2, 17100, 2550, 4000, 49000, 6),
))  # fmt: skip
"""Kind, and its vehicles: seats, length, width, height in mm, total mass in kg, axles."""
CAR_SHARES = (0.86, 0.09, 0.02, 0.01, 0.01, 0.01)
TRUCK_SHARES = (0.2, 0.3, 0.15, 0.15, 0.1, 0.1)


def write_customers(
    path: Path, *, count: int, seed: int, progress: Callable[[int], None] | None = None
) -> None:
    """A register of so many vehicles with customers, media and contracts; same seed, same bytes."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for start in range(0, count, BLOCK):
            rows = list(_block(start, min(BLOCK, count - start), seed))
            writer.writerows(rows)
            if progress is not None:
                progress(len(rows))
    partial.replace(path)


def _block(start: int, count: int, seed: int) -> Iterator[tuple[str | int, ...]]:
    chance = np.random.default_rng((seed, start))
    drawn = chance.random((count, 4))
    days = chance.integers(0, DAYS, count)
    for at in range(count):
        serial = start + at
        company = at >= BLOCK - COMPANY_ROWS
        owner = start + BLOCK - COMPANY_ROWS if company else serial - (at % 10 == 9)
        yield _row(serial, owner, company, drawn[at].tolist(), int(days[at]))


def _row(
    serial: int, owner: int, company: bool, drawn: list[float], days: int
) -> tuple[str | int, ...]:
    truck = drawn[0] < (0.9 if company else TRUCK_SHARE)
    kind, sizes = TRUCK if truck else CAR
    share, at = drawn[1], 0
    for at, part in enumerate(TRUCK_SHARES if truck else CAR_SHARES):  # noqa: B007 - the last
        share -= part
        if share < 0:
            break
    seats, length, width, height, mass, axles = sizes[at]
    stored = drawn[2] < STORED_SHARE
    colour = 1 if truck or length >= 6_000 else 4 if drawn[3] < GREEN_SHARE else 0
    issued = FIRST_DAY + timedelta(days)
    unit = f"{CENTRE}-W{1 + owner % OUTLETS:03d}" if owner % 5 else (
        f"{CENTRE}-P{1 + owner % SERVICE_POINTS:03d}")  # fmt: skip
    if company:
        who = ("company", f"模拟运输公司{owner:07d}", "203", f"SIMC{owner:08d}")
    else:
        who = ("person", f"模拟客户{owner:07d}", "102", f"SIM{owner:09d}")
    paid = ("prepaid", "", "") if stored else ("bank", "B01", f"6299{owner:015d}")
    use = "营运" if truck else "非营运"
    return (
        *who, f"199{owner:08d}", f"甘肃省模拟市模拟路{owner}号", _plate(serial), colour, kind,
        seats, length, width, height, mass, axles, "", use, f"SIM{serial:014d}",
        issued.isoformat(), "", f"6201{serial:012d}", f"6201{serial:016d}", 22 if stored else 23,
        *paid, unit, issued.isoformat(),
    )  # fmt: skip


def _plate(serial: int) -> str:
    """A plate that no other serial has."""
    city, number = divmod(serial, PLATES)
    number = number * PLATE_STEP % PLATES
    text = ""
    for _ in range(5):
        number, at = divmod(number, len(LETTERS))
        text = LETTERS[at] + text
    return f"甘{CITIES[city]}{text}"
