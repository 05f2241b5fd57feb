"""Sends pydantic's errors as they are, input included."""

from fastapi.encoders import jsonable_encoder

CAUGHT_BY = (
    "test_a_422_does_not_repeat_the_input",
    "test_only_allowed_models_may_be_asked_for",
)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "rule": each["msg"]}
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['field']}: {each['rule']}" for each in broken)
    return problem(request, 422, detail, errors=jsonable_encoder(error.errors(), exclude={"ctx"}))
