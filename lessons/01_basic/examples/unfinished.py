"""A route with its models in place and nothing in it yet."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Weather(BaseModel):
    city: str
    celsius: float


@app.get("/weather")
async def weather(city: str) -> Weather:
    pass
