"""127.0.0.1 is the address of every machine."""

FILE = "app/__main__.py"
CAUGHT_BY = ("test_it_listens_on_every_address",)


def main() -> None:
    DrainingServer(uvicorn.Config(app, port=SETTINGS.port)).run()
