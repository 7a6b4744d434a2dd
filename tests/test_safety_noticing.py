"""What is noticed in what people say: whose danger it is, how soon, and what means nothing of the kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.noticing import Level, languages, notice, notice_together, reason
from tests.support import labelled

MESSAGES = labelled.everything()
OPEN = [m for m in MESSAGES if not m.held_back]
HELD_BACK = [m for m in MESSAGES if m.held_back]

#: What is reached, as floors: (open half, held-back half). Raise them with the patterns, never lower them.
RECALL = {
    ("en", "explicit"): (0.99, 0.94),
    ("en", "implicit"): (0.98, 0.89),
    ("en", "third-person"): (1.00, 0.88),
    ("en", "misspelt"): (1.00, 0.83),
    ("cy", "explicit"): (1.00, 1.00),
    ("cy", "implicit"): (1.00, 0.95),
    ("cy", "third-person"): (1.00, 1.00),
    ("cy", "misspelt"): (1.00, 1.00),
}
#: And as ceilings: everyday messages here were chosen to hold dangerous words.
FALSE_ALARMS = {
    ("en", "idiom"): (0.00, 0.03),
    ("en", "everyday"): (0.00, 0.04),
    ("en", "academic"): (0.00, 0.12),
    ("en", "negation"): (0.00, 0.08),
    ("en", "recovery"): (0.00, 0.10),
    ("en", "low-mood"): (0.00, 0.00),
    ("cy", "idiom"): (0.00, 0.00),
    ("cy", "everyday"): (0.00, 0.04),
    ("cy", "academic"): (0.00, 0.00),
    ("cy", "negation"): (0.00, 0.00),
    ("cy", "recovery"): (0.00, 0.00),
    ("cy", "low-mood"): (0.00, 0.00),
}


def level(text: str) -> Level | None:
    noticed = notice(text)
    return noticed.level if noticed else None


# Over the labelled set


def test_there_are_messages_enough_to_say_anything():
    counts = {
        (lang, risky): sum(m.lang == lang and m.risky is risky for m in MESSAGES)
        for lang in ("en", "cy")
        for risky in (True, False)
    }
    assert counts["en", True] >= 500 and counts["en", False] >= 250
    assert counts["cy", True] + counts["cy", False] >= 200
    assert sum(m.category == "low-mood" for m in MESSAGES) >= 60
    assert len({m.text for m in MESSAGES}) == len(MESSAGES), "the same message twice"


@pytest.mark.parametrize(("lang", "tier"), RECALL)
def test_danger_is_noticed(lang, tier, record_property):
    for half, messages, floor in zip(
        ("open", "held back"), (OPEN, HELD_BACK), RECALL[lang, tier], strict=True
    ):
        mine = [m for m in messages if m.lang == lang and m.risky and m.tier == tier]
        found = labelled.share(mine)
        record_property(half, f"{found:.1%} of {len(mine)}")
        assert found >= floor, f"{half}: {found:.1%} of {len(mine)} {tier} messages in {lang}"


@pytest.mark.parametrize(("lang", "category"), FALSE_ALARMS)
def test_few_alarms_are_false(lang, category, record_property):
    limits = FALSE_ALARMS[lang, category]
    for half, messages, most in zip(("open", "held back"), (OPEN, HELD_BACK), limits, strict=True):
        mine = [m for m in messages if m.lang == lang and not m.risky and m.category == category]
        found = labelled.share(mine)
        record_property(half, f"{found:.1%} of {len(mine)}")
        assert found <= most, f"{half}: {found:.1%} of {len(mine)} {category} messages in {lang}"


def test_explicit_danger_over_the_whole_set():
    """The aims set for this lane: 95% of what is said openly, 85% of what is said sideways."""
    for tier, aim in (("explicit", 0.95), ("implicit", 0.85)):
        assert labelled.share(m for m in MESSAGES if m.risky and m.tier == tier) >= aim


# How soon


@pytest.mark.parametrize(
    "text",
    [
        "I've taken all my tablets",
        "I'm going to kill myself tonight",
        "I'm standing on the edge of the bridge",
        "he's got a knife",
        "my mum won't wake up",
        "dwi wedi cymryd gorddos",
    ],
)
def test_danger_that_is_happening_is_danger_now(text):
    assert level(text) is Level.DANGER_NOW


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I want to die", Level.RISK),
        ("I've been cutting myself", Level.RISK),
        ("I haven't eaten for three days", Level.RISK),
        ("my husband hits me", Level.ABUSE),
        ("he won't let me have my phone", Level.ABUSE),
        ("I feel hopeless", Level.WORRY),
        ("dwi isio marw", Level.RISK),
        ("mae fy ngŵr yn fy nharo", Level.ABUSE),
        ("dwi'n teimlo'n isel", Level.WORRY),
        ("I'd like to join the choir", None),
        ("dwi isio ymuno â chôr", None),
    ],
)
def test_each_level(text, said):
    assert level(text) is said


def test_the_worst_of_several_comes_first():
    noticed = notice("I feel so low. My husband hits me. I've taken an overdose.")
    assert noticed.level is Level.DANGER_NOW
    assert noticed.category == "means"
    assert noticed.why[0] == "means.taken"
    assert "abuse.hurts" in noticed.why and "worry.low" in noticed.why


def test_levels_rank_for_the_queue_and_say_whom_to_call():
    assert sorted(Level, key=lambda at: at.rank, reverse=True) == [
        Level.DANGER_NOW, Level.RISK, Level.ABUSE, Level.WORRY,
    ]  # fmt: skip
    assert [at.pages for at in (Level.DANGER_NOW, Level.RISK, Level.ABUSE, Level.WORRY)] == [1, 1, 1, 0]


# Whose danger


@pytest.mark.parametrize(
    ("text", "about_self"),
    [
        ("I want to die", True),
        ("want to die", True),
        ("my brother says he wants to die", False),
        ("my daughter is cutting herself", False),
        ("my mum doesn't know I want to die", True),
        ("he makes me want to die", True),
        ("a friend of mine is suicidal", False),
        ("mae fy mrawd eisiau marw", False),
    ],
)
def test_whose_danger_it_is(text, about_self):
    assert notice(text).about_self is about_self


# Taken back, over, or never meant


@pytest.mark.parametrize(
    "text",
    ["I'm not suicidal", "I am not suicidal any more", "I'd never hurt myself", "no thoughts of suicide"],
)
def test_what_is_denied_is_a_gentle_worry_at_most(text):
    noticed = notice(text)
    assert noticed is None or (noticed.level is Level.WORRY and noticed.is_over)


@pytest.mark.parametrize(
    "text",
    [
        "I am not suicidal anymore, however tonight I can't stop thinking about it",
        "I'm not suicidal but tonight I'm scared of what I might do",
        "I don't want to kill myself but I keep having thoughts of it",
        "I can't promise I won't kill myself",
        "I feel suicidal, I don't want help any more",
        "give me one reason not to kill myself",
        "I used to cut myself and I've started again",
        "I was suicidal years ago and it's come back",
    ],
)
def test_a_denial_that_does_not_hold_is_risk(text):
    assert notice(text).level.pages


def test_can_not_stop_is_no_denial():
    assert level("I can't stop thinking about killing myself") is Level.RISK


@pytest.mark.parametrize(
    "text",
    [
        "this bus is killing me",
        "dying for a cuppa",
        "watched a film about suicide",
        "reading a book where the main character kills himself",
        "he beat me at dominoes",
        "dwi'n marw isio paned",
    ],
)
def test_ways_of_speaking_and_stories_are_let_be(text):
    assert notice(text) is None


def test_an_idiom_beside_danger_hides_nothing():
    assert level("this bus is killing me. honestly I want to die") is Level.RISK


def test_a_film_someone_watched_hides_nothing_of_their_own():
    assert level("I watched a film and now I want to kill myself") is Level.RISK


# However it is typed


@pytest.mark.parametrize(
    "text",
    [
        "k1ll myself", "k i l l  m y s e l f", "k.i.l.l myself", "ki\u200bll my\u200bself", "KILL MYSELF!!!",
        "\uff4b\uff49\uff4c\uff4c myself", "k\u0456ll myself", "killmyself", "kiiiill myself", "kil my self",
        "su1c1dal", "suic\u00eddal", "s*icidal", "sucidal", "i wanna dieeee", "kms", "i want 2 die",
        "i\u2019m suicidal",
        "a cannae go on", "dnt wnt 2 b here nemore", "gonnae kill masel",
        "dwisio marw", "dwi isho marw", "dwi'n teimlo'n hunanladdol", "DWI EISIAU MARW",
    ],
)  # fmt: skip
def test_it_is_heard_however_it_is_typed(text):
    assert notice(text) is not None and notice(text).level.pages


def test_welsh_mixed_with_english_is_heard():
    assert level("dwi isio kill myself") is Level.RISK
    assert level("dwi'n suicidal") is Level.RISK


# Over several messages


def test_words_split_over_messages_are_heard():
    assert notice("i want to") is None
    assert notice_together(["i want to", "die"]).level is Level.RISK
    assert notice_together(["k", "m", "s"]).level is Level.RISK


def test_what_was_noticed_before_is_not_noticed_again():
    assert notice_together(["I want to die", "can you change my appointment"]) is None
    assert notice_together(["I want to die", "I've taken pills, all of them"]).level is Level.DANGER_NOW
    assert notice_together([]) is None


# What staff read


def test_every_reason_is_plain_and_none_holds_what_was_said():
    for language in languages():
        for pattern in language.reasons:
            assert 10 < len(reason(pattern)) < 80
    noticed = notice("my husband hits me and I want to die")
    assert all(reason(why) for why in noticed.why)
    with pytest.raises(KeyError):
        reason("no.such-pattern")


def test_every_phrase_can_be_made():
    """Each is a regex that compiles; they are otherwise made when first worth trying."""
    for language in languages():
        language.compile()


# Anything at all


@given(st.text(max_size=300))
def test_nothing_anyone_can_type_breaks_it(text):
    noticed = notice(text)
    assert noticed is None or noticed.why


@given(st.text(alphabet="kilmysef *.-'!1 \n", max_size=120))
def test_nor_anything_nearly_a_word(text):
    notice(text)


@pytest.mark.parametrize(
    "piece", ["!", "k i l l ", "k*", "i want to ", "aaaa", "he he ", "'", "\u0301", "not "]
)
def test_a_very_long_message_is_read_to_its_end(piece):
    long = (piece * 4000)[:3900]
    assert notice(f"{long}. I want to die").level.pages
