"""Words on orders and breakers that a trader must not misread."""

from __future__ import annotations

import pytest

from engine.core import A_STOP
from engine.events import BreakerRecord, OrderEventRecord, OrderStatus
from engine.view.lines import line_of

ROW = {"seq": 1, "ts": 1, "account": "main"}


def order(status: OrderStatus, limit: int | None, text: str = "") -> str:
    line = line_of(OrderEventRecord(**ROW, client_order_id="o1", status=status, filled=0, limit=limit, text=text))  # type: ignore[arg-type]
    assert line is not None
    return line.text


@pytest.mark.parametrize(
    ("status", "limit", "text", "said"),
    [
        ("sent", None, "", "o1 sent at market"),
        ("sent", -14_000, "", "o1 sent 1.40 credit"),
        (
            "sent",
            None,
            f"{A_STOP}, at market once the ask is 4.00",
            f"o1 sent: {A_STOP}, at market once the ask is 4.00",
        ),
        ("pending_cancel", None, "before closing", "o1 pending cancel at market: before closing"),
        ("cancelled", None, "before closing", "o1 cancelled: before closing"),
        ("cancelled", 16_000, "its window is over", "o1 cancelled 1.60 debit: its window is over"),
    ],
)
def test_a_stop_that_is_sent_or_cancelled_does_not_read_like_a_market_order(
    status: OrderStatus, limit: int | None, text: str, said: str
) -> None:
    assert order(status, limit, text) == said


def test_a_breaker_that_is_lifted_is_not_said_to_be_active() -> None:
    def said(state: str) -> tuple[str, str]:
        line = line_of(BreakerRecord(**ROW, name="RECONCILE", state=state, latched=False, text="they agree"))  # type: ignore[arg-type]
        assert line is not None
        return line.level, line.text

    assert said("ACTIVE") == ("info", "RECONCILE lifted: they agree")
    assert said("REDUCING") == ("warning", "RECONCILE REDUCING: they agree")
