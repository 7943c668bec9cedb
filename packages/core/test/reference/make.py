#!/usr/bin/env python3
"""Writes images.json and scores.json beside this file: inputs, and what other implementations make of them.

Debian: apt-get install python3-pil python3-numpy python3-opencv. The files were made with Pillow 9.4, NumPy 1.24 and OpenCV 4.6.
Arrays are base64 of their little-endian bytes; each says its dtype and shape.
"""
import base64, json, math, os
import cv2
import numpy as np
from PIL import Image, ImageOps

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20240607)


def packed(array):
    array = np.ascontiguousarray(array)
    return {"type": str(array.dtype), "shape": list(array.shape), "base64": base64.b64encode(array.tobytes()).decode()}


def picture(width, height, channels):
    """Smooth waves, hard edges and noise: what interpolation treats differently."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = []
    for c in range(channels):
        wave = 128 + 90 * np.sin(x * (0.35 + 0.2 * c) + y * 0.21 * (c + 1))
        wave[(x // 5 + y // 4).astype(int) % 3 == c % 3] = 255 - 40 * c
        planes.append(np.clip(wave + rng.normal(0, 25, wave.shape), 0, 255))
    return np.stack(planes, axis=-1).astype(np.uint8)


def image(array):
    return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)


def pixels(img):
    array = np.asarray(img)
    return array[..., None] if array.ndim == 2 else array


pictures = {"gray": picture(23, 17, 1), "rgb": picture(23, 17, 3), "rgba": picture(23, 17, 4), "large": picture(61, 47, 3)}
filters = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}

resized = []
for name, sizes in {"gray": [(31, 9)], "rgb": [(40, 31), (7, 5), (23, 29), (3, 40)], "rgba": [(33, 8)], "large": [(16, 12)]}.items():
    for width, height in sizes:
        for resample, filter in filters.items():
            out = pixels(image(pictures[name]).resize((width, height), filter))
            resized.append({"image": name, "resample": resample, "antialias": True, "pixels": packed(out)})
for width, height in [(40, 31), (7, 5), (30, 9)]:
    for resample, flag in {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}.items():
        out = cv2.resize(pictures["rgb"], (width, height), interpolation=flag)
        resized.append({"image": "rgb", "resample": resample, "antialias": False, "pixels": packed(out)})

covered = []
for width, height in [(16, 16), (20, 10), (9, 30)]:
    out = ImageOps.fit(image(pictures["large"]), (width, height), Image.BICUBIC)
    covered.append({"image": "large", "resample": "bicubic", "pixels": packed(pixels(out))})


def yolo_letterbox(array, width, height):
    """letterbox() of Ultralytics' YOLOv5 (utils/augmentations.py, auto=False), with Pillow's bilinear in place of OpenCV's."""
    h, w = array.shape[:2]
    r = min(height / h, width / w)
    new = int(round(w * r)), int(round(h * r))
    dw, dh = (width - new[0]) / 2, (height - new[1]) / 2
    array = np.asarray(Image.fromarray(array).resize(new, Image.BILINEAR))
    top, bottom = int(round(dh - 0.1)), int(round(dh + 0.1))
    left, right = int(round(dw - 0.1)), int(round(dw + 0.1))
    return cv2.copyMakeBorder(array, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114)), left, top, new


letterboxed = []
for width, height in [(32, 32), (21, 40), (40, 16)]:
    out, left, top, new = yolo_letterbox(pictures["large"], width, height)
    letterboxed.append({"image": "large", "left": left, "top": top, "inner": list(new), "pixels": packed(out)})

mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
plain = pictures["rgb"].astype(np.float64)
normal = (plain / 255 - mean) / std
over = Image.new("RGBA", (23, 17), (200, 100, 50, 255))
over.alpha_composite(image(pictures["rgba"]))
luma = np.asarray(image(pictures["rgb"]).convert("L"))
chain = np.asarray(image(pictures["large"]).resize((16, 12), Image.BILINEAR)).astype(np.float64)
tensors = [
    {"image": "rgb", "options": {}, "tensor": packed((plain / 255).transpose(2, 0, 1)[None].astype(np.float32))},
    {"image": "rgb", "options": {"mean": list(mean), "std": list(std)}, "tensor": packed(normal.transpose(2, 0, 1)[None].astype(np.float32))},
    {
        "image": "rgb",
        "options": {"mean": list(mean), "std": list(std), "layout": "NHWC", "dtype": "float16"},
        "tensor": packed(normal[None].astype(np.float32).astype(np.float16).view(np.uint16)),
    },
    {"image": "rgb", "options": {"layout": "NHWC", "colors": "bgr", "dtype": "uint8"}, "tensor": packed(pictures["rgb"][None, ..., ::-1])},
    {
        "image": "rgb",
        "options": {"colors": "bgr", "scale": 1, "mean": [103.939, 116.779, 123.68]},
        "tensor": packed((plain[..., ::-1] - [103.939, 116.779, 123.68]).transpose(2, 0, 1)[None].astype(np.float32)),
    },
    {"image": "rgb", "options": {"colors": "gray", "dtype": "uint8"}, "tensor": packed(luma[None, None])},
    {"image": "gray", "options": {"dtype": "uint8"}, "tensor": packed(np.repeat(pictures["gray"].transpose(2, 0, 1), 3, 0)[None])},
    {
        "image": "rgba",
        "options": {"background": [200, 100, 50], "dtype": "uint8", "layout": "NHWC"},
        "tensor": packed(np.asarray(over)[None, ..., :3]),
    },
    {
        "image": "large",
        "options": {"width": 16, "height": 12, "mean": 0.5, "std": 0.5},
        "tensor": packed(((chain / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None].astype(np.float32)),
    },
]
with open(os.path.join(here, "images.json"), "w") as file:
    json.dump(
        {
            "pictures": {name: packed(array) for name, array in pictures.items()},
            **{"resized": resized, "covered": covered, "letterboxed": letterboxed, "tensors": tensors},
        },
        file,
        indent=2,
    )
    file.write("\n")


def softmax(values):
    e = np.exp(values - values.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def area(b):
    return max(0.0, b[2] - b[0]) * max(0.0, b[3] - b[1])


def iou(a, b):
    both = area([max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])])
    return both / (area(a) + area(b) - both) if both > 0 else 0.0


def nms(boxes, scores, threshold, classes=None, floor=None):
    """By marking: the best box that is left kills what overlaps it (torchvision.ops.nms and batched_nms)."""
    alive = [i for i in range(len(boxes)) if floor is None or scores[i] > floor]
    kept = []
    while alive:
        best = max(alive, key=lambda i: (scores[i], -i))
        kept.append(best)
        alive = [
            i
            for i in alive
            if i != best and ((classes is not None and classes[i] != classes[best]) or iou(boxes[best], boxes[i]) <= threshold)
        ]
    return kept


logits = rng.normal(0, 4, 40).astype(np.float32)
centres, sizes = rng.uniform(0, 100, (80, 2)), rng.uniform(8, 40, (80, 2))
boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], 1).astype(np.float32)
scores, classes = rng.uniform(0, 1, 80).astype(np.float32), rng.integers(0, 3, 80).astype(np.int32)
b, s, c = boxes.astype(float).tolist(), scores.astype(float).tolist(), classes.tolist()
xywh = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in b]
suppressed = {
    "plain": nms(b, s, 0.4),
    "perClass": nms(b, s, 0.4, c),
    "floor": nms(b, s, 0.2, None, 0.5),
    "opencv": np.asarray(cv2.dnn.NMSBoxes(xywh, s, 0.5, 0.2)).reshape(-1).tolist(),
}
assert suppressed["floor"] == suppressed["opencv"], "two implementations disagree"

letters = ["", *"abcdefg ", "é", "字"]
steps = np.concatenate([rng.normal(0, 1.5, (24, len(letters)))]).astype(np.float32)
for step, letter in enumerate([0, 1, 1, 0, 1, 2, 2, 2, 0, 8, 9, 9, 0, 0, 10, 10, 3, 3, 0, 3, 0, 0, 5, 0]):
    steps[step, letter] += 6
best, probabilities = steps.argmax(1), softmax(steps.astype(np.float64))
kept = [i for i in range(len(best)) if best[i] != 0 and (i == 0 or best[i] != best[i - 1])]
decoded = {
    "text": "".join(letters[best[i]] for i in kept),
    "steps": kept,
    "confidences": [float(probabilities[i, best[i]]) for i in kept],
    "confidence": float(np.mean([probabilities[i, best[i]] for i in kept])),
}


def text_map(width, height, shapes):
    """Blurred rotated rectangles, as a text detector's probability map looks."""
    canvas = np.zeros((height, width), np.float32)
    for (cx, cy), (w, h), angle, top in shapes:
        one = np.zeros_like(canvas)
        cv2.fillPoly(one, [np.round(cv2.boxPoints(((cx, cy), (w, h), angle))).astype(np.int32)], float(top))
        canvas = np.maximum(canvas, one)
    return np.round(cv2.GaussianBlur(canvas, (5, 5), 1.0) * 255).astype(np.uint8)


def mini_box(contour):
    """get_mini_boxes() of PaddleOCR's ppocr/postprocess/db_postprocess.py."""
    rect = cv2.minAreaRect(contour)
    points = sorted(list(cv2.boxPoints(rect)), key=lambda p: p[0])
    i1, i4 = (0, 1) if points[1][1] > points[0][1] else (1, 0)
    i2, i3 = (2, 3) if points[3][1] > points[2][1] else (3, 2)
    return np.array([points[i1], points[i2], points[i3], points[i4]]), rect[1]


def box_score(probability, box):
    """box_score_fast() of the same file."""
    h, w = probability.shape
    box = box.copy()
    x0, x1 = np.clip([np.floor(box[:, 0].min()), np.ceil(box[:, 0].max())], 0, w - 1).astype(int)
    y0, y1 = np.clip([np.floor(box[:, 1].min()), np.ceil(box[:, 1].max())], 0, h - 1).astype(int)
    mask = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(mask, [(box - [x0, y0]).astype(np.int32)], 1)
    return cv2.mean(probability[y0 : y1 + 1, x0 : x1 + 1], mask)[0]


def db_boxes(probability, threshold=0.3, box_threshold=0.6, unclip_ratio=1.5, min_size=3):
    """boxes_from_bitmap() of the same file; the polygon's offset, which is Clipper's there, is the rectangle's own: the same smallest rectangle."""
    found = []
    bitmap = (probability > threshold).astype(np.uint8)
    contours, _ = cv2.findContours(bitmap * 255, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        points, (w, h) = mini_box(contour)
        if min(w, h) < min_size:
            continue
        score = box_score(probability, points)
        if score < box_threshold:
            continue
        d = w * h * unclip_ratio / (2 * (w + h))
        (cx, cy), size, angle = cv2.minAreaRect(contour)
        grown = cv2.boxPoints(((cx, cy), (size[0] + 2 * d, size[1] + 2 * d), angle))
        points, sides = mini_box(grown)
        if min(sides) < min_size + 2:
            continue
        found.append({"points": (points + 0.5).tolist(), "score": score})
    return found


shapes = [((40, 14), (60, 10), 0, 1), ((40, 45), (56, 9), 12, 0.95), ((100, 40), (50, 12), -35, 0.9), ((104, 8), (24, 6), 0, 0.55), ((10, 66), (2, 2), 0, 1)]
probability = text_map(128, 72, shapes)
texts = db_boxes(probability.astype(np.float32) / 255)

with open(os.path.join(here, "scores.json"), "w") as file:
    json.dump(
        {
            "softmax": {"logits": packed(logits), "probabilities": packed(softmax(logits.astype(np.float64)))},
            "top": [int(i) for i in np.argsort(-logits, kind="stable")[:7]],
            "boxes": packed(boxes),
            "scores": packed(scores),
            "classes": packed(classes),
            "iou": packed(np.array([[iou(x, y) for y in b[:12]] for x in b[:12]])),
            "suppressed": suppressed,
            "ctc": {"classes": letters, "logits": packed(steps), "decoded": decoded},
            "text": {"map": packed(probability), "boxes": texts},
        },
        file,
        indent=2,
    )
    file.write("\n")
