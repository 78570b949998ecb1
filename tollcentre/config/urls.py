"""Every address of the house: pages of the console, the machine API of the gateway."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
