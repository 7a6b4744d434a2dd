"""Finding people, opening a case for those who rang, making two records one, tasks, the team, the audit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.appointments import booking
from bot.casework import cases, staffing, tasks
from bot.casework.handoffs import waiting
from bot.people import access_needs, consents, persons
from bot.store.tables import Role, audit, person
from tests.support.appointments import books
from tests.support.seeds import PASSWORD
from tests.support.staff_site import Visitor


@pytest.fixture
def bea(at_work):
    return at_work("bea")


@pytest.fixture
def sam(at_work):
    return at_work("sam")


def found(visitor):
    return re.findall(r"data-open>([^<]+)</a>", visitor.page.text)


# -- finding -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["ray", "Poole", "RAY POO", "07700 900101", "+447700900101"])
def test_someone_is_found_by_name_or_number(bea, words):
    bea.goes("/people")
    bea.page = bea.asks("GET", "/people", params={"q": words})

    assert found(bea) == ["Ray Poole"]
    assert "07700 900101" in bea.text


def test_nobody_found_says_what_to_try(bea):
    bea.goes("/people?q=Zebedee")

    assert (
        "Nobody is found by “Zebedee”. Try a first name, three letters of it, or a whole number." in bea.text
    )


def test_a_search_is_written_down_without_its_words(bea, store):
    bea.goes("/people?q=Poole")

    with store.reading() as reading:
        row = reading.execute(select(audit).where(audit.c.action == "people searched")).one()
    assert row.details == {"found": 1}


# -- someone who rang or walked in ---------------------------------------------------------

CALLER = {
    "agreed": "yes",
    "name": "Grace Obi",
    "number": "07700 900321",
    "safe": "no-message",
    "times": "After lunch",
    "matters": "She misses singing",
    "first": "A choir",
    "need": "Large print",
    "language": "en",
    "how": "rang",
}


def test_a_case_is_opened_for_someone_who_rang(bea, ashby, store):
    bea.goes("/people/new")
    bea.presses("/people/new", **CALLER, mine="yes")

    assert "A case is open for Grace Obi." in bea.text
    for said in (
        "Ring 07700 900321",
        "Ring, but leave no message.",
        "After lunch",
        "“She misses singing”",
        "“A choir”",
        "“Large print”",
        "A worker opened it for them today. They came by: rang.",
    ):
        assert said in bea.text
    with store.reading() as reading:
        (grace,) = persons.search(reading, "Grace Obi")
        case = cases.case_of(reading, grace.id)
        assert case.owner_id == ashby.bea
        assert consents.stands(reading, grace.id, "pass-on") is True
        assert access_needs.needs_of(reading, grace.id)[0].need == "Large print"
        assert grace.id in {h.person_id for h in waiting(reading)}


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("agreed", "Nothing is kept of someone who has not agreed."),
        ("name", "Ask what they wish to be called."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(bea, store, missing, said):
    bea.goes("/people/new")
    with store.reading() as reading:
        before = reading.execute(select(person.c.id)).all()

    bea.presses("/people/new", **{**CALLER, missing: ""})

    assert bea.page.status_code == 422
    assert said in bea.text
    assert "She misses singing</textarea>" in bea.page.text
    with store.reading() as reading:
        assert reading.execute(select(person.c.id)).all() == before


def test_a_number_that_cannot_be_rung_is_asked_again(bea):
    bea.goes("/people/new")
    bea.presses("/people/new", **{**CALLER, "number": "ask her son"})

    assert "That number cannot be rung" in bea.text


def test_someone_we_may_know_is_shown_first(bea, ashby, store):
    bea.goes("/people/new")
    bea.presses("/people/new", **{**CALLER, "name": "Ray", "number": "07700 900101"})
    assert "We may know them already." in bea.text
    assert "Ray Poole, opens in a new tab 07700 900101" in bea.text

    bea.presses("/people/new", **{**CALLER, "name": "Ray", "number": "07700 900101"}, someone_new="yes")

    assert "A case is open for Ray." in bea.text
    assert "This may be the same person as: Ray Poole (same number given" in bea.text


# -- two that are one ----------------------------------------------------------------------


@pytest.fixture
def twice(bea, ashby):
    """Bea, and a second record of Ray's: its page's address."""
    bea.goes("/people/new")
    bea.presses("/people/new", **{**CALLER, "name": "Ray", "number": "07700 900101"}, someone_new="yes")
    return bea.at


def test_two_records_are_compared_and_made_one_with_undo(bea, twice, ashby, store):
    ray = ashby.ray.token
    bea.goes(f"{twice}/merge/{ray}")
    assert "Are these one person?" in bea.text
    bea.presses(f"{twice}/merge/{ray}", keep=ray)

    assert bea.at == f"/people/{ray}"
    assert "They are one record now." in bea.text
    assert "“She misses singing”" in bea.text or "She misses singing" in bea.text
    assert bea.goes(twice).url.path == f"/staff{twice}"
    assert "Ray Poole" in bea.text

    undo = re.search(r'action="/staff(/people/[^"]+/part/\d+)"', bea.goes(f"/people/{ray}").text)[1]
    bea.presses(undo)
    assert "They are two records again." in bea.text
    bea.goes(twice)
    assert "Ray Poole" not in bea.page.text.split("</h1>")[0].split("<h1")[1]


def test_nobody_is_joined_with_someone_who_has_not_said_yes(bea, ashby):
    bea.goes(f"/people/{ashby.ray.token}/merge/{ashby.unsaid.token}")

    assert bea.page.status_code == 403


# -- tasks ---------------------------------------------------------------------------------


def test_tasks_are_listed_by_when_they_are_due(bea, ashby, done, clock):
    soon, late = clock.now() + timedelta(hours=2), clock.now() - timedelta(hours=1)
    done(lambda unit: tasks.open_task(unit, ashby.ray.person_id, "ring", soon))
    done(lambda unit: tasks.open_task(unit, ashby.dev.person_id, "cannot-reach", late))
    bea.goes("/tasks")

    assert found(bea)[:2] == ["Dev", "Ray Poole"]
    assert (
        "Find another way to reach them: messages do not get through · 1 hour late".replace(" · ", " ")
        in bea.text
    )
    task_id = re.search(r"/staff/tasks/(\d+)/done", bea.page.text)[1]
    bea.presses(f"/tasks/{task_id}/done")
    assert found(bea)[0] == "Ray Poole"


def test_my_cases_show_their_next_steps(bea, ashby, done):
    done(lambda unit: cases.set_next_step(unit, ashby.pryce.case_id, ashby.bea, "Ask about the choir"))

    bea.goes("/tasks")

    assert "Mrs Pryce Ask about the choir" in bea.text


def test_a_booked_appointment_is_the_next_step_of_a_case_without_words(bea, ashby, done, clock):
    done(lambda unit: cases.log_contact(unit, ashby.pryce.person_id, ashby.bea, "rang"))
    soon = clock.now() + timedelta(minutes=30)
    booked = books(done, ashby.pryce.person_id, ashby.bea, soon)

    bea.goes("/tasks")
    assert "Mrs Pryce Appointment. by" in bea.text
    clock.forward(minutes=40)
    bea.goes("/tasks")
    assert "Mrs Pryce Say how the appointment went." in bea.text
    done(lambda unit: booking.attended(unit, booked.id), acting=f"staff:{ashby.bea}")

    bea.goes("/tasks")
    assert "Mrs Pryce No next step is set." in bea.text


# -- the team ------------------------------------------------------------------------------


def test_someone_new_gets_a_first_password_shown_once(sam, site, ashby):
    sam.goes("/team")
    sam.presses("/team", name="Nia Rees", email="nia@ashby.example", role="lead")
    password = re.search(r"first password: ([a-z2-9-]{19})", sam.text)[1]
    assert password not in sam.goes("/team").text

    nia = Visitor(site)
    nia.signs_in("nia@ashby.example", password)
    nia.presses("/sign-in/skip")
    nia.presses("/password", new=PASSWORD, again=PASSWORD)
    assert nia.goes("/audit").status_code == 200
    assert nia.goes("/team").status_code == 403


def test_an_address_already_here_is_said(sam):
    sam.goes("/team")
    sam.presses("/team", name="Bea", email="BEA@ashby.example", role="link-worker")

    assert "Someone with this email address is on the team already." in sam.text


def test_a_role_a_limit_and_leaving(sam, at_work, ashby, store):
    ali = at_work("ali")
    sam.goes(f"/team/{ashby.ali}")
    sam.presses(f"/team/{ashby.ali}", role="lead", case_limit="12", active="yes")
    assert "Saved." in sam.text
    assert ali.goes("/audit").status_code == 200

    sam.presses(f"/team/{ashby.ali}", role="lead", case_limit="")
    assert ali.goes("/").url.path == "/staff/sign-in"
    with store.reading() as reading:
        assert staffing.staff_of(reading, ashby.ali).active is False


def test_the_last_administrator_stays(sam, ashby, store):
    sam.goes(f"/team/{ashby.sam}")
    sam.presses(f"/team/{ashby.sam}", role="link-worker", active="yes", back=f"/staff/team/{ashby.sam}")

    assert "Somebody has to administer this." in sam.text
    with store.reading() as reading:
        assert staffing.staff_of(reading, ashby.sam).role is Role.ADMINISTRATOR


def test_someone_who_forgot_gets_a_new_first_password(sam, site, ashby):
    sam.goes(f"/team/{ashby.bea}")
    sam.presses(f"/team/{ashby.bea}/password")
    password = re.search(r"first password: ([a-z2-9-]{19})", sam.text)[1]

    bea = Visitor(site)
    bea.signs_in("bea@ashby.example")
    assert bea.page.status_code == 401
    bea.signs_in("bea@ashby.example", password)
    assert "Set up your phone" in bea.text


@pytest.mark.parametrize("path", ["/team", "/team/1", "/audit"])
def test_a_link_worker_sees_neither_the_team_nor_the_audit(bea, path):
    assert bea.goes(path).status_code == 403
    assert "This page is not open to you" in bea.text


def test_a_link_worker_cannot_take_someone_on(bea, store):
    bea.goes("/")
    bea.presses("/team", name="Nia", email="nia@ashby.example", role="administrator")

    assert bea.page.status_code == 403
    with store.reading() as reading:
        assert staffing.by_email(reading, "nia@ashby.example") is None


def test_a_worker_sets_when_alerts_may_reach_them(bea, ashby, store):
    bea.goes("/me")
    bea.presses("/me", alert_by="email", hours="Mon-Thu 09:00-15:00")
    assert "Saved." in bea.text
    bea.presses("/me", alert_by="email", hours="whenever")
    assert "Those hours cannot be read" in bea.text

    with store.reading() as reading:
        member = staffing.staff_of(reading, ashby.bea)
    assert (member.alert_by, member.hours) == ("email", "Mon-Thu 09:00-15:00")


def test_a_name_is_ones_own_and_people_are_told_the_first_of_it(sam, site, ashby, store):
    sam.goes("/me")
    assert "“Sam, link worker: hello”" in sam.text

    sam.presses("/me/name", name="  Samira   Field ")

    assert "Saved." in sam.text and "Samira Field" in sam.text
    with store.reading() as reading:
        assert staffing.staff_of(reading, ashby.sam).first_name == "Samira"
        assert reading.execute(select(audit.c.action).where(audit.c.action == "name changed")).scalar_one()
    sam.presses("/me/name", name=" ", back="/staff/me")
    assert "Give the name people may know you by." in sam.text


def test_whoever_is_new_says_their_own_name_the_first_time(sam, site, ashby, store):
    sam.goes("/team")
    sam.presses("/team", name="First Administrator", email="nia@ashby.example", role="lead")
    password = re.search(r"first password: ([a-z2-9-]{19})", sam.text)[1]
    nia = Visitor(site)
    nia.signs_in("nia@ashby.example", password)
    nia.presses("/sign-in/skip")
    assert "People are told the first of it" in nia.text

    nia.presses("/password", name="Nia Rees", new="short", again="short")
    assert 'value="Nia Rees"' in nia.page.text, "what was typed stays"
    nia.presses("/password", name="Nia Rees", new=PASSWORD, again=PASSWORD)

    with store.reading() as reading:
        assert staffing.by_email(reading, "nia@ashby.example").name == "Nia Rees"
    nia.goes("/password")
    assert "Your name" not in nia.text
    nia.leaves()


# -- the audit -----------------------------------------------------------------------------


def lines(visitor):
    return [
        re.sub(r"<[^>]+>", " ", row).split()
        for row in re.findall(r"(?s)<tr class=\"nhsuk-table__row\">(.*?)</tr>", visitor.page.text)
    ]


def test_a_lead_reads_who_saw_whom(at_work, bea, ashby):
    bea.goes(f"/people/{ashby.ray.token}")
    lou = at_work("lou")

    lou.goes(f"/audit?who=staff:{ashby.bea}&what=case+seen&person={ashby.ray.token}")

    (line,) = lines(lou)
    assert " ".join(line).startswith("today at 11.20am Bea Marsh case seen person")
    assert "reason: agreed" in " ".join(line)


def test_the_audit_is_narrowed_by_day_and_shown_a_page_at_a_time(at_work, ashby):
    lou = at_work("lou")

    lou.goes("/audit?from=2026-03-01&to=2026-03-01")
    assert lines(lou) and all(" ".join(line).startswith("Sunday 1 March") for line in lines(lou))
    lou.goes("/audit?from=yesterday")
    assert "That day is not a date" in lou.text
    lou.goes("/audit?before=3")
    assert len(lines(lou)) == 2


def test_the_audit_holds_no_name_and_no_words(at_work, ashby, store):
    bea = at_work("bea")
    for path in (f"/people/{ashby.ray.token}", "/people?q=Poole"):
        bea.goes(path)
    with store.reading() as reading:
        kept = str(reading.execute(select(audit)).all())

    for word in ("Poole", "allotment", "tablets", "900101", "ashby.example", "Bea"):
        assert word not in kept
