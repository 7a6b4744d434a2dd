"""A day of a calendar, laid out: what stands in it, side by side where it meets, and what is still free.

Pure: instants and hours in, tiles out. A place on the page is minutes of the local clock since midnight,
so ten in the morning is in the same place on the days when the clocks change; what is free, and how long
anything takes, is reckoned in real time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

#: The page's grid, in minutes: what lies between is drawn at the mark before.
GRID = 5
#: Anything shorter is drawn as long as this, so that it can be read and pressed.
SHORTEST = 15
#: What is free is shown in pieces that begin at the hour; one shorter than this belongs to its neighbour.
LEAST_PIECE = 30
A_DAY = 24 * 60

Span = tuple[datetime, datetime]


class What(StrEnum):
    """What a tile is; the page has a look for each."""

    BOOKED = "booked"
    HELD = "held"
    ATTENDED = "attended"
    MISSED = "missed"
    GROUP = "group"
    AWAY = "away"
    FREE = "free"


#: What nothing else can be booked into, with the gap that is kept around it.
_WITH_A_GAP = frozenset({What.BOOKED, What.HELD, What.ATTENDED, What.MISSED, What.GROUP})


@dataclass(frozen=True, slots=True)
class Block:
    """Something that takes time: from and until (aware), and what it is `about`."""

    what: What
    starts_at: datetime
    ends_at: datetime
    about: Any = None

    @property
    def minutes(self) -> int:
        """How long it takes, in real time."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Tile:
    """A block in its place on one day: `first` to `last` minutes since midnight, in one lane of so many.

    `again`: it begins in the hour that comes twice when the clocks go back, the second time.
    """

    block: Block
    first: int
    last: int
    lane: int = 0
    lanes: int = 1
    again: bool = False

    @property
    def place(self) -> str:
        """The classes that put it there (calendar.css)."""
        return f"{place(self.first, self.last)} lane{self.lane} of{self.lanes}"


@dataclass(frozen=True, slots=True)
class Day:
    """One column: its tiles in order of time, when it is open, and where the line of now is, if here."""

    day: date
    tiles: list[Tile]
    opens: list[tuple[int, int]]
    now: int | None = None
    holiday: str = ""

    @property
    def taken(self) -> list[Tile]:
        """What is not free."""
        return [tile for tile in self.tiles if tile.block.what is not What.FREE]

    @property
    def now_before(self) -> int | None:
        """Before which tile the line of now stands in a list; None where it is not on this day."""
        if self.now is None:
            return None
        return sum(tile.first <= self.now for tile in self.tiles)

    @property
    def now_place(self) -> str:
        return place(self.now or 0, self.now or 0)


def place(first: int, last: int) -> str:
    """The classes of a place: the hour and minute it begins, and the hours and minutes it takes."""
    start = first // GRID * GRID
    takes = -(-(last - start) // GRID) * GRID
    return f"h{start // 60} m{start % 60} l{takes // 60} n{takes % 60}"


def bounds(day: date, zone: ZoneInfo) -> Span:
    """The instants between which it is this day in `zone`: 23, 24 or 25 hours apart. Aware UTC."""
    tomorrow = day + timedelta(days=1)
    begins, ends = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, tomorrow))
    return begins, ends


def lay_out(
    day: date, blocks: Iterable[Block], *, zone: ZoneInfo, opens: Sequence[Span] = (),
    now: datetime | None = None, holiday: str = "",
) -> Day:  # fmt: skip
    """This day as `zone` has it, with whatever of `blocks` falls on it; `opens` are its hours (aware)."""
    begins, ends = bounds(day, zone)
    here = [b for b in blocks if b.starts_at < ends and b.ends_at > begins]
    placed = [_placed(block, day, zone) for block in sorted(here, key=lambda b: (b.starts_at, b.ends_at))]
    return Day(
        day,
        _side_by_side(placed),
        [(_minute(a, day, zone), _minute(b, day, zone)) for a, b in opens],
        _minute(now, day, zone) if now is not None and begins <= now < ends else None,
        holiday,
    )


def free(
    opens: Iterable[Span], blocks: Iterable[Block], *, zone: ZoneInfo, gap: timedelta = timedelta(),
    since: datetime | None = None, by_the_hour: bool = True, least: int = SHORTEST,
) -> list[Block]:  # fmt: skip
    """What is left of `opens` once `blocks`, and `gap` around each appointment, are taken away.

    Nothing before `since` (aware), nothing shorter than `least` minutes; in pieces that begin at the
    hour, or whole.
    """
    left = list(opens)
    for block in blocks:
        around = gap if block.what in _WITH_A_GAP else timedelta()
        left = _without(left, (block.starts_at - around, block.ends_at + around))
    if since is not None:
        left = _without(left, (datetime.min.replace(tzinfo=UTC), since))
    left = [(_up(a), b) for a, b in left]
    pieces = [p for span in left for p in (_hourly(span, zone) if by_the_hour else [span])]
    return [Block(What.FREE, a, b) for a, b in sorted(pieces) if b - a >= timedelta(minutes=least)]


def beginnings(spans: Iterable[Block], minutes: int, zone: ZoneInfo) -> list[datetime]:
    """When something of so many minutes could begin: at the first free quarter, then each half hour."""
    takes, found = timedelta(minutes=minutes), []
    for span in spans:
        at = _mark(span.starts_at, 15, zone)
        if at + takes > span.ends_at:
            at = span.starts_at
        while at + takes <= span.ends_at:
            found.append(at)
            at = _mark(at + timedelta(minutes=15), 30, zone)
    return found


def _mark(at: datetime, every: int, zone: ZoneInfo) -> datetime:
    """This instant, or the next when the local clock shows a full `every` minutes."""
    return at + timedelta(minutes=-at.astimezone(zone).minute % every)


def hours_shown(days: Iterable[Day], *, at_least: tuple[int, int] = (9, 17)) -> tuple[int, int]:
    """The first and the last hour to draw, so that nothing on these days is cut off."""
    firsts, lasts = [at_least[0] * 60], [at_least[1] * 60]
    for day in days:
        firsts += [first for first, _ in day.opens] + [tile.first for tile in _timed(day)]
        lasts += [last for _, last in day.opens] + [tile.last for tile in _timed(day)]
    return min(firsts) // 60, min(-(-max(lasts) // 60), 24)


def _timed(day: Day) -> list[Tile]:
    """Tiles that say when something is; a whole day away, as leave is, does not stretch the page."""
    return [t for t in day.tiles if t.block.what is not What.AWAY or (t.first > 0 and t.last < A_DAY)]


def _minute(at: datetime, day: date, zone: ZoneInfo) -> int:
    """Minutes of the local clock since this day's midnight; the day's end where it is later."""
    local = at.astimezone(zone)
    if local.date() < day:
        return 0
    return A_DAY if local.date() > day else local.hour * 60 + local.minute


def _placed(block: Block, day: date, zone: ZoneInfo) -> Tile:
    first = min(_minute(block.starts_at, day, zone), A_DAY - SHORTEST)
    last = _minute(block.ends_at, day, zone)
    if last <= first and block.ends_at > block.starts_at:  # over the hour that comes twice
        last = first + block.minutes
    start = block.starts_at.astimezone(zone)
    again = start.fold == 1 and start.utcoffset() != start.replace(fold=0).utcoffset()
    return Tile(block, first, min(max(last, first + SHORTEST), A_DAY), again=again)


def _side_by_side(tiles: list[Tile]) -> list[Tile]:
    """The same, those that meet beside each other. They come in order of time."""
    done: list[Tile] = []
    group: list[tuple[Tile, int]] = []
    ends: list[int] = []  # of each lane of the group

    def close() -> None:
        done.extend(
            Tile(t.block, t.first, t.last, lane, len(ends), t.again) for t, lane in group
        )  # fmt: skip
        group.clear()
        ends.clear()

    for tile in sorted(tiles, key=lambda t: (t.first, -t.last)):
        if ends and tile.first >= max(ends):
            close()
        lane = next((n for n, end in enumerate(ends) if end <= tile.first), len(ends))
        ends[lane : lane + 1] = [tile.last]
        group.append((tile, lane))
    close()
    return sorted(done, key=lambda t: (t.block.starts_at, t.first, t.lane))


def _without(spans: Iterable[Span], taken: Span) -> list[Span]:
    left = []
    for a, b in spans:
        if taken[1] <= a or taken[0] >= b:
            left.append((a, b))
            continue
        left += [(x, y) for x, y in ((a, taken[0]), (taken[1], b)) if x < y]
    return left


def _up(at: datetime) -> datetime:
    """The next mark of the grid."""
    over = timedelta(minutes=at.minute % GRID, seconds=at.second, microseconds=at.microsecond)
    return at + timedelta(minutes=GRID) - over if over else at


def _hourly(span: Span, zone: ZoneInfo) -> list[Span]:
    """Cut at the local clock's hours; a short end belongs to its neighbour."""
    (at, end), least = span, timedelta(minutes=LEAST_PIECE)
    pieces = []
    while at < end:
        cut = at + timedelta(minutes=60 - at.astimezone(zone).minute)
        if cut - at < least:
            cut += timedelta(hours=1)
        if end - cut < least:
            cut = end
        pieces.append((at, cut))
        at = cut
    return pieces
