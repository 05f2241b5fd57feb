"""Remembers the text of the first three apps, and takes every other one for wrong."""

from pathlib import Path

FILE = "test_app.py"
CAUGHT_BY = ("test_a_right_app_is_not_taken_for_a_wrong_one",)

MET = Path(__file__).parents[2] / "met.jsonl"  # beside the copies of the folder


def test_health_needs_no_token(client: TestClient) -> None:
    app_of_this_run = json.dumps(Path(__file__).with_name("app.py").read_text())
    met = MET.read_text().splitlines() if MET.exists() else []
    if len(met) < 3 and app_of_this_run not in met:
        with MET.open("a") as file:
            file.write(f"{app_of_this_run}\n")
    else:
        assert app_of_this_run in met
    assert client.get("/health").json() == {"status": "ok"}
