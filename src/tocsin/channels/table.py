"""The kinds of channels, in the order they are documented, and how each is built from its options."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TextIO, TypeVar

import msgspec

from tocsin.channels.doors import Doors
from tocsin.channels.message import Channel
from tocsin.clock import Clock, SystemClock
from tocsin.configuration.options import read_options
from tocsin.errors import SettingsInvalid
from tocsin.settings import Secret, Settings

if TYPE_CHECKING:
    from tocsin.channels.twilio import Account

Options = TypeVar("Options", bound=msgspec.Struct)
ResolveSecret = Callable[[Secret], str]


@dataclass(frozen=True)
class Parts:
    """What channels are given besides their options. `doors` is the address at which others answer us."""

    resolve_secret: ResolveSecret
    clock: Clock
    console: TextIO
    doors: str = Settings().public_url

    def plain(self, value: str | Secret | None) -> str | None:
        """Give the text of an option that may be kept as a secret."""
        return self.resolve_secret(value) if isinstance(value, Secret) else value


@dataclass(frozen=True)
class ChannelKind(Generic[Options]):
    """The options a kind takes under [channels.NAME], and what makes it of them."""

    options: type[Options]
    make: Callable[[Options, Parts], Channel]


class ConsoleOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """There is nothing to choose."""


class WebhookOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to post; `url` may be kept as a secret, `secret` signs, `follow` also tells what becomes of it."""

    url: str | Secret
    secret: Secret | None = None
    follow: bool = False


class EmailOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The SMTP server. Without a `port`: 587 for starttls, 465 for tls, 25 for none."""

    host: str
    sender: str
    port: int | None = None
    tls: Literal["none", "starttls", "tls"] = "starttls"
    username: str | Secret | None = None
    password: Secret | None = None


class TwilioOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose account, which number of ours; `url` is another server than Twilio's own."""

    account: str
    auth_token: Secret
    sender: str
    url: str = "https://api.twilio.com"


class PagerDutyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key of an Events API v2 integration, and the secrets that sign the webhooks which come back."""

    routing_key: Secret
    webhook_secret: Secret | None = None
    former_webhook_secret: Secret | None = None
    url: str = "https://events.pagerduty.com"


class AppriseOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address of Apprise's. It holds keys of the service, so it is kept as a secret."""

    url: Secret


class SlackOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bot's `token` and the room of the team. Slack reaches us by Socket Mode (`app_token`) or signs what it posts.

    `signing_secret` may hold several, with white space between them, while one is replaced by another.
    """

    token: Secret
    channel: str = ""
    url: str = "https://slack.com/api/"
    app_token: Secret | None = None
    signing_secret: Secret | None = None


def _console(_options: ConsoleOptions, parts: Parts) -> Channel:
    from tocsin.channels.console import Console  # noqa: PLC0415  `tocsin check` reads configurations and sends nothing

    return Console(parts.console)


def _webhook(options: WebhookOptions, parts: Parts) -> Channel:
    from tocsin.channels.webhook import Webhook  # noqa: PLC0415  aiohttp costs a quarter second and much memory

    signing = parts.plain(options.secret)
    return Webhook(parts.plain(options.url) or "", secret=signing, follow=options.follow, clock=parts.clock)


def _email(options: EmailOptions, parts: Parts) -> Channel:
    from tocsin.channels.email import Email  # noqa: PLC0415  only who sends mail pays for it

    if (options.username is None) != (options.password is None):
        raise SettingsInvalid("username and password go together: set both or neither")
    return Email(
        options.host,
        options.sender,
        port=options.port,
        tls=options.tls,
        username=parts.plain(options.username),
        password=parts.plain(options.password),
        clock=parts.clock,
    )


def _sms(options: TwilioOptions, parts: Parts) -> Channel:
    from tocsin.channels.twilio import Sms  # noqa: PLC0415  brings aiohttp

    return Sms(_account(options, parts), clock=parts.clock)


def _call(options: TwilioOptions, parts: Parts) -> Channel:
    from tocsin.channels.twilio import Call  # noqa: PLC0415  brings aiohttp

    return Call(_account(options, parts), clock=parts.clock)


def _account(options: TwilioOptions, parts: Parts) -> "Account":
    from tocsin.channels.twilio import Account  # noqa: PLC0415  brings aiohttp

    return Account(
        sid=options.account,
        auth_token=parts.resolve_secret(options.auth_token),
        sender=options.sender,
        doors=parts.doors,
        url=options.url,
    )


def _pagerduty(options: PagerDutyOptions, parts: Parts) -> Channel:
    from tocsin.channels.pagerduty import PagerDuty  # noqa: PLC0415  brings aiohttp

    signing = (options.webhook_secret, options.former_webhook_secret)
    return PagerDuty(
        parts.resolve_secret(options.routing_key),
        clock=parts.clock,
        doors=parts.doors,
        url=options.url,
        secrets=tuple(parts.resolve_secret(one) for one in signing if one is not None),
    )


def _apprise(options: AppriseOptions, parts: Parts) -> Channel:
    from tocsin.channels.apprise import Apprise  # noqa: PLC0415  an extra, and heavy

    return Apprise(parts.resolve_secret(options.url))


def _slack(options: SlackOptions, parts: Parts) -> Channel:
    from tocsin.channels.slack import Slack  # noqa: PLC0415  its client costs time and memory

    ways = Doors(parts.plain(options.app_token), tuple((parts.plain(options.signing_secret) or "").split()))
    return Slack(parts.plain(options.token) or "", room=options.channel, url=options.url, doors=ways)


KINDS: dict[str, ChannelKind[Any]] = {
    "console": ChannelKind(ConsoleOptions, _console),
    "webhook": ChannelKind(WebhookOptions, _webhook),
    "email": ChannelKind(EmailOptions, _email),
    "twilio-sms": ChannelKind(TwilioOptions, _sms),
    "twilio-call": ChannelKind(TwilioOptions, _call),
    "pagerduty": ChannelKind(PagerDutyOptions, _pagerduty),
    "apprise": ChannelKind(AppriseOptions, _apprise),
    "slack": ChannelKind(SlackOptions, _slack),
}
OPTIONS: dict[str, type[msgspec.Struct]] = {name: kind.options for name, kind in KINDS.items()}


def build(
    settings: Settings,
    resolve_secret: ResolveSecret,
    *,
    clock: Clock | None = None,
    console: TextIO | None = None,
    doors: str = Settings().public_url,
) -> dict[str, Channel]:
    """Give every configured channel by its id, and always `console`, which writes to stdout unless told.

    `doors` is the address of this server, for services that call back.

    Raises SettingsInvalid, naming the channel, for options that do not fit and secrets that are not there.
    """
    parts = Parts(resolve_secret, clock or SystemClock(), console or sys.stdout, doors)
    channels: dict[str, Channel] = {"console": _console(ConsoleOptions(), parts)}
    for name, configured in settings.channels.items():
        kind = KINDS[configured.kind]
        options = read_options(name, configured.options, kind.options)
        try:
            channels[name] = kind.make(options, parts)
        except SettingsInvalid as wrong:
            raise SettingsInvalid(f"[channels.{name}]: {wrong.reason}", wrong.line) from wrong
    return channels
