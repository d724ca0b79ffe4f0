"""Diagnose and resolve: steps, guard."""
