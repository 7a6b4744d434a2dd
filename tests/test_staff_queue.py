"""The queue: who needs a person first, who picked them up, and what an outside program may know."""

from __future__ import annotations

import html
import re
import threading
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import select, update

from bot.casework.handoffs import handoff_of
from bot.people.persons import no_longer_agreed
from bot.store.tables import HandoffStatus, audit, inbox
from tests.support.seeds import Seeder
from tests.support.serving import serving_in_thread
from tests.support.staff_site import TOKEN, Visitor


def names(visitor):
    """The lines of the queue, top first."""
    return re.findall(r"data-open>([^<]+)</a>", visitor.page.text)


def test_worst_risk_first_then_longest_waiting(at_work):
    bea = at_work("bea")

    bea.goes("/")

    assert names(bea) == ["Josie", "No name yet", "Ray Poole", "No name yet", "Tom"]


def test_each_line_says_what_it_is_how_long_and_by_when(at_work):
    bea = at_work("bea")
    bea.goes("/")

    for words in (
        "Danger now Josie Said 4 minutes ago · due by 11.31am",
        "Possible abuse No name yet Said 38 minutes ago · 23 minutes late",
        "New referral Ray Poole Waiting 1 day · due by 5pm Monday 9 March",
        "Call back No name yet Waiting 2 hours · due by 6.20pm",
        "New referral Waiting for a reply Tom",
    ):
        assert words.replace("· ", "") in bea.text, words


def test_mine_shows_who_wrote_to_me_and_all_shows_who_has_whom(at_work):
    bea = at_work("bea")

    bea.goes("/?show=mine")
    assert names(bea) == ["Mrs Pryce"]
    assert "They wrote 12 minutes ago" in bea.text
    bea.goes("/?show=all")
    assert "Ali Rahman has this since 8am" in bea.text


def test_other_orders_and_a_search(at_work):
    bea = at_work("bea")

    bea.goes("/?sort=waiting")
    assert names(bea)[:2] == ["Josie", "Ray Poole"]
    bea.goes("/?show=all&q=pry")
    assert names(bea) == ["Mrs Pryce"]
    bea.goes("/?show=all&q=Zebedee")
    assert "Nobody called “Zebedee” is in this part of the queue. Look among everyone" in bea.text


def test_picking_up_opens_their_page_in_one_press(at_work, ashby, store):
    bea = at_work("bea")
    bea.goes("/")

    bea.presses(f"/handoffs/{ashby.josie.handoff_id}/pick-up")

    assert bea.at == f"/people/{ashby.josie.token}"
    with store.reading() as reading:
        held = handoff_of(reading, ashby.josie.handoff_id)
    assert (held.status, held.picked_up_by) == (HandoffStatus.PICKED_UP, ashby.bea)


def test_of_two_who_press_at_once_one_gets_it_and_the_other_hears_who(at_work, ashby):
    workers = {name: at_work(name) for name in ("bea", "ali")}
    for worker in workers.values():
        worker.goes("/")
    together = threading.Barrier(2)

    def press(worker):
        together.wait()
        worker.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up")

    threads = [threading.Thread(target=press, args=(worker,)) for worker in workers.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    first = [name for name, worker in workers.items() if worker.at == f"/people/{ashby.ray.token}"]
    assert len(first) == 1
    other = workers[({"bea", "ali"} - set(first)).pop()]
    who = {"bea": "Bea Marsh", "ali": "Ali Rahman"}[first[0]]
    assert f"{who} picked this up at 11.20am." in other.text


def test_pressing_again_what_is_already_mine_opens_it(at_work, ashby):
    bea = at_work("bea")

    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/pick-up")

    assert bea.at == f"/people/{ashby.pryce.token}"


def test_a_link_in_an_alert_leads_to_the_person(at_work, ashby):
    bea = at_work("bea")

    assert bea.goes(f"/handoffs/{ashby.ray.handoff_id}").url.path == f"/staff/people/{ashby.ray.token}"
    assert bea.goes("/handoffs/999999").status_code == 404
    assert bea.goes("/handoffs/nonsense").status_code == 404


def test_nobodys_name_is_in_the_queue_without_a_yes(at_work, ashby, done):
    done(lambda unit: no_longer_agreed(unit, ashby.tom.person_id))
    bea = at_work("bea")

    bea.goes("/")

    assert "Tom" not in bea.text
    bea.goes("/?q=tom")
    assert names(bea) == []


def test_something_nobody_has_opened_is_seen_in_the_queue(at_work, ashby, done):
    done(lambda unit: Seeder(unit).says(ashby.ray, "", ago=1, unreadable="photo"))
    bea = at_work("bea")
    bea.goes("/")
    assert "New referral Sent something to open Ray Poole" in bea.text

    done(lambda unit: unit.execute(update(inbox).values(looked_at=unit.now)))
    bea.goes("/")
    assert "New referral Ray Poole" in bea.text


def test_the_title_says_how_many_wait(at_work):
    bea = at_work("bea")

    bea.goes("/queue/rows")

    assert "<title>(5) Queue - Ashby Links</title>" in bea.page.text


# -- queue.json ----------------------------------------------------------------------------


def asks(site, token=TOKEN):
    return Visitor(site).asks("GET", "/queue.json", headers={"Authorization": f"Bearer {token}"})


def test_a_program_with_the_token_learns_what_waits_and_nothing_of_whom(site, ashby):
    answer = asks(site)

    waiting = answer.json()["handoffs"]
    assert waiting[0] == {
        "id": ashby.josie.handoff_id,
        "level": "danger-now",
        "waiting_since": waiting[0]["waiting_since"],
        "status": "waiting",
        "picked_up_by": None,
    }
    assert {"id", "level", "waiting_since", "status", "picked_up_by"} == set().union(*waiting)
    mine = next(h for h in waiting if h["id"] == ashby.pryce.handoff_id)
    assert (mine["status"], mine["picked_up_by"]) == ("picked-up", ashby.bea)
    for word in ("Josie", "Ray", "Pryce", "Bea", "tablets", "07700", "447700", ashby.ray.token):
        assert word not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_without_the_token_a_program_learns_nothing(site, ashby, token):
    answer = asks(site, token)

    assert answer.status_code == 401
    assert "handoffs" not in answer.json()


# -- while the page is open ----------------------------------------------------------------


@pytest.fixture
def listens(at_work, site, ashby):
    """Bea's page, listening: `listens("?person=…")` gives the names of what it hears, as it comes."""
    cookies = {"linkline_staff": at_work("bea").cookies["linkline_staff"]}
    with ExitStack() as open_:
        served = open_.enter_context(serving_in_thread(site))

        def listen(query=""):
            url = f"{served.url}/staff/changes{query}"
            stream = open_.enter_context(httpx.stream("GET", url, cookies=cookies, timeout=20))
            return (line[7:] for line in stream.iter_lines() if line.startswith("event: "))

        yield listen


def test_an_open_page_hears_at_once_that_something_waits(listens, done):
    heard = listens()

    done(lambda unit: unit.tell("queue"))

    assert next(heard) == "queue"


def test_an_open_page_hears_of_this_person_and_of_nobody_else(listens, ashby, done):
    heard = listens(f"?person={ashby.ray.token}")

    done(lambda unit: unit.tell(f"conversation:{ashby.josie.conversation_id}"))
    done(lambda unit: unit.tell(f"conversation:{ashby.ray.conversation_id}"))
    done(lambda unit: unit.tell("queue"))

    assert {next(heard), next(heard)} == {"conversation", "queue"}


def test_what_came_while_the_page_was_opening_is_not_missed(listens, at_work, ashby, done):
    page = at_work("ali").goes(f"/people/{ashby.ray.token}").text
    query = html.unescape(re.search(r'sse-connect="/staff/changes([^"]*)"', page)[1])
    done(lambda unit: Seeder(unit).says(ashby.ray, "Are you there?", ago=0))

    heard = listens(query)

    assert {next(heard), next(heard)} == {"conversation", "queue"}


def test_someone_signed_out_hears_nothing(site, ashby):
    assert Visitor(site).asks("GET", "/changes").status_code == 204


def test_picking_up_is_written_down(at_work, ashby, store):
    bea = at_work("bea")
    bea.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up")

    with store.reading() as reading:
        row = reading.execute(
            select(audit).where(
                audit.c.action == "picked up", audit.c.subject == f"handoff:{ashby.ray.handoff_id}"
            )
        ).one()
    assert row.acting == f"staff:{ashby.bea}"
