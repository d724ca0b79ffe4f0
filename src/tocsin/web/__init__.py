"""The doors for browsers and machines: pages, the JSON API, and alerts in."""
