"""Black (1976) in decimal arithmetic, 60 digits and more: the oracle the fast kernel is measured against."""

from __future__ import annotations

from decimal import Decimal, localcontext

DIGITS = 60
HALF = Decimal("0.5")


def _phi_digits(z: float) -> int:
    """Working digits that leave 60 after the tail's cancellation against 1/2, which costs z^2/2 nepers."""
    return DIGITS + 15 + int(0.22 * z * z)


def normal_cdf(z: Decimal) -> Decimal:
    """N(z) by the series 1/2 + n(z) (z + z^3/3 + z^5/15 + ...), whose terms have one sign."""
    with localcontext() as context:
        context.prec = _phi_digits(float(z))
        term = total = z
        n = 1
        while abs(term) > abs(total) * Decimal(10) ** -context.prec:
            n += 2
            term = term * z * z / n
            total += term
        return HALF + total * normal_pdf(z)


def normal_pdf(z: Decimal) -> Decimal:
    """n(z)."""
    # 1/sqrt(2 pi) to 120 digits.
    root = Decimal(
        "0.398942280401432677939946059934381868475858631164934657665925829670657925899301838501252333907306936430302558862"
    )
    return root * (-z * z / 2).exp()


def black(sign: int, forward: float, strike: float, t: float, sigma: Decimal | float, df: float = 1.0) -> Decimal:
    """The price of the exact values of the floats given."""
    with localcontext() as context:
        context.prec = 110
        f, k, s = Decimal(forward), Decimal(strike), Decimal(sigma)
        v = s * Decimal(t).sqrt()
        d1 = (f / k).ln() / v + v / 2
        d2 = d1 - v
        return Decimal(df) * sign * (f * normal_cdf(sign * d1) - k * normal_cdf(sign * d2))


def vega(forward: float, strike: float, t: float, sigma: Decimal | float, df: float = 1.0) -> Decimal:
    """dPrice/dSigma."""
    with localcontext() as context:
        context.prec = 110
        f, k, s = Decimal(forward), Decimal(strike), Decimal(sigma)
        v = s * Decimal(t).sqrt()
        d1 = (f / k).ln() / v + v / 2
        return Decimal(df) * f * normal_pdf(d1) * Decimal(t).sqrt()


def implied_vol(sign: int, forward: float, strike: float, t: float, price: float, start: float) -> Decimal:
    """The root of ``black = price`` by Newton from a start that is near; the price is monotone, so it is the one."""
    with localcontext() as context:
        context.prec = 110
        sigma = Decimal(start)
        for _ in range(60):
            slope = vega(forward, strike, t, sigma)
            step = (Decimal(price) - black(sign, forward, strike, t, sigma)) / slope
            sigma += max(min(step, sigma / 2), -sigma / 2)
            if abs(step) < sigma * Decimal("1e-30"):
                return sigma
    raise AssertionError(f"the oracle did not converge: {sign} {forward} {strike} {t} {price} from {start}")
