"""Everything the bot can cause, each request beside its results. The list is the safety case."""

from bot.requests.base import Request, Result
from bot.requests.care import CloseAsNotNeeded, HandoffOpened, OpenHandoff, RecordHelped
from bot.requests.intake import (
    AskForCallBack,
    CallBackPromised,
    CarerToBeRung,
    NotANumber,
    NoteNumber,
    NumberNoted,
    OpenReferral,
    ReferralOpened,
    TalkToCarerFirst,
)
from bot.requests.people import (
    AskToJoin,
    CodeSent,
    DetailsFound,
    FindMyDetails,
    Joined,
    NoMoreNudges,
    NoMoreTries,
    Noted,
    NotShown,
    RecordAccessNeed,
    RecordAnswer,
    RecordContactPlan,
    RecordName,
    RecordSafeContact,
    RecordUnderAge,
    SetLanguage,
    StopMessages,
    TryCode,
    WordNeeded,
    WrongCode,
)

__all__ = [
    "AskForCallBack", "AskToJoin", "CallBackPromised", "CarerToBeRung", "CloseAsNotNeeded", "CodeSent",
    "DetailsFound", "FindMyDetails",    "HandoffOpened", "Joined", "NoMoreNudges", "NoMoreTries", "NotANumber", "NoteNumber", "NotShown", "Noted", "NumberNoted",
    "OpenHandoff", "OpenReferral", "RecordAccessNeed", "RecordAnswer", "RecordContactPlan", "RecordHelped",
    "RecordName", "RecordSafeContact", "RecordUnderAge", "ReferralOpened", "Request", "Result", "SetLanguage",
    "StopMessages", "TalkToCarerFirst", "TryCode", "WordNeeded", "WrongCode",
]  # fmt: skip
