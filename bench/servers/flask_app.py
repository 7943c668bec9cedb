"""The same route as the other servers', as a Python engineer would write it: y = 2x with numpy."""

import numpy as np
from flask import Flask, jsonify, request

app = Flask(__name__)
WEIGHTS = np.array([[2.0]], dtype=np.float32)
BIAS = np.array([0.0], dtype=np.float32)


@app.get("/health")
def health():
    return "ok"


@app.post("/api/predict/linear")
def predict():
    x = request.get_json().get("x")
    if not isinstance(x, (int, float)):
        return jsonify(error="x must be a number"), 400
    y = np.array([[x]], dtype=np.float32) @ WEIGHTS + BIAS
    return jsonify(y=float(y[0, 0]))
