"""A person's record for another system: under the standard's headings, with where each line came from."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.__main__ import app
from bot.app import ROOT
from bot.casework import plans
from bot.casework.cases import log_contact
from bot.casework.concerns import record_concern
from bot.casework.referrals import open_referral
from bot.clock import OpeningHours
from bot.directory import onward, services
from bot.directory.outcomes import record_outcome
from bot.directory.services import ServiceDetails
from bot.messages import ChannelName
from bot.people import access_needs, consents, contact_points, persons
from bot.records import codes, prsb
from bot.records.leaves import lines_in
from bot.records.prsb_headings import problems_in, standard
from bot.safety.levels import Level
from bot.store.engines import Store
from bot.store.tables import ContactKind, Heading, Ledger, Onward, Outcome, Safe, audit, plan_line
from bot.store.unit_of_work import UnitOfWork
from bot.words.prompts import Prompts
from tests.support.people import works_here, writes
from tests.support.stores import KEYS, LOOKUP_KEY, Done
from tests.support.web_site import settings

SCHEMA = json.loads(
    (Path(__file__).parent / "data" / "export" / "linkline-prsb-1.schema.json").read_text("utf-8")
)
HOURS = OpeningHours.parse("Mon-Fri 09:00-17:00")
WORDS = "My wife died in May and the house is so quiet"
NUMBER = "+447700900181"


def label(heading: Heading, code: str) -> str:
    return {"company": "Company", "nerves": "Nerves about going alone"}.get(code, code)


def says(unit: UnitOfWork, point: contact_points.ContactPoint, words: str) -> int:
    """They send this; the message's id."""
    return writes(lambda work, acting="": work(unit), point, words)


def everything(unit: UnitOfWork, safe: Safe = Safe.ONLY_ME) -> int:
    """Ray, of whom we know something under every heading we fill; the person's id."""
    point = contact_points.first_contact(unit, ChannelName.SMS, NUMBER, language="en", zone="Europe/London")
    who = point.person_id
    contact_points.set_safe(unit, point.id, safe)
    persons.call(unit, who, "Ray")
    persons.plan_contact(unit, who, times="mornings", word="robin")
    said = says(unit, point, WORDS)
    consents.record(unit, who, Ledger.AGREEMENT, "pass-on", True, inbox_id=said, language="en")
    access_needs.record_need(unit, who, "I lip-read", "contact", inbox_id=said)
    open_referral(
        unit, who, point.conversation_id, by="self", source=None,
        content={"matters": {"words": WORDS, "inbox_id": said}}, hours=HOURS, within_days=5,
    )  # fmt: skip
    made = plans.start_plan(unit, who)
    for heading, value in (
        (Heading.MATTERS, {"words": WORDS}),
        (Heading.MATTERS, {"words": "Singing again"}),
        (Heading.GOING_WELL, {"words": "I cook"}),
        (Heading.ENJOYS, {"words": "Choirs"}),
        (Heading.AROUND, {"words": "My sister in Hull"}),
        (Heading.WANT, {"code": "company"}),
        (Heading.WANT, {"words": "A bench by the river"}),
        (Heading.BARRIER, {"code": "nerves"}),
        (Heading.HELP, {"code": "someone_along"}),
        (Heading.MEETING, {"code": "cafe"}),
        (Heading.WHEN, {"words": "Mornings"}),
        (Heading.WITH_WHOM, {"words": "Just us"}),
        (Heading.STEP, {"words": "Walk to the library"}),
        (Heading.IMPORTANCE, {"number": 0}),
        (Heading.WHY_IMPORTANT, {"words": "It is a start"}),
        (Heading.CONFIDENCE, {"number": 7}),
        (Heading.WHY_CONFIDENT, {"words": "It is near"}),
    ):
        plans.add_line(unit, made, heading, inbox_id=said, **value)
    plans.agree(unit, made)
    plans.set_may_see(unit, made, ["gp"])
    choir = services.add_service(unit, ServiceDetails(name="Ashby Choir"))
    walks = services.add_service(unit, ServiceDetails(name="Ashby Walks"))
    onward.refer(unit, who, walks, Onward.SIGNPOSTED)
    there = onward.refer(unit, who, choir, Onward.REFERRED).onward_id
    record_outcome(unit, there, Outcome.ATTENDED, by="person")
    return who


@pytest.fixture
def made(store: Store, done: Done):
    """Ray's record as a link worker would give it, and whose it is."""
    person_id = done(everything, acting="person")
    bea = works_here(done, "Bea Okafor")

    done(lambda unit: log_contact(unit, person_id, bea, ContactKind.RANG), acting=f"staff:{bea}")
    with store.reading() as reading:
        yield prsb.export(reading, person_id, settings(), label, f"staff:{bea}"), person_id


def texts(node, path="") -> dict[str, list]:
    """Every value, by the path of its heading."""
    found: dict[str, list] = {}
    if isinstance(node, list):
        for one in node:
            for where, values in texts(one, path).items():
                found.setdefault(where, []).extend(values)
    elif "value" in node:
        found[path] = [node["value"]]
    else:
        for name, below in node.items():
            for where, values in texts(below, f"{path} > {name}".removeprefix(" > ")).items():
                found.setdefault(where, []).extend(values)
    return found


def test_it_is_of_the_form_we_say(made):
    exported, _ = made
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(json.dumps(exported)), SCHEMA)


def test_every_heading_is_one_of_the_standards(made):
    exported, _ = made
    known = {h.path for h in standard().headings}
    assert set(texts(exported[prsb.ROOT])) <= known
    assert problems_in(exported[prsb.ROOT]) == []


def test_what_they_said_stands_where_a_reader_of_the_standard_looks(made):
    found = texts(made[0][prsb.ROOT])
    about, plan = "About me > ", "Care and support plan > "
    assert found[about + "What is most important to me > What is most important to me"] == [
        f"{WORDS}\nSinging again"
    ]
    assert found[about + "People who are important to me > People who are important to me"] == [
        "My sister in Hull"
    ]
    assert found[plan + "Strengths > Free text"] == ["I cook", "Choirs"]
    assert found[plan + "Needs, concerns or problems > Free text"] == [
        "Company", "A bench by the river", "What gets in the way: Nerves about going alone",
    ]  # fmt: skip
    goal = plan + "Needs, concerns or problems > Goals and hopes > "
    assert found[goal + "Goal importance score"] == [0]
    assert found[goal + "Actions and activities > Confidence"] == [7]
    assert found[goal + "Actions and activities > What > Free text"] == [
        "Walk to the library", "Ashby Walks", "Ashby Choir",
    ]  # fmt: skip
    assert found[goal + "Actions and activities > Status > Free text"] == ["under way", "attended"]
    assert found["Signpost details > Signpost details record entry > Signpost to > Service > Free text"] == [
        "Ashby Walks"
    ]
    referral = "Referral details > Referral details record entry > "
    assert found[referral + "Reason for referral > Free text"] == [WORDS]
    assert found[referral + "Referral to > Service > Free text"] == ["Social prescribing", "Ashby Choir"]
    assert found["Contacts with professionals > Contacts with professionals record entry > Contact type"] == [
        "rang"
    ]


def test_the_plan_can_be_read_back_whole(made, store: Store):
    """Line by line: what was said, in which message, when and by whom."""
    exported, person_id = made
    with store.reading() as reading:
        plan = plans.plan_of(reading, person_id)
    names = ("line", "heading", "code", "words", "number", "message", "at", "by")
    back = [tuple(one.get(name) for name in names) for one in lines_in(json.loads(json.dumps(exported)))]
    assert back == [
        (
            line.id, line.heading.value, line.code, line.words, line.number, line.inbox_id,
            line.said_at.isoformat().replace("+00:00", "Z"), line.said_by,
        )
        for line in plan.lines
    ]  # fmt: skip
    assert len(back) == 17


def test_a_line_that_has_no_heading_is_beside_and_not_forced_under_one(made):
    exported, _ = made
    assert [one["value"] for one in exported["export"]["beside"]] == ["It is near"]
    assert "It is near" not in str(exported[prsb.ROOT])


def test_what_was_put_right_is_told_as_it_is_now(store: Store, done: Done):
    person_id = done(everything, acting="person")

    def put_right(unit: UnitOfWork) -> None:
        line = plans.plan_of(unit, person_id).under(Heading.STEP)[0]
        plans.correct_line(unit, line.id, words="Ring my sister")

    done(put_right, acting="person")
    with store.reading() as reading:
        exported = prsb.export(reading, person_id, settings(), label, "command")
        ended = reading.execute(select(plan_line.c.id).where(plan_line.c.ended_at.is_not(None))).all()
    assert len(ended) == 1
    assert "Walk to the library" not in str(exported) and "Ring my sister" in str(exported)


def test_it_says_what_was_agreed_and_to_what(made):
    consent = made[0]["export"]["consent"]
    assert [(e["kind"], e["purpose"], e["given"]) for e in consent] == [("agreement", "pass-on", True)]
    assert consent[0]["message"] is not None
    assert made[0]["export"]["may_see"] == ["link-worker", "gp"]


def test_it_says_what_is_missing_and_what_is_left_out(made):
    about = made[0]["export"]
    assert "Person demographics > Date of birth" in about["missing"]
    assert "GP practice" in about["missing"] and "Risks" in about["missing"]
    assert {"Risks", "GP practice"} <= set(about["left_out"])
    assert set(about["left_out"]) <= {h.path for h in standard().headings}


def test_nothing_about_danger_and_no_code_word_is_in_a_file(store: Store, done: Done):
    person_id = done(everything, acting="person")

    def noticed(unit: UnitOfWork) -> None:
        point = contact_points.known(unit, ChannelName.SMS, NUMBER)
        message = says(unit, point, "I want to end it all")
        record_concern(
            unit, point.conversation_id, message, level=Level.RISK, category="suicide", why=("risk.x",)
        )

    done(noticed, acting="person")
    with store.reading() as reading:
        exported = str(prsb.export(reading, person_id, settings(), label, "command"))
    for never in ("end it all", "suicide", "risk.x", "robin"):
        assert never not in exported


@pytest.mark.parametrize(
    ("safe", "there"),
    [(Safe.ONLY_ME, True), (Safe.NO_MESSAGE, True), (Safe.SHARED, False), (Safe.NOT_NOW, False)],
)
def test_a_number_others_may_hold_is_in_no_file(store: Store, done: Done, safe: Safe, there: bool):
    person_id = done(lambda unit: everything(unit, safe), acting="person")
    with store.reading() as reading:
        exported = str(prsb.export(reading, person_id, settings(), label, "command"))
    assert (NUMBER in exported) is there


def test_someone_we_know_only_by_name_has_a_record_too(store: Store, done: Done):
    def only(unit: UnitOfWork) -> int:
        return contact_points.first_contact(
            unit, ChannelName.WEB, "visitor-0123456789abcdef", language="cy", zone="Europe/London"
        ).person_id

    person_id = done(only)
    with store.reading() as reading:
        exported = prsb.export(reading, person_id, settings(), label, "command")
    jsonschema.validate(exported, SCHEMA)
    assert lines_in(exported) == []


# SNOMED codes


def test_the_code_for_the_referral_goes_with_the_first_contact_and_not_before(store: Store, done: Done, made):
    coded = "Referral details > Referral details record entry > Referral to > Service > Coded value"
    assert texts(made[0][prsb.ROOT])[coded] == ["871731000000106"]
    other = done(lambda unit: _referred_only(unit), acting="person")
    with store.reading() as reading:
        exported = prsb.export(reading, other, settings(), label, "command")
    assert coded not in texts(exported[prsb.ROOT])


def _referred_only(unit: UnitOfWork) -> int:
    point = contact_points.first_contact(
        unit, ChannelName.SMS, "+447700900182", language="en", zone="Europe/London"
    )
    open_referral(
        unit, point.person_id, point.conversation_id, by="self", source=None, content={}, hours=HOURS,
        within_days=5,
    )  # fmt: skip
    return point.person_id


def test_a_slot_nobody_has_confirmed_writes_no_code():
    known = codes.codes()
    assert set(known.events) == {"referral", "declined"}
    assert {"events.offered", "events.signposted", "wants.company"} <= set(known.empty)
    assert known.wants == {}


def test_codes_a_service_sets_itself_are_used_and_a_slip_is_caught(tmp_path: Path):
    own = codes.FILE.read_text("utf-8").replace('company = ""', 'company = "138875005"')
    (tmp_path / "codes.toml").write_text(own, "utf-8")
    assert codes.codes(tmp_path / "codes.toml").wants["company"].id == "138875005"
    (tmp_path / "slip.toml").write_text(own.replace("138875005", "138875006"), "utf-8")
    with pytest.raises(ValueError, match=r"wants\.company"):
        codes.codes(tmp_path / "slip.toml")


@pytest.mark.parametrize(
    ("id_", "is_one"),
    [
        ("871731000000106", True),
        ("871711000000103", True),
        ("1373501000000105", True),
        ("871731000000107", False),
        ("871731000001006", False),  # two digits changed places
        ("12345", False),
        ("", False),
        ("871731000000106a", False),
    ],
)
def test_an_identifier_is_checked_by_its_own_last_digit(id_: str, is_one: bool):
    assert codes.is_sctid(id_) is is_one


def test_choices_are_in_the_words_of_the_conversation():
    words = prsb.labels(Prompts(ROOT / "templates" / "prompts", ROOT / "locales"))
    assert words(Heading.BARRIER, "not_there_any_more") == "Not there any more"


# The command


@pytest.fixture
def command(store: Store, monkeypatch: pytest.MonkeyPatch):
    for name, value in (
        ("DATABASE_URL", store.url), ("KEYS", json.dumps(KEYS)), ("LOOKUP_KEY", LOOKUP_KEY),
    ):  # fmt: skip
        monkeypatch.setenv(f"LINKLINE_{name}", value)
    return lambda *words: CliRunner().invoke(app, ["export", "plan", *words])


def test_an_operator_exports_a_plan_and_it_is_written_down(store: Store, done: Done, command, tmp_path: Path):
    person_id = done(everything, acting="person")
    with store.reading() as reading:
        token = persons.person_of(reading, person_id).token
    printed = command(token)
    assert printed.exit_code == 0, printed.output
    jsonschema.validate(json.loads(printed.output), SCHEMA)

    to = tmp_path / "ray.json"
    assert command(token, "--to", str(to)).exit_code == 0
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert json.loads(to.read_text("utf-8"))["export"]["made_by"] == "command"
    again = command(token, "--to", str(to))
    assert again.exit_code == 1 and "there already" in again.output

    with store.reading() as reading:
        rows = reading.execute(select(audit).where(audit.c.action == "plan exported")).all()
    assert {(row.acting, row.subject) for row in rows} == {("command", f"person:{person_id}")}
    assert "Ray" not in str([row.details for row in rows])


def test_a_token_of_nobody_exports_nothing(command):
    answer = command("nobody")
    assert answer.exit_code == 1 and "nobody with this token" in answer.output
