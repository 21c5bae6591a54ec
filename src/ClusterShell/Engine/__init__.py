"""Engines, as far as programs see them: their names, their timers, their errors."""
