"""The verbs of organisation: a register comes in, a person is appointed and relieved."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.auth.models import User

from tollcentre.cli.organisation import organisation
from tollcentre.organisation.queries import viewer_of

pytestmark = pytest.mark.django_db
STATION = "G0030620010010"
REGISTER = f"""code,kind,name_zh,name_en,parent,from_day,is_closed
B62,bureau,省局,bureau,,2020-01-01,
O01,office,一处,office one,B62,2020-01-01,
{STATION},station,甲站,station A,O01,2020-01-01,
"""


def verb(*arguments: object) -> str:
    done = CliRunner().invoke(organisation, list(map(str, arguments)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_the_register_to_a_post_and_back(tmp_path: Path) -> None:
    path = tmp_path / "organisation.csv"
    path.write_text(REGISTER, encoding="utf-8")
    assert verb("import", path).split()[-1] == "3"
    assert verb("import", path).split()[-1] == "0"
    tree: list[dict[str, Any]] = json.loads(verb("tree", "--json"))
    assert [(row["code"], row["depth"]) for row in tree] == [("B62", 0), ("O01", 1), (STATION, 2)]
    user = User.objects.create_user("officer")
    post = verb("appoint", "officer", "O01", "站长", "--role", "station_officer",
                "--scope", "below", "--from", "2026-01-01").strip()  # fmt: skip
    assert viewer_of(user, date(2026, 6, 30)).unit_codes == {"O01", STATION}
    verb("end-post", post, "--to", "2026-06-30")
    assert viewer_of(user, date(2026, 7, 1)).unit_codes == frozenset()
    (held,) = json.loads(verb("posts", "--day", "2026-06-30", "--json"))
    assert (held["user"], held["scope"], held["to_day"]) == ("officer", "below", "2026-06-30")
