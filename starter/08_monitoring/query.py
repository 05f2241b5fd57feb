"""What a caller may ask, and how anything else is refused; as lesson basic has it."""

from typing import Annotated, Any

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from llm import LLM_MODEL
from record import RECORD


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: str = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7


class QueryResponse(BaseModel):
    """What every caller gets: the text, the model that wrote it, and what it cost."""

    response: str
    model: str
    tokens_used: int


async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)


async def crash(request: Request, error: Exception) -> JSONResponse:
    """What nobody has thought of: its text stays here, its id goes out. The middleware is past."""
    record = RECORD.get()
    headers = {"X-Request-ID": record.request_id} if record else None
    return JSONResponse({"detail": "Something went wrong here."}, 500, headers)


REFUSALS: dict[int | type[Exception], Any] = {RequestValidationError: refuse, Exception: crash}
