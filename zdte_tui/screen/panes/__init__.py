"""The panes: each a pure function from the view to rows, and a thin widget around it."""

from zdte_tui.screen.panes.alerts import AlertsPane
from zdte_tui.screen.panes.chain import ChainPane
from zdte_tui.screen.panes.chart import ChartPane
from zdte_tui.screen.panes.compare import ComparePane
from zdte_tui.screen.panes.equity import EquityPane
from zdte_tui.screen.panes.gamma import GammaPane
from zdte_tui.screen.panes.greeks import GreeksPane
from zdte_tui.screen.panes.log import LogPane
from zdte_tui.screen.panes.orders import OrdersPane
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.panes.payoff import PayoffPane
from zdte_tui.screen.panes.positions import PositionsPane
from zdte_tui.screen.panes.risk import RiskPane
from zdte_tui.screen.panes.signals import SignalsPane
from zdte_tui.screen.panes.smile import SmilePane
from zdte_tui.screen.panes.term import TermPane

PANES: tuple[type[Pane], ...] = (
    ChainPane,
    PositionsPane,
    GreeksPane,
    SignalsPane,
    RiskPane,
    ChartPane,
    PayoffPane,
    GammaPane,
    SmilePane,
    TermPane,
    EquityPane,
    ComparePane,
    LogPane,
    OrdersPane,
    AlertsPane,
)
"""In the order of their number keys."""

__all__ = ["PANES", "Content", "Pane"]
