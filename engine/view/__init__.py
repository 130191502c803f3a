"""Immutable, versioned snapshots for any reader, and the Port through which readers get them."""

from engine.alerts import LEVELS as ALERT_LEVELS
from engine.alerts import (
    MOST_RULES,
    Alert,
    AlertManners,
    AlertRequest,
    AlertsView,
    Rule,
    RuleView,
    format_rule,
    parse_rule,
)
from engine.view.chart import ChartMark, ChartStop, ChartStrike, ChartView, Cone
from engine.view.deals import Deal, DealPart, DealsView, WorkingEntry
from engine.view.equity import EquityMark, EquityView, StrategyCurve
from engine.view.gamma import GammaRow, GammaView
from engine.view.model import (
    ChainRow,
    ChainView,
    GreeksRow,
    HeaderView,
    LogRow,
    Mark,
    PositionRow,
    PositionsView,
    ProgressView,
    RiskRow,
    SideView,
    SignalRow,
    SmilePoint,
    SmileView,
    View,
)
from engine.view.orders import OrderRow, OrdersView
from engine.view.payoff import PayoffRequest, PayoffView
from engine.view.port import PRACTICES, CommandRequest, FlattenEstimate, Pace, Port
from engine.view.reading import ReadingRow
from engine.view.request import ViewRequest
from engine.view.seat import SeatView
from engine.view.term import TermRow, TermView, VixRow
from engine.view.ticket import CollisionRow, ControlRow, ProposalRow, TicketLeg, TicketRequest, TicketView

__all__ = [
    "ALERT_LEVELS",
    "MOST_RULES",
    "PRACTICES",
    "Alert",
    "AlertManners",
    "AlertRequest",
    "AlertsView",
    "ChainRow",
    "ChainView",
    "ChartMark",
    "ChartStop",
    "ChartStrike",
    "ChartView",
    "CollisionRow",
    "CommandRequest",
    "Cone",
    "ControlRow",
    "Deal",
    "DealPart",
    "DealsView",
    "EquityMark",
    "EquityView",
    "FlattenEstimate",
    "GammaRow",
    "GammaView",
    "GreeksRow",
    "HeaderView",
    "LogRow",
    "Mark",
    "OrderRow",
    "OrdersView",
    "Pace",
    "PayoffRequest",
    "PayoffView",
    "Port",
    "PositionRow",
    "PositionsView",
    "ProgressView",
    "ProposalRow",
    "ReadingRow",
    "RiskRow",
    "Rule",
    "RuleView",
    "SeatView",
    "SideView",
    "SignalRow",
    "SmilePoint",
    "SmileView",
    "StrategyCurve",
    "TermRow",
    "TermView",
    "TicketLeg",
    "TicketRequest",
    "TicketView",
    "View",
    "ViewRequest",
    "VixRow",
    "WorkingEntry",
    "format_rule",
    "parse_rule",
]
