"""Carrying out jobs: the task that runs them, and what collects their events."""
