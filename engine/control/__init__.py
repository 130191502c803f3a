"""How other terminals reach a running session: its socket, its kill files, and the client of the socket."""

from engine.control.client import Client, Declined, NoAnswer, NoSession
from engine.control.place import Place, places
from engine.control.protocol import Status, TradeStatus
from engine.control.room import Control

__all__ = ["Client", "Control", "Declined", "NoAnswer", "NoSession", "Place", "Status", "TradeStatus", "places"]
