"""Every address of the house: pages of the console, the machine API of the gateway."""

from django.urls import URLPattern, URLResolver, include, path

from tollcentre.console import urls as console_pages
from tollcentre.gateway.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("", include(console_pages)),
]
