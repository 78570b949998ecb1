"""Every write of access: the trail, approvals, roles and users."""

import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Model

from tollcentre.core.refusal import Refusal

from .models import (
    ApprovalDecision,
    ApprovalRequest,
    DemoUser,
    OwnerScope,
    TrailHead,
    TrailRow,
)
from .queries import approval
from .rules import FIRST_PREVIOUS_HASH, canonical_json, trail_hash, why_not_decide
from .terms import (
    APPROVAL_KEY_WITH_OTHER_CONTENT,
    DEMO_USERS,
    NO_SUCH_APPROVAL,
    NO_SUCH_USER,
    PERMISSION_MISSING,
    REFUSAL_REASON_MISSING,
    ROLE_TITLES,
    Act,
    ApprovalInfo,
    ApprovalState,
    Permission,
    Role,
    Viewer,
)

SYSTEM = "system"
"""The actor of what no person does: seeding, schedules."""
TRAIL_COLUMNS = ("seq", "at", "actor", "act", "subject", "detail", "previous_hash", "hash")


def hold_trail() -> TrailHead:
    """Lock the end of the trail until the caller's transaction ends; who writes locks it first.

    Every writer takes this lock before any other chain's, so two writers cannot deadlock.
    """
    head = TrailHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        first = TrailHead(pk=1, seq=0, hash=FIRST_PREVIOUS_HASH)
        TrailHead.objects.bulk_create([first], ignore_conflicts=True)
        head = TrailHead.objects.select_for_update().get(pk=1)
    return head


def record_trail(*, actor: str, act: str, subject: str, detail: Mapping[str, object]) -> int:
    """Append one act to the trail inside the caller's transaction; its number in the chain."""
    return record_acts([Act(actor, act, subject, detail)])


def record_acts(acts: Iterable[Act]) -> int:
    """Append acts to the trail in their order, in a few statements; the last one's number.

    If the caller's transaction fails, so do the rows.
    """
    told = [(one, canonical_json(dict(one.detail))) for one in acts]
    with transaction.atomic(savepoint=False):
        head = hold_trail()
        insert_rows(TrailRow, TRAIL_COLUMNS, _chained(head, told))
        TrailHead.objects.filter(pk=1).update(seq=head.seq, hash=head.hash)
    return head.seq


def _chained(head: TrailHead, acts: Iterable[tuple[Act, str]]) -> Iterator[tuple[str | int, ...]]:
    """The rows of the acts, each chained to the one before; the head goes along."""
    at = int(time.time())
    for one, text in acts:
        previous, head.seq = head.hash, head.seq + 1
        head.hash = trail_hash(previous, head.seq, at, one.actor, one.act, one.subject, text)
        yield head.seq, at, one.actor, one.act, one.subject, text, previous, head.hash


def insert_rows(
    model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[str | int | bytes | None]]
) -> None:
    """Insert many rows in one statement: COPY on PostgreSQL, one prepared INSERT on SQLite.

    The values of a row stand in the order of the columns, dates and times of day as ISO texts.
    """
    quote = connection.ops.quote_name
    names = ", ".join(quote(model._meta.get_field(name).column) for name in columns)
    table = f"{quote(model._meta.db_table)} ({names})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


@transaction.atomic
def request_approval(
    *,
    approval_key: str,
    act: str,
    subject: str,
    detail: Mapping[str, object],
    reason: str,
    maker: Viewer,
) -> ApprovalInfo:
    """Ask another person to allow an act; repeating it with one key changes nothing.

    Refuses a key that was used for something else.
    """
    hold_trail()
    text = canonical_json(dict(detail))
    earlier = ApprovalRequest.objects.filter(approval_key=approval_key).first()
    if earlier is not None:
        same = (earlier.act, earlier.subject, earlier.detail, earlier.maker)
        if same != (act, subject, text, maker.name):
            raise Refusal(APPROVAL_KEY_WITH_OTHER_CONTENT, "approval_key", key=approval_key)
        return _known(approval_key)
    ApprovalRequest.objects.create(
        approval_key=approval_key,
        act=act,
        subject=subject,
        detail=text,
        reason=reason,
        maker=maker.name,
        requested_at=int(time.time()),
    )
    record_trail(
        actor=maker.name,
        act="access.request_approval",
        subject=approval_key,
        detail={"act": act, "subject": subject, "detail": dict(detail), "reason": reason},
    )
    return _known(approval_key)


def approve(*, approval_key: str, checker: Viewer, reason: str = "") -> ApprovalInfo:
    """Allow a request; refuses its maker, who lacks the permission, and a second decision."""
    return _decide(approval_key, checker, ApprovalState.APPROVED, reason)


def refuse(*, approval_key: str, checker: Viewer, reason: str) -> ApprovalInfo:
    """Turn a request down, with the reason; refuses its maker, who lacks the permission, and a
    second decision.
    """
    if not reason.strip():
        raise Refusal(REFUSAL_REASON_MISSING, "reason")
    return _decide(approval_key, checker, ApprovalState.REFUSED, reason)


def _known(approval_key: str) -> ApprovalInfo:
    found = approval(approval_key)
    if found is None:
        raise Refusal(NO_SUCH_APPROVAL, "approval_key", key=approval_key)
    return found


@transaction.atomic
def _decide(approval_key: str, checker: Viewer, state: ApprovalState, reason: str) -> ApprovalInfo:
    if not checker.may(Permission.APPROVE):
        raise Refusal(PERMISSION_MISSING, user=checker.name, permission=Permission.APPROVE)
    hold_trail()
    found = _known(approval_key)
    if (found.state, found.checker) == (state, checker.name):
        return found
    why_not = why_not_decide(found.maker, checker.name, found.state)
    if why_not is not None:
        raise Refusal(
            why_not,
            "approval_key",
            key=approval_key,
            maker=found.maker,
            checker=found.checker,
            decision=found.state,
        )
    ApprovalDecision.objects.create(
        request=ApprovalRequest.objects.get(approval_key=approval_key),
        state=state,
        checker=checker.name,
        reason=reason,
        decided_at=int(time.time()),
    )
    record_trail(
        actor=checker.name,
        act="access.decide_approval",
        subject=approval_key,
        detail={"decision": state, "reason": reason},
    )
    return _known(approval_key)


@transaction.atomic
def seed_roles() -> None:
    """One Django group a role, named by its code; repeatable."""
    known = set(Group.objects.values_list("name", flat=True))
    missing = [role for role in ROLE_TITLES if role.value not in known]
    if missing:
        hold_trail()
        Group.objects.bulk_create([Group(name=role.value) for role in missing])
        record_trail(
            actor=SYSTEM, act="access.seed_roles", subject="roles", detail={"roles": missing}
        )


@transaction.atomic
def set_owner_scope(*, user_name: str, owner_ids: Iterable[str], actor: str) -> None:
    """Let a road owner's user see exactly these owners' rows; refuses an unknown user."""
    user = get_user_model().objects.filter(username=user_name).first()
    if user is None:
        raise Refusal(NO_SUCH_USER, "user_name", user=user_name)
    hold_trail()
    wanted = set(owner_ids)
    held = set(OwnerScope.objects.filter(user=user).values_list("owner_id", flat=True))
    if wanted == held:
        return
    OwnerScope.objects.filter(user=user, owner_id__in=held - wanted).delete()
    OwnerScope.objects.bulk_create(
        [OwnerScope(user=user, owner_id=owner_id) for owner_id in sorted(wanted - held)]
    )
    record_trail(
        actor=actor,
        act="access.set_owner_scope",
        subject=user_name,
        detail={"owner_ids": sorted(wanted)},
    )


def seed_demo_users(home: Path, *, owner_ids: Iterable[str] = ()) -> Path:
    """One demo user a role; their passwords go to `<home>/keys/demo-passwords.txt`, mode 0600.

    Repeatable: a password that is in the file stays; where `owner_ids` is given, the demo road
    owner sees these owners. Returns the file. While these users exist, nobody may serve beyond
    loopback.
    """
    path = home / "keys" / "demo-passwords.txt"
    passwords = _read_passwords(path)
    for name in DEMO_USERS:
        passwords.setdefault(name, secrets.token_urlsafe(12))
    _write_passwords(path, passwords)
    with transaction.atomic():
        seed_roles()
        made = [name for name in DEMO_USERS if _seed_demo_user(name, passwords[name])]
        if made:
            record_trail(
                actor=SYSTEM,
                act="access.seed_demo_users",
                subject="demo users",
                detail={"users": made},
            )
        wanted = sorted(set(owner_ids))
        if wanted:
            set_owner_scope(user_name="owner", owner_ids=wanted, actor=SYSTEM)
    return path


def _seed_demo_user(name: str, password: str) -> bool:
    """Make or renew one demo user; whether the user is new."""
    role: Role = DEMO_USERS[name]
    user, is_new = get_user_model().objects.get_or_create(
        username=name, defaults={"first_name": f"演示·{ROLE_TITLES[role][0]}"}
    )
    if is_new or not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    user.groups.set([Group.objects.get(name=role.value)])
    DemoUser.objects.get_or_create(user=user)
    return is_new


def _read_passwords(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _write_passwords(path: Path, passwords: Mapping[str, str]) -> None:
    """The file appears whole and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    text = "# 演示账号 / demo accounts\n" + "".join(
        f"{name} {password}\n" for name, password in passwords.items()
    )
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.replace(temporary, path)
