"""The market-data half of the exchange: what has been played so far, by request and by stream, and nothing later."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from engine.calendar import from_new_york
from engine.venue.app import Part
from engine.venue.data_book import DataBook
from engine.venue.data_indices import add_index_routes
from engine.venue.data_options import add_option_routes
from engine.venue.data_stocks import add_stock_routes
from engine.venue.faults import faults_of
from engine.venue.streams import add_stream_routes
from engine.venue.streams_wire import MOST_IN_FRAME
from engine.venue.venue import Venue


def data_routes(indicative_width: float = 1.0, most_in_frame: int = MOST_IN_FRAME) -> Part:
    """The part that adds them, with indicative quotes so many times as wide as OPRA's."""
    return lambda app, venue: add_data_routes(app, venue, indicative_width, most_in_frame)


def add_data_routes(
    app: web.Application, venue: Venue, indicative_width: float = 1.0, most_in_frame: int = MOST_IN_FRAME
) -> None:
    """Options and indices under ``/v1beta1``, stocks under ``/v2``, and their streams. A part of the app.

    What ``venue`` has played before is not in its bars and trades: add this before the first ``advance``.
    """
    book = DataBook(venue, from_new_york(venue.day.day, dt.time()), indicative_width)
    faults = faults_of(app)
    add_option_routes(app, book, faults)
    add_index_routes(app, book, faults)
    add_stock_routes(app, book, faults)
    add_stream_routes(app, book, faults, most_in_frame=most_in_frame)
