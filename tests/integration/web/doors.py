"""A source of every kind, with the secrets they sign with."""

import json

from integration.servers import TEAM
from senders import bodies

SECRET, OLD = "the secret of today", "the secret of yesterday"
CONFIG = (
    TEAM
    + """
[sources.am]
kind = "alertmanager"
secrets = { env = "SENDERS_OLD" }

[sources.graf]
kind = "grafana"

[sources.grafsigned]
kind = "grafana"
secrets = [{ env = "SENDERS_NEW" }]
timestamp_header = "X-Grafana-Time"
tolerance = "PT1M"

[sources.prom]
kind = "prometheus"

[sources.errors]
kind = "sentry"
secrets = [{ env = "SENDERS_NEW" }, { env = "SENDERS_OLD" }]

[sources.edge]
kind = "cloudflare"
secrets = { env = "SENDERS_NEW" }

[sources.pd]
kind = "pagerduty"
secrets = [{ env = "SENDERS_NEW" }, { env = "SENDERS_OLD" }]

[sources.uptime]
kind = "custom"

[sources.uptime.mapping]
"""
    + "\n".join(f"{name} = {json.dumps(expression)}" for name, expression in bodies.MAPPING.items())
    + """

[sources.mailbox]
kind = "email"

[sources.hooked]
kind = "custom"
secrets = { env = "SENDERS_NEW" }
mapping = { dedup_key = "id", summary = "text" }
"""
)
