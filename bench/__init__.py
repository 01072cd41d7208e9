"""Benchmarks: whole processes, several runs, medians and ratios side by side."""
