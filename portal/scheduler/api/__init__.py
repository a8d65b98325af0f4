"""Timed work for other systems: the state of jobs, figures, health."""

from portal.scheduler.api.figures import figures, health
from portal.scheduler.api.jobs import api

__all__ = ["api", "figures", "health"]
