"""Languages, sentences and dates, as people meet them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from bot.clock import SetClock
from bot.words import catalogue, gsm
from bot.words.languages import END_ISOLATE, ISOLATE, Languages, isolate_numbers
from bot.words.prompts import Prompts, lines, numbered

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages.load(ROOT / "locales")


# Which language


@pytest.mark.parametrize(
    ("hint", "language"),
    [
        ("cy", "cy"),
        ("cy-GB", "cy"),
        ("CY_gb", "cy"),
        ("en-GB", "en"),
        ("cy-GB,cy;q=0.9,en-GB;q=0.8", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en"),
        ("fr;q=0.9, cy;q=0.5, en;q=0.4", "cy"),
        ("cy;q=0, en", "en"),
        ("zh-Hans-CN", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
        (";;q=x,,--", "en"),
    ],
)
def test_someone_is_greeted_in_the_language_their_app_or_browser_names(languages, hint, language):
    assert languages.best(hint) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("HELLO", "en"),
        ("hi there", "en"),
        ("Helo", "cy"),
        ("SHWMAE!", "cy"),
        ("S'mae", "cy"),
        ("s’mae pawb", "cy"),
        ("Smae", "cy"),
        ("Prynhawn da, Siân sydd yma", "cy"),
        ("prynhawn", None),
        ("I am cold", None),
        ("", None),
        ("👋", None),
    ],
)
def test_someone_is_answered_in_the_language_of_their_first_word(languages, text, language):
    assert languages.by_first_word(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Cymraeg", "cy"),
        ("in Welsh please", "cy"),
        ("yn Gymraeg plis", "cy"),
        ("cy", "cy"),
        ("ENGLISH.", "en"),
        ("Saesneg", "en"),
        ("I had a Welsh teacher", None),
        ("", None),
    ],
)
def test_someone_names_a_language(languages, text, language):
    assert languages.named(text) == language


def test_each_language_is_called_what_its_speakers_call_it(languages):
    assert languages.offered == ("en", "cy")
    assert [languages.name(code) for code in languages.offered] == ["English", "Cymraeg"]
    assert languages.direction("cy") == "ltr"


def test_an_unreviewed_translation_says_so(languages):
    welsh = next(language for language in languages if language.code == "cy")
    assert not welsh.reviewed
    assert "unreviewed machine translation" in welsh.note.lower()
    po = catalogue.po_path(ROOT / "locales", "cy").read_text("utf-8")
    assert "UNREVIEWED MACHINE TRANSLATION" in po[:400]


OFFERED = """
[en]
name = "English"
direction = "ltr"
also = []
first_words = ["hello"]
safety_words = true
reviewed = true
[ur]
name = "اردو"
direction = "rtl"
also = ["urdu"]
first_words = ["salam"]
safety_words = {safe}
reviewed = false
"""


def test_a_language_without_its_words_about_safety_is_not_offered(tmp_path):
    (tmp_path / "offered.toml").write_text(OFFERED.format(safe="false"), "utf-8")
    assert Languages.load(tmp_path).offered == ("en",)
    assert Languages.load(tmp_path).best("ur") == "en"


def test_the_operator_offers_fewer_languages(languages):
    assert Languages.load(ROOT / "locales", only=["cy"]).offered == ("en", "cy")
    assert Languages.load(ROOT / "locales", only=["en"]).offered == ("en",)
    with pytest.raises(ValueError, match="xx"):
        Languages.load(ROOT / "locales", only=["xx"])


def test_one_word_cannot_mean_two_languages(tmp_path):
    (tmp_path / "offered.toml").write_text(OFFERED.format(safe="true").replace("salam", "Hello"), "utf-8")
    with pytest.raises(ValueError, match="means both en and ur"):
        Languages.load(tmp_path)


def test_numbers_stay_whole_in_right_to_left_words():
    def isolated(text):
        return isolate_numbers(text, "rtl").replace(ISOLATE, "<").replace(END_ISOLATE, ">")

    assert isolated("فون 0808 2000 247، یا 111") == "فون <0808 2000 247>، یا <111>"
    assert (
        isolated("(01632) 960001, +44 7700 900123, (9.30)") == "<(01632) 960001>, <+44 7700 900123>, (<9.30>)"
    )
    assert isolate_numbers("call 111", "ltr") == "call 111"


# What is said

BOOK = """
{% block plain %}
{% trans trimmed %}
Two lines
of one message. Open 24/7.
/ A new line
{% endtrans %}
{% endblock %}

{% block ask %}
{% trans name=person.name, words=answers.words|quoted %}
Thanks, {{ name }}. You said "{{ words }}". 100%?
{% endtrans %}
{% if answers.more %}{% trans %}And more.{% endtrans %}{% endif %}
{% endblock %}
{% block ask__yes %}{% trans "ask" %}Yes{% endtrans %}{% endblock %}
{% block ask__no %}{% trans "ask" %}No{% endtrans %}{% endblock %}
{% block on_sms__ask__no %}{% trans "ask, short" %}N{% endtrans %}{% endblock %}
{% block words__ask__yes %}{% trans "words: ask yes" %}Go On, fine{% endtrans %}{% endblock %}
{% block words__ask__no %}-{% endblock %}

{% block second %}{% trans %}First go{% endtrans %}{% endblock %}
{% block on_sms__second %}{% trans %}First go, short{% endtrans %}{% endblock %}
{% block second_try__second %}{% trans %}In other words{% endtrans %}{% endblock %}
{% block on_sms__second_try__second %}{% trans %}Other, short{% endtrans %}{% endblock %}
{% block asked_again__second %}{% trans %}Again{% endtrans %}{% endblock %}

{% block when %}{% trans at=found.at|moment %}By {{ at }}.{% endtrans %}{% endblock %}
{% block house %}{% trans %}A house{% endtrans %}{% endblock %}
"""

WELSH = {
    "Two lines of one message. Open 24/7. / A new line": "Dwy linell. 24/7. / Llinell newydd",
    'Thanks, %(name)s. You said "%(words)s". 100%%?': 'Diolch, %(name)s. "%(words)s". 100%%?',
    "And more.": "A mwy.",
    ("ask", "Yes"): "Ie",
    ("words: ask yes", "Go On, fine"): "iawn, siŵr",
    "In other words": "Mewn geiriau eraill",
    "By %(at)s.": "Erbyn %(at)s.",
    "A house": "Tŷ",
}


@pytest.fixture
def book(tmp_path) -> Prompts:
    """A small prompts file, and a Welsh translation with gaps."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "try.txt").write_text(BOOK, "utf-8")
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "offered.toml").write_bytes((ROOT / "locales" / "offered.toml").read_bytes())
    written = catalogue.Catalog(locale="cy")
    for key, string in WELSH.items():
        context, sentence = key if isinstance(key, tuple) else (None, key)
        written.add(sentence, string, context=context)
    catalogue.write(catalogue.po_path(tmp_path / "locales", "cy"), written)
    return Prompts(tmp_path / "prompts", tmp_path / "locales", clock=SetClock(NOW))


def values(words="hello", name="Ray", more=False):
    return {"person": SimpleNamespace(name=name), "answers": {"words": words, "more": more}}


def test_written_lines_are_joined_and_a_slash_ends_a_line(book):
    assert book.say("try.plain", "en") == "Two lines of one message. Open 24/7.\nA new line"
    assert book.say("try.plain", "cy") == "Dwy linell. 24/7.\nLlinell newydd"
    assert lines("a / b") == "a\nb" and lines("24/7 and/or") == "24/7 and/or"


def test_what_a_person_wrote_is_never_taken_for_ours(book):
    said = book.say("try.ask", "en", **values("one / two {{ name }} %s %(name)s <b>", name="A / B"))
    assert said == 'Thanks, A / B. You said "one / two {{ name }} %s %(name)s <b>". 100%?'


def test_own_words_are_short_in_a_text_and_longer_elsewhere(book):
    long = "I’m lonely and the flat is cold and I do not know who to ask about any of it at all"

    text = book.say("try.ask", "en", channel="sms", **values(long))
    assert (
        text == 'Thanks, Ray. You said "I\'m lonely and the flat is cold and I do not know who to...". 100%?'
    )
    assert gsm.is_gsm(text)
    assert long in book.say("try.ask", "en", channel="telegram", **values(long))


def test_a_sentence_may_be_left_out(book):
    assert book.say("try.ask", "en", **values(more=True)).endswith("100%? And more.")


def test_a_missing_translation_makes_the_whole_question_english_with_its_labels(book):
    # "No" of this question is not translated, though the rest is
    assert book.say("try.ask", "cy", **values()).startswith("Thanks, Ray.")
    assert book.label("try.ask", "yes", "cy") == "Yes"
    assert (None, "First go") in book.untranslated("cy")["try.second"]
    # and so all the ways of asking it
    assert book.say("try.second", "cy", variant="second_try") == "In other words"


@pytest.mark.parametrize(
    ("channel", "variant", "said"),
    [
        (None, None, "First go"),
        ("telegram", "second_try", "In other words"),
        ("sms", None, "First go, short"),
        ("sms", "second_try", "Other, short"),
        ("sms", "asked_again", "Again"),
        ("whatsapp", "asked_again", "Again"),
    ],
)
def test_the_nearest_way_of_asking_that_was_written_is_said(book, channel, variant, said):
    assert book.say("try.second", "en", channel=channel, variant=variant) == said


def test_what_was_not_written_falls_back(book):
    assert book.say("try.plain", "en", variant="asked_again", channel="sms").startswith("Two lines")
    assert book.has("try.second", "second_try") and not book.has("try.plain", "second_try")
    assert not book.has("try.nothing") and not book.has("nothing.at_all")


def test_a_question_never_asked_is_no_answer_and_cannot_be_said(book):
    given = values()
    given["answers"] = {"words": "hello"}  # `more` was never asked
    assert book.say("try.ask", "en", **given) == 'Thanks, Ray. You said "hello". 100%?'
    with pytest.raises(UndefinedError):
        book.say("try.ask", "en", **(given | {"answers": {}}))


def test_where_others_may_read_it_a_question_has_a_discreet_form(tmp_path, book):
    said = "{% block ask %}{% trans words=answers.words %}You said {{ words }}?{% endtrans %}{% endblock %}"
    discreet = "{% block discreet__ask %}{% trans %}Is that right?{% endtrans %}{% endblock %}"
    (tmp_path / "prompts" / "shared.txt").write_text(said + discreet, "utf-8")
    prompts = Prompts(tmp_path / "prompts", tmp_path / "locales")
    assert prompts.say("shared.discreet__ask", "en") == "Is that right?"
    assert [key for key in prompts.keys() if key.startswith("shared.")] == ["shared.ask"]  # noqa: SIM118
    assert prompts.values("shared.ask") == {"answers.words"}


def test_choices_have_labels_and_a_text_may_have_shorter_ones(book):
    assert book.choices("try.ask") == ("yes", "no")
    assert [book.label("try.ask", c, "en", channel="sms") for c in ("yes", "no")] == ["Yes", "N"]
    assert numbered("Is it?", ["Yes", "No"]) == "Is it?\n1 Yes\n2 No"
    assert numbered("Is it?", ["Yes", "", "No"]) == "Is it?\n1 Yes\n3 No"  # understood, not shown


def test_accepted_words_are_of_the_language_and_of_english(book):
    assert book.words("try.words__ask__yes", "cy") == ("iawn", "siŵr", "siwr", "go on", "fine")
    assert book.words("try.ask__yes", "en") == ("go on", "fine")
    assert book.words("try.ask__no", "en") == ()
    assert book.words("try.nothing", "cy") == ()


def test_the_keys_are_the_questions_and_nothing_else(book):
    assert book.keys() == ("try.plain", "try.ask", "try.second", "try.when", "try.house")


def test_an_hour_inside_a_sentence_is_local_and_in_its_language(book):
    found = {"at": datetime(2026, 3, 9, 9, 0, tzinfo=UTC)}
    assert book.say("try.when", "en", found=found) == "By 9am Monday."
    assert book.say("try.when", "cy", found=found) == "Erbyn 9yb ddydd Llun."


def test_a_key_nobody_wrote_and_a_value_nobody_gave_are_errors(book):
    for key in ("try.nothing", "nothing.at_all", "plain"):
        with pytest.raises(KeyError):
            book.say(key, "en")
    with pytest.raises(KeyError):
        book.label("try.ask", "perhaps", "en")
    with pytest.raises(UndefinedError):
        book.say("try.ask", "en", person=SimpleNamespace(name="Ray"))
    with pytest.raises(ValueError):
        book.say("try.plain", "en", variant="third")


def test_a_language_we_do_not_offer_is_english(book):
    assert book.say("try.house", "xx") == "A house"
    assert book.words("try.ask__yes", "xx") == ("go on", "fine")


def test_welsh_keeps_its_letters_unless_a_text_costs_more(book):
    assert book.say("try.house", "cy", channel="sms") == "Tŷ"
    assert numbered("Tŷ", ["x" * 70], channel="sms") == "Ty\n1 " + "x" * 70
    assert numbered("Tŷ", ["x" * 70]) == "Tŷ\n1 " + "x" * 70
