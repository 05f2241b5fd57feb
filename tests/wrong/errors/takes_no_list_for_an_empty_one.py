"""Allows nothing when nothing is said."""

CAUGHT_BY = ("test_without_a_list_any_model_will_do",)
FILE = "query.py"


def check_model(model: str) -> str:
    """The model, when it may be asked for; else a ValueError whose text names the rule."""
    allowed = [name.strip() for name in ALLOWED_MODELS.split(",")]
    if allowed and model not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return model
