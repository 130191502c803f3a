"""The views for people: a trade's whole life, trades and orders as they stand, in words and dollars.

Times are ISO 8601 UTC with milliseconds; ``_usd`` columns are dollars as REAL, for reading; the exact values are in
the tables' ``_e4`` columns. Amounts carry a dollar sign, prices (dollars a share) do not. What is not known stays
unsaid or ``n/a``, never zero.
"""

# ruff: noqa: S608 - the pieces are this file's own text, nobody's input

from __future__ import annotations


def _time(ts: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%S', {ts} / 1000000000, 'unixepoch') || printf('.%03dZ', ({ts} / 1000000) % 1000)"


def _price(units: str) -> str:
    """A price to the cent, or to its four places where it has more; NULL stays NULL (printf would write a zero)."""
    places = f"CASE WHEN {units} % 100 = 0 THEN '%.2f' ELSE '%.4f' END"
    return f"CASE WHEN {units} IS NULL THEN NULL ELSE printf({places}, {units} / 10000.0) END"


def _amount(units: str) -> str:
    return f"CASE WHEN {units} < 0 THEN '-$' ELSE '$' END || {_price(f'abs({units})')}"


def _net(units: str) -> str:
    """A signed net price in words; a debit is positive, none is a market order."""
    return (
        f"CASE WHEN {units} IS NULL THEN 'at market'"
        f" WHEN {units} < 0 THEN 'for a credit of ' || {_price(f'abs({units})')}"
        f" ELSE 'for a debit of ' || {_price(units)} END"
    )


def _legs(legs: str) -> str:
    parts = ("side", "ratio", "symbol", "effect")
    side, ratio, symbol, effect = (f"json_extract(leg.value, '$.{part}')" for part in parts)
    return (
        f"(SELECT group_concat({side} || ' ' || {ratio} || ' ' || {symbol} || ' to ' || {effect}, ', ')"
        f" FROM json_each({legs}) AS leg)"
    )


def _after(separator: str, text: str) -> str:
    return f"CASE WHEN {text} = '' THEN '' ELSE '{separator}' || {text} END"


def _usd(units: str) -> str:
    return f"{units} / 10000.0"


# An intent that was denied an opening has trade 0: it is nobody's life.
_INTENT = f"""
SELECT i.session, i.trade_id, i.id, i.seq, i.ts, 'intent' AS event,
  i.actor || ' ' || i.strategy || ' wants to ' || i.kind || ' ' || i.quantity || ' x ('
  || {_legs("i.legs")} || ') ' || {_net("i.limit_e4")} || {_after(": ", "i.reason")} AS text
FROM intents AS i WHERE i.trade_id <> 0"""

# Strategy, root and key name the same thing in a signal and in the trade that came of it, the time before included.
_SIGNAL = """
SELECT s.session, t.trade_id, s.id, s.seq, s.ts, 'signal', s.kind || ' ' || s.key || ': ' || s.text
FROM trades AS t JOIN signals AS s
  ON s.session = t.session AND s.key = t.key AND s.strategy = t.strategy AND s.root = t.root
WHERE t.key <> '' AND t.id = (
  SELECT MIN(f.id) FROM trades AS f WHERE f.session = t.session AND f.trade_id = t.trade_id)"""

_DECISION = f"""
SELECT d.session, i.trade_id, d.id, d.seq, d.ts, 'decision',
  CASE WHEN d.approved THEN 'approved ' || d.quantity ELSE 'denied ' || d.code END
  || ', worst case ' || {_amount("d.worst_case_e4")} || {_after(": ", "d.text")}
FROM intents AS i JOIN decisions AS d ON d.session = i.session AND d.intent_id = i.intent_id
WHERE i.trade_id <> 0"""

_ORDER = f"""
SELECT o.session, o.trade_id, o.id, o.seq, o.ts, 'order',
  o.client_order_id || ': ' || o.kind || ' ' || o.quantity || ' x (' || {_legs("o.legs")} || ') '
  || {_net("o.limit_e4")}
FROM orders AS o"""

_ORDER_EVENT = f"""
SELECT e.session, o.trade_id, e.id, e.seq, e.ts, 'order event',
  e.client_order_id || ' ' || replace(e.status, '_', ' ') || ', ' || e.filled || ' of ' || o.quantity || ' filled, '
  || {_net("e.limit_e4")} || {_after(": ", "e.text")}
FROM orders AS o JOIN order_events AS e ON e.session = o.session AND e.client_order_id = o.client_order_id"""

_FILL = f"""
SELECT f.session, f.trade_id, f.id, f.seq, f.ts, 'fill',
  CASE WHEN f.quantity < 0 THEN 'sold ' ELSE 'bought ' END || abs(f.quantity) || ' ' || f.symbol
  || ' at ' || {_price("f.price_e4")} || ', fee ' || {_amount("f.fee_e4")}
  || ' (bid ' || coalesce({_price("f.bid_e4")}, 'n/a') || ', ask ' || coalesce({_price("f.ask_e4")}, 'n/a')
  || CASE WHEN f.quote_age_ns IS NULL THEN '' ELSE printf(', %.1f s old', f.quote_age_ns / 1e9) END || ')'
FROM fills AS f"""

_EXIT = f"""
SELECT x.session, x.trade_id, x.id, x.seq, x.ts, 'exit',
  x.actor || ' closes ' || x.scope || ': ' || x."trigger" || coalesce(', level ' || {_price("x.level_e4")}, '')
  || coalesce(', observed ' || {_price("x.observed_e4")}, '') || {_after(": ", "x.text")}
FROM exits AS x"""

_SETTLEMENT = f"""
SELECT z.session, z.trade_id, z.id, z.seq, z.ts, 'settlement',
  z.quantity || ' ' || z.symbol || ' settled at ' || {_price("z.value_e4")} || ' for ' || {_amount("z.amount_e4")}
  || CASE WHEN z.provisional THEN ', PROVISIONAL' ELSE '' END || {_after(": ", "z.text")}
FROM settlements AS z"""

_COMMAND = f"""
SELECT c.session, c.trade_id, c.id, c.seq, c.ts, 'command',
  c.actor || ': ' || replace(c.kind, '_', ' ') || {_after(" ", "c.text")} || {_after(", ", "c.outcome")}
FROM commands AS c WHERE c.trade_id <> 0"""

_TRADE = f"""
SELECT t.session, t.trade_id, t.id, t.seq, t.ts, 'trade',
  replace(t.status, '_', ' ') || ': ' || t.quantity || ' x ' || t.label
  || CASE WHEN t.credit_e4 < 0 THEN ', debit ' ELSE ', credit ' END || {_price("abs(t.credit_e4)")}
  || ', fees ' || {_amount("t.fees_e4")} || ', worst case ' || {_amount("t.worst_case_e4")}
  || coalesce(', realised ' || {_amount("t.realised_e4")}, '') || {_after(": ", "t.text")}
FROM trades AS t"""

_ARMS = (_INTENT, _SIGNAL, _DECISION, _ORDER, _ORDER_EVENT, _FILL, _EXIT, _SETTLEMENT, _COMMAND, _TRADE)

TRADE_LIFE = f"""
SELECT life.session, life.trade_id, {_time("life.ts")} AS time, life.event, life.text, life.ts, life.seq, life.id
FROM ({" UNION ALL ".join(_ARMS)}) AS life
ORDER BY life.session, life.trade_id, life.id"""

TRADES_NOW = """
SELECT t.* FROM trades AS t
WHERE t.id = (SELECT MAX(l.id) FROM trades AS l WHERE l.session = t.session AND l.trade_id = t.trade_id)"""

# Simulated and real days must be told apart wherever trades are added up.
_ORIGIN = """(SELECT group_concat(origin, '+') FROM
  (SELECT DISTINCT json_extract(source.value, '$.origin') AS origin FROM json_each(s.provenance) AS source))"""

TRADE_SUMMARY = f"""
SELECT t.session, s.name, s.day, t.account, t.trade_id, t.strategy, t.root, t.key, t.label, t.expiry, t.status,
  t.quantity, {_usd("t.credit_e4")} AS credit_usd, {_usd("t.fees_e4")} AS fees_usd,
  {_usd("t.realised_e4")} AS realised_usd, {_usd("t.worst_case_e4")} AS worst_case_usd,
  {_time("(SELECT MIN(f.ts) FROM trades AS f WHERE f.session = t.session AND f.trade_id = t.trade_id)")} AS began,
  {_time("t.ts")} AS changed, t.text, {_ORIGIN} AS origin
FROM trades_now AS t JOIN sessions AS s ON s.session = t.session
ORDER BY t.session, t.trade_id"""

ORDERS_NOW = f"""
SELECT o.session, s.name, o.account, o.client_order_id, o.trade_id, o.strategy, o.root, o.actor, o.kind, o.quantity,
  coalesce(e.status, 'new') AS status, coalesce(e.filled, 0) AS filled,
  {_usd("CASE WHEN e.id IS NULL THEN o.limit_e4 ELSE e.limit_e4 END")} AS limit_usd,
  {_legs("o.legs")} AS legs, {_time("o.ts")} AS ordered, {_time("coalesce(e.ts, o.ts)")} AS changed,
  coalesce(e.text, '') AS text
FROM orders AS o JOIN sessions AS s ON s.session = o.session
LEFT JOIN order_events AS e ON e.id = (
  SELECT MAX(l.id) FROM order_events AS l
  WHERE l.session = o.session AND l.client_order_id = o.client_order_id)
ORDER BY o.id"""

VIEWS = {
    "trades_now": TRADES_NOW,
    "trade_life": TRADE_LIFE,
    "trade_summary": TRADE_SUMMARY,
    "orders_now": ORDERS_NOW,
}
