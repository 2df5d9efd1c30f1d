"""The record of answers (C13)."""

from assistant.audit.answers import Audit
from assistant.audit.check import Problem, Report, check
from assistant.audit.log import Log

__all__ = ["Audit", "Log", "Problem", "Report", "check"]
