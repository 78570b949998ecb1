"""`tollcentre issuing …`: enrol a workbook, take a register over, look customers up."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.clock import day_of
from tollcentre.gateway.plates import ask_nation
from tollcentre.issuing import actions, queries
from tollcentre.issuing.terms import VehicleKind, VehicleSize
from tollcentre.messages.actions import moment

from .arguments import actor_name, say_report, viewer_named
from .progress import shown_progress

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")


@click.group()
def issuing() -> None:
    """发行：customers, vehicles, media, and what is done at counters."""


@issuing.command("enrol")
@click.argument("workbook", type=FILE)
@click.option("--unit", required=True, help="办理机构 / unit at whose counter it is done")
@click.option("--as", "user_name", help="经办人 / in whose name, instead of the shell's")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path),
              help="错误表 / where the refused lines are written, with their reasons")  # fmt: skip
@JSON
def enrol(
    workbook: Path, unit: str, user_name: str | None, errors: Path | None, as_json: bool
) -> None:
    """批量开户：enrol each line of a workbook; the same workbook again changes nothing."""
    viewer = viewer_named(user_name) if user_name else SHELL_VIEWER
    with shown_progress("开户 / enrolling", None) as advance:
        report, sheet = actions.enrol_workbook(
            content=workbook.read_bytes(), unit_code=unit, viewer=viewer, now=moment(),
            progress=advance, ask=ask_nation,
        )  # fmt: skip
    if errors is not None and sheet:
        errors.write_bytes(sheet)
    say_report(report, as_json=as_json)


@issuing.command("blank")
@click.argument("workbook", type=click.Path(dir_okay=False, path_type=Path))
def blank(workbook: Path) -> None:
    """空白工作簿：a workbook of enrolments to fill in."""
    workbook.write_bytes(actions.blank_workbook())
    click.echo(f"  {workbook}")


@issuing.command("load")
@click.argument("register", type=FILE)
@JSON
def load(register: Path, as_json: bool) -> None:
    """接管登记：take over customers, vehicles, media enrolled elsewhere; twice changes nothing."""
    with shown_progress("接管 / taking over", None) as advance:
        report = actions.load_register(
            path=register, actor=actor_name(), now=moment(), progress=advance
        )
    say_report(report, as_json=as_json)


@issuing.command("vehicle")
@click.argument("vehicle_id")
@JSON
def vehicle(vehicle_id: str, as_json: bool) -> None:
    """车辆：the type of a vehicle, what it holds, and how its media stand now."""
    row, now = queries.vehicle_of(vehicle_id), moment()
    held = {kind: number for (_, kind), number in queries.held_by([vehicle_id]).items()}
    states = queries.account_states_at([(number, now) for number in held.values()])
    told = {
        "vehicle_id": row.pk, "vehicle_type": row.vehicle_type,
        "customer_no": row.customer.customer_no,
        "media": {kind: {"medium_no": number, "state": states[number, now]}
                  for kind, number in held.items()},
    }  # fmt: skip
    click.echo(json.dumps(told, ensure_ascii=False, indent=None if as_json else 1))


@issuing.command("type")
@click.option("--kind", type=click.Choice([one.value for one in VehicleKind]), required=True)
@click.option("--seats", type=int, default=0, help="核定载人数")
@click.option("--length", "length_mm", type=int, default=0, help="车长 / mm")
@click.option("--mass", "total_mass", type=int, default=0, help="总质量 / kg")
@click.option("--axles", type=int, default=2, show_default=True, help="轴数")
@click.option("--car-train", is_flag=True, help="乘用车列车 / a car with a trailer")
def type_(kind: str, **size: Any) -> None:
    """车型：the vehicle type that a driving licence gives, by JT/T 489."""
    told = VehicleSize(VehicleKind(kind), **size)
    found = queries.type_of(told, day_of(moment()))
    click.echo(json.dumps(asdict(told) | {"vehicle_type": found}))
