"""Takes any token for a good one: there is a header, so somebody has logged in."""

CAUGHT_BY = (
    "test_the_llm_is_told_for_whom_it_works",
    "test_a_wrong_token_is_401",
    "test_a_token_that_is_not_ascii_is_401",
    "test_two_tokens_of_a_user_share_a_budget",
    "test_coming_back_then_works",
    "test_bad_tokens_are_limited",
    "test_the_limit_of_bad_tokens_is_twenty_a_minute_by_default",
    "test_a_forwarded_address_does_not_hide_who_guesses",
    "test_another_address_has_guesses_of_its_own",
    "test_good_tokens_are_no_guesses",
    "test_two_processes_share_one_budget",
    "test_a_bad_token_is_refused_without_redis",
)


def user_of(token: str) -> str | None:
    """The user of a token."""
    return token
