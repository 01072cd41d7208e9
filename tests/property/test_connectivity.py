"""All pairs at once are judged as the reference judges them one by one."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from unittest.mock import patch

from hypothesis import given, note
from hypothesis import strategies as st

from policy_core import open_pairs
from policy_core.between import Level, between, level
from policy_core.blocks import blocks
from policy_core.connectivity import connectivity
from policy_core.evaluation import Evaluation
from policy_core.index import bits
from policy_core.ipblock import IPAddress
from policy_core.model import Direction, Pod, Ref
from policy_core.outside import AddressRange
from policy_core.ports import NO_PORTS, PortSet
from policy_core.report import matrix_groups
from policy_core.report.matrix_csv import matrix_csv
from policy_core.report.matrix_groups import groups, surely_more_than
from policy_core.report.matrix_json import matrix_json
from policy_core.report.matrix_words import class_names
from policy_core.report.words import ports_json
from policy_core.snapshot import assemble
from tests import reference
from tests.reference import SideVerdict, World
from tests.strategies import EXTERNAL, clusters, clusters_of_similar_rules, interesting_ports, reading

WORDS: tuple[SideVerdict, ...] = ("allow", "partial", "unknown")
END_PORTS = [(protocol, port) for protocol in ("TCP", "UDP", "SCTP") for port in (1, 9000, 65535)]


def ports_to_ask(world: World) -> list[tuple[str, int]]:
    """Every port at which something can change, some in the middle of ranges, and the ends of the line."""
    return sorted({*interesting_ports(world), *END_PORTS, ("TCP", 4000)})


def over_pods(verdicts: set[SideVerdict]) -> SideVerdict:
    """One word for the pods of a class, which differ where only some are on the source's own node."""
    if "unknown" in verdicts:
        return "unknown"
    return verdicts.pop() if len(verdicts) == 1 else "partial"


@st.composite
def owned(draw: st.DrawFn) -> World:
    """Clusters in which some pods are made by workloads, of which no object was read."""
    world = draw(clusters() | clusters_of_similar_rules())
    owners = st.sampled_from((None, "x", "y"))

    def made(pod: Pod) -> Pod:
        name = None if pod.is_template else draw(owners)
        return replace(pod, owner=Ref("StatefulSet", pod.namespace, name) if name else None)

    return world._replace(pods=[made(pod) for pod in world.pods])


@given(owned())
def test_every_pair_of_pods_is_judged_as_one_by_one(world: World) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    assert [pod.ref for each in found.classes for pod in each.pods if pod.finished] == []
    columns = list(found.to())
    for destination in found.classes:
        for source in found.classes:
            allowed = found.allowed(source.number, destination.number)
            assert (allowed, True) in [
                (a, bool(s >> source.number & 1)) for a, s in columns[destination.number]
            ] or not allowed
            pairs = [(a, b) for a in source.pods for b in destination.pods]
            if source is destination and not source.single:
                pairs = [(a, b) for a, b in pairs if a.ref != b.ref or a.several]
            for protocol, port in ports_to_ask(world):
                words = [
                    word for word, ports in zip(WORDS, allowed, strict=True) if ports.contains(protocol, port)
                ]
                for end in source.pods:
                    verdicts: set[SideVerdict] = {
                        reference.verdict(world, a, b, protocol, port).verdict
                        for a, b in pairs
                        if a.ref == end.ref
                    }
                    note(f"{end.ref} → {[pod.ref.path for pod in destination.pods]} {protocol} {port}")
                    assert (words or ["deny"]) == [over_pods(verdicts)]


@given(owned())
def test_every_pod_that_takes_part_is_in_one_class_and_a_class_is_of_one_kind(world: World) -> None:
    evaluation = Evaluation.of(assemble(reading(world)))
    classes = connectivity(evaluation).classes
    members = sorted(pod.ref for each in classes for pod in each.pods)
    assert members == sorted(pod.ref for pod in world.pods if not pod.finished)
    for each in classes:
        assert {evaluation.index.class_of[pod.ref] for pod in each.pods} == {each.index_class}
        assert each.workload == (each.pods[0].ref if each.pods[0].is_template else each.pods[0].owner)
        assert {pod.owner for pod in each.pods} == {each.pods[0].owner}
        shared = set.intersection(*(set(pod.labels.items()) for pod in each.pods))
        assert each.labels() == {k: v for k, v in shared if k != "pod-template-hash"}


@given(owned())
def test_sources_of_a_column_are_disjoint_and_so_are_their_ports(world: World) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    for column in found.to():
        seen = 0
        for allowed, sources in column:
            assert sources
            assert not sources & seen
            seen |= sources
            assert PortSet.union(allowed) != NO_PORTS
            for one, other in ((0, 1), (0, 2), (1, 2)):
                assert not allowed[one] & allowed[other]
        assert len({allowed for allowed, _ in column}) == len(column)


@given(owned(), st.sampled_from(("a", "b", "c")))
def test_a_part_has_the_pairs_with_an_end_in_it(world: World, name: str) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    ends = found.of_namespace(name)
    part = found.restricted(ends)
    for destination, (column, whole) in enumerate(zip(part.to(), found.to(), strict=True)):
        for source in range(len(found.classes)):
            expected = [allowed for allowed, sources in whole if sources >> source & 1]
            kept = [allowed for allowed, sources in column if sources >> source & 1]
            assert kept == (expected if (1 << source | 1 << destination) & ends else [])


def edges(ranges: tuple[AddressRange, ...]) -> Iterator[IPAddress]:
    """The first and the last address of every range, one in its middle, and the neighbours outside it."""
    for addresses, *_ in ranges:
        for network in addresses.networks():
            first, last = int(network.network_address), int(network.broadcast_address)
            make = IPv4Address if network.version == 4 else IPv6Address
            most = 2 ** (32 if network.version == 4 else 128) - 1
            for point in (first - 1, first, (first + last) // 2, last, last + 1):
                if 0 <= point <= most:
                    yield make(point)


def reference_side(
    world: World, pod: Pod, direction: Direction, address: IPAddress, protocol: str, port: int
) -> bool:
    if address.version not in ({ip.version for ip in pod.ips} or {4, 6}):
        return False
    return reference.side(world, direction, pod, address, address.version, protocol, port) == "allow"


@given(clusters(), st.data())
def test_addresses_outside_are_judged_as_one_by_one(world: World, data: st.DataObject) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    for each in found.classes:
        for direction in Direction:
            ranges = found.outside[each.number][direction]
            assert len({each.ports for each in ranges}) == len(ranges)
            probes = sorted({*EXTERNAL, *edges(ranges)}, key=lambda ip: (ip.version, int(ip)))
            for address in data.draw(st.lists(st.sampled_from(probes), min_size=5, max_size=5)):
                covering = [each.ports for each in ranges if address in each.addresses]
                assert len(covering) <= 1
                for protocol, port in ports_to_ask(world):
                    allowed = any(ports.contains(protocol, port) for ports in covering)
                    for pod in each.pods:
                        expected = reference_side(world, pod, direction, address, protocol, port)
                        note(f"{direction} {pod.ref} {address} {protocol} {port}")
                        assert allowed is expected


@given(owned())
def test_rows_and_columns_put_together_say_what_each_pair_says(world: World) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    grouped = groups(found)
    seen = 0
    for group in grouped:
        assert group.sources
        assert not group.sources & seen
        seen |= group.sources
        for source in bits(group.sources):
            for destination in range(len(found.classes)):
                said = [e.allowed for e in group.entries if e.destinations >> destination & 1]
                if source == destination and found.classes[source].single:
                    continue
                assert said == [allowed for allowed in [found.allowed(source, destination)] if allowed]
    assert seen == found.shown()


@given(owned(), st.integers(0, 40))
def test_many_rows_are_told_without_putting_them_together(world: World, most: int) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    if surely_more_than(most, found):
        assert sum(len(group.entries) for group in groups(found)) > most


@given(st.integers(1, 2**150), st.lists(st.integers(0, 2**150) | st.integers(0, 149).map(lambda n: 1 << n)))
def test_classes_are_alike_that_no_set_tells_apart(whole: int, sets: list[int]) -> None:
    with patch.object(matrix_groups, "_AT_ONCE", 3):
        assert sorted(matrix_groups.parts_alike(whole, sets)) == sorted(blocks(whole, sets))


@given(owned())
def test_json_and_csv_have_each_pair_as_it_is(world: World) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    expected = {
        (source, destination): found.allowed(source, destination)
        for source in range(len(found.classes))
        for destination in range(len(found.classes))
        if found.allowed(source, destination)
    }
    told = json.loads("".join(matrix_json(found, ())))
    assert [each["id"] for each in told["classes"]] == list(range(len(found.classes)))
    assert [(each["from"], each["to"]) for each in told["connections"]] != [] or not expected
    assert {(each.pop("from"), each.pop("to")): each for each in told["connections"]} == {
        pair: {
            kind: ports_json(ports) for kind, ports in allowed._asdict().items() if ports or kind == "ports"
        }
        for pair, allowed in expected.items()
    }
    names = class_names(found.classes)
    rows = list(csv.reader("".join(matrix_csv(found)).splitlines()))[1:]
    pairs = [row for row in rows if row[0] in names and row[1] in names]
    lines = [
        [names[source], names[destination], protocol, *numbers, word.replace("ports", "allow")]
        for (source, destination), allowed in expected.items()
        for word, ports in allowed._asdict().items()
        for protocol, first, last in ports.ranges()
        for numbers in [["", ""] if protocol == "*" else [str(first), str(last)]]
    ]
    assert sorted(pairs) == sorted(lines)


@given(owned(), st.sampled_from((0, 1, 32)))
def test_tallies_count_every_pair_once(world: World, few: int) -> None:
    found = connectivity(Evaluation.of(assemble(reading(world))))
    with patch.object(open_pairs, "_FEW", few):
        tallies = between(found)
    for source in tallies.namespaces:
        for destination in tallies.namespaces:
            levels = Counter(
                level(found.allowed(a, b))
                for a in bits(tallies.namespaces[source])
                for b in bits(tallies.namespaces[destination])
                if a != b or not found.classes[a].single
            )
            none = levels.pop(Level.NONE, 0)
            counted = tallies.cell(source, destination)
            assert (counted.all, counted.some, counted.partly, counted.unknown) == tuple(
                levels[each] for each in (Level.ALL, Level.SOME, Level.PARTLY, Level.UNKNOWN)
            )
            assert counted.pairs == levels.total() + none
