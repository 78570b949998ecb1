"""What people start on a page and the worker does."""

from datetime import date

from django_tasks import task

from .actions import clear_day, plan_day


@task()
def start_clear_day(*, day: str, actor: str) -> str:
    """Clear the day as planned at the time of starting; gives the run's key.

    A refusal stands on the run that it stopped; done twice it changes nothing.
    """
    return clear_day(plan=plan_day(day=date.fromisoformat(day)), actor=actor).run_key
