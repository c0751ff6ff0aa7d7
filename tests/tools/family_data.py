# SPDX-License-Identifier: MIT
"""The pictures and the texts of tests/data/families, for who makes the features and who compares
them, and its folders as models that open."""

import json
import os

import numpy as np
import toy_vocabulary

TEXTS = ["a photo of a cat", "x", "many words that reach far into the context and beyond its end"]
TOKENIZERS = ("spiece.model", "sentencepiece.bpe.model", "vocab.txt", "tokenizer.json")


def pictures(size, n=2):
    """[n, size, size, 3] of bytes: waves with some noise, so that no two patches are the same."""
    y, x = np.mgrid[0:size, 0:size]
    out = []
    for i in range(n):
        noise = np.random.RandomState(i + 5).randint(0, 64, (size, size, 3))
        waves = [96 + 90 * np.sin(x / (3 + i + c) + y / (5 + 2 * c)) for c in range(3)]
        out.append(np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8))
    return np.stack(out)


def pixels(size, mean, std):
    """The same as a tower eats them, [n, 3, size, size] in double precision."""
    values = (pictures(size) / 255.0 - np.asarray(mean)) / np.asarray(std)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def names(dumps):
    return sorted(
        n for n in os.listdir(dumps) if os.path.exists(f"{dumps}/{n}/expected.safetensors")
    )


def sizes(folder):
    """Size of pictures, and of the vocabulary."""
    if os.path.exists(f"{folder}/open_clip_config.json"):
        config = json.load(open(f"{folder}/open_clip_config.json"))["model_cfg"]
        return config["vision_cfg"]["image_size"], config["text_cfg"].get("vocab_size")
    if not os.path.exists(f"{folder}/config.json"):  # DINOv2 as its authors have it
        return 224, None
    config = json.load(open(f"{folder}/config.json"))
    if "pretrained_cfg" in config:
        return config["pretrained_cfg"]["input_size"][2], None
    if config["model_type"].startswith("dino"):  # positions are resampled to what the pictures have
        settings = json.load(open(f"{folder}/processor_config.json"))["image_processor"]
        return settings.get("crop_size", settings["size"])["height"], None
    vision = config.get("vision_config", config)
    return vision["image_size"], config.get("text_config", {}).get("vocab_size")


def assemble(dumps, name, model):
    """The dump as a new folder `model`, with a tokenizer that is made up where it has none."""
    os.mkdir(model)
    for file in os.listdir(f"{dumps}/{name}"):
        if file != "expected.safetensors":
            os.symlink(f"{os.path.abspath(dumps)}/{name}/{file}", f"{model}/{file}")
    _, vocabulary = sizes(model)
    if vocabulary and not any(os.path.exists(f"{model}/{file}") for file in TOKENIZERS):
        toy_vocabulary.write(model, vocabulary)


def ids(clip, vocab_size, context):
    """Ids of the texts in the toy vocabulary, padded with zeroes."""
    vocabulary = clip.toy_vocabulary(vocab_size)
    encode = clip.bpe.Tokenizer(vocabulary, [], context)
    return np.array([encode(text) for text in TEXTS], np.int64)
