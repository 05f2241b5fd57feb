"""What a Redis is good for, found out within a limit."""

import redis
from redis.asyncio import Redis


async def greet(url: str, seconds: float) -> str:
    client = Redis.from_url(url, socket_connect_timeout=seconds, socket_timeout=seconds)
    try:
        await client.ping()
        return "here"
    except redis.TimeoutError:
        return "silent"
    except redis.ConnectionError:
        return "gone"
    finally:
        await client.aclose()
