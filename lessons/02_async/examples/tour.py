"""The rules for a list and for its items, both checked before the route runs."""

from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

app = FastAPI()

Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Tour = Annotated[list[Code], Field(min_length=2, max_length=4)]


@app.post("/tours")
async def plan(tour: Tour) -> str:
    return " to ".join(tour)
