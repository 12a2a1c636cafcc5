"""Settings of the proof's own steps: those of an office, and the command that makes the steps. Workers take the office's."""

from cppcc_office.settings import *  # noqa: F403 (settings are laid over settings)
from cppcc_office.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "proof"]  # for its command
