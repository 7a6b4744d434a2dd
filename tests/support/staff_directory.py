"""What the tests of the staff directory share: somebody at work, and what a page offers."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.directory import outcomes
from bot.directory.services import service_of
from bot.store.tables import audit
from tests.support.nearby import seed_plan, seed_services


@pytest.fixture
def near(store, ashby):
    return seed_services(store, ashby)


@pytest.fixture
def bea(at_work, near):
    return at_work("bea")


@pytest.fixture
def planned(store, ashby, near):
    """Services, some of them suggested to Ray, who has told what matters."""
    seed_plan(store, ashby, near)
    return near


@pytest.fixture
def onward(store, ashby, planned):
    """What Ray is on the way to, by the service's short name."""

    def of(name):
        with store.reading() as reading:
            found = outcomes.onward_of(reading, ashby.ray.person_id)
        return next(o for o in found if o.service_id == getattr(planned, name).id)

    return of


@pytest.fixture
def now_of(store):
    """A service as it is now."""

    def of(one):
        with store.reading() as reading:
            return service_of(reading, one.id)

    return of


def names(visitor):
    """The services on the page, in order."""
    return re.findall(r'<a href="/staff/directory/[^"]+" data-open>([^<]+)</a>', visitor.page.text)


def undoes(visitor):
    """Press the undo that the page offers."""
    form = re.search(r'<form method="post" action="/staff([^"]+/undo)">(.*?)</form>', visitor.page.text, re.S)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    visitor.presses(form[1], **fields)


def audited(store, action):
    with store.reading() as reading:
        rows = reading.execute(select(audit.c.acting, audit.c.subject).where(audit.c.action == action))
        return [tuple(row) for row in rows]
