"""Endpoints as the control plane writes them are read on a short way: as on the long one, or not at all."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from policy_core.manifests.discovery import _any_endpoint, _plain_endpoint
from policy_core.manifests.fields import Fields, Report
from policy_core.manifests.sharing import Shared
from policy_core.manifests.skipping import SKIPPED
from policy_core.model import Origin

_ODD = st.sampled_from([None, "", "VM", "10.0.0.01", 0, 1, True, [], {}, ["10.0.0.1"], SKIPPED])


def _mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 49).flatmap(lambda chance: usual if chance else _ODD)


def _fields(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Nearly always all of them."""
    whole = st.fixed_dictionaries({name: _mostly(value) for name, value in fields.items()})
    return st.tuples(whole, st.sampled_from([None] * 20 + list(fields))).map(
        lambda drawn: {name: value for name, value in drawn[0].items() if name != drawn[1]}
    )


_ADDRESSES = st.lists(_mostly(st.sampled_from(["10.0.0.1", "fd00::1", "10.0.0.01", "a.b"])), max_size=2)
_ENDPOINTS = _fields(
    addresses=_ADDRESSES,
    nodeName=st.just("node-1"),
    conditions=_fields(ready=st.booleans(), serving=st.booleans(), terminating=st.booleans()),
    targetRef=_fields(kind=st.just("Pod"), name=st.just("web"), namespace=st.just("shop")),
)


@given(_ENDPOINTS)
def test_the_short_way_leads_where_the_long_one_does(value: dict[str, Any]) -> None:
    report = Report("", Origin("f", 1, 1, 1))
    found = _plain_endpoint(value, Shared())
    expected = _any_endpoint(Fields(value, (), report), named=False)
    event("on the short way" if found else "on the long way")
    if found is not None:
        assert found == expected
        assert not report.problems


@given(ready=st.booleans(), serving=st.booleans(), terminating=st.booleans())
def test_what_the_control_plane_writes_goes_the_short_way(
    ready: bool, serving: bool, terminating: bool
) -> None:
    value = {
        "addresses": ["10.0.0.1"],
        "nodeName": "node-1",
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
        "targetRef": {"kind": "Pod", "name": "web", "namespace": "shop", "uid": "u"},
    }
    found = _plain_endpoint(value, Shared())
    assert found is not None
    assert (found.ready, found.serving, found.terminating) == (ready, serving, terminating)
    assert (found.pod, found.pod_namespace, found.node) == ("web", "shop", "node-1")
