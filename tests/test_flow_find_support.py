"""Finding something near them: what is asked, what is told, and what every answer leads to."""

from __future__ import annotations

import pytest

from bot.casework.plans import plan_of
from bot.conversation.told import ROOM
from bot.directory import onward
from bot.requests import (
    ChooseService,
    FindServices,
    GoesThemselves,
    GoThemselves,
    ItIsFull,
    MayTellThem,
    NeedsToShare,
    NotAPlace,
    NotePlace,
    NothingFits,
    OnTheList,
    PlaceNeeded,
    PlaceNoted,
    PrepareToLook,
    ReadyToLook,
    RecordAnswer,
    ServicesFound,
    ServiceShown,
    ServiceTold,
    ShowService,
    TellService,
    WaitForPlace,
    WantsNeeded,
)
from bot.store.tables import Heading, Onward
from bot.words import gsm
from tests.support import near
from tests.support.near import CHOIR, DEBT, GARDEN, TEA, WALK
from tests.support.scenes import refers_themselves, says


def card(service_id: int = 7, name: str = "Tea and Chat", **more):
    return {"id": service_id, "name": name, "direct": False, "reasons": [], **more}


SHOWN = ServiceShown(card())


# What is asked


def test_nothing_is_asked_that_we_know(talk):
    talk.finds(ReadyToLook(), SHOWN).starts().hears("find_support.one")

    assert talk.requests == [PrepareToLook(), FindServices()]


def test_the_first_half_of_the_postcode_and_what_they_want(talk):
    talk.finds(PlaceNeeded()).starts().hears("find_support.place")
    talk.finds(PlaceNoted(), WantsNeeded()).says("le65 1aa").hears("find_support.wants")
    talk.finds(SHOWN).says("1").hears("find_support.one")

    assert NotePlace("le65 1aa") in talk.requests
    assert FindServices(wants=("company",)) in talk.requests


def test_both_may_be_skipped(talk):
    talk.finds(PlaceNeeded()).starts().finds(WantsNeeded()).says("skip").hears("find_support.wants")
    talk.finds(SHOWN).says("skip").hears("find_support.one")

    assert talk.requests[-1] == FindServices()
    assert PrepareToLook(place=True) in talk.requests


def test_what_they_want_in_their_own_words(talk):
    talk.finds(WantsNeeded()).starts()
    talk.finds(SHOWN).says("someone to play chess with").hears("find_support.one")

    assert talk.requests[-1] == FindServices(words="someone to play chess with")


def test_a_place_nobody_knows_is_asked_once_more_and_then_left(talk):
    talk.finds(PlaceNeeded()).starts()
    talk.finds(NotAPlace()).says("near the church").hears("find_support.place_again")
    talk.finds(NotAPlace(), ReadyToLook(), SHOWN).says("by the church").hears("find_support.one")


# What every answer leads to


@pytest.mark.parametrize(
    ("text", "found", "heard", "requests"),
    [
        ("1", MayTellThem(card(), or_self=False), "may_tell", [ChooseService(7)]),
        ("interested", MayTellThem(card(), or_self=True), "tell_or_go", [ChooseService(7)]),
        ("yes please", ItIsFull(card(), 3), "full", [ChooseService(7)]),
        ("someone to come with me", MayTellThem(card(), False), "may_tell", [ChooseService(7, along=True)]),
        ("5", ServiceShown(card(8)), "one", [FindServices()]),
        ("show others", NothingFits(shown=2), "nothing", [FindServices()]),
    ],
)
def test_to_one_service(talk, text, found, heard, requests):
    talk.finds(ReadyToLook(), SHOWN).starts()
    talk.requests.clear()
    talk.finds(found).says(text).hears(f"find_support.{heard}")

    assert talk.requests == requests


def at_may_tell(talk, **asked):
    talk.finds(ReadyToLook(), SHOWN).starts()
    talk.finds(MayTellThem(card(), **asked)).says("1")
    talk.requests.clear()
    return talk


def test_a_yes_is_written_down_for_this_service_and_then_it_is_told(talk):
    at_may_tell(talk, or_self=False).finds(ServiceTold(card())).says("yes").hears("find_support.told")

    assert talk.requests == [RecordAnswer("agreement", "tell-service:7", True), TellService(7)]


def test_a_no_is_written_down_and_nobody_is_told(talk):
    at_may_tell(talk, or_self=False).says("no").hears("find_support.not_told")

    assert talk.requests == [RecordAnswer("agreement", "tell-service:7", False)]


def test_they_would_rather_get_in_touch_themselves(talk):
    at_may_tell(talk, or_self=True).finds(GoesThemselves(card()))
    talk.says("I will contact them").hears("find_support.signposted")

    assert talk.requests == [GoThemselves(7)]


def test_what_helps_them_is_another_yes(talk):
    at_may_tell(talk, or_self=False)
    talk.finds(NeedsToShare(7, "I use a hearing aid")).says("yes").hears("find_support.share_needs")
    talk.finds(ServiceTold(card())).says("no").hears("find_support.told")

    assert RecordAnswer("agreement", "tell-needs:7", False) in talk.requests
    assert talk.requests[-1] == TellService(7, needs=False)


def test_a_place_to_wait_for(talk):
    talk.finds(ReadyToLook(), SHOWN).starts()
    talk.finds(ItIsFull(card(), 3)).says("1")
    talk.finds(OnTheList(card(), 3)).says("yes").hears("find_support.listed")

    assert talk.requests[-1] == WaitForPlace(7)


def test_of_a_list_one_is_chosen_by_its_name(talk):
    found = ServicesFound([card(7), card(9, "Chess")], [["7", "Tea and Chat"], ["9", "Chess"]])
    talk.finds(ReadyToLook(), found).starts(channel="web").hears("find_support.services")
    talk.finds(ServiceShown(card(9, "Chess"))).says("chess").hears("find_support.one")

    assert talk.requests[-1] == ShowService(9)


# Whole conversations


@pytest.fixture
def ids(conversation):
    return near.add(conversation, TEA, WALK, CHOIR)


def test_by_text_the_best_comes_alone_and_each_fits_two_texts(conversation, sms, ids):
    near.looks(sms, "LE65", "1").hears("find_support.one").hears_words("less than a mile", "Free")
    first = sms.heard[-1]
    sms.says("show others").hears("find_support.one")
    second = sms.heard[-1]

    assert first.text != second.text
    assert max(first.segments, second.segments) <= 2
    sms.says("others").says("others").hears("find_support.nothing").hears_words("That is all", "link worker")
    assert near.tasks_of(sms)[-1][0] == "find-something"
    assert set(near.suggested(sms).values()) == {"passed-over"}


def test_in_a_chat_up_to_three_stand_in_a_list_each_with_why(conversation, telegram, ids):
    come_by_chat(telegram)
    near.looks(telegram, "LE65").presses("Company").hears("find_support.services")

    (shown,) = telegram.heard
    assert [c.label for c in shown.choices][3:] == ["Show others", "None of these"]
    assert {c.label for c in shown.choices[:3]} == {TEA.name, WALK.name, CHOIR.name}
    assert shown.text.count("You said you would like company.") == 3


def test_none_of_these_is_kept_and_they_are_not_shown_again_for_a_while(conversation, telegram, ids):
    come_by_chat(telegram)
    near.looks(telegram, "LE65").presses("Company").presses("None of these")

    telegram.hears("find_support.none_of_them")
    assert set(near.suggested(telegram).values()) == {"passed-over"}
    near.begins(telegram)
    telegram.hears("find_support.nothing")
    conversation.forward(days=31)
    near.begins(telegram)
    telegram.hears("find_support.services")


def test_what_they_want_is_in_their_plan_with_its_message_and_not_asked_twice(conversation, sms, ids):
    near.looks(sms, "LE65", "company", "others", "others", "others").hears("find_support.nothing")
    conversation.forward(days=60)
    near.begins(sms)
    sms.hears("find_support.one")

    with conversation.reading() as reading:
        (line,) = plan_of(reading, sms.person.id).under(Heading.WANT)
    assert line.code == "company" and line.inbox_id
    assert sms.person.contact_plan["outward"] == "LE65"


def test_they_get_in_touch_themselves(conversation, sms):
    near.add(conversation, TEA)
    near.looks(sms, "LE65", "company", "1").hears("find_support.signposted")
    sms.hears_words("01632 960111", "Jan", "10am tomorrow", "Town Hall")

    (going,) = near.going(sms)
    assert going.kind is Onward.SIGNPOSTED and going.outcome is None
    assert near.suggested(sms) == {TEA.name: "accepted"}
    assert ("chose-service", TEA.name) in near.tasks_of(sms)


def test_a_service_is_told_with_a_yes_and_a_link_worker_rings_it(conversation, sms):
    near.add(conversation, CHOIR)
    near.looks(sms, "LE65", "company", "1").hears("find_support.may_tell")
    sms.says("yes").hears("find_support.told")

    assert near.said_yes(sms) == {f"tell-service:{near.going(sms)[0].service_id}": True}
    assert near.going(sms)[0].kind is Onward.REFERRED
    assert ("tell-service", f"{CHOIR.name}: 01632 960113") in near.tasks_of(sms)


def test_a_no_tells_nobody(conversation, sms):
    (choir,) = near.add(conversation, CHOIR)
    near.looks(sms, "LE65", "company", "1", "no").hears("find_support.not_told")

    assert near.said_yes(sms) == {f"tell-service:{choir}": False}
    assert near.going(sms) == []
    assert "tell-service" not in dict(near.tasks_of(sms))


@pytest.mark.parametrize("shared", [True, False])
def test_what_helps_them_goes_along_only_with_another_yes(conversation, sms, shared):
    near.add(conversation, CHOIR)
    says(refers_themselves(sms), "I use a hearing aid")
    near.looks(sms, "LE65", "company", "1", "yes").hears("find_support.share_needs")
    sms.hears_words("I use a hearing aid").says("yes" if shared else "no").hears("find_support.told")

    (going,) = near.going(sms)
    token = near.run(conversation, lambda unit: onward.new_link(unit, going.id))
    with conversation.reading() as reading:
        view = onward.provider_view(reading, token)
    assert view.needs == (("I use a hearing aid",) if shared else ())
    assert (view.first_name, view.number) == ("Ray", "+447700900101")
    assert "some company" not in str([getattr(view, name) for name in view.__slots__])


def test_someone_to_come_along_is_promised_only_where_they_are_vetted(conversation, sms):
    near.add(conversation, WALK)
    near.looks(sms, "LE65", "company", "4").hears_words("They have someone who can come with you")
    sms.says("you tell them")

    assert near.going(sms)[0].someone_along == "promised"


def test_elsewhere_it_is_asked_for_and_not_promised(conversation, sms):
    near.add(conversation, TEA)
    near.looks(sms, "LE65", "company", "someone to come with me").hears("find_support.signposted")
    sms.hears_words("I cannot promise")

    assert near.going(sms)[0].someone_along == "wished"
    assert ("someone-along", TEA.name) in near.tasks_of(sms)


def test_not_for_me_is_kept_with_why_and_not_shown_again(conversation, sms, ids):
    near.looks(sms, "LE65", "company")
    name = next(iter(near.suggested(sms)))
    sms.says("not for me").hears("find_support.why_not")
    sms.says("too far").hears("find_support.one").hears_no_words(name)

    with conversation.reading() as reading:
        declined = onward.suggestions_of(reading, sms.person.id)[-1]
    assert (declined.status.value, declined.why_not) == ("declined", "getting_there")


def test_nothing_fits_is_said_honestly_and_a_link_worker_looks(conversation, sms):
    near.add(conversation, DEBT)
    near.looks(sms, "LE65", "help others").hears("find_support.nothing").hears_words("found nothing near you")

    assert near.tasks_of(sms) == [("find-something", "")]


def test_what_was_not_checked_lately_says_when_it_was(conversation, sms):
    near.add(conversation, DEBT)
    near.looks(sms, "LE65", "debt").hears("find_support.one").hears_words("May 2024")


def test_one_that_stopped_meanwhile_is_said_kindly_with_another(conversation, sms):
    tea, _ = near.add(conversation, TEA, CHOIR)
    near.looks(sms, "LE65", "company").hears_words(TEA.name)
    near.pause(conversation, tea)
    sms.says("1").hears("find_support.one").hears_words("Sorry, that one has stopped", CHOIR.name)

    assert near.suggested(sms) == {TEA.name: "passed-over", CHOIR.name: "offered"}
    assert near.going(sms) == []


def test_and_without_another_a_link_worker_looks(conversation, sms):
    (tea,) = near.add(conversation, TEA)
    near.looks(sms, "LE65", "company")
    near.pause(conversation, tea)
    sms.says("1").hears("find_support.nothing").hears_words("that one has stopped")

    assert near.tasks_of(sms) == [("find-something", "")]


def test_an_old_button_still_means_its_own_service(conversation, telegram, ids):
    come_by_chat(telegram)
    near.looks(telegram, "LE65").presses("Company").presses(TEA.name)
    old = next(c for c in telegram.heard[-1].choices if c.label == "Interested")
    telegram.presses("Show others")
    conversation.forward(weeks=3)

    telegram.presses_again(old).hears("find_support.signposted").hears_words(TEA.name)
    assert [g.service_name for g in near.going(telegram)] == [TEA.name]


def test_a_yes_for_one_service_is_never_taken_for_another(conversation, telegram, ids):
    come_by_chat(telegram)
    near.looks(telegram, "LE65").presses("Company")
    listed = telegram.heard[-1]
    telegram.presses(WALK.name).presses("Interested").presses("You tell them").hears("find_support.told")

    telegram.presses(CHOIR.name, of=listed).presses("Interested").hears("find_support.may_tell")
    assert [g.service_name for g in near.going(telegram)] == [WALK.name]
    telegram.presses("No")
    assert sorted(near.said_yes(telegram).values()) == [False, True]


def test_where_others_may_read_it_nothing_of_theirs_is_repeated(conversation, sms):
    near.add(conversation, TEA)
    says(sms, "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    near.looks(sms, "LE65", "company").hears("find_support.discreet__one")
    sms.hears_words(TEA.name).hears_no_words("You said", "You would", "company")


def test_full_is_said_and_they_may_wait(conversation, sms):
    near.add(conversation, GARDEN)
    near.looks(sms, "LE65", "company").hears_words("It is full just now", "about 3 weeks")
    sms.says("1").hears("find_support.full").says("yes").hears("find_support.listed")

    assert near.going(sms) == []
    sms.hears_no_words("first", "second", "position")


def test_it_is_all_said_in_welsh(conversation, sms):
    near.add(conversation, TEA)
    says(sms, "SHWMAE", "1", "ydw", "1", "bore", "Dw i'n unig", "Siân", "ie")
    near.looks(sms, "LE65", "cwmni").hears("find_support.one")
    sms.hears_words("Bob dydd Mercher", "Am ddim").hears_no_words("You", "Each", "Free")


def test_however_long_a_service_writes_its_text_stays_short(conversation, sms):
    from dataclasses import replace

    from bot.directory.services import Cost, Location, Schedule

    long = replace(
        DEBT,
        name="The Ashby-de-la-Zouch and Measham Community Money and Debt Advice Partnership",
        fees="Free for people on benefits, otherwise by what you can pay, please ask at the desk",
        free=None,
        minimum_age=21,
        maximum_age=65,
        places_left=0,
        waiting_weeks=12,
        costs=(Cost("", 1250),),
        locations=(
            Location("The Old Corn Exchange and Assembly Rooms", "", "Ashby-de-la-Zouch", "LE65 1BW"),
        ),
        schedules=(Schedule(byday="TU,WE,TH,FR", opens_at="10:30"),),
    )
    near.add(conversation, long)
    near.looks(sms, "LE65", "debt").hears("find_support.one").hears_words("May 2024")

    assert sms.heard[-1].segments <= 2
    told = sms.heard[-1].text.partition("\n")[2].partition("\n1 ")[0]
    assert gsm.units(told) <= ROOM


def come_by_chat(phone):
    phone.opens().presses("Me, 18 or over").presses("Yes").presses("Here, in this chat")
    phone.presses("Yes, only I see it").says("money").says("Kit").presses("Yes")
    return phone
