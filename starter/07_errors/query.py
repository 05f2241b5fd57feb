"""What a caller may ask, and what they get."""

import os
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

LLM_MODEL = os.environ.get("LLM_MODEL", "gpt-4")
ALLOWED_MODELS = os.environ.get("ALLOWED_MODELS", "")


def check_model(model: str) -> str:
    """The model, when it may be asked for; else a ValueError whose text names the rule."""
    # TODO(models): ALLOWED_MODELS has names with commas between them, perhaps with spaces around.
    # When it names none, any model will do.
    return model


class QueryRequest(BaseModel):
    """What a caller may ask."""

    query: Annotated[str, Field(max_length=8000, pattern=r"\S", examples=["Why is the sky blue?"])]
    model: Annotated[str, AfterValidator(check_model)] = LLM_MODEL
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.7


class QueryResponse(BaseModel):
    """What every caller gets: the text, the model that wrote it, and what it cost."""

    response: str
    model: str
    tokens_used: int
