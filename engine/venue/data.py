"""The market-data half of the exchange: what has been played so far, by request and by stream, and nothing later."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from engine.calendar import from_new_york
from engine.venue.data_book import DataBook
from engine.venue.data_indices import add_index_routes
from engine.venue.data_options import add_option_routes
from engine.venue.data_stocks import add_stock_routes
from engine.venue.faults import faults_of
from engine.venue.streams import add_stream_routes
from engine.venue.venue import Venue


def add_data_routes(app: web.Application, venue: Venue) -> None:
    """Options and indices under ``/v1beta1``, stocks under ``/v2``, and their streams. A part of the app.

    What ``venue`` has played before is not in its bars and trades: add this before the first ``advance``.
    """
    book = DataBook(venue, from_new_york(venue.day.day, dt.time()))
    faults = faults_of(app)
    add_option_routes(app, book, faults)
    add_index_routes(app, book, faults)
    add_stock_routes(app, book, faults)
    add_stream_routes(app, book, faults)
