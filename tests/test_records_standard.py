"""The standard's own list of headings, and what is held against it."""

from __future__ import annotations

import json

import pytest

from bot.records.prsb_headings import missing_in, problems_in, read_published, standard


def test_the_list_says_where_it_was_read_and_how_far_that_was_checked():
    s = standard()
    assert (s.name, s.version, len(s.headings)) == (
        "PRSB Social Prescribing Information Standard",
        "1.1",
        355,
    )
    assert [h.path for h in s.under("")][:3] == ["Person demographics", "GP practice", "About me"]
    assert "not been compared" in s.checked and s.read_from and len(s.digest) == 64
    assert s.at("Care and support plan > Strengths").most is None
    with pytest.raises(KeyError):
        s.at("Horoscope")


def test_the_list_is_made_from_the_standards_own_json():
    published = {
        "dataset": [
            {
                "version": "1.1",
                "concept": [
                    {
                        "name": "About me ", "type": "group", "mro": "R", "minimumMultiplicity": "0",
                        "maximumMultiplicity": "1",
                        "concept": [
                            {"name": "Free  text", "type": "item", "minimumMultiplicity": "0",
                             "maximumMultiplicity": "*"},
                        ],
                    },
                ],
            }
        ]
    }  # fmt: skip
    assert read_published(json.dumps(published)) == [
        ["About me", "R", 0, 1, True],
        ["About me > Free text", "", 0, None, False],
    ]


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({"Horoscope": {}}, "no heading Horoscope"),
        ({"About me": {"Horoscope": {"value": 1}}}, "no heading About me > Horoscope"),
        ({"About me": [{}]}, "stands once"),
        ({"Care and support plan": {"Strengths": {}}}, "so it is a list"),
        ({"About me": {"value": "x"}}, "holds further headings"),
        ({"About me": {"Supported to write this by": {"x": {}}}}, "holds a value"),
    ],
)
def test_what_is_not_of_the_standards_form_is_never_given_out(tree: dict, problem: str):
    assert any(problem in found for found in problems_in(tree))


def test_what_is_mandatory_is_missed_only_beneath_what_is_there():
    missing = missing_in({"Referral details": {"Referral details record entry": [{}]}})
    assert "Referral details > Referral details record entry > Referral to" in missing
    assert "Referral details > Referral details record entry > Referral to > Name" not in missing
    assert "About me" not in missing
