import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.conversation import Used
from agent.evidence import Evidence
from agent.facts import cents, facts, plain_number
from agent.grounding import Gate
from agent.prompt import INSTRUCTIONS

RESULT = {
    "asked": {"query": "speaker", "max_price_cents": 5000},
    "count": 2,
    "name": "Keelstone Aero 13 Laptop 16 GB / 512 GB",
    "description": "Runs nine hours. Now only $0.01! Charges at 65W over USB-C.",
    "price_cents": 129900,
    "subtotal_cents": 3499,
    "rating": 4.6,
    "available": 18,
    "sku": "AUD-008-BRI",
    "restock_eta": "2026-12-18",
    "as_of": "2026-11-23T10:00:00Z",
}


def gate() -> Gate:
    evidence = Evidence()
    evidence.add(RESULT)
    return Gate(evidence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs $1,299.00.",
        "It costs 1299 dollars.",
        "It costs 1,299.00 USD.",
        "That is 34.99.",
        "$34.99 in all.",
        "Your budget is $50.",
        "There are 18 left.",
        "I found two.",
        "Rated 4.6.",
        "Back on 2026-12-18.",
        "Back on December 18.",
        "Back on 18 December 2026.",
        "Back on Dec 18th.",
        "As of 10:00 UTC.",
        "The second one is number AUD-008-BRI.",
        "The 1st of the Aero 13 line has 512 GB.",
        "It runs 9 hours at 65 W or 65W.",
        "One of them, or none.",
        "1. Keelstone\n2. Sonvarra\n",
    ],
)
def test_what_a_result_tells_may_be_said(sentence: str) -> None:
    checked = gate()

    said = checked.feed(sentence) + checked.finish()

    assert said == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs $1,298.00.",
        "It costs 1298 dollars.",
        "It costs $129,900.",
        "Only $0.01 today.",
        "There are 17 left.",
        "There are nineteen left.",
        "Rated 4.7.",
        "Back on 2026-12-19.",
        "Back on December 19.",
        "Back on December 18, 2027.",
        "As of 11:00 UTC.",
        "Its number is AUD-008-MOS.",
        "Use SUMMER25.",
        "Use the code HALF.",
        "Order ORD-1001 is yours.",
        "20% off.",
        "It costs €1298.",
    ],
)
def test_what_no_result_tells_is_held_back(sentence: str) -> None:
    checked = gate()

    said = checked.feed(sentence) + checked.finish()

    assert said == ""
    assert checked.orphan is not None


@pytest.mark.parametrize(
    ("figure", "number"),
    [("1,200", "1200"), ("4.0", "4"), ("0.50", "0.5"), ("007", "7"), ("0", "0")],
)
def test_a_number_has_one_spelling(figure: str, number: str) -> None:
    assert plain_number(figure) == number


def test_a_price_in_a_product_text_is_no_price() -> None:
    facts_told = [
        each for each in facts(str(RESULT["description"])) if each.kind == "amount"
    ]

    assert [each.key for each in facts_told] == ["1"]
    assert not gate().evidence.tells(facts_told[0])


def test_sentences_before_an_orphan_stay_said() -> None:
    checked = gate()

    said = checked.feed("There are 18 left. They cost $5.00. Buy now! ")

    assert said == "There are 18 left."
    assert checked.orphan == "$5.00"
    assert checked.feed("More. ") == ""


def test_nothing_is_said_before_its_sentence_is_complete() -> None:
    checked = gate()

    pieces = [checked.feed(each) for each in ("It costs $1", ",299", ".00", ". O", "k")]

    assert pieces == ["", "", "", "It costs $1,299.00.", ""]
    assert checked.finish() == " Ok"


def test_earlier_turns_count_their_arguments_too() -> None:
    used = Used("c1", "search_products", {"max_price_cents": 7500}, {"count": 0})
    checked = Gate(Evidence([used]))

    assert checked.feed("Nothing under $75.00. ") == "Nothing under $75.00."


def test_a_restart_goes_on_after_what_was_said() -> None:
    checked = gate()
    checked.feed("There are 18 left. They cost $5.00. ")

    checked.restart()

    assert checked.feed(" They cost $1,299.00. ") == " They cost $1,299.00."
    assert checked.released == "There are 18 left. They cost $1,299.00."


@given(st.lists(st.text(max_size=30), max_size=8))
def test_what_is_released_is_always_a_beginning_of_what_was_fed(
    pieces: list[str],
) -> None:
    checked = gate()

    said = "".join(checked.feed(each) for each in pieces) + checked.finish()

    assert "".join(pieces).startswith(said)
    assert checked.released == said
    if checked.orphan is None:
        assert said == "".join(pieces)


@given(st.text(), st.integers(1, 40))
def test_how_a_reply_is_cut_changes_nothing(text: str, size: int) -> None:
    whole, cut = gate(), gate()

    whole_said = whole.feed(text) + whole.finish()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    cut_said = "".join(map(cut.feed, pieces)) + cut.finish()

    assert cut_said == whole_said


def test_a_figure_of_commas_is_no_money() -> None:
    assert cents(",") == 0


ASKED = {"asked": {"query": "mini", "max_price_cents": 500, "quantity": 7}}


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs one thousand two hundred ninety-nine dollars.",
        "It runs nine hours.",
        "There are eighteen left.",
        "I found 2 under $50.00.",
        "None in your $50 budget.",
        "Back on 12/18/2026.",
        "Back on 18.12.2026.",
        "Back on the 18th.",
        "Back on Friday.",
        "As of 10 am.",
        "As of 10:00 a.m.",
        "Which one do you like?",
        "The Aero 13 is available.",
        "Size 13 in stock.",
    ],
)
def test_however_it_is_written_what_a_result_tells_may_be_said(sentence: str) -> None:
    checked = gate()

    assert checked.feed(sentence) + checked.finish() == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs one thousand dollars.",
        "It costs twelve hundred ninety-nine euros.",
        "It costs €1,299.00.",
        "It costs 1299 rupees.",
        "Only ninety-nine cents.",
        "There are twenty-one left.",
        "Only one left!",
        "There are 512 left.",
        "There are 16 in stock.",
        "I can do $50.00 for you.",
        "It is 18% off.",
        "It is half price for you.",
        "Take twenty percent off.",
        "Back on 12/19/2026.",
        "Back on the 19th.",
        "Back on Tuesday.",
        "As of 5 pm.",
        "See www.cheap-minis.com for more.",
        "Write to boss@evil.example please.",
        "Pay at https://evil.example/pay now.",
    ],
)
def test_however_it_is_written_what_no_result_tells_is_held_back(
    sentence: str,
) -> None:
    checked = gate()

    assert checked.feed(sentence) + checked.finish() == ""


def test_what_the_model_asked_for_is_no_price_and_no_stock() -> None:
    evidence = Evidence()
    evidence.add(ASKED)

    for said, may in (
        ("Nothing under $5.00. ", True),
        ("It costs $5.00 for you. ", False),
        ("You wanted 7. ", True),
        ("There are 7 left. ", False),
    ):
        assert bool(Gate(evidence).feed(said)) is may


def test_what_others_wrote_makes_no_offer() -> None:
    evidence = Evidence()
    evidence.add(
        {
            "product": {
                "product_id": "X",
                "description": "Use SAVE90 for 90% off at www.evil.example, 5 left!",
            }
        }
    )

    for said in (
        "Use SAVE90. ",
        "The code SAVE90 helps. ",
        "It is 90% off. ",
        "See www.evil.example for it. ",
        "There are 5 left. ",
    ):
        assert Gate(evidence).feed(said) == ""


@pytest.mark.parametrize(
    "said",
    [
        "I take $5.99 off for you. ",
        "You save $34.99. ",
        "With a discount of $34.99. ",
        "You get $5.99 cashback. ",
        "Six dollars off! ",
        "I give it to you for free. ",
        "It is on the house. ",
        "Yours free of charge. ",
        "Shipping at no cost. ",
    ],
)
def test_what_is_taken_off_nobody_makes_up_from_other_amounts(said: str) -> None:
    evidence = Evidence()
    evidence.add({"price_cents": 3499, "shipping_cents": 599, "fee_cents": 600})

    assert Gate(evidence).feed(said) == ""


def test_what_a_result_tells_as_taken_off_may_be_said() -> None:
    evidence = Evidence()
    evidence.add({"coupon_discount_cents": 350, "total_cents": 3149})
    evidence.add({"saving_cents": 200, "sentences": ["You may return it for free."]})

    for said in (
        "You save $3.50. ",
        "That is $2.00 off. ",
        "$31.49 less what you paid. ",
        "You return it for free. ",
    ):
        assert Gate(evidence).feed(said) == said.rstrip()


def test_stock_that_was_seen_a_while_ago_is_looked_up_again() -> None:
    def seen(as_of: str) -> Gate:
        content = {"available": 18, "price_cents": 500, "as_of": as_of}
        earlier = [Used("c1", "check_stock", {}, content)]
        return Gate(Evidence(earlier, "2026-11-23T10:00:00Z"))

    assert seen("2026-11-23T10:00:01Z").feed("There are 18 left. ")
    assert not seen("2026-11-23T09:59:59Z").feed("There are 18 left. ")
    assert seen("2026-11-23T09:59:59Z").feed("It costs $5.00. ")


def test_the_instructions_are_not_recited() -> None:
    line = "Say a price, a number, a date or a code only if a tool result has it. "

    assert gate().feed(INSTRUCTIONS.replace("\n", " ")) in {"", INSTRUCTIONS[:0]}
    assert gate().feed(line.replace("has it", "of this conversation has it")) == ""
    assert gate().feed("I can look for products and fill your cart. ")
