"""What this app itself has to tell: what happened on the line from 交办 to 销号."""

from supervision.notifications.kinds import line

__all__ = ["line"]
