"""Append facts and replace jobs in one transaction."""
