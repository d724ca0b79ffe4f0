"""What a decision may look at besides the incident."""

from typing import NamedTuple

from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings


class World(NamedTuple):
    """The runbook an incident is pinned to, and today's settings."""

    runbook: Runbook
    settings: Settings
