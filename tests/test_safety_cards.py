"""The cards: the right numbers for each nation and none that is wrong, who reads it, and short enough."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.messages import ChannelName
from bot.safety.cards import NATIONS, card
from bot.safety.noticing import Level, Noticed
from bot.words import gsm
from bot.words.prompts import Prompts

ROOT = Path(__file__).parents[1]
PROMPTS = Prompts(ROOT / "templates" / "prompts", ROOT / "locales")
LANGUAGES = PROMPTS.languages.offered
ELSEWHERE = "jersey"  # none of the four

#: Lines that are one nation's own.
ABUSE = {
    "england": "0808 2000 247",
    "wales": "0808 80 10 800",
    "scotland": "0800 027 1234",
    "northern-ireland": "0808 802 1414",
}
LIFELINE, SAMARITANS, CHILDLINE, SHOUT = "0808 808 8000", "116 123", "0800 1111", "85258"
#: Every number a card may hold. Any other would be a slip.
KNOWN = {
    *ABUSE.values(), LIFELINE, SAMARITANS, CHILDLINE, SHOUT, "999", "111", "2", "55", "18000",
    "01632 960003", "01632 960004", "9", "24",
}  # fmt: skip

SERVICE = SimpleNamespace(
    opens="9am Monday",
    urgent_food="Ashby Food Bank 01632 960003",
    homelessness="Ashby Council 01632 960004",
)

SUICIDE = Noticed(Level.RISK, "suicide", True, ("suicide.wants-to-die",))
SELF_HARM = Noticed(Level.RISK, "self-harm", True, ("self-harm.hurts-self",))
THEIR_SON = Noticed(Level.RISK, "suicide", False, ("suicide.wants-to-die",))
TAKEN = Noticed(Level.DANGER_NOW, "means", True, ("means.taken",))
ATTACKED = Noticed(Level.DANGER_NOW, "emergency", True, ("emergency.attack",))
HIT = Noticed(Level.ABUSE, "abuse", True, ("abuse.hurts",))
MAY_HURT = Noticed(Level.RISK, "harm-to-others", True, ("harm-to-others.might",))
HUNGRY = Noticed(Level.RISK, "neglect", True, ("neglect.tonight",))
LOW = Noticed(Level.WORRY, "worry", True, ("worry.low",))
OVER = Noticed(Level.WORRY, "worry", True, ("worry.past",))

EVERYTHING = (SUICIDE, SELF_HARM, THEIR_SON, TAKEN, ATTACKED, HIT, MAY_HURT, HUNGRY, LOW, OVER)


def says(
    noticed: Noticed,
    nation: str | None = "england",
    *,
    deployer: str = "england",
    is_open: bool = True,
    young: bool = False,
    language: str = "en",
    channel: ChannelName = ChannelName.SMS,
) -> str:
    key = card(
        noticed, nation=nation, deployer_nation=deployer, is_open=is_open, under_age=young, channel=channel
    )
    return PROMPTS.say(key, language, channel=channel, service=SERVICE)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d ]*\d|\d", text))


every_nation = pytest.mark.parametrize("nation", [*NATIONS, ELSEWHERE])
each_language = pytest.mark.parametrize("language", LANGUAGES)
day_and_night = pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])


@each_language
@day_and_night
@pytest.mark.parametrize("nation", ["england", "wales", "scotland"])
def test_someone_suicidal_hears_999_111_and_samaritans(nation, is_open, language):
    text = says(SUICIDE, nation, is_open=is_open, language=language)
    assert {"999", "111", SAMARITANS, SHOUT} <= numbers(text)
    assert LIFELINE not in text


@each_language
@day_and_night
def test_in_northern_ireland_it_is_lifeline_and_never_111(is_open, language):
    text = says(SUICIDE, "northern-ireland", is_open=is_open, language=language)
    assert {"999", LIFELINE, SAMARITANS} <= numbers(text)
    for noticed, young in itertools.product(EVERYTHING, [True, False]):
        said = says(noticed, "northern-ireland", is_open=is_open, young=young, language=language)
        assert "111" not in numbers(said), said


@each_language
@day_and_night
def test_outside_the_four_nations_only_what_works_all_over_the_uk(is_open, language):
    for noticed, young in itertools.product(EVERYTHING, [True, False]):
        said = numbers(says(noticed, ELSEWHERE, is_open=is_open, young=young, language=language))
        assert not said & {*ABUSE.values(), LIFELINE, "111"}, said
        assert "999" in said or noticed.level is Level.WORRY


def test_until_their_nation_is_known_it_is_the_deployers():
    assert says(SUICIDE, None, deployer="northern-ireland") == says(SUICIDE, "northern-ireland")
    assert says(SUICIDE, "scotland", deployer="northern-ireland") == says(SUICIDE, "scotland")


@each_language
@day_and_night
@pytest.mark.parametrize("nation", NATIONS)
def test_the_abuse_line_is_their_own_nations_and_no_other(nation, is_open, language):
    said = numbers(says(HIT, nation, is_open=is_open, language=language))
    assert {"999", "55", ABUSE[nation]} <= said
    assert not said & (set(ABUSE.values()) - {ABUSE[nation]})


@each_language
@day_and_night
@every_nation
@pytest.mark.parametrize("noticed", [HIT, ATTACKED], ids=["abuse", "attack"])
@pytest.mark.parametrize("young", [True, False])
def test_what_others_may_read_names_no_service_and_no_reason(noticed, nation, is_open, young, language):
    text = says(noticed, nation, is_open=is_open, young=young, language=language).lower()
    for word in (
        "abuse", "violen", "refuge", "samaritan", "childline", "women", "live fear free", "hit", "hurt",
        "husband", "partner", "domestic", "safeguard", "shout", "suicid", "trais", "cam-drin",
    ):  # fmt: skip
        assert word not in text, word


@each_language
@day_and_night
def test_someone_under_age_is_given_childline(is_open, language):
    assert CHILDLINE in says(SUICIDE, is_open=is_open, young=True, language=language)
    assert CHILDLINE in says(HIT, is_open=is_open, young=True, language=language)


@day_and_night
@every_nation
@pytest.mark.parametrize("noticed", EVERYTHING, ids=lambda n: f"{n.level}-{n.category}-{n.about_self}")
@pytest.mark.parametrize("young", [True, False], ids=["young", "of-age"])
@each_language
def test_every_card_has_only_known_numbers_and_fits(noticed, nation, is_open, young, language):
    text = says(noticed, nation, is_open=is_open, young=young, language=language)
    assert numbers(text) <= KNOWN
    assert gsm.segments(text) <= 3
    assert gsm.is_gsm(text)


@day_and_night
@every_nation
@pytest.mark.parametrize("noticed", EVERYTHING, ids=lambda n: f"{n.level}-{n.category}-{n.about_self}")
def test_every_card_says_it_is_a_computer_and_who_reads_it(noticed, nation, is_open):
    text = says(noticed, nation, is_open=is_open)
    assert "computer" in text
    assert re.search(r"team|person|we are closed", text, re.I)
    if noticed.level.pages:
        assert ("9am Monday" in text) is not is_open, "closed says when it is read; open does not"
        assert ("now" in text) if is_open else True
    assert "has been told" not in text, "true only once a person has acknowledged it"


@every_nation
@day_and_night
def test_most_crisis_cards_take_two_texts(nation, is_open):
    assert gsm.segments(says(SUICIDE, nation, is_open=is_open)) <= 2
    assert gsm.segments(says(HIT, nation, is_open=is_open)) <= 2
    assert gsm.segments(says(TAKEN, nation, is_open=is_open)) <= 2


def test_danger_now_says_999_first():
    for noticed in (TAKEN, ATTACKED):
        assert says(noticed).startswith("Please call 999 now")


def test_a_worry_about_someone_else_is_answered_as_one():
    text = says(THEIR_SON)
    assert "worried about someone" in text
    assert "PERSON" in text


def test_no_food_tonight_gives_the_operators_own_lines():
    assert {"01632 960003", "01632 960004"} <= numbers(says(HUNGRY))


def test_no_food_tonight_says_nothing_of_lines_nobody_set():
    key = card(HUNGRY, nation=None, deployer_nation="wales", is_open=True, under_age=False, channel="sms")
    unset = SimpleNamespace(opens="9am Monday", urgent_food="", homelessness="")
    text = PROMPTS.say(key, "en", channel="sms", service=unset)
    assert "Food or heat" not in text and "A bed" not in text
    assert "999" in text


def test_someone_who_says_it_is_over_is_not_given_a_crisis_card():
    text = says(OVER)
    assert SAMARITANS in text and "PERSON" in text
    assert "111" not in numbers(text)


def test_each_nation_gives_another_card():
    keys = {
        (nation, is_open): card(
            SUICIDE, nation=nation, deployer_nation="england", is_open=is_open, under_age=False, channel="web"
        )
        for nation in [*NATIONS, ELSEWHERE]
        for is_open in (True, False)
    }
    assert len(set(keys.values())) == len(keys)
    assert keys["england", False] == "safety.crisis_england_closed"


def test_every_card_there_is_can_be_reached():
    reached = {
        card(
            Noticed(level, category, about_self, (why,)),
            nation=nation, deployer_nation="england", is_open=is_open, under_age=young, channel="sms",
        )
        for level in Level
        for category, why in [
            ("suicide", "suicide.suicidal"), ("neglect", "neglect.tonight"), ("emergency", "emergency.body"),
            ("harm-to-others", "harm-to-others.might"), ("worry", "worry.past"), ("worry", "worry.low"),
        ]
        for nation in [*NATIONS, ELSEWHERE]
        for about_self, is_open, young in itertools.product([True, False], repeat=3)
    }  # fmt: skip
    written = {key for key in PROMPTS.keys() if key.startswith("safety.")}  # noqa: SIM118 - no mapping
    assert written - reached == {"safety.unreadable"}
    assert reached <= written
