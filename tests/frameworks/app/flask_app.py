import os

from flask import Flask, jsonify, make_response, request

app = Flask(__name__)
BASE = "/flask"


@app.get(f"{BASE}/hello/<name>")
def hello(name):
    return jsonify(hello=name, tags=request.args.getlist("tag"), via=request.headers.get("x-forwarded-proto"))


@app.post(f"{BASE}/echo")
def echo():
    return jsonify(request.get_json()), 201


@app.get(f"{BASE}/cookies")
def cookies():
    response = make_response("baked")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


@app.get(f"{BASE}/binary")
def binary():
    return bytes([0x89, 0x50, 0x4E, 0x47, 0, 255]), 200, {"content-type": "image/png"}


@app.get(f"{BASE}/fails")
def fails():
    raise RuntimeError("on purpose")


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
