"""A person's page: what a link worker reads, in which order, and what they do there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.casework import cases, concerns, tasks
from bot.casework.handoffs import handoff_of
from bot.messages import RANK, Status
from bot.people import access_needs, contact_points, persons
from bot.store.tables import CaseStatus, ContactKind, HandoffStatus, Safe, audit, outbox
from tests.support.seeds import Seeder

#: Practice, section 8.
ORDER = [
    "What to do next, and by when",
    "How to contact them safely",
    "Access needs, interpreter",
    "Concerns, what they were told and when",
    "What matters, in their words",
    "What they want first",
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


# -- words ---------------------------------------------------------------------------------


def test_a_reply_goes_and_stands_in_the_line(bea, ashby, store):
    url = f"/people/{ashby.pryce.token}"
    bea.goes(url)
    assert "Goes by text to 07700 900106, the phone only they see." in bea.text

    bea.presses(f"{url}/reply", text="Yes, the same place. See you on Thursday.")

    assert "Sent." in bea.text
    with store.reading() as reading:
        row = reading.execute(select(outbox).order_by(outbox.c.id.desc())).first()
        assert reading.sealer.open(row.text) == "Bea, link worker: Yes, the same place. See you on Thursday."
    assert (row.staff_id, row.purpose, row.conversation_id) == (
        ashby.bea,
        "staff",
        ashby.pryce.conversation_id,
    )
    assert "They wrote" not in section(bea, "What to do next, and by when")


def test_the_same_words_twice_at_once_go_once(bea, ashby, clock):
    url = f"/people/{ashby.pryce.token}"
    bea.goes(url)
    bea.presses(f"{url}/reply", text="See you on Thursday.")
    bea.presses(f"{url}/reply", text="See you on Thursday.")

    assert "You sent these same words a moment ago" in bea.text
    clock.forward(minutes=2)
    bea.presses(f"{url}/reply", text="See you on Thursday.")
    assert "Sent." in bea.text


def test_a_reply_in_a_language_they_do_not_read_is_stopped(bea, ashby):
    url = f"/people/{ashby.pryce.token}"
    bea.goes(url)
    bea.presses(f"{url}/needs", language="cy")

    bea.presses(f"{url}/reply", text="How are you?")
    assert bea.page.status_code == 422
    assert "They read Welsh. Book an interpreter, or tick that you have written this in Welsh." in bea.text
    assert ">How are you?</textarea>" in bea.page.text
    bea.presses(f"{url}/reply", text="Sut dach chi?", in_their_language="yes")

    assert "Sent." in bea.text


def test_nobody_writes_over_a_colleague_or_while_the_computer_still_asks(bea, ashby, store):
    with store.reading() as reading:
        before = reading.execute(select(outbox.c.id)).all()
    for who, said in ((ashby.dev, "Ali Rahman has this now."), (ashby.ray, "Pick this up first")):
        bea.goes(f"/people/{who.token}")
        bea.presses(f"/people/{who.token}/reply", text="Hello there")
        assert said in bea.text
        assert ">Hello there</textarea>" in bea.page.text
    with store.reading() as reading:
        assert reading.execute(select(outbox.c.id)).all() == before


def test_where_no_message_may_go_the_page_says_why_and_offers_none(bea, ashby, store, done):
    done(lambda unit: contact_points.opt_out(unit, ashby.ray.point_id, "carrier"))
    bea.goes(f"/people/{ashby.ray.token}")

    assert "A message cannot go now: opted out. Ring them instead." in bea.text
    assert ">Send</button>" not in bea.page.text
    assert "They said stop today" in section(bea, "How to contact them safely")


def test_a_note_is_kept_and_never_sent(ray, ashby, store):
    with store.reading() as reading:
        before = reading.execute(select(outbox.c.id)).all()
    ray.presses(f"/people/{ashby.ray.token}/reply", text="Knows Ann from the library", **{"as": "note"})

    assert "Note kept. They do not see it." in ray.text
    assert "Knows Ann from the library" in ray.text
    with store.reading() as reading:
        assert reading.execute(select(outbox.c.id)).all() == before


def test_words_that_cannot_go_say_why_and_are_not_lost(ray, ashby):
    ray.presses(f"/people/{ashby.ray.token}/reply", text="a" * 901)

    assert "That is 901 letters, and at most 900 can go" in ray.text
    assert "a" * 901 in ray.page.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello", "1 text"),
        ("a" * 150, "2 texts"),
        ("Ffenestr y tŷ 🙂", "costs more"),
        ("b" * 905, "5 letters too long"),
    ],
)
def test_what_a_text_costs_is_counted_while_writing(ray, text, said):
    ray.presses("/compose/count", text=text)

    assert said in " ".join(ray.page.text.split())


# -- the end -------------------------------------------------------------------------------


def test_handing_back_lets_the_computer_go_on(bea, ashby, store):
    bea.goes(f"/people/{ashby.pryce.token}")
    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/hand-back")

    assert "Handed back. The computer carries on from where it was." in bea.text
    with store.reading() as reading:
        assert handoff_of(reading, ashby.pryce.handoff_id).status is HandoffStatus.HANDED_BACK


def test_closing_tells_them_and_can_be_undone(bea, ashby, store):
    url = f"/people/{ashby.pryce.token}"
    bea.goes(url)
    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/close", outcome="", note="")
    assert "Choose how it ended" in bea.text

    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/close", outcome="helped", note="Goes to the choir now")
    assert "Closed." in bea.text
    assert "Closed today: they got what they came for." in bea.text
    assert "we are finishing for now" in bea.text
    assert "Goes to the choir now" in bea.text

    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/undo-close")
    assert "It is open again" in bea.text
    with store.reading() as reading:
        assert handoff_of(reading, ashby.pryce.handoff_id).picked_up_by == ashby.bea


def test_keeping_it_past_ones_hours(bea, ashby):
    bea.goes(f"/people/{ashby.pryce.token}")
    assert "With you until 5.20pm" in bea.text

    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/keep")

    assert "It stays with you until 6.20pm." in bea.text
    bea.presses(f"/handoffs/{ashby.dev.handoff_id}/keep", back=f"/staff/people/{ashby.dev.token}")
    assert "This is not with you any more" in bea.text


def test_who_else_holds_it_is_said(bea, ashby):
    bea.goes(f"/people/{ashby.dev.token}")

    assert "Ali Rahman has this since 8am." in bea.text
    assert ">Pick up<" not in bea.page.text


def test_nobody_ends_what_a_colleague_is_in_the_middle_of(bea, at_work, ashby, store):
    dev, url = ashby.dev, f"/people/{ashby.dev.token}"
    bea.goes(url)
    assert "Hand back" not in bea.text
    for path, form in (("hand-back", {}), ("close", {"outcome": "helped"})):
        bea.presses(f"/handoffs/{dev.handoff_id}/{path}", back=f"/staff{url}", **form)
        assert "Ali Rahman has this now." in bea.text
    bea.presses(f"/handoffs/{dev.handoff_id}/put-back")
    assert bea.page.status_code == 403
    with store.reading() as reading:
        assert handoff_of(reading, dev.handoff_id).picked_up_by == ashby.ali

    lou = at_work("lou")
    lou.goes(url)
    lou.presses(f"/handoffs/{dev.handoff_id}/put-back")
    assert "It waits for anyone again." in lou.text
    with store.reading() as reading:
        assert handoff_of(reading, dev.handoff_id).status is HandoffStatus.WAITING


def test_what_someone_asked_for_is_the_next_thing_to_do(bea, ashby):
    bea.goes(f"/people/{ashby.amina.token}")

    assert "They asked for a call. Ring them. by 6.20pm" in section(bea, "What to do next, and by when")
    assert "Ring 07700 900104" in section(bea, "How to contact them safely")


def test_a_yes_told_on_the_phone_opens_the_page_and_a_case(bea, ashby, store):
    amina, url = ashby.amina, f"/people/{ashby.amina.token}"
    bea.goes(url)
    bea.presses(f"{url}/yes", name="Amina", back=f"/staff{url}")
    assert "Ask them, then tick that they said yes." in bea.text

    bea.presses(f"{url}/yes", agreed="yes", name="Amina", matters="Learning English with others")

    assert "Their yes is written down, and a case is open." in bea.text
    assert "“Learning English with others”" in section(bea, "What matters, in their words")
    assert "They, told to a worker, said yes to passing it on" in section(bea, "Who agreed to what")
    with store.reading() as reading:
        assert persons.person_of(reading, amina.person_id).name == "Amina"
        assert cases.case_of(reading, amina.person_id).promised_by is not None


def test_a_change_of_mind_closes_the_page_and_the_case(ray, ashby, store):
    ray.presses(f"/people/{ashby.ray.token}/no")

    assert "Their no is written down. Nothing is passed on from now." in ray.text
    assert ray.goes(f"/people/{ashby.ray.token}").status_code == 403
    with store.reading() as reading:
        case = cases.case_of(reading, ashby.ray.person_id)
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, "declined")


def test_a_change_of_mind_leaves_a_concern_with_a_person(bea, ashby):
    url = f"/people/{ashby.josie.token}"
    bea.goes(url)
    bea.presses(f"{url}/no")

    assert "A concern is open, so decide what becomes of the case." in bea.text
    bea.goes(url)
    assert "I want to end it tonight" in bea.text
    assert "Money" not in bea.text and "Josie" not in bea.text


def test_a_case_nobody_holds_is_closed_and_opened_again(bea, ashby, store):
    url = f"/people/{ashby.pryce.token}"
    bea.goes(url)
    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/hand-back")
    bea.presses(f"{url}/close", outcome="onward", note="")
    assert "Closed today: someone else is helping them now." in bea.text

    bea.presses(f"{url}/reopen")

    assert "The case is open again." in bea.text
    with store.reading() as reading:
        assert cases.case_of(reading, ashby.pryce.person_id).status is CaseStatus.OPEN


def test_after_a_hard_one_the_worker_is_asked_how_they_are(bea, ashby):
    bea.goes("/")
    bea.presses(f"/handoffs/{ashby.josie.handoff_id}/pick-up")
    bea.presses(f"/handoffs/{ashby.josie.handoff_id}/close", outcome="onward", note="With the crisis team")

    assert "Do you want to talk this over?" in bea.text
