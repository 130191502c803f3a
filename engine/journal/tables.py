"""The tables as they were first created, of schemas 1 and 4. A released schema never changes: later ones migrate."""

from __future__ import annotations

Columns = dict[str, type]

SESSIONS: Columns = {
    "session": int,
    "name": str,
    "account": str,
    "day": str,
    "roots": str,
    "provenance": str,
    "config_hash": str,
    "config": str,
    "code_version": str,
    "seed": int,
    "epochs": int,
    "status": str,
    "branch_of": int,
}

RUNS: Columns = {
    "run": int,
    "session": int,
    "epoch": int,
    "started_at": str,
    "ended_at": str,
    "mode": str,
    "speed": float,
    "host": str,
    "pid": int,
    "python": str,
    "outcome": str,
    "progress_ts": int,
    "progress_seq": int,
}

_PACKAGE: Columns = {"quantity": int, "limit_e4": int, "legs": str}

RECORDS: dict[str, Columns] = {
    "signals": {"strategy": str, "root": str, "kind": str, "key": str, "text": str},
    "intents": {
        "intent_id": int,
        "trade_id": int,
        "strategy": str,
        "root": str,
        "actor": str,
        "kind": str,
        **_PACKAGE,
        "reason": str,
    },
    "decisions": {
        "intent_id": int,
        "approved": int,
        "code": str,
        "text": str,
        "quantity": int,
        "worst_case_e4": int,
    },
    "orders": {
        "client_order_id": str,
        "intent_id": int,
        "trade_id": int,
        "strategy": str,
        "root": str,
        "actor": str,
        "kind": str,
        **_PACKAGE,
    },
    "order_events": {"client_order_id": str, "status": str, "filled": int, "limit_e4": int, "text": str},
    "fills": {
        "exec_id": str,
        "client_order_id": str,
        "trade_id": int,
        "symbol": str,
        "quantity": int,
        "price_e4": int,
        "fee_e4": int,
        "bid_e4": int,
        "ask_e4": int,
        "quote_age_ns": int,
    },
    "trades": {
        "trade_id": int,
        "strategy": str,
        "root": str,
        "key": str,
        "label": str,
        "expiry": str,
        "status": str,
        "quantity": int,
        "credit_e4": int,
        "fees_e4": int,
        "realised_e4": int,
        "worst_case_e4": int,
        "text": str,
    },
    "positions": {"trade_id": int, "symbol": str, "quantity": int, "cash_e4": int},
    "marks": {
        "trade_id": int,
        "spot_e4": int,
        "pnl_mid_e4": int,
        "pnl_now_e4": int,
        "delta": float,
        "gamma": float,
        "theta": float,
        "vega": float,
        "why": str,
    },
    "exits": {
        "trade_id": int,
        "actor": str,
        "scope": str,
        "symbols": str,
        "trigger": str,
        "level_e4": int,
        "observed_e4": int,
        "text": str,
    },
    "settlements": {
        "trade_id": int,
        "symbol": str,
        "quantity": int,
        "value_e4": int,
        "amount_e4": int,
        "provisional": int,
        "text": str,
    },
    "strategy_states": {"strategy": str, "root": str, "state": str},
    "commands": {
        "command_id": str,
        "actor": str,
        "kind": str,
        "trade_id": int,
        "text": str,
        "outcome": str,
    },
    "breakers": {"name": str, "state": str, "latched": int, "text": str},
    "notices": {"level": str, "source": str, "text": str},
}

NULLABLE: dict[str, set[str]] = {
    "sessions": {"seed", "branch_of"},
    "runs": {"ended_at", "progress_ts", "progress_seq"},
    "intents": {"limit_e4"},
    "orders": {"limit_e4"},
    "order_events": {"limit_e4"},
    "fills": {"bid_e4", "ask_e4", "quote_age_ns"},
    "trades": {"realised_e4"},
    "marks": {"spot_e4", "pnl_mid_e4", "pnl_now_e4", "delta", "gamma", "theta", "vega"},
    "exits": {"level_e4", "observed_e4"},
    "chain": {"session"},
    "session_log": {"session", "run"},
}

# Schema 4: the hash chain, and what was archived.
CHAIN: Columns = {"link": int, "session": int, "subject": str, "row": int, "hash": str}
SESSION_LOG: Columns = {"entry": int, "session": int, "run": int, "event": str, "at": str, "detail": str}
ARCHIVES: Columns = {
    "archive": int,
    "file": str,
    "at": str,
    "links": int,
    "head": str,
    "last_id": int,
    "last_run": int,
    "sessions": int,
}
ARCHIVED: Columns = {"session": int, "archive": int, "name": str, "account": str, "day": str, "runs": int}

# Each starts with the session, so that it also finds a session's rows; the rest is what the views join by.
INDICES: dict[str, tuple[tuple[str, ...], ...]] = {
    "sessions": (("account", "status"),),
    "runs": (("session",),),
    "signals": (("session", "key"),),
    "intents": (("session", "trade_id"), ("session", "intent_id")),
    "decisions": (("session", "intent_id"),),
    "orders": (("session", "trade_id"), ("session", "client_order_id")),
    "order_events": (("session", "client_order_id"),),
    "fills": (("session", "trade_id"),),
    "trades": (("session", "trade_id"),),
    "positions": (("session", "trade_id"),),
    "marks": (("session", "trade_id"),),
    "exits": (("session", "trade_id"),),
    "settlements": (("session", "trade_id"),),
    "strategy_states": (("session",),),
    "commands": (("session", "trade_id"),),
    "breakers": (("session",),),
    "notices": (("session",),),
}
