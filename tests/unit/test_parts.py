"""Objects by namespace: where they are."""

from __future__ import annotations

from itertools import groupby
from random import Random

from policy_core.model import Pod, Ref
from policy_core.parts import ByNamespace, Part


def test_many_are_found_where_each_is_found() -> None:
    random = Random(1)
    pods = [Pod(f"n{space}", f"p{number:03}") for space in range(6) for number in range(40)]
    some = sorted(random.sample(pods, 150), key=lambda pod: (pod.namespace, pod.name))
    listed = ByNamespace({name: Part(part) for name, part in groupby(some, lambda pod: pod.namespace)})
    everything = [*(pod.ref for pod in pods), Ref("Pod", "elsewhere", "p001"), Ref("Service", "n1", "p001")]
    for count in (0, 1, 3, 20, len(everything)):
        refs = random.sample(everything, count)
        each = {position for ref in refs if (position := listed.position(ref)) is not None}
        assert set(listed.positions(refs)) == each
        assert {listed[position].ref for position in each} == {*refs} & {pod.ref for pod in some}
