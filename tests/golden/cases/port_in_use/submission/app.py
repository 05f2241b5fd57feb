import socket

from fastapi import FastAPI

app = FastAPI()
taken = socket.create_server(("127.0.0.1", 0))
server = socket.create_server(taken.getsockname())
