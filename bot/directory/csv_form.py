"""Services in a spreadsheet, saved as CSV: one a line, under headings anyone can fill in."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.directory.details import EASES, Contact, Cost, Location, Organisation, Problem, ServiceDetails
from bot.directory.entries import Entry, day, entry
from bot.directory.wants_of import codes_in, eases_of, language_of, wants_of
from bot.directory.written_times import schedules
from bot.flowkit.lists import WANTS
from bot.store.tables.directory import Joining, ServiceStatus

CSV = "csv"

#: Each heading, and what the template's line shows under it. Only `name` must be filled in.
HEADINGS: dict[str, str] = {
    "id": "example",
    "name": "Invented Tuesday Lunch",
    "organisation": "The Made-up Society",
    "description": "A hot lunch and a chat. Come on your own, someone meets you at the door.",
    "address": "1 Nowhere Lane",
    "town": "Inventon",
    "postcode": "",
    "when": "Tue 12:00-14:00; 1st Sat 10:00-12:00",
    "cost": "£3 for lunch",
    "free": "no",
    "who for": "Anyone over 50",
    "youngest": "50",
    "oldest": "",
    "languages": "English; Welsh",
    "good for": "company; food energy",
    "eases": "nerves",
    "access": "Level entrance, hearing loop",
    "contact": "Josie Invented",
    "phone": "01632 960111",
    "email": "lunch@society.example",
    "website": "https://society.example/lunch",
    "how to join": "either",
    "status": "active",
    "places left": "",
    "waiting weeks": "",
    "online": "no",
    "last checked": "3 March 2026",
    "alert": "",
}

#: Other words people put at the top of a column.
_ALSO = {
    "service": "name", "service name": "name", "title": "name", "organization": "organisation",
    "provider": "organisation", "details": "description", "street": "address", "city": "town",
    "post code": "postcode", "times": "when", "opening times": "when", "price": "cost", "fees": "cost",
    "eligibility": "who for", "minimum age": "youngest", "maximum age": "oldest", "language": "languages",
    "wants": "good for", "categories": "good for", "accessibility": "access", "contact name": "contact",
    "telephone": "phone", "phone number": "phone", "e-mail": "email", "web": "website", "url": "website",
    "link": "website", "joining": "how to join", "assured on": "last checked", "assured date": "last checked",
    "waiting time": "waiting weeks", "places": "places left",
}  # fmt: skip

_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
_JOIN = {"": Joining.EITHER, "either": Joining.EITHER, "direct": Joining.DIRECT, "referral": Joining.REFERRAL}
_STATUS = {"": ServiceStatus.ACTIVE, "open": ServiceStatus.ACTIVE} | {str(s): s for s in ServiceStatus}


class NotOurForm(ValueError):
    """A file that cannot be read as services; the message says what it lacks."""


def template() -> str:
    """The headings with one line to show how: a CSV file to fill in (UTF-8)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerow(HEADINGS.values())
    return out.getvalue()


def read_csv(path: Path) -> Iterator[Entry]:
    """Every line of the file as an entry. Raises NotOurForm when its headings are not ours."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")  # as older Excel saves it
    text = text.replace("\0", "")
    first = text.partition("\n")[0]
    comma = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma)
    try:
        columns = [_heading(cell) for cell in next(reader, [])]
        if "name" not in columns:
            raise NotOurForm(
                "no column is headed “name”. `python -m bot services template` shows the headings"
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _entry(f"line {reader.line_num}", columns, cells)
    except csv.Error as error:
        raise NotOurForm(f"line {reader.line_num}: {error}") from None


def _heading(cell: str) -> str:
    said = " ".join(cell.replace("_", " ").casefold().split())
    return _ALSO.get(said, said)


def _entry(row: str, columns: list[str], cells: list[str]) -> Entry:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        return Entry(row, "", why="it has more cells than there are headings; is a comma outside quotes?")
    at = defaultdict(
        str, {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name in HEADINGS}
    )
    if at["id"] == HEADINGS["id"] and at["name"] == HEADINGS["name"]:
        return Entry(row, "example", why="it is the template's own example")
    if not at["name"]:
        return Entry(row, at["id"], why="it has no name")
    notes: list[Problem] = []
    wants, strange_wants = codes_in(at["good for"], WANTS, "wants")
    eases, strange_eases = codes_in(at["eases"], EASES, "eases")
    for field, strange in (("wants", strange_wants), ("eases", strange_eases)):
        notes += [Problem(field, f"{one[:40]!r} is not in our lists") for one in strange]
    free = _yes_or_no(at["free"], "free", notes)
    online = bool(_yes_or_no(at["online"], "online", notes))
    name, about = at["name"], "\n".join((at["description"], at["who for"], at["access"]))
    if "good for" not in columns:
        wants = list(wants_of([], name, at["description"]))
    if "eases" not in columns:
        eases = list(eases_of([], name, about, free=free, online=online))
    elif free and "cost" not in eases:
        eases.append("cost")
    details = ServiceDetails(
        name=name,
        organisation=Organisation(at["organisation"]) if at["organisation"] else None,
        description=at["description"],
        url=_link(at["website"]),
        email=at["email"] or None,
        status=_one_of(_STATUS, at["status"], "status", ServiceStatus.CLOSED, notes),
        joining=_one_of(_JOIN, at["how to join"], "how to join", Joining.EITHER, notes),
        fees=at["cost"],
        free=free,
        eligibility=at["who for"],
        minimum_age=_number(at["youngest"], "youngest", notes),
        maximum_age=_number(at["oldest"], "oldest", notes),
        languages=_languages(at["languages"], notes),
        wants=tuple(wants),
        eases=tuple(eases),
        accessibility=at["access"],
        alert=at["alert"],
        assured_on=_day(at["last checked"], notes),
        places_left=_number(at["places left"], "places left", notes),
        waiting_weeks=_number(at["waiting weeks"], "waiting weeks", notes),
        online=online,
        locations=(Location(address=at["address"], town=at["town"], postcode=at["postcode"]),),
        schedules=tuple(schedules(at["when"], notes)),
        costs=_cost(at["cost"]),
        contacts=(Contact(name=at["contact"], phone=at["phone"]),),
    )
    return entry(row, at["id"] or _id(at), details, tuple(notes))


def _id(at: Mapping[str, str]) -> str:
    """Without an id of its own a line is known by its name, who runs it and where."""
    parts = (" ".join(at[name].casefold().split()) for name in ("name", "organisation", "postcode"))
    return "|".join(parts)[:200]


def _link(said: str) -> str | None:
    return f"https://{said}" if said and "://" not in said and "." in said else said or None


def _one_of(choices, said: str, field: str, otherwise, notes: list[Problem]):  # type: ignore[no-untyped-def]
    if said.casefold() not in choices:
        notes.append(Problem(field, f"{said[:40]!r} should be one of {', '.join(c for c in choices if c)}"))
    return choices.get(said.casefold(), otherwise)


def _yes_or_no(said: str, field: str, notes: list[Problem]) -> bool | None:
    if said.casefold() in _YES | {"free"}:
        return True
    if said and said.casefold() not in _NO:
        notes.append(Problem(field, f"{said[:40]!r} should be yes or no"))
        return None
    return False if said else None


def _number(said: str, field: str, notes: list[Problem]) -> int | None:
    if said and not re.fullmatch(r"[0-9]{1,9}", said):
        notes.append(Problem(field, f"{said[:40]!r} should be a whole number"))
        return None
    return int(said) if said else None


def _day(said: str, notes: list[Problem]):  # type: ignore[no-untyped-def]
    found = day(said)
    if said and found is None:
        notes.append(
            Problem("last checked", f"{said[:40]!r} should be a day such as 2026-03-03 or 3 March 2026")
        )
    return found


def _languages(said: str, notes: list[Problem]) -> tuple[str, ...]:
    found = []
    for one in filter(None, (part.strip() for part in re.split(r"[;,/]", said))):
        if code := language_of(one):
            found.append(code)
        else:
            notes.append(Problem("languages", f"{one[:40]!r} is no language we know"))
    return tuple(found)


def _cost(said: str) -> tuple[Cost, ...]:
    """A sum alone ("£3", "2.50", "50p") is one; anything more stays as it was said."""
    if found := re.fullmatch(r"£?\s?(\d{1,5})(?:\.(\d\d))?", said):
        return (Cost(pence=int(found[1]) * 100 + int(found[2] or 0)),)
    if found := re.fullmatch(r"(\d{1,3})\s?p", said, re.I):
        return (Cost(pence=int(found[1])),)
    return ()
