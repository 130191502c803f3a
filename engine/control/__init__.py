"""How other terminals reach a running session: its socket, its kill files, the client of the socket, and the Port of an
attached screen."""

from engine.control.client import Client, Declined, NoAnswer, NoSession
from engine.control.place import Place, places
from engine.control.protocol import Status, TradeStatus
from engine.control.remote import Gone, RemotePort
from engine.control.room import Control
from engine.control.seats import OWN_SCREEN, Seat, Seats, seated

__all__ = [
    "OWN_SCREEN",
    "Client",
    "Control",
    "Declined",
    "Gone",
    "NoAnswer",
    "NoSession",
    "Place",
    "RemotePort",
    "Seat",
    "Seats",
    "Status",
    "TradeStatus",
    "places",
    "seated",
]
