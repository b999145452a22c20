"""Asks a server again until it answers, or until there is no hope.

The SDK can repeat a request itself, and is told not to: there each request waits alone, so that all workers
run into the same rate limit one after the other, a wait cannot be ended early, and a 200 with half an
answer counts as answered.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TypeVar

import openai

from mtprompt.generation.openai.address import Key

Raw = TypeVar("Raw")
Answer = TypeVar("Answer")

_LONGEST_BACKOFF = 30.0
# A server that wants a longer pause has spent its quota of the hour or day: the run had better end.
_LONGEST_PAUSE = 300.0
_WORTH_SAYING = 5.0
_PASSING = (408, 409, 425, 429)
_NEVER = (501, 505)  # 5xx, but they say that the server cannot do it
_UNREACHED = ("ConnectError", "ConnectTimeout")  # of the HTTP library under the SDK
_TOO_LONG = ("context", "too long", "maximum")
_SHOWN = 200  # characters of what a server says


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request brought no answer.

    Attributes:
        reason: For a person, one line.
        passing: Whether the same request may be answered later.
        general: Whether any other request would meet it now, too.
        limited: Whether it was one request too many in too short a time.
        pause: Seconds for which the server wants to be left alone, where it says so.
        status: The code of HTTP, where it answered with an error.
    """

    reason: str
    passing: bool = True
    general: bool = False
    limited: bool = False
    pause: float | None = None
    status: int | None = None


class Unusable(Exception):
    """An answer that came, but is not what was asked for."""


class Unanswered(Exception):
    """A request that stays without an answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


class Asker:
    """Sends the requests to one server; a rate limit makes all of them wait.

    Args:
        url: The server, for messages.
        retries: How often a request is repeated.
        timeout: Seconds for a whole answer, however slowly it trickles.
        backoff: Seconds before the first repetition; doubles with each.
        key: Of which no message may show the value.
        say: Gets a line when all must wait for long.
    """

    def __init__(
        self,
        url: str,
        *,
        retries: int,
        timeout: float,
        backoff: float,
        key: Key,
        say: Callable[[str], None],
    ) -> None:
        self._url = url
        self._retries = retries
        self._timeout = timeout
        self._backoff = backoff
        self._key = key
        self._say = say
        self._resume = 0.0  # when the pause for all ends, by the monotonic clock
        self._reached = False
        self._answered = 0

    async def ask(
        self,
        request: Callable[[], Awaitable[Raw]],
        read: Callable[[Raw], Answer],
        slots: asyncio.Semaphore,
        given_up: asyncio.Event,
    ) -> Answer:
        """Sends one request until it is answered.

        One that a rate limit turns away starts to count its tries anew whenever another was answered
        meanwhile: it waits for its turn as long as there are turns.

        Args:
            request: Sends it, once.
            read: Takes the answer apart; raises :class:`Unusable`.
            slots: How many may be under way at once.
            given_up: When set, nothing is sent any more, and no wait goes on.

        Raises:
            Unanswered: After the last try.
        """
        tries = 0
        while True:
            answered = self._answered
            async with slots:
                await self._pause_over(given_up)
                try:
                    async with asyncio.timeout(self._timeout):
                        raw = await request()
                    self._reached = True
                    answer = read(raw)
                except (openai.OpenAIError, TimeoutError, ValueError, RecursionError, Unusable) as error:
                    fault = self._fault(error)
                else:
                    self._answered += 1
                    return answer
            tries = 1 if fault.limited and self._answered > answered else tries + 1
            if not fault.passing or tries > self._retries:
                raise Unanswered(fault)
            wait = min(self._backoff * 2 ** (tries - 1), _LONGEST_BACKOFF) * random.uniform(0.5, 1)
            if fault.limited or fault.pause is not None:
                self._pause_all(fault.pause or wait)
            else:
                await _sleep(wait, given_up)

    def _pause_all(self, seconds: float) -> None:
        now = time.monotonic()
        if seconds > _WORTH_SAYING and self._resume < now:
            self._say(f"{self._url}: the server's rate limit is reached, waiting {seconds:.0f} s")
        self._resume = max(self._resume, now + seconds)

    async def _pause_over(self, given_up: asyncio.Event) -> None:
        while (left := self._resume - time.monotonic()) > 0 and not given_up.is_set():
            # not all at the same moment afterwards
            await _sleep(left + random.uniform(0, min(1.0, left / 4)), given_up)
        if given_up.is_set():
            raise Unanswered(Fault("given up"))

    def _fault(self, error: Exception) -> Fault:
        fault = self._status_fault(error) if isinstance(error, openai.APIStatusError) else self._other(error)
        if fault.pause is not None and fault.pause > _LONGEST_PAUSE:
            reason = f"{fault.reason}; it wants {fault.pause:.0f} s without requests, so run again after that"
            return replace(fault, reason=reason, passing=False, general=True)
        return fault

    def _other(self, error: Exception) -> Fault:
        cause = error.__cause__
        why = self._shown(str(cause or "")) or type(cause).__name__
        if type(cause).__name__ in _UNREACHED and not self._reached:
            reason = f"cannot connect ({why}); is the server running at {self._url}?"
            return Fault(reason, passing=False, general=True)
        if type(cause).__name__ in _UNREACHED:  # it was there, and may come back
            return Fault(f"cannot connect any more ({why})", general=True)
        if isinstance(error, TimeoutError | openai.APITimeoutError):
            return Fault(f"no whole answer within {self._timeout:g} s")
        if isinstance(error, openai.APIConnectionError):
            return Fault(f"the connection broke ({why})")
        if isinstance(error, ValueError | RecursionError):
            return Fault("the answer is no JSON, or not all of it came")
        return Fault(self._shown(str(error)), passing=isinstance(error, Unusable))

    def _status_fault(self, error: openai.APIStatusError) -> Fault:
        self._reached = True
        status = error.status_code
        said = self._shown(error.message.removeprefix(f"Error code: {status}").lstrip(" -"))
        reason = f"HTTP {status}{f': {said}' if said else ''}"
        if status in _PASSING or (status >= 500 and status not in _NEVER):
            if error.code == "insufficient_quota":
                return Fault(f"{reason} (the account has nothing left)", False, general=True, status=status)
            pause = retry_after(error.response.headers, time.time())
            return Fault(reason, limited=status == 429, pause=pause, status=status)
        if status == 401:  # without the server's own words, which may hold a part of the key
            reason = f"the server {self._key.refusal}"
        elif status == 404:
            reason += (
                " (is the model's name right, is the address right up to its /v1, and does the server have "
                "this endpoint? the option endpoint= chooses chat or completions)"
            )
        elif any(word in said.lower() for word in _TOO_LONG):
            reason += " (the option context= sets how many tokens are sent at most)"
        return Fault(reason, False, general=status in (401, 404), status=status)

    def _shown(self, text: str) -> str:
        """One line, not long, without the key."""
        if self._key.value:
            text = text.replace(self._key.value, "***")
        text = " ".join(text.split())
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that a server wants to be left alone, None if it says nothing that can be read.

    Args:
        headers: Of its answer: ``Retry-After`` in seconds or as a date (RFC 9110, 10.2.3), or
            ``Retry-After-Ms``, which some services send.
        now: Seconds since the epoch.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (TypeError, ValueError):
        return None


async def _sleep(seconds: float, given_up: asyncio.Event) -> None:
    """Sleeps, but no longer than there is hope."""
    try:
        await asyncio.wait_for(given_up.wait(), seconds)
    except TimeoutError:
        return
