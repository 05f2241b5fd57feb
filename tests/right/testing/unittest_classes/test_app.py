"""The same promises in classes of unittest; respx as a decorator."""

import json
import unittest

import httpx
import respx
from fastapi.testclient import TestClient

from app import app

COMPLETIONS = "http://llm.test/v1/chat/completions"


def completion(text="Hello.", tokens=9, model="gpt-4-turbo"):
    return httpx.Response(
        200,
        json={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 4, "completion_tokens": tokens - 4, "total_tokens": tokens},
        },
    )


class QueryCase(unittest.TestCase):
    def setUp(self):
        context = TestClient(app)
        self.client = self.enterContext(context)

    def post(self, query="Say hello.", token="bob-token", **more):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.post("/query", json={"query": query, **more}, headers=headers)


class Answers(QueryCase):
    @respx.mock
    def test_text_model_and_tokens(self):
        respx.post(COMPLETIONS).mock(return_value=completion())
        self.assertEqual(
            self.post().json(),
            {"response": "Hello.", "model": "gpt-4-turbo", "tokens_used": 9},
        )

    @respx.mock
    def test_what_goes_upstream(self):
        route = respx.post(COMPLETIONS, headers={"Authorization": "Bearer test-key"})
        route.mock(return_value=completion())
        self.post("Count to 3.", temperature=0)
        sent = json.loads(route.calls[0].request.content)
        self.assertEqual(sent["messages"][-1]["content"], "Count to 3.")
        self.assertEqual(sent["temperature"], 0)
        self.assertEqual(sent["user"], "bob")
        self.assertEqual(sent["model"], "gpt-4")


class Refusals(QueryCase):
    def test_tokens(self):
        for token in (None, "mallory-token", "alice-token2"):
            with self.subTest(token=token):
                self.assertEqual(self.post(token=token).status_code, 401)

    def test_questions(self):
        for query in ("", "   ", "\n\t", "x" * 8001):
            with self.subTest(query=query[:5]):
                self.assertEqual(self.post(query).status_code, 422)


class Failures(QueryCase):
    @respx.mock(assert_all_called=True)
    def test_statuses(self, respx_mock):
        cases = (
            (httpx.Response(503, text="backend sk-canary down"), 502),
            (httpx.Response(401, text="sk-canary"), 502),
            (httpx.ConnectTimeout("slow"), 504),
            (httpx.ReadTimeout("slow"), 504),
            (httpx.Response(200, text="not json"), 502),
            (httpx.RemoteProtocolError("gone"), 502),
            (httpx.DecodingError("no gzip"), 502),
            (httpx.TooManyRedirects("around"), 502),
            (httpx.RequestError("broken"), 502),
        )
        for upstream, expected in cases:
            with self.subTest(upstream=repr(upstream)):
                respx_mock.post(COMPLETIONS).mock(side_effect=[upstream])
                answer = self.post()
                self.assertEqual(answer.status_code, expected)
                self.assertNotIn("canary", answer.text)

    @respx.mock
    def test_retry_after(self):
        respx.post(COMPLETIONS).respond(429, headers={"Retry-After": "30"})
        answer = self.post()
        self.assertEqual(answer.status_code, 503)
        self.assertEqual(answer.headers["retry-after"], "30")

    @unittest.skip("for the day when there is a staging LLM")
    def test_staging(self):
        raise NotImplementedError
