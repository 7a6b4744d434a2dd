"""Calendar files: what calendars show of them, through both clock changes, and how little they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bot.appointments import icalendar
from bot.appointments.appointment import Appointment
from bot.appointments.calendar import lock_calendar
from bot.appointments.icalendar import calendar_file, feed, mark_of
from bot.appointments.places import Place, add_place
from bot.casework.rota import take_back, take_off
from bot.clock import LONDON
from bot.people import contact_points, persons
from bot.people.discreet import discreet_for
from bot.store.tables import AppointmentStatus, Meeting, Safe, SessionStatus, group_session
from tests.support import diary
from tests.support.stores import TUESDAY_10AM

SITE = "https://links.example"
NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
CAFE = Place(
    4, Meeting.CAFE, "The Corner Cafe", "1 High Street, Ashby", "Bus 9 to the library, then left", ""
)
ROOM = Place(5, Meeting.VIDEO, "Video room", "", "", "https://video.example/room?a=1&b=2")


def when(starts_at: datetime, **more) -> Appointment:
    """Somebody's appointment with Bea, 45 minutes long."""
    return Appointment(
        **{
            "id": 7, "person_id": 3, "case_id": None, "staff_id": 1, "staff_name": "Bea", "session_id": None,
            "kind": "review", "status": AppointmentStatus.BOOKED, "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=45), "zone": LONDON, "meeting": Meeting.CAFE,
            "place": CAFE, "where": "", "bring": "", "note": "a note for staff", "held_until": None,
            "booked_at": NOW, "booked_by": "person", "coming_at": None, "late_minutes": None,
            "needs": "a ramp", "cancelled_at": None, "cancelled_by": None, "why": None,
            "outcome_at": None, "outcome_by": None,
            "plan": "standard", "arms": {}, "version": 1,
        } | more
    )  # fmt: skip


def made(about: Appointment, language: str = "en", now: datetime = NOW, discreet: bool = False) -> bytes:
    return calendar_file(
        about, service_name="Ashby Links", site=SITE, language=language, now=now, discreet=discreet
    )


def seen_by_vobject(file: bytes) -> list[tuple]:
    """(title, starts, ends, where, details) of every entry, as vobject reads them."""
    calendar = vobject.readOne(file.decode())
    found = []
    for event in calendar.contents.get("vevent", []):
        text = {name: event.contents[name][0].value if name in event.contents else "" for name in TEXTS}
        found.append((text["summary"], event.dtstart.value, event.dtend.value, *list(text.values())[1:]))
    return found


def seen_by_ics(file: bytes) -> list[tuple]:
    """The same, as ics reads them."""
    return [
        (e.name, e.begin.datetime, e.end.datetime, e.location or "", e.description or "")
        for e in sorted(ics.Calendar(file.decode()).events, key=lambda e: e.begin)
    ]


TEXTS = ("summary", "location", "description")

#: An hour in the middle of the year, and all round both nights on which the clocks change.
INSTANTS = [
    datetime(2026, 7, 1, 13, tzinfo=UTC),
    *(datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(6)),
    *(datetime(2026, 10, 25, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(6)),
    datetime(2026, 3, 28, 9, tzinfo=UTC),
    datetime(2026, 3, 30, 8, tzinfo=UTC),
    datetime(2028, 2, 29, 9, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
]


@pytest.mark.parametrize("read", [seen_by_vobject, seen_by_ics])
@pytest.mark.parametrize("at", INSTANTS, ids=str)
def test_a_calendar_shows_it_at_its_time_through_both_clock_changes(read, at):
    [(title, starts, ends, where, details)] = read(made(when(at)))

    assert (starts.astimezone(UTC), ends.astimezone(UTC)) == (at, at + timedelta(minutes=45))
    assert title == "Appointment with Bea, Ashby Links"
    assert where == "The Corner Cafe, 1 High Street, Ashby"
    assert details.startswith("How to get there: Bus 9 to the library, then left")


def test_the_zone_in_the_file_changes_its_clocks_when_london_does():
    """Read by its two yearly rules alone, as a calendar without a zone table does."""
    zone = next(iter(Calendar.from_ical(made(when(NOW))).walk("VTIMEZONE")))
    changes = [
        (at - part.TZOFFSETFROM, part.TZOFFSETTO)
        for part in zone.subcomponents
        for at in rrulestr(part["RRULE"].to_ical().decode(), dtstart=part.DTSTART).between(
            datetime(2026, 1, 1), datetime(2036, 1, 1)
        )
    ]

    assert len(changes) == 20
    for at, offset in changes:
        at = at.replace(tzinfo=UTC)
        before = (at - timedelta(seconds=1)).astimezone(LONDON).utcoffset()
        assert at.astimezone(LONDON).utcoffset() == offset != before


def test_an_appointment_abroad_is_at_its_own_time():
    [(_, starts, *_)] = seen_by_vobject(made(when(NOW, zone=ZoneInfo("Europe/Warsaw"))))

    assert starts == NOW
    assert b"VTIMEZONE" not in made(when(NOW, zone=ZoneInfo("Europe/Warsaw")))


@settings(max_examples=30)
@given(
    words=st.text(st.characters(exclude_categories=("Cs",)), max_size=300),
    name=st.sampled_from(["Siân", "Małgorzata-Anne", "محمد", "王小明", ""]),
)
def test_no_line_is_too_long_and_no_words_are_lost(words, name):
    about = when(NOW, bring=words, where=words[:200], staff_name=name, place=None)
    file = made(about, "cy")
    event = next(iter(Calendar.from_ical(file).walk("VEVENT")))

    assert all(len(line) <= 75 for line in file.split(b"\r\n"))  # RFC 5545, section 3.1
    assert file.endswith(b"END:VCALENDAR\r\n") and file.count(b"\n") == file.count(b"\r\n")
    assert file.decode("utf-8")
    where = " ".join(event.get("LOCATION", "").split())
    assert where == " ".join(seen(words[:200])) and set(seen(words)) <= set(event["DESCRIPTION"].split())
    for read in (seen_by_vobject, seen_by_ics):
        [(title, _, _, there, _)] = read(file)
        assert title == event["SUMMARY"] and there.split() == seen(words[:200])


def seen(words: str) -> list[str]:
    """What is left of words in a calendar: all that can be seen."""
    return icalendar._plain(words).split()


def test_a_moved_one_is_the_same_entry_and_a_later_version_of_it():
    at = datetime(2026, 3, 12, 14, tzinfo=UTC)
    first, moved = (
        next(iter(Calendar.from_ical(made(one)).walk("VEVENT")))
        for one in (when(at), replace(when(at + timedelta(days=7)), version=2))
    )

    assert first["UID"] == moved["UID"]
    assert (first["SEQUENCE"], moved["SEQUENCE"]) == (1, 2)
    assert made(when(at)) != made(when(at, id=8))


@pytest.mark.parametrize("read", [vobject.readOne, Calendar.from_ical])
def test_one_that_is_off_takes_itself_out_of_the_calendar(read):
    file = made(when(NOW, status=AppointmentStatus.CANCELLED, version=3)).decode()

    read(file)
    assert "STATUS:CANCELLED" in file and "METHOD:PUBLISH" in file and "SEQUENCE:3" in file
    assert "another time" not in file


@pytest.mark.parametrize("language", ["en", "cy"])
def test_on_a_phone_that_others_read_it_says_one_word(language):
    file = made(when(NOW, meeting=Meeting.HOME, place=CAFE, where=diary.ADDRESS), language, discreet=True)

    [(title, *_, where, details)] = seen_by_vobject(file)
    assert (title, where, details) == ({"en": "Appointment", "cy": "Apwyntiad"}[language], "", "")
    for word in (b"Bea", b"Ashby", b"Corner", b"links.example", b"review", b"Bus"):
        assert word not in file


def test_what_is_for_staff_alone_and_what_they_need_is_in_no_file():
    file = made(when(NOW)).decode()

    assert "note" not in file and "ramp" not in file and "VALARM" not in file and "ORGANIZER" not in file


@pytest.mark.parametrize(
    ("more", "where", "says"),
    [
        ({"meeting": Meeting.PHONE, "place": None}, "By phone", "Bea will ring you."),
        ({"meeting": Meeting.VIDEO, "place": None}, "By video", ""),
        ({"meeting": Meeting.VIDEO, "place": ROOM}, "Video room", "Join here: https://video.example/room?a=1&b=2"),
        ({"meeting": Meeting.HOME, "place": None}, "At your home", ""),
        ({"meeting": Meeting.HOME, "place": None, "where": diary.ADDRESS}, diary.ADDRESS, ""),
        ({"bring": "your letters; glasses"}, "The Corner Cafe", "Please bring: your letters; glasses"),
    ],
)  # fmt: skip
def test_it_says_where_how_to_get_there_and_what_to_bring(more, where, says):
    [(_, _, _, there, details)] = seen_by_ics(made(when(NOW, **more)))

    assert there.startswith(where) and says in details
    assert details.endswith("You do not have to say why.")


def test_in_welsh_it_is_in_welsh():
    [(title, *_, details)] = seen_by_ics(made(when(NOW, bring="eich sbectol"), "cy"))

    assert title == "Apwyntiad gyda Bea, Ashby Links"
    assert "Sut i gyrraedd: Bus 9" in details and "eich sbectol" in details


# -- whose file says how much ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("safe", "wishes", "discreet"),
    [
        (Safe.ONLY_ME, {}, False),
        (Safe.TEXT_ONLY, {"reminders": "plain"}, False),
        (Safe.ONLY_ME, {"reminders": "discreet"}, True),
        (Safe.SHARED, {}, True),
        (Safe.NO_MESSAGE, {}, True),
        (Safe.NOT_NOW, {}, True),
        (Safe.NOT_ASKED, {}, True),
    ],
)
def test_a_file_is_discreet_unless_every_way_is_theirs_alone(done, safe, wishes, discreet):
    def work(unit):
        who = diary.somebody(unit, safe=safe)
        if wishes:
            persons.plan_contact(unit, who, **wishes)
        return discreet_for(unit, who)

    assert done(work) is discreet


def test_one_shared_way_is_enough_to_be_discreet(done):
    def work(unit):
        who = diary.somebody(unit)
        [point] = contact_points.of_person(unit, who)
        other = diary.somebody(unit, "", nth=1, safe=Safe.SHARED)
        [theirs] = contact_points.of_person(unit, other)
        unit.change(contact_points.contact_point, theirs.id, person_id=who)
        assert point.person_id == who
        return discreet_for(unit, who)

    assert done(work) is True


# -- the feed --------------------------------------------------------------------------------------


def test_a_feed_says_an_initial_and_where_to_be_and_nothing_more(store, done):
    def work(unit):
        bea = diary.worker(unit)
        cafe = add_place(unit, "cafe", "The Corner Cafe", "1 High Street")
        at = TUESDAY_10AM + timedelta(days=1)
        ray, anon = diary.somebody(unit, "ray poole"), diary.somebody(unit, "", nth=1)
        diary.appointment(unit, bea, ray, at, meeting="cafe", place_id=cafe, bring="letters", note=b"")
        diary.appointment(
            unit, bea, anon, at + timedelta(hours=2), meeting="home", where=diary.ADDRESS, status="attended"
        )
        for n, status in enumerate(("cancelled", "held")):
            diary.appointment(unit, bea, ray, at + timedelta(hours=5 + n), status=status)
        other = diary.worker(unit, "Ali Khan")
        diary.appointment(unit, other, ray, at)
        lunch = at + timedelta(hours=4)
        take_off(unit, bea, "sickness", lunch, lunch + timedelta(hours=1), note="migraine")
        back = take_off(unit, bea, "leave", lunch, lunch + timedelta(days=1))
        take_back(unit, back)
        choir = unit.insert(
            group_session, name="Ashby Choir", staff_id=bea, starts_at=at + timedelta(hours=9),
            ends_at=at + timedelta(hours=10), status=SessionStatus.PLANNED, place_id=cafe, bring="",
            version=2, created_at=unit.now,
        )  # fmt: skip
        for nth in (2, 3):
            who = diary.somebody(unit, "Zed", nth=nth)
            diary.appointment(unit, bea, who, at + timedelta(hours=9), session_id=choir, kind="group")
        return bea

    bea = done(work)
    with store.reading() as reading:
        file = feed(reading, bea, site=SITE)

    day = datetime(2026, 3, 4, tzinfo=UTC)
    expected = [
        ("Appointment, R.", day.replace(hour=10), "The Corner Cafe, 1 High Street"),
        ("Appointment", day.replace(hour=12), "Home visit"),
        ("Busy", day.replace(hour=14), ""),
        ("Ashby Choir", day.replace(hour=19), "The Corner Cafe, 1 High Street"),
    ]
    for read in (seen_by_vobject, seen_by_ics):
        found = sorted(read(file), key=lambda one: one[1])
        assert [(t, s.astimezone(UTC), w) for t, s, _, w, _ in found] == expected
        assert {details for *_, details in found} == {""}
    for word in (
        "Poole",
        "ray",
        "Invented",
        "letters",
        "migraine",
        "sick",
        "07700",
        "447700",
        "Zed",
        "attend",
    ):
        assert word not in file.decode()


def test_a_feed_reaches_from_last_month_to_next_year_and_no_further(store, done):
    def work(unit):
        bea, ray = diary.worker(unit), diary.somebody(unit)
        for days in (-40, -20, 0, 300, 400):
            diary.appointment(unit, bea, ray, TUESDAY_10AM + timedelta(days=days))
        return bea

    bea = done(work)
    with store.reading() as reading:
        assert len(seen_by_vobject(feed(reading, bea, site=SITE))) == 3


def test_an_empty_feed_is_a_calendar_too(store, done):
    bea = done(diary.worker)
    with store.reading() as reading:
        file = feed(reading, bea, site=SITE)

    assert seen_by_vobject(file) == seen_by_ics(file) == []
    assert "X-WR-CALNAME:Appointments" in file.decode()


def test_the_mark_of_a_file_stays_while_it_says_the_same():
    at = datetime(2026, 3, 12, 14, tzinfo=UTC)

    assert mark_of(made(when(at))) == mark_of(made(when(at), now=NOW + timedelta(days=2)))
    assert mark_of(made(when(at))) != mark_of(made(when(at, version=2)))


def test_a_worker_without_a_calendar_of_their_own_has_a_feed_too(store, done):
    def work(unit):
        bea = diary.worker(unit)
        lock_calendar(unit, bea)
        return bea

    bea = done(work)
    with store.reading() as reading:
        assert feed(reading, bea, site=SITE).startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize("language", [one.code for one in icalendar._words().languages if one.code != "en"])
def test_every_word_of_a_file_is_there_in_every_language(language):
    assert icalendar._words().untranslated(language) == {}
