"""Immutable, versioned snapshots for any reader, and the Port through which readers get them."""

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
from engine.view.port import CommandRequest, FlattenEstimate, Pace, Port, ViewRequest

__all__ = [
    "ChainRow",
    "ChainView",
    "CommandRequest",
    "FlattenEstimate",
    "GreeksRow",
    "HeaderView",
    "LogRow",
    "Mark",
    "Pace",
    "Port",
    "PositionRow",
    "PositionsView",
    "ProgressView",
    "RiskRow",
    "SideView",
    "SignalRow",
    "SmilePoint",
    "SmileView",
    "View",
    "ViewRequest",
]
