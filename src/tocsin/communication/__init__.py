"""Tell people: what a page says."""
