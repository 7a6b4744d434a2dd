"""Writing to someone from their page, handing back, closing, and agreeing on the phone."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.casework import cases
from bot.casework.handoffs import handoff_of
from bot.people import contact_points, persons
from bot.store.tables import CaseStatus, HandoffStatus, outbox

#: Practice, section 8.


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

    assert "A message cannot go now: they said stop. Ring them instead." in bea.text
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
