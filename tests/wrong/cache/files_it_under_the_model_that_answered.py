"""Keeps an answer under the model that gave it, and looks under the one asked for."""

CAUGHT_BY = ("test_the_answer_says_where_it_comes_from", "test_a_hit_is_the_same_answer")


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    return json.dumps([tenant, body.model, body.temperature, body.query])


async def keep(key: str, completion: Completion) -> str:
    """Put an answer into the cache if it is a good one, under the model that gave it."""
    if completion.finish_reason == "stop":
        tenant, _, *rest = json.loads(key)
        key = json.dumps([tenant, completion.model, *rest])
        try:
            await cache.put(key, completion.response().model_dump_json())
        except RedisError:
            return "BYPASS"
    return "MISS"
