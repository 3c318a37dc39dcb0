"""The progress of a backfill, read from state while it runs: bars on a terminal, else a line for each closed day."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta

from sqlalchemy.exc import SQLAlchemyError

from crawler.jobs.backfill.plan import OutletPlan
from crawler.state.day_policy import Day
from crawler.system import clock

INTERVAL_SECONDS = 1.0

# A backfill of more days prints a line for each month: cron mails them.
MOST_LINES = 100

# The speed is that of the last minutes.
RECENT = timedelta(minutes=10)


class Lines:
    """Prints a line for each closed day, or for each closed month if there are many days."""

    def __init__(self, plans: Sequence[OutletPlan], say: Callable[[str], None]) -> None:
        self._say = say
        self._open = {(plan.outlet, day) for plan in plans for day in plan.open}
        self._form = "%Y-%m" if len(self._open) > MOST_LINES else "%Y-%m-%d"
        self._waiting = Counter(self._name(*one) for one in self._open)
        self._closed: defaultdict[str, list[Day]] = defaultdict(list)

    def show(self, days: Sequence[Day]) -> None:
        """Take the days that were written."""
        for day in days:
            one = (day.outlet, day.day)
            if day.is_closed and one in self._open:
                self._open.remove(one)
                name = self._name(*one)
                self._closed[name].append(day)
                if len(self._closed[name]) == self._waiting[name]:
                    self._say(f"{name}: {summed(self._closed.pop(name))}")

    def _name(self, outlet: str, day: date) -> str:
        return f"{outlet} {day:{self._form}}"


class Bars:
    """Shows a bar for each outlet, with its day, its articles a minute and the time that is left."""

    def __init__(self, plans: Sequence[OutletPlan]) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("days  {task.fields[day]}  {task.fields[rate]:.0f} articles/min, left:"),
            TimeRemainingColumn(),
            speed_estimate_period=RECENT.total_seconds(),
        )
        self._days: dict[str, dict[date, Day]] = {plan.outlet: {} for plan in plans}
        self._tasks = {
            plan.outlet: (
                self.progress.add_task(plan.outlet, total=len(plan.open - {plan.today}), day="", rate=0.0),
                # Of this one only the speed is shown.
                self.progress.add_task("articles", total=None, visible=False),
            )
            for plan in plans
        }

    def show(self, days: Sequence[Day]) -> None:
        for day in days:
            self._days[day.outlet][day.day] = day
        for outlet, (task, articles) in self._tasks.items():
            known = self._days[outlet].values()
            self.progress.update(articles, completed=sum(day.listed - day.unknown for day in known))
            self.progress.update(
                task,
                completed=sum(day.is_closed for day in known),
                day=max((day.day for day in known if not day.is_closed), default=""),
                rate=60 * (self.progress.tasks[articles].speed or 0.0),
            )


@contextmanager
def showing(plans: Sequence[OutletPlan], is_terminal: bool, say: Callable[[str], None]) -> Iterator[None]:
    bars = Bars(plans) if is_terminal else None
    show = bars.show if bars else Lines(plans, say).show
    stop = threading.Event()
    thread = threading.Thread(target=_poll, args=(plans, show, stop), daemon=True)
    with bars.progress if bars else nullcontext():
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _poll(plans: Sequence[OutletPlan], show: Callable[[Sequence[Day]], None], stop: threading.Event) -> None:
    since = clock.now()
    is_last = False
    while not is_last:
        is_last = stop.wait(INTERVAL_SECONDS)
        moment = clock.now()
        try:
            show([day for plan in plans for day in plan.known(since).values() if day.day in plan.open])
        except SQLAlchemyError:
            continue  # the crawls meet it too, and report it
        # A day that is being written now may have an earlier timestamp.
        since = max(since, moment - timedelta(seconds=10 * INTERVAL_SECONDS))


def summed(days: Sequence[Day]) -> str:
    """Return the outcomes of the articles of some days, in words."""
    parts = [f"{sum(day.listed for day in days)} listed", f"{sum(day.archived for day in days)} archived"]
    for name in ("turned_down", "failed"):
        number = sum(getattr(day, name) for day in days)
        parts += [f"{number} {name.replace('_', ' ')}"] if number else []
    return ", ".join(parts)
