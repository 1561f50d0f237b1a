"""Benchmarks: how fast the house is beside what it stands on. None of it is installed."""
