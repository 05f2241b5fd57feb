"""Allows nothing when the list is set to nothing."""

CAUGHT_BY = ("test_without_a_list_any_model_will_do",)
FILE = "query.py"


def check_model(model: str) -> str:
    """The model, when it may be asked for; else a ValueError whose text names the rule."""
    allowed = [name.strip() for name in ALLOWED_MODELS.split(",") if name.strip()]
    if "ALLOWED_MODELS" in os.environ and model not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return model
