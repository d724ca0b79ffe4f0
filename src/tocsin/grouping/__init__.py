"""Which incident an alert is part of, and what holds it back."""
