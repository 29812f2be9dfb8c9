from messages.turn import Answered, HandedOff, Returned, Words
from store.catalogue import Catalogue
from tests.agent.scripted_model import ScriptedModel, calls, says
from tests.agent.visitor import Visitor


async def test_a_wish_for_a_person_is_a_step_behind_its_result(
    catalogue: Catalogue,
) -> None:
    wish = calls(("handoff_to_human", {"summary": "the parcel came open"}))
    anna = Visitor(catalogue, ScriptedModel(wish, says("I asked a colleague.")))

    heard = await anna.say("a person, please")

    kinds = [type(each) for each in heard.steps]
    at = kinds.index(HandedOff)
    assert kinds[at - 1] is Returned
    assert heard.steps[at] == HandedOff("the parcel came open")
    assert set(kinds[at + 1 :]) == {Words, Answered}
