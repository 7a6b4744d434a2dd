"""A person's page: what a link worker reads, in which order, and what they do there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.casework import cases, concerns, tasks
from bot.messages import RANK, Status
from bot.people import access_needs, contact_points, persons
from bot.store.tables import ContactKind, Safe, audit, outbox
from tests.support.seeds import Seeder

#: Practice, section 8.
ORDER = [
    "What to do next, and by when",
    "How to contact them safely",
    "Access needs, interpreter",
    "Concerns, what they were told and when",
    "What matters, in their words",
    "What they want first",
    "How they like to meet, who may see their plan",
    "Appointments and reminders",
    "Local support, and what became of it",
    "Who agreed to what",
    "Who else helps",
    "How they came, how long they have waited",
    "Home-visit safety",
    "What 999 would ask",
    "What was said",
]


def section(visitor, title):
    """The words of one section."""
    page = visitor.page.text
    start = page.index(f">{title}</h2>")
    end = page.find('<section class="ll-section"', start)
    words = re.sub(r"<[^>]+>", " ", page[start + 1 : end if end > 0 else None])
    return " ".join(words.replace("&#39;", "'").replace("&ldquo;", "“").replace("&rdquo;", "”").split())


@pytest.fixture
def bea(at_work):
    return at_work("bea")


@pytest.fixture
def ray(bea, ashby):
    """Bea at Ray's page."""
    bea.goes(f"/people/{ashby.ray.token}")
    return bea


@pytest.mark.parametrize("who", ["ray", "josie", "unsaid", "amina", "dev"])
def test_the_page_is_in_the_order_link_workers_need(bea, ashby, who):
    bea.goes(f"/people/{ashby.people[who].token}")

    titles = re.findall(
        r'<h2 class="(?:ll-section__title|[^"]*ll-talk__title)"[^>]*>([^<]+)</h2>', bea.page.text
    )

    assert titles == ORDER


def test_what_matters_is_in_their_words_and_leads_to_the_message(ray, ashby):
    words = section(ray, "What matters, in their words")
    assert "“I used to go to the allotment with Joan." in words

    link = re.search(r'What matters, in their words.*?href="#(m-\d+)"', ray.page.text, re.S)[1]
    message = ray.page.text.split(f'id="{link}"')[1].split("</li>")[0]
    assert "I used to go to the allotment with Joan." in message


def test_the_page_says_how_to_contact_them_safely(bea, ashby):
    bea.goes(f"/people/{ashby.pryce.token}")
    words = section(bea, "How to contact them safely")
    assert "Ring 07700 900106" in words and "Only they see this phone" in words
    assert "Mornings" in words and "marigold" in words and "Say only that you are Sam" in words

    bea.goes(f"/people/{ashby.josie.token}")
    assert "Text only. Do not ring." in section(bea, "How to contact them safely")
    assert "tel:" not in bea.page.text


def test_needs_came_and_agreed_are_there(ray):
    assert "I don't hear well on the phone" in section(ray, "Access needs, interpreter")
    assert "They came by: library poster" in section(ray, "How they came, how long they have waited")
    assert "by 5pm Monday 9 March" in section(ray, "How they came, how long they have waited")
    assert "They said yes to passing it on to our link workers, yesterday at 10.35am" in section(
        ray, "Who agreed to what"
    )
    facts = section(ray, "What 999 would ask")
    assert "Name Ray Poole Number 07700 900101 Where they are Not known" in facts


def test_a_concern_says_what_was_said_what_they_were_told_and_when(bea, ashby):
    bea.goes(f"/people/{ashby.josie.token}")

    words = section(bea, "Concerns, what they were told and when")

    assert "I want to end it tonight" in words
    assert "Noticed because: Speaks of killing themselves" in words
    assert "They were told today at 11.16am (delivered): I am glad you told me." in words
    assert "They may be in danger now" in section(bea, "What to do next, and by when")


def test_a_messages_fate_is_said_in_words(bea, ashby, done):
    def fails(unit):
        first = select(outbox.c.id).where(outbox.c.conversation_id == ashby.pryce.conversation_id)
        unit.execute(
            outbox.update()
            .where(outbox.c.id == unit.execute(first.order_by(outbox.c.id.desc())).scalars().first())
            .values(status=Status.NOT_SENT, rank=RANK[Status.NOT_SENT], reason="opted out")
        )

    done(fails)
    bea.goes(f"/people/{ashby.pryce.token}")

    assert "10.50am by text, Bea Marsh, not sent: opted out" in bea.text


# -- what may be seen ----------------------------------------------------------------------


def test_without_a_yes_only_the_concern_and_what_followed_is_open(bea, ashby):
    bea.goes(f"/people/{ashby.unsaid.token}")

    assert "They have not said yes to passing this on" in bea.text
    assert "he locks me in and takes my phone" in bea.text
    assert "HELLO" not in bea.text and "Hello from Ashby Links" not in bea.text


def test_someone_who_only_began_stays_closed(bea, ashby, done):
    def begins(unit):
        kim = Seeder(unit).someone("+447700900199", ago=20, name="Kim")
        Seeder(unit).says(kim, "I would rather not say yet", ago=19)
        return kim

    kim = done(begins)

    bea.goes(f"/people/{kim.token}")

    assert bea.page.status_code == 403
    assert "What they wrote stays closed" in bea.text
    assert "rather not say" not in bea.page.text and "Kim" not in bea.text
    bea.presses(f"/people/{kim.token}/contacts", kind="rang")
    assert bea.page.status_code == 403


def test_looking_is_written_down_with_its_reason(bea, ashby, store):
    bea.goes(f"/people/{ashby.ray.token}")
    bea.goes(f"/people/{ashby.unsaid.token}")

    with store.reading() as reading:
        rows = reading.execute(
            select(audit.c.acting, audit.c.subject, audit.c.details).where(audit.c.action == "case seen")
        ).all()
    assert [(r.acting, r.subject, r.details["reason"]) for r in rows] == [
        (f"staff:{ashby.bea}", f"person:{ashby.ray.person_id}", "agreed"),
        (f"staff:{ashby.bea}", f"person:{ashby.unsaid.person_id}", "concern"),
    ]


def test_a_page_fetched_by_itself_is_written_down_too(bea, ashby, store):
    bea.goes(f"/people/{ashby.ray.token}/live")

    with store.reading() as reading:
        seen = reading.execute(select(audit.c.subject).where(audit.c.action == "case seen")).scalars().all()
    assert seen == [f"person:{ashby.ray.person_id}"]


def test_an_unknown_link_leads_nowhere(bea, ashby):
    assert bea.goes("/people/0123456789abcdef").status_code == 404


# -- doing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("rang", "rang and spoke"),
        ("no-answer", "rang, no answer"),
        ("left-message", "left a message"),
        ("met", "met"),
    ],
)
def test_a_contact_is_logged_in_one_press_and_taken_back_in_one(ray, ashby, store, kind, said):
    url = f"/people/{ashby.ray.token}"
    ray.presses(f"{url}/contacts", kind=kind)
    assert f"Logged: {said}." in ray.text
    assert f"Bea Marsh: {said}." in ray.text

    undo = re.search(r'action="/staff(/people/[^"]+/undo)"', ray.page.text)[1]
    ray.presses(undo)

    assert "Taken back." in ray.text
    with store.reading() as reading:
        (logged,) = cases.contacts_of(reading, ashby.ray.person_id)
    assert logged.kind == ContactKind(kind) and logged.undone_at is not None


def test_a_next_step_and_its_day(ray, ashby, store):
    ray.presses(f"/people/{ashby.ray.token}/next-step", next_step="Ring about the allotment", by="2026-03-12")

    assert "Ring about the allotment" in section(ray, "What to do next, and by when")
    assert "Thursday 12 March" in section(ray, "What to do next, and by when")
    ray.goes(f"/people/{ashby.ray.token}")
    ray.presses(
        f"/people/{ashby.ray.token}/next-step",
        next_step="x",
        by="soon",
        back=f"/staff/people/{ashby.ray.token}",
    )
    assert "That day is not a date" in ray.text


def test_a_need_is_added_and_taken_away(ray, ashby, store):
    url = f"/people/{ashby.ray.token}"
    ray.presses(f"{url}/needs", need="Large print please", kind="format", language="cy")
    assert "Large print please" in section(ray, "Access needs, interpreter")
    assert "They read Welsh. Book an interpreter" in section(ray, "Access needs, interpreter")

    with store.reading() as reading:
        need = access_needs.needs_of(reading, ashby.ray.person_id)[-1]
    ray.presses(f"{url}/needs/{need.id}/end")

    assert "Large print" not in section(ray, "Access needs, interpreter")


def test_nobody_elses_need_is_touched_from_this_page(bea, ashby, store):
    with store.reading() as reading:
        need = access_needs.needs_of(reading, ashby.ray.person_id)[0]
    bea.goes(f"/people/{ashby.josie.token}")

    bea.presses(f"/people/{ashby.josie.token}/needs/{need.id}/end")

    assert bea.page.status_code == 404
    with store.reading() as reading:
        assert need in access_needs.needs_of(reading, ashby.ray.person_id)


def test_how_to_contact_them_is_changed_by_a_worker(ray, ashby, store):
    form = {"number": "07700 900777", "times": "After six", "word": "robin", "who_answers": "His brother"}
    ray.presses(
        f"/people/{ashby.ray.token}/contact-plan",
        **form,
        our_number="hide",
        **{f"safe-{ashby.ray.point_id}": "not-now"},
    )

    words = section(ray, "How to contact them safely")
    for said in ("07700 900777", "After six", "robin", "His brother", "Hide it when you ring", "Not safe."):
        assert said in words
    with store.reading() as reading:
        assert contact_points.of_person(reading, ashby.ray.person_id)[0].safe is Safe.NOT_NOW
        assert persons.person_of(reading, ashby.ray.person_id).contact_plan["number"] == "+447700900777"


def test_a_number_that_cannot_be_rung_is_said_kindly(ray, ashby):
    ray.presses(
        f"/people/{ashby.ray.token}/contact-plan", number="my sister", back=f"/staff/people/{ashby.ray.token}"
    )

    assert "That number cannot be rung" in ray.text


def test_what_they_want_first_who_helps_and_visits(ray, ashby):
    for form in (
        {"first": "Company on Sundays"},
        {"helps": "His niece Ann"},
        {"visit": "A friendly dog", "visit_where": "4 Elm Row"},
    ):
        ray.presses(f"/people/{ashby.ray.token}/facts", **form)

    assert "Company on Sundays" in section(ray, "What they want first")
    assert "His niece Ann" in section(ray, "Who else helps")
    assert "A friendly dog" in section(ray, "Home-visit safety")
    assert "4 Elm Row" in section(ray, "What 999 would ask")


def test_a_worker_says_they_know_of_a_concern(bea, ashby, store):
    url = f"/people/{ashby.josie.token}"
    bea.goes(url)
    bea.presses(f"{url}/concerns/acknowledge")

    assert "Bea Marsh knows since 11.20am" in section(bea, "Concerns, what they were told and when")
    assert "They may be in danger now" not in section(bea, "What to do next, and by when")


def test_not_a_concern_needs_a_reason_and_a_second_person(bea, at_work, ashby, store):
    url = f"/people/{ashby.josie.token}"
    bea.goes(url)
    bea.presses(f"{url}/concerns/{ashby.josie.concern_id}/none", why="", back=f"/staff{url}")
    assert "Say why it is not a concern" in bea.text
    bea.presses(f"{url}/concerns/{ashby.josie.concern_id}/none", why="She wrote the words of a song")
    assert "A second person will be asked to confirm" in bea.text
    bea.presses(f"{url}/concerns/{ashby.josie.concern_id}/confirm", agrees="yes", back=f"/staff{url}")
    assert "somebody else confirms it" in bea.text

    ali = at_work("ali")
    ali.goes("/tasks")
    assert "A second person confirms that there is no concern" in ali.text
    ali.goes(url)
    assert "Bea Marsh said this is not a concern: “She wrote the words of a song”" in ali.text
    ali.presses(f"{url}/concerns/{ashby.josie.concern_id}/confirm", agrees="yes")

    assert "Confirmed: no concern." in ali.text
    assert "None noticed." in section(ali, "Concerns, what they were told and when")
    with store.reading() as reading:
        assert concerns.to_confirm(reading) == []


def test_the_second_person_may_raise_the_alarm_again(bea, at_work, ashby):
    url = f"/people/{ashby.josie.token}"
    bea.goes(url)
    bea.presses(f"{url}/concerns/{ashby.josie.concern_id}/none", why="A song")
    lou = at_work("lou")
    lou.goes(url)

    lou.presses(f"{url}/concerns/{ashby.josie.concern_id}/confirm", agrees="no")

    assert "The alarm is raised again." in lou.text
    assert "Danger now" in lou.text


def test_what_could_not_be_read_is_looked_at(at_work, ashby, store):
    ali = at_work("ali")
    ali.goes(f"/people/{ashby.dev.token}")
    assert "Open a voice message they sent. Nobody has looked at it for safety." in ali.text

    ali.presses(f"/people/{ashby.dev.token}/looked/{ashby.dev.inbox_id}")

    assert "written down that you have looked at it" in ali.text
    assert "Nobody has looked at it" not in ali.text
    with store.reading() as reading:
        looked = reading.execute(select(audit.c.acting).where(audit.c.action.like("looked at%"))).scalar_one()
    assert looked == f"staff:{ashby.ali}"


def test_a_task_is_ticked_and_put_back(bea, ashby, store, clock):
    due = clock.now() + timedelta(hours=3)
    store.run(lambda unit: tasks.open_task(unit, ashby.ray.person_id, "ring", due), acting="test").result()
    url = f"/people/{ashby.ray.token}"
    bea.goes(url)
    assert "Ring them by 2.20pm Done" in section(bea, "What to do next, and by when")

    task_id = re.search(r'action="/staff/tasks/(\d+)/done"', bea.page.text)[1]
    bea.presses(f"/tasks/{task_id}/done", back=f"/staff{url}")
    assert "Ring them by" not in bea.text
    bea.presses(f"/tasks/{task_id}/undo", back=f"/staff{url}")
    assert "Ring them by 2.20pm" in bea.text
