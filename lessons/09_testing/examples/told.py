"""Two routes that do the same. Only one of them says so in the schema."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

app = FastAPI()
Ticket = Annotated[str, Depends(APIKeyHeader(name="X-Ticket"))]


class Booking(BaseModel):
    """A place on the ferry."""

    island: Annotated[str, Field(examples=["Juist"])]


@app.post("/silent")
async def silent(request: Request, booking: dict[str, str]) -> dict[str, str]:
    if request.headers.get("X-Ticket") != "valid":
        raise HTTPException(403, "No ticket.")
    if booking["island"] == "Atlantis":
        raise HTTPException(409, "It has gone under.")
    return booking


@app.post("/told", responses={403: {"description": "No ticket"}, 409: {"description": "It sank"}})
async def told(booking: Booking, ticket: Ticket) -> Booking:
    """Book a place; the ticket is stamped."""
    if ticket != "valid":
        raise HTTPException(403, "No ticket.")
    if booking.island == "Atlantis":
        raise HTTPException(409, "It has gone under.")
    return booking
