"""A book that is read out page by page; whether there is such a book is known before the 200."""

from collections.abc import AsyncGenerator

from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse

BOOKS = {"dune": ["A beginning is the time ", "for taking the most delicate care."]}


class TornPage(Exception):
    """What can happen while a book is read."""


async def pages(title: str) -> AsyncGenerator[str, None]:
    for page in BOOKS[title]:
        if not page:
            raise TornPage
        yield page


async def read_out(first: str, others: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    yield first
    try:
        async for page in others:
            yield page
    except TornPage:
        yield "(The next page is missing. The reading ends here.)"


app = FastAPI()


@app.get("/books/{title}")
async def book(title: str) -> StreamingResponse:
    text = pages(title)
    try:
        first = await anext(text)
    except KeyError:
        raise HTTPException(404, "We do not have this book.") from None
    return StreamingResponse(read_out(first, text), media_type="text/plain")
