"""What is counted for whoever watches the service: how many, never who and never what."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

REGISTRY = CollectorRegistry()

INBOUND = Counter(
    "linkline_inbound", "Messages stored, by channel and kind", ["channel", "kind"], registry=REGISTRY
)
DUPLICATES = Counter(
    "linkline_inbound_duplicates", "Messages that had been stored before", ["channel"], registry=REGISTRY
)
NOT_FOR_US = Counter(
    "linkline_inbound_passed_over",
    "Webhooks with nothing for us in them",
    ["channel", "why"],
    registry=REGISTRY,
)
REFUSED = Counter(
    "linkline_webhooks_refused",
    "Webhooks refused: signature, malformed, too-long, store",
    ["webhook", "why"],
    registry=REGISTRY,
)
TURNS = Counter("linkline_turns", "Turns finished, by what began them", ["began_by"], registry=REGISTRY)
DELIVERIES = Counter(
    "linkline_deliveries", "Statuses reached by what we send", ["channel", "status"], registry=REGISTRY
)
UNKNOWN_RECEIPTS = Counter(
    "linkline_receipts_unknown", "Receipts for a message we do not know", registry=REGISTRY
)
