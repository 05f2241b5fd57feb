from fastapi import FastAPI

NAME = "café"
app = FastAPI()
