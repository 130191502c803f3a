"""Brokers outside the engine: what a session needs of one, and the simulated exchange as one, in its own process."""

from engine.broker.port import Broker, BrokerDown
from engine.broker.simulated import SimulatedBroker
from engine.broker.socket_client import SocketBroker
from engine.broker.socket_server import ExchangeServer

__all__ = ["Broker", "BrokerDown", "ExchangeServer", "SimulatedBroker", "SocketBroker"]
