"""Whether it is up, whether it is ready, and how much waits: for whoever watches the service."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import counts
from bot.messages import RANK, Status
from bot.store import migrations
from bot.store.tables import Handling, inbox, outbox, timer
from bot.store.unit_of_work import UnitOfWork
from bot.store.writer import StoreUnavailable
from bot.web.parts import Parts

log = logging.getLogger(__name__)

#: A store that has not answered by now is in trouble, and a balancer should look elsewhere.
PATIENCE_SECONDS = 5.0


class State:
    """The endpoints that say how things are. None says anything about anyone."""

    def __init__(self, parts: Parts):
        self._parts = parts
        self._waiting = CollectorRegistry()
        self._waiting.register(_Waiting(parts))

    def routes(self) -> list[Route]:
        """/healthz, /readyz and /metrics."""
        return [
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
        ]

    async def healthz(self, request: Request) -> Response:
        """200 while the process answers."""
        return PlainTextResponse("up")

    async def readyz(self, request: Request) -> Response:
        """200 when the store has its newest shape and can be written to; else 503 and which it is."""
        wrong = await run_in_threadpool(self._wrong)
        return PlainTextResponse(wrong or "ready", 503 if wrong else 200)

    async def metrics(self, request: Request) -> Response:
        """Everything counted, as Prometheus reads it."""
        text = await run_in_threadpool(self._metrics)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    def _wrong(self) -> str | None:
        store = self._parts.store
        try:
            if not migrations.is_current(store.engine):
                return "the store is not up to date: python -m bot migrate"
            store.run(_touch, acting="system").result(PATIENCE_SECONDS)
        except (SQLAlchemyError, StoreUnavailable, TimeoutError) as error:
            log.warning("not ready: %s", type(error).__name__)
            return "the store cannot be written to"
        return None

    def _metrics(self) -> bytes:
        return generate_latest(counts.REGISTRY) + generate_latest(self._waiting)


def _touch(unit: UnitOfWork) -> None:
    """A write that changes nothing, all the way to the disk: a full or locked one refuses it."""
    unit.execute(timer.update().where(timer.c.id == -1).values(tries=timer.c.tries))


class _Waiting(Collector):
    """How much waits, and how long it has waited. All of it is found through indexes of what waits."""

    def __init__(self, parts: Parts):
        self._parts = parts

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        depth = GaugeMetricFamily("linkline_waiting", "How many wait", labels=["for"])
        oldest = GaugeMetricFamily("linkline_oldest_waiting_seconds", "Since when one waits", labels=["for"])
        with self._parts.store.reading() as reading:
            now = reading.now
            for name, counted, since, waits in (
                ("turn", inbox.c.id, inbox.c.received_at, inbox.c.handling == Handling.WAITING),
                ("delivery", outbox.c.id, outbox.c.due_at, outbox.c.rank < RANK[Status.SENT]),
                ("timer", timer.c.id, timer.c.due_at, timer.c.done_at.is_(None)),
            ):
                # What falls due later does not wait yet.
                count, first = reading.execute(
                    select(func.count(counted), func.min(since)).where(waits, since <= now)
                ).one()
                depth.add_metric([name], count)
                oldest.add_metric([name], max((now - first) / timedelta(seconds=1), 0) if first else 0)
        yield depth
        yield oldest
