"""What the lists show, narrowed and remembered, against looking at every row each time."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from tests.reference import World
from tests.strategies import clusters_with_slices, reading
from tui.catalogue import ALL_NAMESPACES, Catalogue, Pane
from tui.columns import columns, sort_key
from tui.orders import Floated, Listing
from tui.state import ExplorerState, Order, Place

QUERIES = st.text(alphabet="abpsx=-./0 1", max_size=5)


def plain(state: ExplorerState, pane: Pane) -> Order:
    """Every row looked at, in the words of the interface."""
    rows, listing = state.catalogue.rows[pane], state.listings[pane]
    indices = list(range(len(rows)))
    key = sort_key(pane, listing.sort)
    if key is not None:
        fixed = 1 if pane is Pane.NAMESPACES else 0
        rank = key
        indices[fixed:] = sorted(indices[fixed:], key=lambda i: rank(rows[i]), reverse=listing.reverse)
    if state.scope and pane is not Pane.NAMESPACES:
        indices = [i for i in indices if rows[i].ref.namespace in (state.scope, "")]
    total = sum(rows[i].ref != ALL_NAMESPACES for i in indices)
    indices = [i for i in indices if all(term in rows[i].haystack for term in listing.query.lower().split())]
    shown = sum(rows[i].ref != ALL_NAMESPACES for i in indices)
    marks = state.marks(pane)
    first = [i for i in indices if rows[i].ref in marks]
    return Order(first + [i for i in indices if rows[i].ref not in marks], len(first), total, shown)


@given(st.data(), clusters_with_slices())
def test_orders_are_those_of_looking_at_every_row(data: DataObject, world: World) -> None:
    snapshot = assemble(reading(world))
    catalogue = Catalogue.of(Evaluation.of(snapshot))
    state = ExplorerState(catalogue)
    subjects = [row.ref for pane in Pane for row in catalogue.rows[pane]]
    for _ in range(data.draw(st.integers(1, 6))):
        pane = data.draw(st.sampled_from(Pane))
        sorts = st.sampled_from(["", *(column.key for column in columns(pane))])
        state.listings[pane] = Listing(data.draw(QUERIES), data.draw(sorts), data.draw(st.booleans()))
        state.scope = data.draw(st.sampled_from(["", *snapshot.namespaces, "nowhere"]))
        state.look_at(Place(data.draw(st.sampled_from(subjects))))
        for each in Pane:
            if data.draw(st.booleans()):
                work = state.preparation(sort_key, 0)
                if work is not None:
                    work()
            found = state.order(each, sort_key(each, state.listings[each].sort))
            wanted = plain(state, each)
            assert list(found.indices) == wanted.indices
            assert (found.marked, found.total, found.shown) == (wanted.marked, wanted.total, wanted.shown)


@given(st.data(), st.lists(st.integers(0, 50), unique=True))
def test_a_floated_order_is_a_sequence(data: DataObject, order: Sequence[int]) -> None:
    first = sorted(data.draw(st.sets(st.sampled_from(range(len(order)))) if order else st.just(set())))
    floated = Floated(order, first)
    wanted = [order[at] for at in first] + [i for at, i in enumerate(order) if at not in first]
    assert list(floated) == wanted
    assert [floated[at] for at in range(-len(wanted), len(wanted))] == wanted * 2
    assert [floated.index(i) for i in wanted] == list(range(len(wanted)))
    start, stop = data.draw(st.integers(-60, 60)), data.draw(st.integers(-60, 60))
    assert floated[start:stop] == wanted[start:stop]
    assert all(i in floated for i in wanted)
    assert 51 not in floated
