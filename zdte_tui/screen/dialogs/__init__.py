"""The screens above the panes: confirm, the kill switch, go to a time, the command line, palette, help."""

from zdte_tui.screen.dialogs.columns import Columns
from zdte_tui.screen.dialogs.confirm import Confirm, Outcome
from zdte_tui.screen.dialogs.filter import Filter
from zdte_tui.screen.dialogs.goto import GoTo
from zdte_tui.screen.dialogs.help import Help
from zdte_tui.screen.dialogs.kill import Kill
from zdte_tui.screen.dialogs.palette import Palette
from zdte_tui.screen.dialogs.prompt import Prompt

__all__ = ["Columns", "Confirm", "Filter", "GoTo", "Help", "Kill", "Outcome", "Palette", "Prompt"]
