"""Matching a bank's lines with what is expected of it: never guessed, whatever came first."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from ..terms import ExpectedItem, ItemKind, LineToMatch, MatchGroup, Unmatched

MOST_ITEMS_BY_AMOUNT = 6
MOST_TRIED = 50_000
BY_REFERENCE_ONLY = frozenset({ItemKind.RETURN, ItemKind.UNDONE})
"""Most payments never come back: an amount alone says nothing of it."""
_Key = tuple[tuple[str, ...], int]
_Part = tuple[Sequence[LineToMatch], Sequence[ExpectedItem]]
"""Lines of one reference that do not make what it expects."""


def matched(
    lines: Iterable[LineToMatch],
    items: Iterable[ExpectedItem],
    closed: Collection[str],
    today: date,
    pause_days: int,
) -> tuple[list[MatchGroup], dict[str, Unmatched]]:
    """Lines and items of one bank that belong together, and why each other line is left.

    References decide: the lines of one reference (or of one list of them) are taken in the order
    in which the bank booked them, until they make exactly what is expected. A line without a
    reference is matched, once `pause_days` have passed, where it alone is the rest of what came in
    part, or where exactly one combination of what is left makes its amount. `closed` are references
    whose item was matched before.
    """
    ordered = sorted(lines, key=lambda line: (line.day, line.booked_at, line.key))
    left = {item.key: item for item in sorted(items, key=lambda item: item.key)}
    groups, parts, why = _by_reference(ordered, left, closed)
    claimed = {name for some, _items in parts for line in some for name in line.references}
    free = [item for item in left.values() if item.reference not in claimed]
    bare = [line for line in ordered if not line.references]
    more, reasons = _by_amount(bare, free, today - timedelta(days=pause_days))
    lone = [line for line in bare if reasons.get(line.key) is Unmatched.NOTHING_FITS]
    rests = _rests(parts, lone)
    taken = {line.key for group in rests for line in group.lines}
    kept = {key: reason for key, reason in (why | reasons).items() if key not in taken}
    return [*groups, *more, *rests], kept


def _rests(parts: Sequence[_Part], bare: Sequence[LineToMatch]) -> list[MatchGroup]:
    """Parts of which one line without a reference, and no other, is the rest; nor of another."""
    wanted = Counter(sum(i.fen for i in items) - sum(o.fen for o in some) for some, items in parts)
    lines: dict[int, list[LineToMatch]] = {}
    for line in bare:
        lines.setdefault(line.fen, []).append(line)
    groups = []
    for some, items in parts:
        rest = sum(item.fen for item in items) - sum(line.fen for line in some)
        found = lines.get(rest, [])
        if items and wanted[rest] == 1 and len(found) == 1 and not _undone(items):
            groups.append(MatchGroup((*some, *found), tuple(items)))
    return groups


def _by_reference(
    lines: Sequence[LineToMatch], left: dict[str, ExpectedItem], closed: Collection[str]
) -> tuple[list[MatchGroup], list[_Part], dict[str, Unmatched]]:
    """Groups of one reference or list; their items are taken out of what is left."""
    groups: list[MatchGroup] = []
    gathered: dict[_Key, list[LineToMatch]] = {}
    wanted: dict[_Key, list[ExpectedItem]] = {}
    why: dict[str, Unmatched] = {}
    done = set(closed)
    for line in lines:
        if not line.references:
            continue
        found = [_item_of(reference, line.fen, left) for reference in line.references]
        there = [item for item in found if item is not None]
        if len(there) < len(found):
            known = done.issuperset(line.references)
            why[line.key] = Unmatched.ALREADY_MATCHED if known else Unmatched.REFERENCE_UNKNOWN
            continue
        key = line.references, 0 if _undone(there) else (1 if line.fen > 0 else -1)
        gathered.setdefault(key, []).append(line)
        wanted[key] = there
        if sum(one.fen for one in gathered[key]) == sum(item.fen for item in there):
            groups.append(MatchGroup(tuple(gathered.pop(key)), tuple(there)))
            done.update(line.references)
            for item in there:
                del left[item.key]
    parts: list[_Part] = []
    for key, part in gathered.items():
        made, target = sum(line.fen for line in part), sum(item.fen for item in wanted[key])
        gone = any(item.key not in left for item in wanted[key])
        short = abs(made) < abs(target) or _undone(wanted[key])
        reason = Unmatched.PART_OF_IT if short and not gone else Unmatched.AMOUNT_DIFFERS
        why |= {line.key: reason for line in part}
        parts.append((part, wanted[key] if reason is Unmatched.PART_OF_IT else ()))
    return groups, parts, why


def _item_of(reference: str, fen: int, left: dict[str, ExpectedItem]) -> ExpectedItem | None:
    """The one item of a reference that a line of that sign can belong to."""
    found = [
        item
        for item in left.values()
        if item.reference == reference
        and (item.kind is ItemKind.UNDONE or (item.fen > 0) == (fen > 0))
    ]
    return found[0] if len(found) == 1 else None


def _undone(items: Sequence[ExpectedItem]) -> bool:
    return all(item.kind is ItemKind.UNDONE for item in items)


def _by_amount(
    lines: Sequence[LineToMatch], items: Sequence[ExpectedItem], until: date
) -> tuple[list[MatchGroup], dict[str, Unmatched]]:
    """Lines without a reference whose amount only one combination makes, and no other line's."""
    why: dict[str, Unmatched] = {}
    made: list[tuple[LineToMatch, tuple[ExpectedItem, ...]]] = []
    for line in lines:
        if line.day > until:
            why[line.key] = Unmatched.TOO_EARLY
            continue
        fitting = _combinations(line, items)
        if len(fitting) == 1:
            made.append((line, fitting[0]))
        else:
            why[line.key] = Unmatched.AMBIGUOUS if fitting else Unmatched.NOTHING_FITS
    asked = Counter(item.key for _line, chosen in made for item in chosen)
    groups = []
    for line, chosen in made:
        if any(asked[item.key] > 1 for item in chosen):
            why[line.key] = Unmatched.AMBIGUOUS
        else:
            groups.append(MatchGroup((line,), chosen))
    return groups, why


def _combinations(
    line: LineToMatch, items: Sequence[ExpectedItem]
) -> list[tuple[ExpectedItem, ...]]:
    """Combinations that make the line's amount: none, one, or the first two of many.

    Where there are too many to try, it counts as many.
    """
    target = abs(line.fen)
    usable = sorted(
        (
            item
            for item in items
            if item.kind not in BY_REFERENCE_ONLY and (item.fen > 0) == (line.fen > 0)
            and abs(item.fen) <= target and item.since <= line.day
        ),
        key=lambda item: (-abs(item.fen), item.key),
    )  # fmt: skip
    found: list[tuple[ExpectedItem, ...]] = []
    stack: list[tuple[int, int, tuple[ExpectedItem, ...]]] = [(0, target, ())]
    for _tried in range(MOST_TRIED):
        if not stack or len(found) > 1:
            return found
        start, rest, chosen = stack.pop()
        for place in range(start, len(usable)):
            item = usable[place]
            over = rest - abs(item.fen)
            if over == 0:
                found.append((*chosen, item))
            elif over > 0 and len(chosen) + 1 < MOST_ITEMS_BY_AMOUNT:
                stack.append((place + 1, over, (*chosen, item)))
    return [(), ()]
