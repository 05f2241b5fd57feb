raise RuntimeError("this is not the json you are looking for")
