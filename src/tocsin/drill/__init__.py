"""Rehearse: a whole incident as a story on a hand-moved clock, with fake channels that users rehearse with too."""
