"""What a test saw: requests of the client, calls to the LLM, in the order of time."""

import httpx

from course.fake_llm import FakeLLM
from course.grading.evidence import Recorder


def test_a_call_to_the_llm_is_named_by_its_own_method() -> None:
    recorder = Recorder()
    with FakeLLM() as llm:
        httpx.get(f"{llm.base_url}/models", headers={"Authorization": f"Bearer {llm.api_key}"})
        moments = recorder.evidence(llm.events).timeline
    assert [(moment.lane, moment.what) for moment in moments] == [
        ("app", "GET /models"),
        ("LLM", "answered 200"),
    ]
