"""A volunteer fills in a spreadsheet, as people do, and it becomes the directory."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from bot.directory import services as directory
from bot.directory.csv_form import HEADINGS, NotOurForm, read_csv, template
from bot.directory.details import EASES, Problem
from bot.directory.entries import Entry
from bot.directory.files import FileSource
from bot.directory.importing import import_from
from bot.directory.reports import Report
from bot.directory.services import Cost, Joining, Location, Schedule, ServiceStatus
from bot.directory.wants_of import codes_in, eases_of, language_of, wants_of
from bot.directory.written_times import schedules
from bot.flowkit.lists import WANTS
from bot.store.engines import Store


def read(tmp_path: Path, text: str | bytes) -> list[Entry]:
    path = tmp_path / "services.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_csv(path))


def imported(store: Store, tmp_path: Path, text: str) -> Report:
    path = tmp_path / "services.csv"
    path.write_text(text)
    return asyncio.run(import_from(store, FileSource(path, date(2026, 3, 3)), "sheet"))


def test_the_template_is_a_file_that_loads_once_its_example_is_replaced(tmp_path: Path) -> None:
    (example,) = read(tmp_path, template())
    assert (example.details, example.why) == (None, "it is the template's own example")

    (entry,) = read(tmp_path, template().replace("\r\nexample,", "\r\n7,"))

    one = entry.details
    assert one is not None and entry.notes == ()
    assert (entry.source_id, one.name) == ("7", "Invented Tuesday Lunch")
    assert one.organisation is not None and one.organisation.name == "The Made-up Society"
    assert one.locations == (Location(address="1 Nowhere Lane", town="Inventon"),)
    assert one.schedules == (
        Schedule(byday="TU", opens_at="12:00", closes_at="14:00"),
        Schedule("MONTHLY", 1, "1SA", "10:00", "12:00"),
    )
    assert (one.wants, one.eases) == (("company", "food_energy"), ("nerves",))
    assert (one.minimum_age, one.maximum_age, one.free) == (50, None, False)
    assert (one.languages, one.assured_on) == (("en", "cy"), date(2026, 3, 3))
    assert (one.contacts[0].name, one.contacts[0].phone) == ("Josie Invented", "01632 960111")


def test_only_a_name_is_needed(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "Name\nInvented Tea\n")

    assert entry.details is not None
    assert (entry.details.name, entry.details.free, entry.details.joining) == (
        "Invented Tea",
        None,
        Joining.EITHER,
    )


@pytest.mark.parametrize(
    "text",
    [
        "name;town;free\nInvented Tea;Inventon;yes\n",
        "name\ttown\tfree\nInvented Tea\tInventon\tyes\n",
        "\ufeffService Name,City,FREE\r\nInvented Tea,Inventon,Y\r\n\r\n",
    ],
)
def test_however_the_spreadsheet_was_saved(tmp_path: Path, text: str) -> None:
    (entry,) = read(tmp_path, text)

    assert entry.details is not None
    assert (entry.details.name, entry.details.locations[0].town) == ("Invented Tea", "Inventon")
    assert entry.details.free is True and "cost" in entry.details.eases


def test_a_file_of_older_excel_keeps_its_pound_sign(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "name,cost\nInvented Tea,£2.50\n".encode("cp1252"))

    assert entry.details is not None
    assert (entry.details.fees, entry.details.costs) == ("£2.50", (Cost(pence=250),))


def test_a_file_that_is_something_else_is_told_as_such(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotOurForm, match="no column is headed “name”"):
        read(tmp_path, "date,amount\n1,2\n")
    with pytest.raises(NotOurForm):
        read(tmp_path, "")

    report = imported(store, tmp_path, "date,amount\n1,2\n")
    assert report.failed_why.startswith("services.csv: no column is headed “name”")


def test_what_a_cell_says_that_cannot_be_is_left_out_and_noted(tmp_path: Path) -> None:
    (entry,) = read(
        tmp_path,
        "name,postcode,free,youngest,languages,good for,when,last checked,how to join,email\n"
        'Invented Tea,nowhere,perhaps,old,"Welsh, Klingon-ish",company; riches,when it rains,soon,by magic,'
        "me\n",
    )

    one = entry.details
    assert one is not None
    assert (one.locations, one.free, one.minimum_age, one.assured_on, one.email) == (
        (),
        None,
        None,
        None,
        None,
    )
    assert (one.languages, one.wants, one.joining) == (("cy",), ("company",), Joining.EITHER)
    assert one.schedules == (Schedule(notes="when it rains"),)
    told = {note.field for note in entry.notes}
    assert told == {
        "wants", "free", "how to join", "youngest", "languages", "last checked", "when", "email", "locations",
    }  # fmt: skip


def test_a_status_nobody_knows_is_not_taken_for_open(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "name,status\nInvented Tea,resting\n")

    assert entry.details is not None and entry.details.status is ServiceStatus.CLOSED


def test_a_line_without_a_name_or_with_a_comma_too_many_is_refused_and_the_rest_load(
    store: Store, tmp_path: Path
) -> None:
    report = imported(
        store, tmp_path, 'name,town\n,Inventon\nTea, or coffee,Inventon\n"Tea, and cake",Inventon\n'
    )

    assert report.counts == {"read": 3, "refused": 2, "added": 1}
    assert [(one.row, one.why) for one in report.refused] == [
        ("line 2", "it has no name"),
        ("line 3", "it has more cells than there are headings; is a comma outside quotes?"),
    ]
    with store.reading() as reading:
        assert [one.name for one in directory.services(reading)] == ["Tea, and cake"]


def test_the_same_file_again_changes_nothing_and_a_corrected_cell_one_thing(
    store: Store, tmp_path: Path
) -> None:
    text = "name,organisation,phone\nTea,Made Up,01632 960111\nCake,Made Up,01632 960112\n"
    imported(store, tmp_path, text)

    assert imported(store, tmp_path, text).counts == {"read": 2, "same": 2}
    report = imported(store, tmp_path, text.replace("960112", "960113"))
    assert report.counts == {"read": 2, "same": 1, "changed": 1}
    assert list(report.changes[0].changed) == ["contacts"]


def test_the_same_line_twice_is_one_service(store: Store, tmp_path: Path) -> None:
    report = imported(store, tmp_path, "name\nTea\n tea \n")

    assert report.counts == {"read": 2, "added": 1, "refused": 1}
    assert report.refused[0].why == "the same id came before; the first is kept"


@pytest.mark.parametrize(
    ("said", "is_meant"),
    [
        ("Mon 10:00-12:00", Schedule(byday="MO", opens_at="10:00", closes_at="12:00")),
        ("Tuesdays and Thursdays: 10.30-12.30", Schedule(byday="TU,TH", opens_at="10:30", closes_at="12:30")),
        ("Mon-Fri 9am-5pm", Schedule(byday="MO,TU,WE,TH,FR", opens_at="09:00", closes_at="17:00")),
        ("Fri to Mon 10:00 to 16:00", Schedule(byday="FR,SA,SU,MO", opens_at="10:00", closes_at="16:00")),
        ("weekdays 9-5", Schedule(byday="MO,TU,WE,TH,FR", opens_at="09:00", closes_at="17:00")),
        ("Wed 2-4pm", Schedule(byday="WE", opens_at="14:00", closes_at="16:00")),
        ("Wed 10-12pm", Schedule(byday="WE", opens_at="10:00", closes_at="12:00")),
        ("Wed 1.30-3", Schedule(byday="WE", opens_at="13:30", closes_at="15:00")),
        ("Sat 10am to noon", Schedule(byday="SA", opens_at="10:00", closes_at="12:00")),
        ("every other Fri 10-12", Schedule("WEEKLY", 2, "FR", "10:00", "12:00")),
        ("1st and 3rd Wed 10-12", Schedule("MONTHLY", 1, "1WE,3WE", "10:00", "12:00")),
        ("last Friday of the month 19:00-21:00", Schedule("MONTHLY", 1, "-1FR", "19:00", "21:00")),
        ("daily 9:00-17:00", Schedule(byday="MO,TU,WE,TH,FR,SA,SU", opens_at="09:00", closes_at="17:00")),
    ],
)
def test_times_as_people_write_them(said: str, is_meant: Schedule) -> None:
    notes: list[Problem] = []

    assert list(schedules(said, notes)) == [is_meant]
    assert notes == []


@pytest.mark.parametrize("said", ["by appointment", "Mon", "10-12", "Mon and 2nd Tue 10-12", "Someday 10-12"])
def test_times_we_do_not_understand_stay_as_words(said: str) -> None:
    notes: list[Problem] = []

    assert list(schedules(said, notes)) == [Schedule(notes=said)]
    assert len(notes) == 1


def test_categories_and_names_say_what_a_service_is_good_for_and_its_description_only_if_they_do_not() -> (
    None
):
    assert wants_of(["Befriending"], "Tea at Three", "Ask us about debt") == ("company",)
    assert wants_of([], "Tea at Three", "Ask us about debt, or benefits advice.") == ("debt", "benefits")
    assert wants_of(["Unheard of"], "Tea at Three", "") == ()
    assert wants_of([], "The walking stick shop") == ("active",)
    assert wants_of([], "The Partytown Band") == (), "art stands inside another word"
    assert wants_of(["Transport"], "Wheels") == ("getting_around",)
    assert wants_of([], "Tea", "Near public transport.") == (), "only a category of that name"


def test_what_eases_is_not_read_into_a_no() -> None:
    assert eases_of([], "Wheelchair users welcome. Free transport.") == ("getting_there", "health_access")
    assert eases_of([], "Not wheelchair accessible, sorry.") == ()
    assert eases_of([], "We have no hearing loop. There is a ramp.") == ("health_access",)
    assert eases_of([], "Closed at weekends. Book online, or by phone.") == ()
    assert eases_of([], "Tea", free=True, online=True) == ("cost", "getting_there")
    assert eases_of([], "Concessions", free=False) == ()


def test_someone_to_come_along_is_never_read_out_of_passing_words() -> None:
    assert eases_of([], "accompanied first visit, a buddy for everyone") == ()
    assert eases_of(["Accompanied first visit"]) == ("someone_along",)


def test_languages_by_name_or_code() -> None:
    said = ("Welsh", "cy", "panjabi", "BSL", "Urdu", "Klingon-ish", "")
    assert [language_of(one) for one in said] == ["cy", "cy", "pa", "bfi", "ur", None, None]


def test_every_code_can_be_filled_in_with_spaces() -> None:
    for codes, kind in ((WANTS, "wants"), (EASES, "eases")):
        for code in codes:
            assert codes_in(code.replace("_", " ").title(), codes, kind) == ([code], [])


def test_the_template_has_a_heading_for_everything_staff_can_fill_in(tmp_path: Path) -> None:
    filled = {
        "places left": "3", "waiting weeks": "2", "online": "yes", "alert": "Shut in May", "oldest": "90",
        "status": "paused", "how to join": "referral", "postcode": "zz1 1aa",
    }  # fmt: skip
    row = {**HEADINGS, "id": "9"} | filled
    text = ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in row.values()) + "\n"

    (entry,) = read(tmp_path, text)

    one = entry.details
    assert one is not None
    assert (one.places_left, one.waiting_weeks, one.online, one.alert) == (3, 2, True, "Shut in May")
    assert (one.maximum_age, one.status, one.joining) == (90, ServiceStatus.PAUSED, Joining.REFERRAL)
    assert one.locations[0].postcode == "ZZ1 1AA"
