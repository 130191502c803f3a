"""What the live feed is called on the screen, in the journal and in every report."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from engine.config.alpaca import AlpacaTable
from engine.types import Provenance

_NOTES = {
    "indicative": "option quotes as Alpaca's indicative feed has them: modified; trades 15 minutes late",
    "opra": "consolidated option quotes (OPRA) by Alpaca",
}


def provenance(table: AlpacaTable, root: str) -> Provenance:
    """The label of a root's live data. What streams from this machine is simulated: nothing there is a market."""
    if is_local(table.stream_url):
        note = f"a local exchange in Alpaca's protocols at {table.stream_url}: no market showed these prices of {root}"
        return Provenance(source="alpaca", origin="simulated", meaning="quote", note=note)
    note = f"{_NOTES[table.option_feed]}; funds from {table.stock_feed.upper()}"
    return Provenance(source=f"alpaca-{table.option_feed}", origin="vendor", meaning="quote", note=note)


def is_local(url: str) -> bool:
    """Whether an address is of this machine itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
