"""The ticket as lines: its fields, its figures, what it does to each limit. Pure: a draft and a view in, lines out."""

from __future__ import annotations

from rich.cells import cell_len

from engine.types import SCALE, Contract, Money, Price, dollars_text
from engine.view import ControlRow, TicketLeg, TicketView
from zdte_tui.screen.grid import Cell, Line
from zdte_tui.screen.text import MISSING_TEXT, SECOND, age, money, number, percent, pnl_style, wrap
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.fields import TITLES, fields, shown

TITLE_WIDTH = 12
LABEL_WIDTH = 16
CODE_WIDTH = 18
EMPTY = "no leg yet: b and s in the chain buy and sell the option under its cursor, p picks a structure"


def field_lines(draft: Draft, view: TicketView | None, at: int, focused: bool) -> list[Line]:
    """A line a field; the one at the cursor is marked by ``>``."""
    legs = {} if view is None else {leg.contract: leg for leg in view.legs}
    lines: list[Line] = []
    for n, name in enumerate(fields(draft)):
        marked: Cell = (">" if n == at and focused else " ", "key")
        if name.startswith("leg"):
            contract, ratio = draft.legs[int(name[3:])]
            lines.append((marked, *_leg(contract.short_name, ratio, legs.get(contract))))
        else:
            style = "strong" if n == at and focused else "text"
            lines.append((marked, (f"{TITLES[name]:<{TITLE_WIDTH}}", "dim"), (shown(name, draft, view), style)))
    return lines


def _leg(name: str, ratio: int, leg: TicketLeg | None) -> Line:
    side: Cell = ("sell", "short") if ratio < 0 else ("buy ", "long")
    quote = f"{_price(leg.bid)} x {_price(leg.ask)}" if leg is not None else MISSING_TEXT
    delta = number(leg.delta, sign=True) if leg is not None else MISSING_TEXT
    return (side, (f" {abs(ratio)} {name:<8}", "strong"), (f"{quote:>15}", "text"), (f"  d {delta}", "dim"))


def verdict_lines(view: TicketView | None, draft: Draft, width: int, most: int = 3) -> list[Line]:
    """What the gate would say, in words."""
    if not draft.legs:
        return [((line, "dim"),) for line in wrap(EMPTY, width)[:most]]
    if view is None:
        return [(("asking what the gate would say", "dim"),)]
    text = view.problem or view.verdict
    style = "gain" if view.approved else "warn"
    return [((line, style),) for line in wrap(text[:1].upper() + text[1:], width)[:most]]


def figure_lines(view: TicketView | None, width: int) -> list[Line]:
    """What the package costs, brings and is exposed to, a line a figure."""
    if view is None or view.limit is None:
        return []
    found: list[Line] = []
    for each in view.collisions:
        shift = f"; {each.shifted.short_name} would not" if each.shifted is not None else "; no strike beyond is free"
        text = f"{each.side} {each.contract.short_name} opposes {each.against}{shift}"
        found += [((line, "warn"),) for line in wrap(text, width)]
    ratio = f"{percent(view.credit_to_width)}% of {_price(view.width)}" if view.credit_to_width is not None else "-"
    found += [
        _figure("natural / mid", _two(view.natural, view.mid)),
        _figure("credit to width", ratio),
        _figure("max gain / loss", _ends(view)),
        *_stops(view),
        _figure("margin", _dollars(view.margin)),
        _figure("fees in / out", f"{money(view.fees_open)} / {money(view.fees_close)}"),
        _figure("breakevens", " ".join(_price(each) for each in view.breakevens) or "-"),
        _figure("touch of shorts", _touches(view)),
        _figure("delta / gamma", f"$ {number(view.delta, sign=True)} / {number(view.gamma, 3, sign=True)} a pt"),
        _figure("theta / vega", f"$ {number(view.theta, sign=True)}/min {number(view.vega, sign=True)}/vp"),
        _figure("oldest quote", age(view.oldest)),
        _figure("room by risk", _room(view)),
    ]
    return [*found, *_wrapped("entry", view.walk, width)]


def _wrapped(title: str, text: str, width: int) -> list[Line]:
    first, *rest = wrap(text, max(10, width - LABEL_WIDTH))
    return [_figure(title, first), *(_figure("", line) for line in rest)]


def _two(natural: Price | None, mid: Price | None) -> str:
    """``1.90 / 2.07 credit``."""
    if natural is not None and mid is not None and (natural < 0) == (mid < 0):
        return f"{dollars_text(abs(natural))} / {net_words(mid)}"
    return f"{net_words(natural)} / {net_words(mid)}"


def _dollars(amount: Money | None, sign: bool = False) -> str:
    """An amount; from a thousand dollars on without cents."""
    text = money(amount, sign=sign)
    return text[:-3] if amount is not None and abs(amount) >= 1000 * SCALE else text


def _ends(view: TicketView) -> str:
    gain = "no bound" if view.max_gain is None else _dollars(view.max_gain, sign=True)
    loss = "no bound" if view.max_loss is None else _dollars(view.max_loss, sign=True)
    return f"{gain} / {loss}"


def _stops(view: TicketView) -> list[Line]:
    found: list[Line] = []
    if view.request.side_stop is not None:
        found.append(_figure("if a side stops", _dollars(view.loss_one, sign=True), pnl_style(view.loss_one)))
        if view.loss_both is not None:
            found.append(_figure("if both stop", _dollars(view.loss_both, sign=True), pnl_style(view.loss_both)))
    if view.request.stop is not None:
        found.append(_figure("if it stops", _dollars(view.loss_stop, sign=True), pnl_style(view.loss_stop)))
    if view.request.target is not None:
        found.append(_figure("at the target", _dollars(view.gain_target, sign=True), pnl_style(view.gain_target)))
    return found


def _touches(view: TicketView) -> str:
    told = [f"{leg.contract.short_name} {percent(leg.touch, 0)}%" for leg in view.legs if leg.ratio < 0
            and leg.touch is not None]  # fmt: skip
    shorts = any(leg.ratio < 0 for leg in view.legs)
    return "  ".join(told) or (MISSING_TEXT if shorts else "-")


def _room(view: TicketView) -> str:
    if view.room is None:
        return "none: its loss has no bound"
    return f"{view.room}, bound by {view.binding}"


def limit_lines(view: TicketView | None, width: int) -> list[Line]:
    """Each control: what is used before and with the order of its limit; those that deny first."""
    if view is None:
        return []
    rows = sorted(view.controls, key=lambda row: (not row.why, bool(row.unasked), not row.why and row.limit is None))
    lines: list[Line] = []
    for row in rows:
        lines += _control(row, width)
    return lines


def _control(row: ControlRow, width: int) -> list[Line]:
    code: Cell = (f"{row.code:<{CODE_WIDTH}}", "warn" if row.why else "dim")
    if row.unasked:
        return [(code, (f"not asked: {row.unasked} first", "dim"))]
    if row.limit is not None and row.after is not None:
        before = f"{_amount(row.now, row.unit)} -> " if row.now is not None else ""
        text = f"{before}{_amount(row.after, row.unit)} of {_amount(row.limit, row.unit)}"
        ok: Cell = (" DENIES", "loss") if row.why else (" ok", "dim")
        return [(code, (text, "strong" if row.why else "text"), ok)]
    if not row.why:
        return [(code, ("ok", "dim"))]
    first, *rest = wrap(f"DENIES {row.why}", max(10, width - CODE_WIDTH))
    return [(code, (first, "loss")), *((((" " * CODE_WIDTH) + line, "loss"),) for line in rest[:2])]


def _amount(value: int | None, unit: str) -> str:
    if value is None:
        return MISSING_TEXT
    if unit == "money":
        return money(value).removesuffix(".00")
    if unit == "price":
        return dollars_text(value)
    return f"{value / SECOND:,.1f} s" if unit == "time" else f"{value:,}"


def _figure(title: str, text: str, style: str = "text") -> Line:
    return (f"{title:<{LABEL_WIDTH}}", "dim"), (text, style)


def _price(price: Price | None) -> str:
    return dollars_text(price)


def net_words(price: Price | None) -> str:
    """A signed net price in words."""
    if price is None:
        return MISSING_TEXT
    return f"{dollars_text(abs(price))} {'credit' if price < 0 else 'debit'}"


def side_by_side(left: list[Line], right: list[Line], width: int) -> list[Line]:
    """Two columns: ``width`` is the left one's, to which its lines are filled up."""
    found: list[Line] = []
    for n in range(max(len(left), len(right))):
        line = left[n] if n < len(left) else ()
        used = sum(cell_len(text) for text, _ in line)
        gap: Cell = (" " * max(1, width - used), "text")
        found.append((*line, gap, *right[n]) if n < len(right) else line)
    return found


def sent_words(draft: Draft, quantity: int, limit: Price) -> str:
    """What is sent, in words: ``2 x IC 5845/5855P 5900/5910C at 2.25 credit``."""
    return f"{quantity} x {draft.label} at {net_words(limit)}"


def legs_words(draft: Draft) -> str:
    """What is bought and what is sold, in words: ``SPXW 2026-01-15: buys 5835P, sells 2x 5845P``; legs that expire on
    another day than the first name theirs."""
    first = draft.legs[0][0].expiry

    def name(contract: Contract, ratio: int) -> str:
        many = f"{abs(ratio)}x " if abs(ratio) > 1 else ""
        return f"{many}{contract.short_name}" + (f" {contract.expiry}" if contract.expiry != first else "")

    bought = ", ".join(name(contract, ratio) for contract, ratio in draft.legs if ratio > 0)
    sold = ", ".join(name(contract, ratio) for contract, ratio in draft.legs if ratio < 0)
    told = ", ".join(f"{word} {names}" for word, names in (("buys", bought), ("sells", sold)) if names)
    return f"{draft.root} {first}: {told}"


def attached_words(draft: Draft) -> str:
    """The stops and the target that go with it, in words."""
    told = [
        f"{TITLES[name]} {dollars_text(price)}"
        for name in ("stop", "side_stop", "target")
        if (price := getattr(draft, name)) is not None and (name != "side_stop" or draft.two_sided)
    ]
    return ", ".join(told) or "no stop and no target"


def worst_words(view: TicketView) -> str:
    """What it loses at the most, and what it costs to send."""
    loss: Money | None = None if view.max_loss is None else -view.max_loss
    return f"worst loss {money(loss)}, fees {money(view.fees_open)}"
