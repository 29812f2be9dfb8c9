"""Measurements, each beside its yardstick in the same run.

Figures are medians of interleaved rounds: on a shared machine ratios can be trusted,
absolute times cannot. Nothing here is a test; `make test` never looks at a clock.
"""
