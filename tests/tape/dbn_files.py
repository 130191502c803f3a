"""DBN files of consolidated quotes and definitions, made with Databento's own library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import databento_dbn as dbn
import pyarrow as pa

from engine.calendar import from_new_york
from engine.types import parse_symbol

DAY = dt.date(2024, 8, 7)
CALL, PUT, HIGHER = "SPXW  240807C05200000", "SPXW  240807P05200000", "SPXW  240807C05210000"
NANO = 1_000_000_000
UNDEFINED = dbn.UNDEF_PRICE
SCHEMAS = {"cbbo-1m": dbn.Schema.CBBO_1M, "cbbo-1s": dbn.Schema.CBBO_1S, "definition": dbn.Schema.DEFINITION}
RTYPES = {"cbbo-1m": 193, "cbbo-1s": 192}


def at(time: str, day: dt.date = DAY) -> int:
    """Nanoseconds UTC of a time in New York."""
    return from_new_york(day, dt.time.fromisoformat(time))


def metadata(
    symbols: Mapping[str, int], day: dt.date = DAY, dataset: str = "OPRA.PILLAR", schema: str | None = "cbbo-1m"
) -> bytes:
    """The beginning of a file, with mappings of symbols to numbers that hold on ``day``."""
    tomorrow = day + dt.timedelta(days=1)
    mappings = [
        SimpleNamespace(
            raw_symbol=symbol,
            intervals=[SimpleNamespace(start_date=day, end_date=tomorrow, symbol=str(number))],
        )
        for symbol, number in symbols.items()
    ]
    return dbn.Metadata(
        dataset,
        at("00:00", day),
        dbn.SType.RAW_SYMBOL,
        dbn.SType.INSTRUMENT_ID,
        SCHEMAS.get(schema, dbn.Schema.TRADES) if schema else None,
        symbols=list(symbols),
        mappings=mappings,
        end=at("23:59", day),
        version=3,
    ).encode()


def quote(
    number: int,
    time: str | int,
    bid: float | None,
    ask: float | None,
    sizes: tuple[int, int] = (10, 20),
    trade: tuple[int, float] | None = None,
    schema: str = "cbbo-1m",
    flags: int = 194,
) -> bytes:
    """One record; ``time`` is the end of its interval, ``trade`` the time and price of the last trade."""
    levels = dbn.ConsolidatedBidAskPair(
        nanos(bid), nanos(ask), sizes[0] if bid is not None else 0, sizes[1] if ask is not None else 0, 30, 30
    )
    return bytes(
        dbn.CBBOMsg(
            RTYPES[schema],
            30,
            number,
            trade[0] if trade else dbn.UNDEF_TIMESTAMP,
            nanos(trade[1] if trade else None),
            1 if trade else 0,
            dbn.Side.NONE,
            at(time) if isinstance(time, str) else time,
            flags=flags,
            levels=levels,
        )
    )


def definition(symbol: str, number: int, day: dt.date = DAY, multiplier: int | None = None, strike: int = 0) -> bytes:
    """One definition, published at 7:30; ``strike`` in units of 1e-9 where it is to contradict the symbol."""
    contract = parse_symbol(symbol)
    return bytes(
        dbn.InstrumentDefMsg(
            publisher_id=30,
            instrument_id=number,
            ts_event=at("07:30", day),
            ts_recv=at("07:30", day),
            min_price_increment=UNDEFINED,
            display_factor=UNDEFINED,
            raw_symbol=symbol,
            asset=symbol.split(" ")[0],
            security_type="OPT",
            instrument_class=dbn.InstrumentClass.CALL if contract.right == "C" else dbn.InstrumentClass.PUT,
            security_update_action=dbn.SecurityUpdateAction.ADD,
            expiration=int(dt.datetime.combine(contract.expiry, dt.time(), dt.UTC).timestamp()) * NANO,
            strike_price=strike or contract.strike * 100_000,
            contract_multiplier=multiplier,
        )
    )


def write(path: Path, head: bytes, records: Sequence[bytes]) -> Path:
    """The file, packed if its name ends so."""
    data = head + b"".join(records)
    if path.suffix == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write(data)
    else:
        path.write_bytes(data)
    return path


def nanos(price: float | None) -> int:
    """Units of 1e-9, undefined for ``None``."""
    return UNDEFINED if price is None else round(price * NANO)
