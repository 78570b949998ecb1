"""Providers and dated parameters."""

from dataclasses import fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import QuerySet

from tollcentre.core.dated import value_at
from tollcentre.core.refusal import Refusal
from tollcentre.messages.queries import digest_of

from ..models import ServiceProvider
from ..terms import NO_SUCH_PROVIDER, PackParameters

PARAMETERS = Path(__file__).parent.parent / "parameters" / "packs.yaml"


def provider(code: str) -> ServiceProvider:
    """The provider of that code; Refusal where there is none."""
    found = ServiceProvider.objects.filter(code=code).first()
    if found is None:
        raise Refusal(NO_SUCH_PROVIDER, "provider", code=code)
    return found


def provider_by_token(token: str) -> ServiceProvider | None:
    """The provider that shows this token."""
    return ServiceProvider.objects.filter(token_digest=digest_of(token)).first()


def providers() -> "QuerySet[ServiceProvider]":
    """Who is registered, by code."""
    return ServiceProvider.objects.order_by("code")


def parameters_at(day: date) -> PackParameters:
    """What packs go by on the day."""
    raw = _raw()
    return PackParameters(
        **{field.name: value_at(raw[field.name], day) for field in fields(PackParameters)}
    )


@lru_cache
def _raw() -> Any:
    return yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
