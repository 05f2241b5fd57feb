"""Leaves the model open when the LLM has failed, though the caller had named one."""

CAUGHT_BY = (
    "test_a_failed_call_leaves_a_row",
    "test_every_kind_of_failure_leaves_a_row",
    "test_the_model_of_a_failed_call_may_be_the_default",
    "test_a_silent_llm_leaves_a_row",
    "test_an_llm_that_is_not_there_leaves_a_row",
)
FILE = "usage.py"


async def save(log: Log, row: Row) -> None:
    """Write one row, in a transaction of its own."""
    if row["status"] == "error":
        row = {**row, "model": "unknown"}
    async with log.engine.begin() as connection:
        await connection.execute(insert_once(row))
