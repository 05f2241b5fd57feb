"""The suite of the golden submissions: one request a test."""

import pytest

from course.fake_llm import FakeLLM
from course.grading.suite import App


@pytest.mark.exercise("health", look="health", idea="Is anyone there?")
def test_health_is_ok(app: App) -> None:
    answer = app.get("/health")
    assert answer.status == 200, f"GET /health was answered with {answer.status}."
    assert answer.json() == {"status": "ok"}, f"GET /health said {answer.text}."


@pytest.mark.exercise("answer", look="answer", idea="Whose words are these?")
def test_the_answer_is_the_llms(app: App, llm: FakeLLM) -> None:
    answer = app.post("/query", json={"query": "Why?"})
    assert answer.status == 200, f"POST /query was answered with {answer.status}."
    assert answer.json()["response"] == llm.answer_to("Why?"), "The answer is not the LLM's."


@pytest.mark.exercise("stream", look="stream", idea="When does a token arrive?")
def test_events_come_to_an_end(app: App) -> None:
    with app.stream("/stream", json={"query": "Why?"}) as stream:
        assert stream.status == 200, f"POST /stream was answered with {stream.status}."
        assert stream.events()[-1].event == "done", "The stream ended without done."
