"""What of settlement a viewer may see."""

from django.db.models import QuerySet

from tollcentre.access.terms import Permission, Viewer


def own(found: QuerySet, viewer: Viewer, party: str = "party_id") -> QuerySet:
    """Rows that the viewer may see: a road owner's user the own ones, who settles all of them."""
    if viewer.owner_ids is not None:
        return found.filter(**{f"{party}__in": viewer.owner_ids})
    return found if viewer.may(Permission.VIEW_SETTLEMENT) else found.none()
