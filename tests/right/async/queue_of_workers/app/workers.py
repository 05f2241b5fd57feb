"""A queue of prompts and the workers that ask the LLM for them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx


@dataclass(eq=False)
class Item:
    """A prompt on its way: `answered` is set when its outcome is known."""

    query: str
    response: str | None = None
    error: str | None = None
    tokens_used: int | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: bool = True
    call: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def drop(self) -> None:
        """Nobody wants this answer: leave the queue, or end the call."""
        self.wanted = False
        self.call.cancel()

    def as_json(self) -> dict[str, Any]:
        return {
            "query": self.query,
            "response": self.response,
            "error": self.error,
            "tokens_used": self.tokens_used,
        }


async def work(queue: asyncio.Queue[Item], client: httpx.AsyncClient, model: str) -> None:
    """One worker: for ever the next item of the queue."""
    while True:
        item = await queue.get()
        if item.wanted:
            with item.call:
                await ask(item, client, model)
        item.answered.set()


async def ask(item: Item, client: httpx.AsyncClient, model: str) -> None:
    """Put the LLM's answer, or why there is none, into the item."""
    message = {"role": "user", "content": item.query}
    body = {"model": model, "messages": [message], "temperature": 0.7, "stream": False}
    try:
        answer = await client.post("chat/completions", json=body)
        answer.raise_for_status()
        completion = answer.json()
        item.response = completion["choices"][0]["message"]["content"]
        item.tokens_used = completion["usage"]["total_tokens"]
    except httpx.TimeoutException:
        item.error = "The model was too slow."
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        item.error = "The model gave no usable answer."
