"""No code changes or deletes a posted entry, a trail row or a decision: the sources say so."""

import ast
import inspect
from pathlib import Path

import tollcentre
from tollcentre.access.actions import insert_rows

ROOT = Path(tollcentre.__file__).parent
CHANGES = {
    "update", "delete", "save", "bulk_update", "update_or_create", "abulk_update", "aupdate",
    "adelete", "asave", "raw", "execute", "executemany", "copy",
}  # fmt: skip
ALLOWED = {
    "TrailHead.objects.filter(pk=1).update": "where the chain ends moves on",
    "LedgerHead.objects.filter(pk=1).update": "where the chain ends moves on",
    "OwnerScope.objects.filter(user=user, owner_id__in=held - wanted).delete": "a scope narrows",
    "vehicle.save": "whose a vehicle is now; the business keeps whose it was",
    "known.save": "what a licence says now; the business keeps what it said",
    "row.save": "what is known of a customer now; the business keeps what was, sealed",
    "check.save": "the ministry's word on a plate comes",
    "Holding.objects.filter(medium_id=medium_no, held_to=None).update": "a holding ends, once",
    "cursor.execute": "the cache's size and the next number of customers are set",
    "cursor.copy": "many rows are inserted",
    "cursor.executemany": "many rows are inserted",
    "user.save": "a demo password is renewed",
}
PRIVATE = {
    "access": "TrailRow",
    "ledger": "PostingEntry",
    "issuing": "EtcAccountHistory",
    "statuslist": "StatusListRow",
    "dispute": "BookedTrade",
}


def changes_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        ast.unparse(func)
        for func in calls
        if isinstance(func, ast.Attribute) and func.attr in CHANGES
        and "digest" not in ast.unparse(func)
    }  # fmt: skip


def test_only_chain_heads_scopes_and_passwords_are_ever_changed() -> None:
    found: set[str] = set()
    for domain in PRIVATE:
        for path in (ROOT / domain).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= changes_in(path)
    assert found == set(ALLOWED)


def test_what_is_handed_to_the_cursor_inserts() -> None:
    text = ast.unparse(ast.parse(inspect.getsource(insert_rows)))
    assert text.count("cursor.copy(f'COPY {table} FROM STDIN')") == text.count("cursor.copy(") == 1
    assert text.count("cursor.executemany(f'INSERT INTO {table} VALUES ({places})', rows)") == 1
    assert text.count("cursor.") == 2


def test_the_rows_are_private_to_their_domain() -> None:
    for domain, model in PRIVATE.items():
        for path in ROOT.rglob("*.py"):
            if domain not in path.relative_to(ROOT).parts:
                assert model not in path.read_text(encoding="utf-8"), path


def test_no_trigger_decides_anything() -> None:
    for path in ROOT.rglob("migrations/*.py"):
        assert "TRIGGER" not in path.read_text(encoding="utf-8").upper(), path
