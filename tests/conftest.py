"""Settings that every test shares."""

from __future__ import annotations

import os
import tempfile

from hypothesis import HealthCheck, settings

# No deadline and no complaint about slow generation: both measure the machine, not the code.
settings.register_profile(
    "default",
    max_examples=300,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=5000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Read by Textual when it is imported: pictures must not depend on the moment they are taken.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

# Nothing that the person at this machine has set up plays a part, and nothing is left behind there.
_home = tempfile.TemporaryDirectory(prefix="netpol-tui-tests-")
os.environ["KUBECONFIG"] = os.path.join(_home.name, "no-kubeconfig")  # noqa: PTH118
os.environ["XDG_STATE_HOME"] = os.path.join(_home.name, "state")  # noqa: PTH118
os.environ["XDG_CONFIG_HOME"] = os.path.join(_home.name, "config")  # noqa: PTH118
os.environ.pop("KUBERNETES_SERVICE_HOST", None)
