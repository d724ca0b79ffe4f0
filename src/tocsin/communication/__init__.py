"""Tell people: what a page says, what an update says, how often, and what the public reads."""
