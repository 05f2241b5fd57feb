"""Three things that can go wrong with a call, and what a caller is told about them."""

import httpx


def track(parcel: str, client: httpx.Client) -> str:
    """Ask the carrier where a parcel is; every way to fail is an httpx.HTTPError."""
    answer = client.get(f"/parcels/{parcel}")
    answer.raise_for_status()
    return answer.text


def say(error: httpx.HTTPError) -> str:
    """The error is for our log. This sentence is for the caller."""
    if isinstance(error, httpx.ConnectError):
        return "The carrier's office is closed."
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 404:
        return "The carrier does not know this parcel."
    return "The carrier has a problem."
