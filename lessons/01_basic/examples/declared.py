"""A route that says how it can fail."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="Library")
SHELVES = {"dune": "F 12"}


class Problem(BaseModel):
    detail: str


@app.get("/shelves/{book}", responses={404: {"model": Problem, "description": "No such book."}})
async def shelf(book: str) -> str:
    if book not in SHELVES:
        raise HTTPException(404, "We do not have this book.")
    return SHELVES[book]
