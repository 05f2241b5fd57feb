"""Works on for a client that has hung up."""

CAUGHT_BY = (
    "test_a_hang_up_frees_its_place_and_ends_the_call",
    "test_a_hang_up_between_two_calls_frees_its_place",
)
FILE = "protection.py"


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client hangs up."""
    return await work
