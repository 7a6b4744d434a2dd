"""A person: their name, their wishes, and finding them again."""

from __future__ import annotations

import pytest

from bot.casework import handoffs
from bot.messages import ChannelName
from bot.people import access_needs, consents, persons
from bot.store.tables import Ledger
from tests.support.people import MAY, RAY, comes


def found(store, words):
    with store.reading() as reading:
        return [p.name for p in persons.search(reading, words)]


def test_a_name_is_what_they_wish_to_be_called(store, done):
    ray = comes(done, name="  Ray   of Ashby ")

    with store.reading() as reading:
        who = persons.person_of(reading, ray.person_id)

    assert who.name == "Ray of Ashby"
    assert "Ray" not in repr(who)


def test_there_is_nobody_with_a_number_we_never_gave(store):
    with store.reading() as reading, pytest.raises(persons.NoSuchPerson):
        persons.person_of(reading, 77)


@pytest.mark.parametrize("words", ["zoe", "ZOË", "zoë b", "brown", "bro", "Brown Zoe"])
def test_someone_is_found_by_a_word_of_their_name_or_its_first_letters(store, done, words):
    comes(done, RAY, name="Zoë Brown", agrees=True)
    comes(done, MAY, name="May Green", agrees=True)

    assert found(store, words) == ["Zoë Brown"]


@pytest.mark.parametrize("words", ["", "  ", "zoa", "brownie", "zo b", "zoe green", "%", "0"])
def test_a_name_that_is_not_theirs_finds_nobody(store, done, words):
    comes(done, RAY, name="Zoë Brown", agrees=True)

    assert found(store, words) == []


def test_people_are_found_in_the_order_of_their_names(store, done):
    for n, name in enumerate(["Annette", "Ann Young", "Anna", "ann abbot"]):
        comes(done, f"+4477009000{n:02d}", name=name, agrees=True)

    assert found(store, "ann") == ["ann abbot", "Ann Young", "Anna", "Annette"]


def test_a_changed_name_is_found_by_the_new_one_only(store, done):
    ray = comes(done, name="Ray", agrees=True)

    done(lambda unit: persons.call(unit, ray.person_id, "Rashid"))

    assert found(store, "rashid") == ["Rashid"]
    assert found(store, "ray") == []


@pytest.mark.parametrize("words", ["07700 900001", "+44 7700 900001", "07700900001", "01632 960555"])
def test_someone_is_found_by_the_number_they_text_from_or_gave(store, done, words):
    ray = comes(done, RAY, name="Ray", agrees=True)
    done(lambda unit: persons.plan_contact(unit, ray.person_id, number="01632 960 555"))

    assert found(store, words) == ["Ray"]


def test_an_unfinished_intake_is_not_found(store, done):
    comes(done, name="Ray")

    assert found(store, "ray") == []
    assert found(store, "07700 900001") == []


def test_someone_who_asks_for_a_person_is_found_while_they_wait(store, done):
    ray = comes(done, name="Ray")
    handoff = done(lambda unit: handoffs.open_handoff(unit, ray.conversation_id, reason="person"))

    assert found(store, "ray") == ["Ray"]

    done(lambda unit: handoffs.close_handoff(unit, handoff, 0, "answered"))
    assert found(store, "ray") == []


def test_wishes_are_kept_together_and_one_can_be_taken_back(store, done):
    ray = comes(done)
    done(lambda unit: persons.plan_contact(unit, ray.person_id, times="mornings", word="bluebell"))
    done(lambda unit: persons.plan_contact(unit, ray.person_id, word=None, number="01632 960555"))

    with store.reading() as reading:
        plan = persons.person_of(reading, ray.person_id).contact_plan

    assert plan == {"times": "mornings", "number": "01632 960555"}


def test_the_first_yes_counts(store, done, clock):
    ray = comes(done, agrees=True)
    first = clock.now()
    clock.forward(days=3)
    done(lambda unit: persons.agreed(unit, ray.person_id))

    with store.reading() as reading:
        assert persons.person_of(reading, ray.person_id).agreed_at == first


def test_the_last_answer_is_the_one_that_stands(store, done, clock):
    ray = comes(done)

    def says(given):
        return lambda unit: consents.record(
            unit, ray.person_id, Ledger.AGREEMENT, "pass-on", given,
            prompt="intake.consent", words="May I pass this on?", language="en", inbox_id=None,
        )  # fmt: skip

    with store.reading() as reading:
        assert consents.stands(reading, ray.person_id, "pass-on") is None
    done(says(True), acting="person")
    done(says(False), acting="person")

    with store.reading() as reading:
        assert consents.stands(reading, ray.person_id, "pass-on") is False
        yes, no = consents.entries(reading, ray.person_id)
        assert (yes.given, no.given) == (True, False)
        assert yes.wording == consents.wording(reading, "May I pass this on?")
        assert yes.said_by == "person"


def test_what_makes_contact_easier_is_kept_in_their_words_and_comes_up_for_review(store, done, clock):
    ray = comes(done)
    need = done(
        lambda unit: access_needs.record_need(unit, ray.person_id, "I lip read", "support", inbox_id=None)
    )

    with store.reading() as reading:
        (kept,) = access_needs.needs_of(reading, ray.person_id)
    assert kept.need == "I lip read"
    assert kept.review_at > clock.now()
    assert "lip" not in repr(kept)

    done(lambda unit: access_needs.end_need(unit, need))
    with store.reading() as reading:
        assert access_needs.needs_of(reading, ray.person_id) == []


def test_a_link_leads_to_its_person(store, done):
    ray = comes(done, channel=ChannelName.TELEGRAM, address="4200001")

    with store.reading() as reading:
        token = persons.person_of(reading, ray.person_id).token
        assert persons.by_token(reading, token).id == ray.person_id
        assert persons.by_token(reading, "nobody") is None
