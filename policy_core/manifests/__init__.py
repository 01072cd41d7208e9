"""Manifests as the API server would have stored them: text → plain values → :mod:`policy_core.model`."""
