"""Leicestershire's hub and dashboards: what the hub sees, what a keyworker is alerted to, who takes a family.
The rules in words, each with its source, are in README.md."""

from alerts import on_event
from allocate import allocate
from triage import triage

__all__ = ["allocate", "on_event", "triage"]
