"""Figures: pure functions of recorded facts."""
