"""The fictitious province written as the official network files, header by header."""

import csv
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from .agreements import ACCOUNTS, PARTIES, agreement_rows
from .organisation import organisation_rows
from .province import Place, Province, Section, load_roads


def columns(text: str) -> list[str]:
    """Column names of a header line."""
    return text.split(",")


UNIT_HEADER = columns(
    "id,name,section_number,type,length,startLat,startLng,startStakeNum,endStakeNum,endLat,endLng,"
    "tollRoads,endTime,provinceType,operation,isLoopCity,enTollStation,exTollStation,entrystation,"
    "exitstation,tollGrantry,ownerid,roadid,roadidname,roadtype,feeKtype,feeHtype,status,Gantrys,"
    "inoutprovince,HEX,NOTE,SORT,DIRECTION,BEGINTIME,VERTICALSECTIONTYPE,tollstaion"
)
RELATION_HEADER = columns(
    "version,enroadnodeid,enroadnodetype,enroadnodename,enstationid,enhex,exroadnodeid,"
    "exroadnodetype,exroadnodename,exstationid,exhex,miles"
)
STATION_HEADER = columns(
    "id,name,stationtype,neighborid,stationhex,linetype,regionalismcode,countryname,regionname,"
    "type,status,realtype,direction,isimportant,tolllink_id,cityid,routeid,routename,company_id,"
    "longitude,latitude,exit_etc_lane_num,exit_mtc_lane_num,exit_mix_lane_num,exit_lane_num,"
    "entry_etc_lane_num,entry_mtc_lane_num,entry_mix_lane_num,entry_lane_num,k_value,nearcityid,"
    "opentime,nearprovinceid,old_id,old_tolllink_id"
)
RATE_HEADER = columns("roadtype,feetype,vehicle_type,feebykm_yuan")
GANTRY_HEADER = columns(
    "id,type,gantryType,lat,lng,pilenumber,status,startTime,endTime,etcGantryHex,reEtcGantryHex,"
    "name,boundaryType,tollIntervals,operation,COMPANYNAME,station,LANE,stationfx,LANEFX,note,"
    "SORT,LANECOUNT,gantrySign,agencyGantryIds,REGIONALISMCODE,COUNTRYNAME,REGIONNAME"
)
ROAD_HEADER = columns(
    "序号,收费路段编号,收费路段名称,路段性质,路段类型,联网收费状态,路段里程,起始计费位置经度,"
    "起始计费位置纬度,起始计费位置桩号,终止计费位置桩号,终止计费位置经度,终止计费位置纬度,是否纳税,"
    "税率,所属业主编号,路段收费方式,重合收费公路编号,开工时间,通车时间,停止收费时间,待用税率,"
    "待用税率生效时间"
)
DISCOUNT_HEADER = columns(
    "mediaType,vehicleType,vehicleClass,roadId,startTime,endTime,factor,source"
)
"""A blank cell means any; factor is what is left of the fee (0.95 = 5 % off)."""
PARTY_HEADER = columns("code,kind,name_zh,name_en")
AGREEMENT_HEADER = columns(
    "agreement_no,party_id,from_day,cycle,lag_days,model,moment,payee_account,payee_name,"
    "payee_bank,payer_bank,template,signed_on,source"
)
ACCOUNT_HEADER = columns("bank_id,account,name,from_day")
ORGANISATION_HEADER = columns("code,kind,name_zh,name_en,parent,from_day,is_closed")
FICTITIOUS = "模拟"


def write_province(province: Province, folder: Path) -> dict[str, int]:
    """Writes the network and tariff files; returns rows by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    title = [["路段信息"] + [""] * (len(ROAD_HEADER) - 1), list(ROAD_HEADER)]
    files: dict[str, tuple[list[list[str]], Iterable[Sequence[Any]]]] = {
        "units.csv": ([list(UNIT_HEADER)], unit_rows(province)),
        "relations.csv": ([list(RELATION_HEADER)], relation_rows(province)),
        "stations.csv": ([list(STATION_HEADER)], station_rows(province)),
        "rates.csv": ([list(RATE_HEADER)], rate_rows()),
        "gantries.csv": ([list(GANTRY_HEADER)], gantry_rows(province)),
        "roads.csv": (title, road_rows(province)),
        "discounts.csv": ([list(DISCOUNT_HEADER)], discount_rows()),
        "parties.csv": ([list(PARTY_HEADER)], PARTIES),
        "accounts.csv": ([list(ACCOUNT_HEADER)], ACCOUNTS),
        "organisation.csv": ([list(ORGANISATION_HEADER)], organisation_rows(province)),
        "agreements.csv": ([list(AGREEMENT_HEADER)], agreement_rows(province)),
    }
    counts = {}
    for name, (heads, rows) in files.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows(heads)
            body = list(rows)
            writer.writerows(body)
            counts[name] = len(body)
    return counts


def unit_rows(province: Province) -> Iterable[Sequence[Any]]:
    """units.csv: one row per unit and direction."""
    for sort, unit in enumerate(province.units.values(), start=1):
        section = unit.section
        stake = 10.0 * unit.section.owner_id
        charged = unit.gantries or unit.charged_by
        note = {"2": "12", "1": "11", "": "0"}[unit.border]
        yield (
            unit.unit_id,
            unit.name,
            section.owner_id,
            1 if unit.border == "1" else 2,
            unit.length_m,
            *unit.start,
            stake,
            round(stake + unit.length_m / 1000, 3),
            *unit.end,
            section.section_id[:7],
            section.ends,
            1 if unit.border else 0,
            1,
            0,
            station_or_blank(unit.entry_node),
            station_or_blank(unit.exit_node),
            unit.entry_node,
            unit.exit_node,
            "|".join(sorted({g[:16] for g in charged})),
            section.owner_id,
            1,
            f"{section.operator}高速（{FICTITIOUS}）",
            unit.road_type,
            section.fee_type if unit.road_type == 1 else 1 + section.fee_type % 2,
            section.fee_type if unit.road_type == 1 else 1 + section.fee_type % 2,
            1,
            "|".join(charged),
            unit.border or "0",
            f"62{sort:04X}",
            note,
            sort,
            unit.direction,
            section.started,
            unit.vertical_type,
            "",
        )


def station_or_blank(node_id: str) -> str:
    """The station id, blank for an interchange or a border."""
    return node_id if len(node_id) == 14 else ""


def relation_rows(province: Province) -> Iterable[Sequence[Any]]:
    """relations.csv: miles of a relation are the length of the node it starts from."""
    for start, end in province.edges:
        yield (
            province.version,
            start.node_id,
            start.node_type,
            start.name,
            "",
            start.hex_code,
            end.node_id,
            end.node_type,
            end.name,
            "",
            end.hex_code,
            start.length_m,
        )


def station_rows(province: Province) -> Iterable[Sequence[Any]]:
    """stations.csv: toll stations, then the interchanges as type 9; a field not named is 0."""
    city = f"{province.code}0100"
    for number, station in enumerate(province.stations, start=1):
        lanes, section = 1 + number % 3, station.section
        named = {
            "id": station.station_id, "name": station.name, "stationtype": 3,
            "stationhex": station.hex_code, "linetype": "2|1", "type": 2,
            "tolllink_id": section.section_id, "routeid": section.section_id[:5],
            "routename": section.name, "company_id": section.owner_id,
            "old_id": 10000 + number, "regionname": section.operator,
        }  # fmt: skip
        for way in ("exit", "entry"):
            counts = {"etc": lanes, "mtc": 1, "mix": 1}
            named |= {f"{way}_{kind}_lane_num": count for kind, count in counts.items()}
            named[f"{way}_lane_num"] = lanes + 2
        yield station_row(named, station.place, city)
    for node_id, place in province.interchanges:
        named = {"id": node_id, "name": place.name, "stationtype": 9, "type": 9}
        yield station_row(named, place, city)


def station_row(named: dict[str, Any], place: Place, city: str) -> list[Any]:
    """The cells of a station in the order of the header."""
    common = {
        "regionalismcode": city, "cityid": city, "countryname": place.name, "status": 2,
        "realtype": 1, "isimportant": 1, "direction": "", "old_tolllink_id": "",
        "longitude": place.lng, "latitude": place.lat, "k_value": "0.09",
        "opentime": 1262275200000,
    }  # fmt: skip
    row = {**common, **named}
    return [row.get(name, 0) for name in STATION_HEADER]


def rate_rows() -> Iterable[Sequence[Any]]:
    """rates.csv: fictitious yuan per km (road type 1) and yuan per passage (road type 2)."""
    roads = load_roads()
    cents = Decimal("0.01")
    for road_type, cars in ((1, roads["car_yuan_per_km"]), (2, roads["surcharge_car_yuan"])):
        for fee_type, car in cars.items():
            for vehicle_type, ratio in roads["class_ratio"].items():
                yuan = (Decimal(car) * Decimal(ratio)).quantize(cents, ROUND_HALF_UP)
                yield road_type, fee_type, vehicle_type, yuan


def gantry_rows(province: Province) -> Iterable[Sequence[Any]]:
    """gantries.csv: every gantry, at the middle of its unit, with the units it charges."""
    sort = 0
    for unit in province.units.values():
        opposite = ("5F" if unit.direction == 1 else "5E") + unit.hex_code[2:]
        for gantry_id in unit.gantries:
            sort += 1
            boundary = {"2": "1", "1": "2", "": ""}[unit.border]
            yield (
                gantry_id,
                1 if boundary else 0,
                1,
                round((unit.start[0] + unit.end[0]) / 2, 6),
                round((unit.start[1] + unit.end[1]) / 2, 6),
                f"{sort}.5",
                2,
                unit.section.started,
                "2999-12-31",
                unit.hex_code,
                opposite,
                unit.name,
                boundary,
                "|".join([unit.unit_id, *unit.also_charges]),
                1,
                unit.section.operator,
                "",
                "",
                "",
                "",
                0,
                sort,
                "2|1",
                f"{unit.section.section_id[:5]} {FICTITIOUS}",
                "",
                f"{province.code}0100",
                "",
                "",
            )


def road_rows(province: Province) -> Iterable[Sequence[Any]]:
    """roads.csv: one row per section with its legal owner, nature and tax."""
    for number, section in enumerate(province.sections, start=1):
        first, last = ends_of(section)
        operating = section.owner_id % 3 == 0
        yield (
            f"{number}.0",
            section.section_id,
            f"{section.name}（{FICTITIOUS}）",
            "经营性" if operating else "还贷性",
            "高速路段",
            "联网收费",
            f"{section.length_m}.000",
            first.lng,
            first.lat,
            "K0+000",
            f"K{section.length_m // 1000}+000",
            last.lng,
            last.lat,
            "是" if operating else "否",
            "0.050" if operating else "0.000",
            section.legal_owner_id,
            "封闭式",
            section.section_id[:7],
            section.started,
            section.started,
            section.ends,
            "",
            "",
        )


def discount_rows() -> Iterable[Sequence[Any]]:
    """discounts.csv: the nation-wide 5 % off for OBU, stated so that the file path is used."""
    roads = load_roads()
    yield 1, "", "", "", roads["from"], "", roads["obu_factor"], roads["source"]


def ends_of(section: Section) -> tuple[Place, Place]:
    """The section's first and last place."""
    if section.first is None or section.last is None:
        raise ValueError(f"section without places: {section.section_id}")
    return section.first, section.last
