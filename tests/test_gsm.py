"""What a text costs, and words folded, cut and split to fit one."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.words import gsm

anything = st.text(st.characters(), max_size=400)
words_in_gsm = st.text(st.sampled_from(sorted(gsm.BASIC | gsm.EXTENSION)), max_size=700)


def graphemes(text: str) -> list[str]:
    return regex.findall(r"\X", text)


def test_the_alphabet_is_the_published_one():
    # 3GPP TS 23.038, written out here by hand
    assert (
        set(
            "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
            "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
        )
        == gsm.BASIC
    )
    assert set("^{}\\[~]|€\f") == gsm.EXTENSION


@pytest.mark.parametrize("letter", "âêîôûŵŷáíóúýëïÿąćęłńśźżășțãçõ’“”–—…•`\u00a0")
def test_what_switches_a_whole_text_to_the_dear_alphabet(letter):
    assert not gsm.is_gsm(f"Hello {letter}")
    assert gsm.segments("x" * 69 + letter) == 1
    assert gsm.segments("x" * 70 + letter) == 2


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 1),
        ("Hello", 5, 1),
        ("x" * 160, 160, 1),
        ("x" * 161, 161, 2),
        ("x" * 306, 306, 2),
        ("x" * 307, 307, 3),
        ("x" * 459, 459, 3),
        ("x" * 460, 460, 4),
        ("€" * 80, 160, 1),
        ("€" * 80 + "x", 161, 2),
        # Two septets never part: the first of these has no room for the 77th pair.
        ("€" * 153, 306, 3),
        ("x" * 152 + "€" + "x" * 151, 305, 2),
        ("x" * 152 + "€" + "x" * 152, 306, 3),
        ("ŵ" * 70, 70, 1),
        ("ŵ" * 71, 71, 2),
        ("ŵ" * 134, 134, 2),
        ("ŵ" * 135, 135, 3),
        ("😀", 2, 1),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        # Nor does an emoji: 33 in a part of 67.
        ("😀" * 66, 132, 2),
        ("😀" * 67, 134, 3),
        ("سلام", 4, 1),
    ],
)
def test_how_long_a_text_is(text, units, segments):
    assert gsm.units(text) == units
    assert gsm.segments(text) == segments


@given(words_in_gsm)
def test_parts_are_enough_and_never_more_than_one_too_many_units_each(text):
    units, parts = gsm.units(text), gsm.segments(text)
    assert units <= (160 if parts == 1 else 153 * parts)
    assert parts == 1 or units > 152 * (parts - 1)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("I’m “fine” – really…", 'I\'m "fine" - really...'),
        ("Dwi’n byw mewn tŷ hŷn, diolch yn fawr", "Dwi'n byw mewn ty hyn, diolch yn fawr"),
        ("Łukasz Żółć, Ștefan, Müller, Zoë", "Lukasz Zolc, Stefan, Müller, Zoe"),
        ("garçon, Ça va à côté, señor", "garcon, Ça va à coté, señor"),
        ("cafe\u0301 and a\u0302", "café and a"),
        ("ﬁne ½ № ① Ｈｉ", "fine 1/2 No 1 Hi"),
        ("no\u00a0break\u2009thin\ttab", "no break thin tab"),
        ("lonely 😢😢 and cold 👩‍👩‍👧 today", "lonely and cold today"),
        ("👍🏽", ""),
        ("🏴󠁧󠁢󠁷󠁬󠁳󠁿 Cymru 🇬🇧", " Cymru "),
        ("سلام", "????"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("[€5] ~ {ok}", "[€5] ~ {ok}"),
        ("zero\u200bwidth\ufeff\x00\ud800", "zerowidth"),
        ("20°C", "20C"),
    ],
)
def test_own_words_are_folded(written, folded):
    assert gsm.fold(written) == folded


@given(anything | st.text(st.characters(categories=["Cs", "Cn", "Co", "So", "Mn"])))
def test_anything_at_all_can_be_folded_and_folding_twice_changes_nothing(text):
    folded = gsm.fold(text)
    assert gsm.is_gsm(folded)
    assert gsm.fold(folded) == folded


def test_a_text_keeps_its_accents_where_they_cost_nothing():
    short, long = "Diolch. Sut mae'r tŷ?", "Diolch yn fawr. Sut mae'r tŷ? " * 4

    assert gsm.cheapest(short) == short
    assert gsm.cheapest(long) == long.replace("ŷ", "y")


def test_a_text_in_another_script_is_never_turned_into_question_marks():
    text = "السلام عليكم " * 12
    assert gsm.cheapest(text) == text


@given(anything)
def test_the_cheapest_spelling_never_costs_more(text):
    assert gsm.segments(gsm.cheapest(text)) <= gsm.segments(text)


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("I am lonely", 60, "I am lonely"),
        ("I am lonely since he died", 20, "I am lonely since..."),
        ("I am lonely since he died", 19, "I am lonely..."),
        ("I am lonely, since he died", 15, "I am lonely..."),
        ("two\nlines  and\tmore", 60, "two lines and more"),
        ("Llanfairpwllgwyngyll", 10, "Llanfai..."),
        ("abc", 3, "abc"),
        ("abcd", 3, "..."),
        ("", 5, ""),
        ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 9, "👩‍👩‍👧..."),
    ],
)
def test_own_words_are_cut_between_words(text, limit, shown):
    assert gsm.cut(text, limit) == shown


@given(anything, st.integers(0, 80))
def test_a_cut_is_never_too_long_nor_inside_a_character(text, limit):
    shown = gsm.cut(text, limit)
    assert len(shown) <= limit
    whole = " ".join(text.split())
    if shown != whole and len(shown) > 3:
        kept = shown.removesuffix("...")
        assert shown.endswith("...") and whole.startswith(kept)
        assert graphemes(whole)[: len(graphemes(kept))] == graphemes(kept)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        ("   \n ", 10, []),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 100, ["one two three"]),
        ("one\n\ntwo three", 8, ["one\n\ntwo", "three"]),
        ("a abcdefghij b", 4, ["a", "abcd", "efgh", "ij b"]),
        ("👩‍👩‍👧👩‍👩‍👧", 8, ["👩‍👩‍👧", "👩‍👩‍👧"]),
    ],
)
def test_a_long_message_is_split_between_words(text, limit, parts):
    assert gsm.split(text, limit) == parts


seen_characters = st.sampled_from(["a", "b", " ", "\n", "€", "ŵ", "😀", "e\u0301", "👩‍👧", "क्षि"])


@given(st.lists(seen_characters, max_size=200).map("".join), st.integers(20, 70))
def test_split_words_join_back_and_no_character_is_parted(text, limit):
    parts = gsm.split(text, limit)

    assert all(part and len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
    if all(len(word.encode("utf-16-le")) // 2 <= limit for word in text.split()):
        assert " ".join(parts).split() == text.split()
    seen = [g for part in parts for g in graphemes(part) if not g.isspace()]
    assert seen == [g for word in text.split() for g in graphemes(word)]


@given(anything, st.integers(2, 40))
def test_no_text_at_all_breaks_the_split(text, limit):
    parts = gsm.split(text, limit)
    assert all(part and len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
