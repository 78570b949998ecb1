"""Addresses of the console's pages."""

from django.urls import path
from django.views.i18n import set_language

from .views import access, daily_run, inbox

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("login", access.login, name="login"),
    path("logout", access.logout, name="logout"),
    path("language", set_language, name="set_language"),
    path("runs", daily_run.runs, name="runs"),
    path("runs/<str:run_key>", daily_run.run, name="run"),
    path("runs/<str:run_key>/steps", daily_run.run_steps, name="run_steps"),
]
