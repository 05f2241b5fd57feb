"""Rules that live in the model: checked before the route runs, and shown in /docs."""

from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()


class Review(BaseModel):
    text: Annotated[str, Field(max_length=500, pattern=r"\S", examples=["Warm and quiet."])]
    stars: Annotated[float, Field(ge=1, le=5)] = 3


@app.post("/reviews")
async def add(review: Review) -> Review:
    return review
