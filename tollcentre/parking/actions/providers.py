"""Providers are registered, each with a token of its own."""

import re
import secrets

from django.db import transaction

from tollcentre.access.actions import record_trail
from tollcentre.core.refusal import Refusal
from tollcentre.messages.queries import digest_of

from ..models import ServiceProvider
from ..terms import PROVIDER_CODE_WRONG, PROVIDER_EXISTS, PROVIDER_NAME_WRONG

CODE = re.compile(r"[0-9A-F]{16}")
NAME_WIDTH = 64


@transaction.atomic
def add_provider(*, code: str, name: str, actor: str, now: int) -> str:
    """Register a provider; the token that it is to show us, which is told this once.

    Refuses a code that is not 16 hex digits, a name that is none, and a known code.
    """
    if not CODE.fullmatch(code):
        raise Refusal(PROVIDER_CODE_WRONG, "code", code=code)
    if not (name.strip() and name.isprintable() and len(name) <= NAME_WIDTH):
        raise Refusal(PROVIDER_NAME_WRONG, "name")
    record_trail(actor=actor, act="parking.add_provider", subject=code, detail={"name": name})
    if ServiceProvider.objects.filter(code=code).exists():
        raise Refusal(PROVIDER_EXISTS, "code", code=code)
    token = secrets.token_urlsafe(32)
    ServiceProvider.objects.create(
        code=code, name=name, token_digest=digest_of(token), added_at=now
    )
    return token
