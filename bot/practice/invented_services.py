"""Services nobody runs, as many as are asked for, in Open Referral UK's JSON (HSDS-UK 3.0, or v1)."""

from __future__ import annotations

import random
import uuid
from typing import Any

_KINDS = (
    ("Walking Group", "Walking", "A slow walk and a flask of tea. Newcomers welcome."),
    ("Lunch Club", "Lunch clubs", "A hot lunch and a chat. Level access and a hearing loop."),
    ("Debt Desk", "Debt advice", "Help with bills and letters. We will ring you first."),
    ("Craft Table", "Arts and crafts", "Knitting, paint and talk. Free transport can be arranged."),
    ("Allotment", "Gardening", "Grow beans together. Not wheelchair accessible."),
    ("Carers' Hour", "Support for carers", "A rest for those who look after others. Creche."),
    ("Job Club", "Employment support", "Forms, letters and interviews. Evenings too."),
    ("Food Pantry", "Food banks", "Food for the week for a small sum."),
)
_PLACES = ("Inventon", "Little Pretending", "Makebelieve", "Nowhere Green", "Upper Fable")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


#: One service in so many has no name: a feed of any size has some that cannot be kept.
NAMELESS = 100


def services(many: int, seed: int = 1, *, some_nameless: bool = False) -> dict[str, dict[str, Any]]:
    """`many` services whole, each under its id; the same for the same seed."""
    chance = random.Random(seed)
    found = {one["id"]: one for one in (_service(number, chance) for number in range(1, many + 1))}
    if some_nameless:
        for one in list(found.values())[NAMELESS - 1 :: NAMELESS]:
            one["name"] = ""
    return found


def _id(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://invented.example/{kind}/{number}"))


def _service(number: int, chance: random.Random) -> dict[str, Any]:
    name, term, about = chance.choice(_KINDS)
    place, id_ = chance.choice(_PLACES), _id("service", number)
    pounds = chance.choice((0, 0, 0, 2, 3.5))
    owner = number % max(1, number // 3 or 1)
    return {
        "id": id_,
        "organization_id": _id("organisation", owner),
        "name": f"{place} {name} {number}",
        "description": about,
        "url": f"https://invented.example/{number}",
        "email": f"hello{number}@invented.example",
        "status": "active",
        "minimum_age": chance.choice((None, 18, 55)),
        "maximum_age": None,
        "assured_date": f"2026-{chance.randint(1, 2):02}-{chance.randint(1, 28):02}",
        "organization": {
            "id": _id("organisation", owner),
            "name": f"The Invented Society {owner}",
            "description": "Nobody runs it.",
            "website": f"https://society{owner}.invented.example",
        },
        "schedules": [
            {
                "id": _id("schedule", number),
                "freq": "WEEKLY",
                "byday": ",".join(sorted(chance.sample(_DAYS, chance.randint(1, 2)), key=_DAYS.index)),
                "opens_at": f"{chance.randint(9, 14):02}:00:00",
                "closes_at": f"{chance.randint(15, 18):02}:30:00",
            }
        ],
        "service_at_locations": [
            {
                "id": _id("at", number),
                "location": {
                    "id": _id("location", number),
                    "location_type": "physical",
                    "name": f"{place} Hall",
                    "latitude": round(chance.uniform(50.5, 55.0), 5),
                    "longitude": round(chance.uniform(-3.0, 0.5), 5),
                    "addresses": [
                        {
                            "address_1": f"{number} Nowhere Lane",
                            "city": place,
                            "postal_code": f"ZZ{chance.randint(1, 98)} {chance.randint(1, 9)}ZZ",
                            "address_type": "physical",
                        }
                    ],
                    "accessibility": [{"description": "Step free from the street"}],
                },
            }
        ],
        "cost_options": [{"id": _id("cost", number), "option": "Each time", "amount": pounds}],
        "contacts": [
            {
                "id": _id("contact", number),
                "name": "Ivy Invented",
                "title": "Organiser",
                "phones": [{"number": f"01632 960{number % 1000:03}"}],
            }
        ],
        "languages": [{"name": chance.choice(("English", "Welsh", "Polish", "Urdu"))}],
        "attributes": [{"taxonomy_term": {"id": _id(term, 0), "name": term}}],
    }


def as_v1(service: dict[str, Any]) -> dict[str, Any]:
    """The same service in Open Referral UK v1's form."""
    plain = {
        name: service.get(name) for name in ("id", "name", "description", "url", "email", "assured_date")
    }
    organisation = dict(service.get("organization") or {})
    if "website" in organisation:
        organisation["url"] = organisation.pop("website")
    ages = {name: service.get(name) for name in ("minimum_age", "maximum_age")}
    return plain | {
        "status": {"inactive": "inactive"}.get(service.get("status", ""), service.get("status")),
        "organization": organisation,
        "regular_schedules": service.get("schedules", []),
        "eligibilitys": [{"eligibility": "", **ages}] if any(ages.values()) else [],
        "service_at_locations": [_place_v1(at) for at in service.get("service_at_locations", [])],
        "cost_options": service.get("cost_options", []),
        "contacts": service.get("contacts", []),
        "languages": [{"language": one["name"]} for one in service.get("languages", [])],
        "service_taxonomys": [
            {"taxonomy": {**one["taxonomy_term"], "vocabulary": "invented"}}
            for one in service.get("attributes", [])
        ],
    }


def _place_v1(at: dict[str, Any]) -> dict[str, Any]:
    place = dict(at["location"])
    place["physical_addresses"] = place.pop("addresses", [])
    place["accessibility_for_disabilities"] = [
        {"accessibility": one["description"]} for one in place.pop("accessibility", [])
    ]
    return {"id": at["id"], "location": place}
