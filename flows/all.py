"""Every flow, by its name."""

from bot.flowkit import Flow
from flows.call_back import CallBack
from flows.finishing import Finishing
from flows.for_someone_else import ForSomeoneElse
from flows.intake import Intake
from flows.join_channels import JoinChannels
from flows.language import Language
from flows.menu import Menu
from flows.my_details import MyDetails
from flows.needs import Needs
from flows.nudge import Nudge
from flows.talk_to_someone import TalkToSomeone
from flows.waiting import Waiting
from flows.welcome import Welcome

FLOWS: dict[str, type[Flow]] = {
    flow.name: flow
    for flow in (
        Welcome, Intake, ForSomeoneElse, CallBack, TalkToSomeone, JoinChannels, Nudge,
        Menu, Needs, MyDetails, Language, Waiting, Finishing,
    )
}  # fmt: skip
