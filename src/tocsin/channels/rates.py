"""How fast each kind of channel may send where its configuration does not say: what its provider is known to take.

A limit is kept on our side so that the provider need not refuse; where it refuses all the same, its Retry-After is
honoured. Sources: Slack rate limits (one message a second and conversation, short bursts), Twilio (one SMS a second
and long number, one call a second and account), PagerDuty Events v2 (120 a minute and integration).
"""

from collections.abc import Mapping
from datetime import timedelta

from tocsin.settings import ChannelSettings, Rate

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)

RATES: Mapping[str, Rate] = {
    "email": Rate(5, _SECOND, burst=50),
    "webhook": Rate(20, _SECOND, burst=100),
    "slack": Rate(1, _SECOND, burst=10),
    "pagerduty": Rate(120, _MINUTE, burst=20),
    "twilio-sms": Rate(1, _SECOND, burst=1),
    "twilio-call": Rate(1, _SECOND, burst=1),
    "apprise": Rate(1, _SECOND, burst=10),
}
"""By kind. A kind that is not listed, such as the console, sends as fast as it can."""


ONE_BY_ONE = frozenset({"pagerduty"})
"""Kinds that keep each incident as one of their own and gather them for people themselves."""

TELLING_LATER = frozenset({"twilio-sms", "twilio-call"})
"""Kinds whose provider reports later what became of a message, perhaps before we recorded that it was taken."""


def tells_later(channel: ChannelSettings | None) -> bool:
    """Give whether a report on a message may have come already when it is recorded."""
    return channel is None or channel.kind in TELLING_LATER


def rate_of(channel: ChannelSettings | None) -> Rate | None:
    """Give how fast a configured channel may send, or None for as fast as it can."""
    if channel is None:
        return None
    return channel.rate or RATES.get(channel.kind)


def goes_together(channel: ChannelSettings | None) -> bool:
    """Give whether many messages to one person may be one message by that channel."""
    return channel is None or (channel.bundle and channel.kind not in ONE_BY_ONE)
