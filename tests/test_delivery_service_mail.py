"""Telling a service by email: a link and nothing of the person; tried again; else a link worker rings."""

from __future__ import annotations

import re

import pytest

from bot.casework.tasks import open_tasks
from bot.delivery.service_mail import ServiceMail
from bot.directory import onward, outcomes, services
from bot.directory.services import Contact, Organisation, ServiceDetails
from bot.messages import Refused, Sent, Status, Uncertain
from bot.people import access_needs, consents, contact_points
from bot.settings import Settings
from bot.store.tables import Ledger, Onward, Safe
from tests.support.people import comes
from tests.support.stores import HOURS

CHOIR = ServiceDetails(
    name="Measham Singers",
    organisation=Organisation("Measham Arts", email="arts@measham.example"),
    contacts=(Contact("Bea", "", "01632 960113"),),
)
SETTINGS = Settings.load(_env_file=None, public_url="https://links.ashby.example")


class Post:
    """A mail server that can be made to refuse."""

    def __init__(self):
        self.mails: list[tuple[str, str, str]] = []
        self.outcomes = []

    async def __call__(self, address, subject, body):
        self.mails.append((address, subject, body))
        return self.outcomes.pop(0) if self.outcomes else Sent("")

    @property
    def token(self):
        """The link's token in the last mail."""
        return re.search(r"https://links\.ashby\.example/services/(\w+)", self.mails[-1][2])[1]


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def sender(store, post):
    return ServiceMail(store, SETTINGS, post)


@pytest.fixture
def referred(done):
    """Ray Jones said yes to the choir, and it is to be told by mail."""
    ray = comes(done, name="Ray Jones", agrees=True)
    choir = done(lambda unit: services.add_service(unit, CHOIR), acting="staff:1")

    def work(unit):
        contact_points.set_safe(unit, ray.id, Safe.ONLY_ME)
        access_needs.record_need(unit, ray.person_id, "I use a hearing aid")
        consents.record(unit, ray.person_id, Ledger.AGREEMENT, f"{onward.TELL}:{choir}", True)
        made = onward.refer(unit, ray.person_id, choir, Onward.REFERRED)
        assert onward.tell_service(unit, made.onward_id, HOURS, by_mail=True)
        return made

    return done(work)


def the(store, referred):
    with store.reading() as reading:
        return outcomes.onward_by_id(reading, referred.onward_id)


def tasks(store):
    with store.reading() as reading:
        return [(task.kind, task.details) for task in open_tasks(reading)]


async def test_the_mail_has_a_link_that_works_and_nothing_of_the_person(store, sender, post, referred):
    assert await sender.send_due() == 1

    ((address, subject, body),) = post.mails
    assert address == "arts@measham.example"
    for theirs in ("Ray", "Jones", "900001", "hearing"):
        assert theirs not in subject + body
    with store.reading() as reading:
        assert onward.provider_view(reading, post.token).first_name == "Ray"
        assert onward.provider_view(reading, referred.link_token) is None
    assert the(store, referred).told_provider_at is not None
    assert await sender.send_due() == 0


@pytest.mark.parametrize("outcome", [Uncertain("timeout"), Refused("450", Status.TEMPORARY_FAILURE)])
async def test_what_did_not_go_goes_again_and_its_newest_link_works(
    store, clock, sender, post, referred, outcome
):
    post.outcomes = [outcome]
    assert await sender.send_due() == 0
    first = post.token
    assert await sender.send_due() == 0  # not at once
    clock.forward(minutes=2)
    assert await sender.send_due() == 1

    with store.reading() as reading:
        assert onward.provider_view(reading, first) is None
        assert onward.provider_view(reading, post.token) is not None
    assert tasks(store) == []


async def test_an_address_that_is_wrong_for_good_is_rung_instead(store, sender, post, referred):
    post.outcomes = [Refused("550", Status.PERMANENT_FAILURE)]
    assert await sender.send_due() == 0

    assert tasks(store) == [("tell-service", "Measham Singers: 01632 960113")]
    assert the(store, referred).mail_failed == "550"
    assert await sender.send_due() == 0 and len(post.mails) == 1


async def test_it_is_not_tried_for_ever(store, clock, sender, post, referred):
    post.outcomes = [Uncertain("timeout")] * 9
    for _ in range(9):
        await sender.send_due()
        clock.forward(hours=5)

    assert len(post.mails) == 5
    assert tasks(store) == [("tell-service", "Measham Singers: 01632 960113")]


async def test_a_mail_server_that_breaks_is_no_end(store, clock, referred):
    async def broken(address, subject, body):
        raise OSError("gone")

    sender = ServiceMail(store, SETTINGS, broken)

    assert await sender.send_due() == 0
    assert the(store, referred).mail_due_at > clock.now()


async def test_a_yes_taken_back_before_it_left_stops_it(store, done, sender, post, referred):
    going = the(store, referred)
    no = (going.person_id, Ledger.AGREEMENT, f"{onward.TELL}:{going.service_id}", False)
    done(lambda unit: consents.record(unit, *no))

    assert await sender.send_due() == 0
    assert post.mails == [] and the(store, referred).mail_due_at is None


async def test_two_senders_at_once_send_it_once(store, sender, post, referred):
    other = ServiceMail(store, SETTINGS, post)
    taken = [one for each in (sender, other) for one in await each._do(each._take)]

    assert len(taken) == 1
