"""Sending what waits in the outbox: taken in order, sent together, written down in batches."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.delivery import fallback, taking, uncertain
from bot.delivery.rounds import either
from bot.delivery.settling import count, settle
from bot.delivery.taking import Taken, Wanted
from bot.delivery.throttle import Throttle, rates
from bot.messages import CannotLook, Channel, ChannelName, Outcome, Refused, Sent, Status, Uncertain
from bot.outbox.queue import NOT_REACHED
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.sealed import CannotOpen
from bot.store.unit_of_work import Reading, UnitOfWork
from bot.store.writer import StoreUnavailable

T = TypeVar("T")
log = logging.getLogger(__name__)

ACTING = "delivery"
#: Of the places for sending, what nobody waits for leaves this share free for answers.
KEPT_FOR_ANSWERS = 0.25
#: Seconds between two looks at what is due by the clock alone.
LOOKS_EVERY = 1.0
SWEEPS_EVERY = 5.0
#: What nobody waits for leaves a few at a time: seconds between two looks for it alone.
BULK_RESTS = 0.1
#: Seconds for what is on its way when we are asked to stop.
_GRACE = 10.0
_LONGEST_PAUSE = 30.0
#: What is wrong for everyone on a channel, not with one message: nobody else is tried for a moment.
_FOR_ALL = frozenset({"429", "20429", "not-connected"})
_HOLDS_FOR = 1.0


class Deliverer:
    """Delivers what the outbox holds through the channels it is given.

    `run` is for the whole service; `deliver` drains one conversation, for a job queue or a test.
    `at_once` is how many may be on their way on one channel. The lease is how long a message may
    stay in sending before whoever had it is thought to have crashed: for Twilio it is also the
    minute in which a receipt may still tell us, so keep it at 60 seconds or more in earnest.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[ChannelName, Channel],
        settings: Settings,
        clock: Clock | None = None,
        *,
        throttle: Throttle | None = None,
        at_once: int = 32,
        lease_seconds: float = 60,
    ):
        self._store = store
        self._channels = dict(channels)
        self._settings = settings
        self._clock = clock or store.clock
        self._throttle = throttle or Throttle(rates(settings))
        self._at_once = at_once
        self._kept = round(at_once * KEPT_FOR_ANSWERS)
        self._lease = timedelta(seconds=lease_seconds)
        self._patience = max(lease_seconds * 0.8, 0.1)
        self._setting = fallback.Setting(
            frozenset(self._channels), settings.hours, settings.twilio_whatsapp_template
        )
        self._on_their_way: Counter[ChannelName] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: list[tuple[Taken, Outcome]] = []
        self._wake, self._doubt, self._failure, self._stop = (asyncio.Event() for _ in range(4))

    # -- for the whole service ---------------------------------------------------------------

    async def run(self) -> None:
        """Deliver until cancelled: woken by what is queued, and by the clock.

        Nothing a message or a provider does ends it. When cancelled it takes nothing more, waits
        a little for what is on its way, and writes down what came of it.
        """
        loop = asyncio.get_running_loop()

        def hears(topics: set[str]) -> None:
            try:
                if "outbox" in topics:
                    loop.call_soon_threadsafe(self._wake.set)
                if NOT_REACHED in topics:
                    loop.call_soon_threadsafe(self._doubt.set)
                    loop.call_soon_threadsafe(self._failure.set)
            except RuntimeError:  # the loop has ended; the writer must not
                pass

        self._store.listen(hears)
        self._stop.clear()
        steps = (self._turn_over, self._find_out_now_and_then, self._look_after_now_and_then)
        wheels = [asyncio.create_task(self._forever(step)) for step in steps]
        try:
            await asyncio.wait(wheels)
        finally:
            self._stop.set()
            for event in (self._wake, self._doubt, self._failure):
                event.set()
            await asyncio.shield(self._finish(wheels))

    async def sweep(self) -> None:
        """See to what the clock brings: crashes, what may have gone, and whoever must be told."""
        await self._find_out()
        await self._look_after()

    # -- for one conversation ----------------------------------------------------------------

    async def deliver(self, conversation_id: int) -> int:
        """Send what is due in one conversation, in order; how many the providers took.

        Ends when nothing is due there. Waits where the channel must be given time.
        """
        sent = 0
        while True:
            await self._look_after(conversation_id)
            room = self._wanted()
            taken, crowded = await self._do(
                lambda unit, room=room: taking.take(unit, room, self._lease, conversation_id)
            )
            if taken:
                self._spend(taken)
                outcomes = await asyncio.gather(*(self._send(one) for one in taken))
                results = list(zip(taken, outcomes, strict=True))
                await self._write_down(results)
                sent += sum(isinstance(outcome, Sent) for outcome in outcomes)
            elif crowded:
                await asyncio.sleep(min(self._throttle.wait(c, room) for c, room in crowded.items()))
            elif not await self._look_after(conversation_id):
                return sent

    # -- one turn of the wheel ---------------------------------------------------------------

    async def _turn_over(self) -> None:
        """Write down what came of those that are back, and take the next, in one unit of work."""
        self._wake.clear()
        results, self._results = self._results, []
        wanted = {} if self._stop.is_set() else self._wanted()

        def work(unit: UnitOfWork) -> tuple[list[Taken], dict[ChannelName, float]]:
            settle(unit, results)
            return taking.take(unit, wanted, self._lease)

        try:
            taken, crowded = await self._do(work)
        except StoreUnavailable:
            self._results[:0] = results
            raise
        except Exception:
            await self._one_by_one(results)
            raise
        count(results)
        self._spend(taken)
        for one in taken:
            self._on_their_way[one.channel] += 1
            task = asyncio.create_task(self._carry(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not taken and not self._stop.is_set():
            await self._until_woken(crowded)

    async def _until_woken(self, crowded: dict[ChannelName, float]) -> None:
        waits = [
            max(self._throttle.wait(channel, room), BULK_RESTS if room > 1 else 0.0)
            for channel, room in crowded.items()
            if self._on_their_way[channel] < self._at_once
        ]
        await either(self._wake, min([LOOKS_EVERY, *waits]))

    async def _find_out_now_and_then(self) -> None:
        self._doubt.clear()
        await self._find_out()
        await either(self._doubt, SWEEPS_EVERY)

    async def _look_after_now_and_then(self) -> None:
        self._failure.clear()
        await self._look_after()
        await either(self._failure, SWEEPS_EVERY)

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do `step` again and again. What it raises is logged by its kind, and waited out."""
        pause = 0.0
        while not self._stop.is_set():
            try:
                await step()
                pause = 0.0
            except Exception as error:
                log.error("delivery: %s in %s", type(error).__name__, step.__name__)
                pause = min(max(2 * pause, 0.5), _LONGEST_PAUSE)
                await either(self._stop, pause)

    async def _finish(self, wheels: list[asyncio.Task[None]]) -> None:
        """What is on its way may still arrive; what came of it is written down."""
        await asyncio.wait(wheels, timeout=_GRACE)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE)
        left = [*wheels, *self._tasks]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        results, self._results = self._results, []
        if results:
            try:
                await self._write_down(results)
            except Exception as error:
                log.error("delivery: %s at the end", type(error).__name__)

    # -- sending -----------------------------------------------------------------------------

    async def _carry(self, taken: Taken) -> None:
        try:
            outcome = await self._send(taken)
            self._results.append((taken, outcome))  # looked up only now: the list is swapped meanwhile
        finally:
            self._on_their_way[taken.channel] -= 1
            self._wake.set()

    async def _send(self, taken: Taken) -> Outcome:
        """Hand it to its channel. Never raises but for being cancelled."""
        try:
            message = taken.opened(self._store.sealer, self._settings.twilio_whatsapp_template or None)
        except CannotOpen:
            log.error("delivery: message %d cannot be opened with the keys we have", taken.id)
            return Refused("cannot-open", Status.TECHNICAL_FAILURE)
        try:
            async with asyncio.timeout(self._patience):
                outcome = await self._channels[taken.channel].send(message)
        except Exception as error:
            log.error("delivery: %s sending message %d", type(error).__name__, taken.id)
            return Uncertain(type(error).__name__)
        if isinstance(outcome, Refused):
            log.warning("delivery: message %d refused: %s (%s)", taken.id, outcome.code, outcome.status)
            if outcome.retry_after is not None or outcome.code in _FOR_ALL:
                self._throttle.hold(taken.channel, outcome.retry_after or _HOLDS_FOR)
        return outcome

    # -- afterwards --------------------------------------------------------------------------

    async def _find_out(self) -> None:
        """What a crash left half-way, and what may have gone: each is asked about."""
        if await self._see(uncertain.any_to_find_out):
            await self._do(uncertain.left_in_sending)
            found = await self._do(uncertain.to_find_out)
            outcomes = await asyncio.gather(
                *(self._find_out_about(taken) for taken in found), return_exceptions=True
            )
            for error in filter(None, outcomes):  # its lease brings it back
                log.error("delivery: %s finding out", type(error).__name__)

    async def _find_out_about(self, taken: Taken) -> None:
        channel = self._channels.get(taken.channel)
        found: Sent | None = None
        try:
            if channel is not None and uncertain.can_be_looked_for(taken):
                async with asyncio.timeout(min(self._patience, uncertain.ASKS_WITHIN.total_seconds())):
                    found = await channel.look_for(taken.opened(self._store.sealer), uncertain.since(taken))
        except Exception as error:
            if not isinstance(error, CannotLook):
                log.error("delivery: %s looking for message %d", type(error).__name__, taken.id)
            await self._do(lambda unit: uncertain.cannot_look(unit, taken))
            return
        await self._do(lambda unit: uncertain.found_out(unit, taken, found))

    async def _look_after(self, conversation_id: int | None = None) -> bool:
        """Another safe channel, or a human, for what did not reach someone. Whether there was any."""
        on_no_channel = await self._see(lambda reading: taking.on_no_channel(reading, set(self._channels)))
        for id_, of in on_no_channel:
            await self._do(lambda unit, id_=id_, of=of: taking.not_sent(unit, id_, of, taking.NO_CHANNEL))
        ids = await self._see(lambda reading: fallback.to_look_after(reading, conversation_id))
        done = 0
        for id_ in ids:
            try:
                await self._do(lambda unit, id_=id_: fallback.look_after(unit, id_, self._setting))
                done += 1
            except Exception as error:  # the others must not wait for it; it comes again
                log.error("delivery: %s looking after message %d", type(error).__name__, id_)
        return done > 0

    # -- the store ---------------------------------------------------------------------------

    async def _do(self, work: Callable[[UnitOfWork], T]) -> T:
        # Whoever waits may be cancelled; what was handed to the store is not.
        return await asyncio.shield(asyncio.wrap_future(self._store.run(work, acting=ACTING)))

    async def _see(self, look: Callable[[Reading], T]) -> T:
        def seen() -> T:
            with self._store.reading() as reading:
                return look(reading)

        return await asyncio.to_thread(seen)

    async def _write_down(self, results: list[tuple[Taken, Outcome]]) -> None:
        await self._do(lambda unit: settle(unit, results))
        count(results)

    async def _one_by_one(self, results: list[tuple[Taken, Outcome]]) -> None:
        """One of them could not be written down: the others must be. Its lease brings it back."""
        for result in results:
            try:
                await self._write_down([result])
            except StoreUnavailable:
                self._results.append(result)
            except Exception as error:
                log.error("delivery: %s about message %d", type(error).__name__, result[0].id)

    def _wanted(self) -> dict[ChannelName, Wanted]:
        return {
            name: Wanted(self._at_once - self._on_their_way[name], self._kept, self._throttle.room(name))
            for name in self._channels
        }

    def _spend(self, taken: list[Taken]) -> None:
        for one in taken:
            self._throttle.spend(one.channel, one.contact_point_id, one.segments)
