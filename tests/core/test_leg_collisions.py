"""An opening leg that opposes a holding is moved one strike out, or denied, as the configuration says."""

from __future__ import annotations

from core_builders import CONDOR, SPOT, Played, Tape, ladder, option, run

from engine.events import DecisionRecord

TWO = 'strategies.iron_condor.entries=["10:00", "11:00"]'
UNEVEN = ("strategies.iron_condor.min_side_credit=0", "strategies.iron_condor.max_imbalance=0")
ALL = {
    "5295P": (0.05, 0.10), "5300P": (0.10, 0.20), "5305P": (0.20, 0.30), "5310P": (0.35, 0.45), **CONDOR,
    "5335P": (3.00, 3.10), "5320P": (1.00, 1.10), "5365C": (3.00, 3.10), "5380C": (0.80, 0.90),
    "5390C": (0.30, 0.35), "5395C": (0.20, 0.25), "5330P": (2.0, 2.1), "5370C": (2.0, 2.1),
}  # fmt: skip


def two_windows(*settings: str) -> Played:
    """At 11:00 the market stands 10 points higher: the new long put (5325) is the short put held from 10:00."""
    tape = Tape().list(ladder(5280, 5420)).quote("09:59", ALL, spot=SPOT).hold("10:00", "10:59")
    tape.quote("11:00", {"5385C": (1.20, 1.30)}, spot=5360.0).hold("11:01", "11:02")
    return run(tape, TWO, *UNEVEN, *settings, until="11:02")


def test_a_long_that_would_close_a_held_short_moves_one_strike_out() -> None:
    played = two_windows()

    # Wanted 5325/5335P 5385/5395C: 5325P is sold already, and 5385C bought.
    assert played.signals("entering")[1] == (
        "11:00",
        "5320/5335P 5390/5395C for 1.95 credit, shifted off a holding: 5320P, 5390C",
    )
    trades = list(played.engine.state.portfolio)
    assert [trade.status for trade in trades] == ["open", "open"]


def test_by_config_the_gate_denies_instead() -> None:
    played = two_windows("risk.on_collision=deny")

    assert [decision.code for decision in played.of(DecisionRecord)] == ["OK", "LEG_COLLISION"]
    assert played.skipped() == {
        "11:00": "denied: LEG_COLLISION: a leg opposes what is held or working: "
        "buy 5325P opposes what is held or working"
    }


def test_no_contract_is_ever_held_both_ways() -> None:
    portfolio = two_windows().engine.state.portfolio

    for name in ALL:
        signs = {trade.held(option(name)) > 0 for trade in portfolio if trade.held(option(name))}
        assert len(signs) <= 1, name


def test_where_the_next_strike_out_opposes_too_the_window_says_so() -> None:
    """Three windows: at 12:00 the long put would be 5325, sold at 10:00, and 5320 is sold since 11:00."""
    tape = Tape().list(ladder(5280, 5420)).quote("09:59", ALL, spot=SPOT).hold("10:00", "10:59")
    tape.quote("11:00", {}, spot=5345.0).hold("11:01", "11:59").quote("12:00", {}, spot=5360.0)

    played = run(
        tape,
        'strategies.iron_condor.entries=["10:00", "11:00", "12:00"]',
        *UNEVEN,
        until="12:01",
    )

    assert played.skipped() == {"12:00": "LEG_COLLISION: 5320P opposes a holding too"}


def test_a_condor_that_shifting_would_fold_up_is_not_opened() -> None:
    """Strikes 5 apart, wings 5 wide: the short put moved out lands on its own long."""
    tape = Tape().list(ladder(5280, 5420)).quote("09:59", ALL, spot=SPOT).hold("10:00", "10:59")
    tape.quote("11:00", {}, spot=5340.0).hold("11:01", "11:02")

    played = run(
        tape,
        TWO,
        *UNEVEN,
        "strategies.iron_condor.min_credit=0",
        "strategies.iron_condor.strikes.wing=30",
        until="11:02",
    )

    # At 10:00 sold 5325P/5375C, bought 5320P/5380C; at 11:00 the short put 5315 and long 5310 are free, but the
    # short call 5365 and its long 5370 are too: nothing collides. The 10:00 condor is what it asked for.
    assert played.signals("entering")[0][1].startswith("5320/5325P 5375/5380C")
    assert "11:00" not in played.skipped()
