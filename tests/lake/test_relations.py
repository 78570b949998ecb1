"""A relation's text in the dialects of the other engines."""

import pytest

from tollcentre.lake.relations import for_postgres

TEXTS = {
    "SELECT a + b // 2 FROM t": "SELECT a + b / 2 FROM t",
    "SELECT (a + b // 2) // b * b FROM t": "SELECT (a + b / 2) / b * b FROM t",
    "SELECT a * b // c % d FROM t": "SELECT a * b / c % d FROM t",
    "SELECT sum(fee)::BIGINT AS fee FROM t": "SELECT CAST(SUM(fee) AS BIGINT) AS fee FROM t",
    "SELECT try_cast(a AS BIGINT) FROM t": (
        "SELECT CASE WHEN PG_INPUT_IS_VALID(a, 'BIGINT') THEN CAST(a AS BIGINT) END FROM t"
    ),
    "SELECT unnest(string_split(a, '|')) AS part FROM t": (
        "SELECT UNNEST(STRING_TO_ARRAY(a, '|')) AS part FROM t"
    ),
    "SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b DESC) = 1": (
        "SELECT a FROM (SELECT a, ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST)"
        " AS _w FROM t) AS _t WHERE _w = 1"
    ),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_for_postgres_keeps_its_meaning(text):
    assert for_postgres(text) == TEXTS[text]
