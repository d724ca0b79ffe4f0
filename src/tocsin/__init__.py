"""Tocsin runs your incident runbook."""

__version__ = "0.1.0"
