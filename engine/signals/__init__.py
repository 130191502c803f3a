"""What a market says beyond its prices, one signal a file: pure functions of current arrays, nothing remembered."""

from engine.signals.gamma_exposure import GammaExposure, chains_gamma_exposure, gamma_exposure

__all__ = ["GammaExposure", "chains_gamma_exposure", "gamma_exposure"]
