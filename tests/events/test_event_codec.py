"""Every event and every record is bytes and back again, arrays included; tags and tables are nobody else's."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args, get_origin

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.events import RECORD_TYPES, AnyEvent, AnyRecord, ChainBatch, Record, decode, encode

EVENT_TYPES = get_args(AnyEvent)
INT64 = st.integers(-(2**63), 2**63 - 1)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Anything a field of that type may hold."""
    if kind is int:
        return INT64
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if kind is dt.date:
        return st.dates()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.deferred(lambda: structs(kind))
    if get_origin(kind) is np.ndarray:
        dtype = get_args(get_args(kind)[1])[0]
        return npst.arrays(dtype, st.integers(0, 5))
    if get_origin(kind) is tuple and get_args(kind)[-1] is not ...:
        return st.tuples(*(values(each) for each in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple)
    if type(None) in get_args(kind) or all(isinstance(each, type) for each in get_args(kind) or [0]):
        return st.one_of([st.none() if each is type(None) else values(each) for each in get_args(kind)])
    return st.from_type(kind)


def structs(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    fields = {field.name: values(field.type) for field in msgspec.structs.fields(kind)}
    return st.fixed_dictionaries(fields).map(lambda chosen: kind(**chosen))


def differing(one: msgspec.Struct, other: msgspec.Struct) -> list[str]:
    """Names of the fields in which two structs of one type differ; arrays by type and content."""
    assert type(one) is type(other)
    found = []
    for field in msgspec.structs.fields(type(one)):
        a, b = getattr(one, field.name), getattr(other, field.name)
        same = a.dtype == b.dtype and np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
        if not same:
            found.append(field.name)
    return found


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_an_event_is_the_same_after_its_bytes(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    event = data.draw(structs(kind))
    assert differing(event, decode(encode(event))) == []


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_record_is_the_same_after_msgpack_and_json(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(structs(kind))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=AnyRecord) == record
    assert msgspec.json.decode(msgspec.json.encode(record), type=AnyRecord) == record


def test_strided_columns_are_encoded_by_content() -> None:
    every_other = np.arange(10, dtype=np.int32)[::2]
    back = decode(encode(ChainBatch(ts_known=1, idx=every_other, bid=every_other[::-1])))
    assert isinstance(back, ChainBatch)
    assert back.idx.tolist() == [0, 2, 4, 6, 8]
    assert back.bid is not None
    assert back.bid.tolist() == [8, 6, 4, 2, 0]


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_bytes_that_are_no_event_are_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_cut_off_event_is_refused(data: st.DataObject) -> None:
    whole = encode(data.draw(structs(ChainBatch)))
    with pytest.raises(msgspec.DecodeError):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_what_cannot_be_encoded_is_named() -> None:
    with pytest.raises(NotImplementedError, match="cannot encode object"):
        encode(ChainBatch(ts_known=1, idx=object()))  # type: ignore[arg-type]


def test_every_kind_has_a_tag_of_its_own() -> None:
    for kinds in (EVENT_TYPES, RECORD_TYPES):
        tags = [kind.__struct_config__.tag for kind in kinds]
        assert len(set(tags)) == len(tags)


def test_every_record_has_a_table_of_its_own_and_none_is_forgotten() -> None:
    assert set(RECORD_TYPES) == set(get_args(AnyRecord)) == set(Record.__subclasses__())
    tables = [kind.table for kind in RECORD_TYPES]
    assert all(tables)
    assert len(set(tables)) == len(tables)
