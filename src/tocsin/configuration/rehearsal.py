"""A configuration as it is rehearsed: the same people and checks, and nothing that leads off this machine.

docs/decisions/0070-a-live-drill-is-a-real-server-behind-stand-ins.md
"""

from collections.abc import Mapping
from datetime import timedelta

from msgspec.structs import replace

from tocsin.errors import SettingsInvalid
from tocsin.settings import ChannelSettings, Settings, WatchSettings


def rehearsed(settings: Settings, stand_ins: Mapping[str, ChannelSettings]) -> Settings:
    """Give the settings with a stand-in in the place of each channel, reached where the server listens.

    What happens is a story of its own each time: nothing is reopened, and nothing counts as coming and going.
    Raises SettingsInvalid for a channel without a stand-in: it would page people for a rehearsal.
    """
    for name in settings.channels:
        if name not in stand_ins:
            raise SettingsInvalid(f"nothing stands in for [channels.{name}], so it would page for a rehearsal")
    channels = {
        name: replace(channel, kind=stand_ins[name].kind, options=stand_ins[name].options)
        for name, channel in settings.channels.items()
    }
    return replace(
        settings,
        channels=channels,
        public_url=Settings().public_url,
        watch=WatchSettings(),
        reopen_within=timedelta(0),
        flapping_after=0,
    )
