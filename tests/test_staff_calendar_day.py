"""A day laid out: what stands beside what, what is free, and both days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.staff.calendar_day import A_DAY, Block, What, beginnings, bounds, free, hours_shown, lay_out, place

LONDON = ZoneInfo("Europe/London")
TUESDAY = date(2026, 3, 3)
FORWARD = date(2026, 3, 29)  # 1am is 2am
BACK = date(2026, 10, 25)  # 2am is 1am again


def at(day, hour, minute=0, fold=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON, fold=fold).astimezone(UTC)


def booked(day, hour, minute=0, *, takes=45, what=What.BOOKED, about=None):
    begins = at(day, hour, minute)
    return Block(what, begins, begins + timedelta(minutes=takes), about)


def open_from(day, first, last):
    return [(at(day, first), at(day, last))]


def said(blocks, zone=LONDON):
    return [f"{b.starts_at.astimezone(zone):%H:%M}-{b.ends_at.astimezone(zone):%H:%M}" for b in blocks]


# -- where things stand ------------------------------------------------------------------------


def test_a_tile_stands_where_its_time_is():
    day = lay_out(TUESDAY, [booked(TUESDAY, 10, 30)], zone=LONDON, opens=open_from(TUESDAY, 9, 17))
    (tile,) = day.tiles

    assert (tile.first, tile.last) == (630, 675)
    assert tile.place == "h10 m30 l0 n45 lane0 of1"
    assert day.opens == [(540, 1020)]


def test_what_begins_between_two_marks_is_drawn_from_the_one_before_to_the_one_after():
    assert place(607, 642) == "h10 m5 l0 n40"


@pytest.mark.parametrize("day", [TUESDAY, FORWARD, BACK], ids=["any day", "forward", "back"])
def test_ten_in_the_morning_is_in_the_same_place_on_every_day(day):
    (tile,) = lay_out(day, [booked(day, 10)], zone=LONDON).tiles

    assert tile.place.startswith("h10 m0 ")


def test_the_hour_that_comes_twice_is_said_and_never_runs_backwards():
    first = Block(What.BOOKED, at(BACK, 1, 45), at(BACK, 1, 15, fold=1))
    second = Block(What.BOOKED, at(BACK, 1, 45, fold=1), at(BACK, 2, 15))
    one, two = lay_out(BACK, [second, first], zone=LONDON).tiles

    assert (one.block, one.again, one.last - one.first) == (first, False, 30)
    assert (two.block, two.again, two.last - two.first) == (second, True, 30)
    assert {one.lane, two.lane} == {0, 1}  # an hour apart, at the same mark of the clock


def test_over_the_hour_that_never_comes_the_clock_jumps_and_the_length_is_real():
    night = Block(What.AWAY, at(FORWARD, 0, 30), at(FORWARD, 2, 30))
    (tile,) = lay_out(FORWARD, [night], zone=LONDON).tiles

    assert (tile.first, tile.last) == (30, 150)
    assert night.minutes == 60


@pytest.mark.parametrize(("day", "hours"), [(TUESDAY, 24), (FORWARD, 23), (BACK, 25)])
def test_a_day_is_as_long_as_it_is(day, hours):
    begins, ends = bounds(day, LONDON)

    assert ends - begins == timedelta(hours=hours)


def test_what_goes_past_midnight_stands_on_both_days():
    night = Block(What.BOOKED, at(TUESDAY, 23, 30), at(TUESDAY + timedelta(days=1), 0, 45))
    (before,) = lay_out(TUESDAY, [night], zone=LONDON).tiles
    (after,) = lay_out(TUESDAY + timedelta(days=1), [night], zone=LONDON).tiles

    assert (before.first, before.last) == (23 * 60 + 30, A_DAY)
    assert (after.first, after.last) == (0, 45)
    assert lay_out(TUESDAY - timedelta(days=1), [night], zone=LONDON).tiles == []


def test_what_meets_stands_beside_and_what_follows_has_the_whole_width():
    blocks = [
        booked(TUESDAY, 9, takes=120, what=What.AWAY),
        booked(TUESDAY, 9, 30),
        booked(TUESDAY, 10, 30),
        booked(TUESDAY, 11),
    ]
    day = lay_out(TUESDAY, blocks, zone=LONDON)

    assert [(t.lane, t.lanes) for t in day.tiles] == [(0, 2), (1, 2), (1, 2), (0, 2)]
    assert [(t.lane, t.lanes) for t in lay_out(TUESDAY, blocks[1:3], zone=LONDON).tiles] == [(0, 1), (0, 1)]


def test_a_few_minutes_are_drawn_long_enough_to_press():
    (tile,) = lay_out(TUESDAY, [booked(TUESDAY, 9, takes=5)], zone=LONDON).tiles

    assert tile.last - tile.first == 15


def test_the_line_of_now_is_on_its_own_day_and_between_the_right_ones():
    blocks = [booked(TUESDAY, 9), booked(TUESDAY, 11)]
    day = lay_out(TUESDAY, blocks, zone=LONDON, now=at(TUESDAY, 10, 5))

    assert (day.now, day.now_before) == (605, 1)
    assert lay_out(TUESDAY + timedelta(days=1), blocks, zone=LONDON, now=at(TUESDAY, 10, 5)).now is None


def test_the_page_is_as_high_as_what_is_on_it_but_leave_does_not_stretch_it():
    early = lay_out(TUESDAY, [booked(TUESDAY, 7, 30)], zone=LONDON, opens=open_from(TUESDAY, 10, 16))
    away = lay_out(TUESDAY, [Block(What.AWAY, *bounds(TUESDAY, LONDON))], zone=LONDON)

    assert hours_shown([early]) == (7, 17)
    assert hours_shown([away]) == (9, 17)


# -- what is free --------------------------------------------------------------------------------


def test_what_is_free_comes_in_hours_with_the_gap_kept():
    found = free(
        open_from(TUESDAY, 9, 13), [booked(TUESDAY, 10)], zone=LONDON, gap=timedelta(minutes=10)
    )  # fmt: skip

    assert said(found) == ["09:00-09:50", "10:55-12:00", "12:00-13:00"]


def test_or_whole():
    found = free(open_from(TUESDAY, 9, 13), [booked(TUESDAY, 10)], zone=LONDON, by_the_hour=False)

    assert said(found) == ["09:00-10:00", "10:45-13:00"]


def test_leave_keeps_no_gap_and_what_is_past_is_not_free():
    away = booked(TUESDAY, 11, takes=60, what=What.AWAY)
    found = free(
        open_from(TUESDAY, 9, 13), [away], zone=LONDON, gap=timedelta(minutes=10), since=at(TUESDAY, 10, 3)
    )  # fmt: skip

    assert said(found) == ["10:05-11:00", "12:00-13:00"]


def test_a_few_minutes_between_two_are_not_offered():
    blocks = [booked(TUESDAY, 9), booked(TUESDAY, 9, 55)]

    assert said(free(open_from(TUESDAY, 9, 11), blocks, zone=LONDON)) == ["10:40-11:00"]


def test_something_can_begin_on_the_quarter_and_then_on_each_half_hour_while_there_is_time_for_it():
    left = [
        booked(TUESDAY, 10, 40, takes=110, what=What.FREE),
        booked(TUESDAY, 16, 5, takes=45, what=What.FREE),
    ]
    begins = [b.astimezone(LONDON) for b in beginnings(left, 45, LONDON)]

    assert [f"{b:%H:%M}" for b in begins] == ["10:45", "11:00", "11:30", "16:05"]


@pytest.mark.parametrize(
    ("day", "free_then"),
    [
        (FORWARD, ["00:00-02:00", "02:00-03:00"]),
        (BACK, ["00:00-01:00", "01:00-01:00", "01:00-02:00", "02:00-03:00"]),
    ],
    ids=["forward", "back"],
)  # fmt: skip
def test_a_night_on_which_the_clocks_change_is_as_long_as_it_is(day, free_then):
    assert said(free([(at(day, 0), at(day, 3))], [], zone=LONDON)) == free_then


@given(
    taken=some.lists(
        some.tuples(some.integers(0, 25 * 60), some.integers(5, 300), some.sampled_from(list(What)[:-1])),
        max_size=8,
    ),
    day=some.sampled_from([TUESDAY, FORWARD, BACK]),
    gap=some.integers(0, 30),
)
def test_whatever_is_in_it_nothing_free_meets_what_is_taken_and_no_two_tiles_are_one(taken, day, gap):
    begins, ends = bounds(day, LONDON)
    blocks = [
        Block(what, begins + timedelta(minutes=start), begins + timedelta(minutes=start + takes))
        for start, takes, what in taken
    ]
    left = free([(begins, ends)], blocks, zone=LONDON, gap=timedelta(minutes=gap))
    laid = lay_out(day, [*blocks, *left], zone=LONDON)

    for one in left:
        assert begins <= one.starts_at < one.ends_at <= ends
        assert not any(b.starts_at < one.ends_at and one.starts_at < b.ends_at for b in blocks)
    here = [b for b in blocks if b.starts_at < ends]
    assert len(laid.tiles) == len(here) + len(left)
    for n, tile in enumerate(laid.tiles):
        assert 0 <= tile.first < tile.last <= A_DAY
        assert tile.lane < tile.lanes
        for other in laid.tiles[n + 1 :]:
            meets = tile.first < other.last and other.first < tile.last
            assert not meets or tile.lane != other.lane
