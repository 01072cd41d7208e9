"""The terminal explorer over :mod:`policy_core`."""
