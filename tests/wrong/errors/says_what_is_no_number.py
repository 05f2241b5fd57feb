"""Shows the caller what they sent in the place of a number."""

CAUGHT_BY = ("test_a_422_does_not_repeat_the_input",)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "rule": each["msg"]}
        for each in error.errors()
    ]
    for each, shown in zip(error.errors(), broken, strict=True):
        if each["type"] == "float_parsing":
            shown["rule"] += f", and not {each['input']!r}"
    detail = "; ".join(f"{each['field']}: {each['rule']}" for each in broken)
    return problem(request, 422, detail, errors=broken)
