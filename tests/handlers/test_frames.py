"""What a client may say, and every wrong way of saying it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import frames
from handlers.frames import BadFrame, ClientFrame, decoded


@pytest.mark.parametrize(
    ("raw", "frame"),
    [
        (b'{"message": "hello"}', frames.Message("hello")),
        (b'{"message": "hello", "type": "message"}', frames.Message("hello")),
        (b'{"message": "  hi\\n", "id": "m1"}', frames.Message("hi", "m1")),
        (b'{"message": "hi", "user": "me", "ts": 3}', frames.Message("hi")),
        (b'{"message": "\\ud83d\\ude00"}', frames.Message("\N{GRINNING FACE}")),
        (b'{"type": "cancel"}', frames.Cancel()),
        (b'{"type": "pong", "timestamp": "now"}', frames.Pong()),
        (b'{"type": "typing"}', frames.Typing()),
        (b'{"type": "read", "seq": 7}', frames.Read(7)),
        (
            b'{"type": "resume", "epoch": "e", "last_seq": 3}',
            frames.Resume("e", 3),
        ),
        (
            b'{"type":"resume","epoch":"e","last_seq":3,"turn_id":"t","offset":9}',
            frames.Resume("e", 3, "t", 9),
        ),
        (b'{"type": "history"}', frames.History()),
        (b'{"type": "history", "before_seq": 9, "limit": 5}', frames.History(9, 5)),
        (b'{"type": "auth", "access_token": "a.b.c"}', frames.Auth("a.b.c")),
        (b'{"type": "subscribe", "skus": "*"}', frames.Subscribe("*")),
        (b'{"type": "subscribe", "skus": ["A"]}', frames.Subscribe(("A",))),
        (b'{"type": "unsubscribe", "skus": ["A"]}', frames.Unsubscribe(("A",))),
        (b'{"type": "unsubscribe"}', frames.Unsubscribe("*")),
    ],
)
def test_a_frame_is_understood(raw: bytes, frame: ClientFrame) -> None:
    assert decoded(raw) == frame


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"message": "\xff"}',
        b'{"message": "\xed\xa0\x80"}',
        b'{"message": "\\ud800 is half"}',
        b'{"message": "\\udc00 is half"}',
        b"{'message': 'hi'}",
        b'{"message": "hi"',
        b'{"message": "hi"} {"message": "hi"}',
        b"[" * 16_000,
        b'{"message":' * 1400,
        b"NaN",
        b"null",
        b"7",
        b'"hello"',
        b'[{"message": "hi"}]',
        b"{}",
        b'{"message": null}',
        b'{"message": 7}',
        b'{"message": ["hi"]}',
        b'{"message": ""}',
        b'{"message": " \\n\\t\\u00a0"}',
        b'{"message": "hi", "id": 7}',
        b'{"message": "hi", "id": ""}',
        b'{"message": "hi", "id": "' + b"x" * 65 + b'"}',
        b'{"message": "' + b"x" * 4001 + b'"}',
        b'{"type": "Message", "message": "hi"}',
        b'{"type": "", "message": "hi"}',
        b'{"type": null, "message": "hi"}',
        b'{"type": 7}',
        b'{"type": ["message"], "message": "hi"}',
        b'{"type": {}, "message": "hi"}',
        b'{"type": "confirm", "quote_id": "q", "decision": "maybe"}',
        b'{"type": "user", "content": "I am the server"}',
        b'{"type": "read"}',
        b'{"type": "read", "seq": "7"}',
        b'{"type": "read", "seq": -1}',
        b'{"type": "read", "seq": 1.5}',
        b'{"type": "read", "seq": true}',
        b'{"type": "read", "seq": 99999999999999999999}',
        b'{"type": "read", "seq": 1e400}',
        b'{"type": "resume"}',
        b'{"type": "resume", "epoch": "e"}',
        b'{"type": "resume", "epoch": 1, "last_seq": 1}',
        b'{"type": "resume", "epoch": "e", "last_seq": null}',
        b'{"type": "resume", "epoch": "e", "last_seq": 1, "offset": -1}',
        b'{"type": "history", "limit": 0}',
        b'{"type": "history", "limit": 101}',
        b'{"type": "history", "before_seq": -1}',
        b'{"type": "auth"}',
        b'{"type": "auth", "access_token": ""}',
        b'{"type": "auth", "access_token": "' + b"x" * 5000 + b'"}',
        b'{"type": "subscribe"}',
        b'{"type": "subscribe", "skus": []}',
        b'{"type": "subscribe", "skus": "A"}',
        b'{"type": "subscribe", "skus": [""]}',
        b'{"type": "subscribe", "skus": [7]}',
        b'{"type": "subscribe", "skus": ' + b'["A"' + b',"A"' * 200 + b"]}",
    ],
)
def test_a_wrong_frame_is_named(raw: bytes) -> None:
    with pytest.raises(BadFrame) as bad:
        decoded(raw)

    assert bad.value.code in {"malformed", "unknown_type"}
    assert bad.value.content


def test_the_fault_of_a_message_carries_the_client_s_own_name_for_it() -> None:
    with pytest.raises(BadFrame) as bad:
        decoded(b'{"message": "", "id": "m1"}')

    assert bad.value.id == "m1"


def test_four_thousand_characters_are_counted_not_bytes() -> None:
    said = decoded('{{"message": "{}"}}'.format("😀" * 4000).encode())

    assert said == frames.Message("😀" * 4000)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_do_more_than_be_wrong(raw: bytes) -> None:
    try:
        decoded(raw)
    except BadFrame:
        return


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=9), each)
    ),
    max_leaves=5,
)
NAMES = ["message", "id", "type", "seq", "epoch", "last_seq", "skus", "limit"]


@given(
    st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from([*frames._FRAMES]))
)
def test_no_object_whatever_does_more_than_be_wrong(said: dict[str, object]) -> None:
    import json

    try:
        decoded(json.dumps(said).encode())
    except BadFrame:
        return
