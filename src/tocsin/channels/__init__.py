"""The ways to send: one class each, `send(message) -> receipt`. The table of all of them is `table.py`."""
