"""Decisions: synchronous, without I/O and without a clock."""
