"""Says that a rule is broken, and not which."""

CAUGHT_BY = (
    "test_a_422_names_the_field",
    "test_a_422_names_the_rule",
    "test_only_allowed_models_may_be_asked_for",
)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "rule": each["msg"]}
        for each in error.errors()
    ]
    return problem(request, 422, f"{len(broken)} of your members cannot be used.")
