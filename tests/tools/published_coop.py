# SPDX-License-Identifier: MIT
"""What CoOp's authors' own code makes of our features and text tower; see published.py.

    published_coop.py REPOSITORIES MODEL_FOLDER DUMP.safetensors OUT.safetensors NAMES DRAW
        [EPOCHS]

DUMP is of `fewshot-cli bench MODEL DATA --methods coop --shots K --seeds DRAW --dump`: it has the
context vectors that ours began at, which theirs begin at, too, and says how many. NAMES is a file
of the classes' names, a line each, in the order of their labels. Their PromptLearner, TextEncoder,
CustomCLIP and CLIP's text transformer are imported from CoOp, the rates from Dassl; batches are
drawn as ours are (GLib's Mersenne Twister on the number of the draw), so that nothing but the
method could differ. OUT gets `predicted.coop`. When it is there already, made by published.py
(tests/data/golden/published/*.safetensors), its features are learned from in the place of DUMP's.

With EPOCHS in the place of the published number of them: after some hundred steps the rounding of
single precision has grown to other contexts, on both sides.

What is not theirs, each for a reason:
  - the towers and the tokenizer are the small model's: GELU in the place of QuickGELU where its
    config says so, its logit scale, as many context vectors as fit beside the longest name (theirs:
    16, of 77 tokens);
  - pictures are features already, so there are no fresh crops of them each epoch;
  - single precision.
"""

import importlib.util
import json
import os
import sys
import types

import numpy as np
import torch
from published import (
    TEST,
    TRAIN,
    Identity,
    Silent,
    Task,
    dassl_rates,
    install_stand_ins,
    module_of,
    stand_in,
)
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "data/pocket/training"))
import tokenizer as bpe  # noqa: E402

BATCH = 32
EPOCHS = {1: 50, 2: 100, 4: 100, 8: 200, 16: 200}  # configs/trainers/CoOp/*_ep50, _ep100, 200


class Draws:
    """g_rand_int_range on a generator seeded by an array of two words"""

    def __init__(self, seed):
        self.bits = np.random.RandomState([seed & 0xFFFFFFFF, seed >> 32])._bit_generator

    def below(self, n):
        rest = (0x80000000 % n) * 2
        largest = 0xFFFFFFFF - (rest - n if rest >= n else rest)
        while True:
            value = int(self.bits.random_raw())
            if value <= largest:
                return value % n

    def shuffle(self, items):
        for i in range(len(items), 1, -1):
            j = self.below(i)
            items[i - 1], items[j] = items[j], items[i - 1]


def read_tokenizer(folder):
    """The model's own, and the length of its sequences."""
    with open(os.path.join(folder, "open_clip_config.json"), encoding="utf-8") as f:
        config = json.load(f)["model_cfg"]
    with open(os.path.join(folder, "vocab.json"), encoding="utf-8") as f:
        vocabulary = json.load(f)
    with open(os.path.join(folder, "merges.txt"), encoding="utf-8") as f:
        merges = [tuple(line.split()) for line in f.read().split("\n")[1:] if line]
    return config, bpe.Tokenizer(vocabulary, merges, config["text_cfg"]["context_length"])


def text_tower(folder, model_folder, config):
    """Their CLIP's text transformer with the model's weights, and what their code asks a CLIP."""
    spec = importlib.util.spec_from_file_location(
        "coop_clip_model", os.path.join(folder, "CoOp/clip/model.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = config["text_cfg"]
    if not config["quick_gelu"]:
        module.QuickGELU = torch.nn.GELU
    weights = {
        name: torch.from_numpy(value.astype(np.float32))
        for name, value in load_file(
            os.path.join(model_folder, "open_clip_model.safetensors")
        ).items()
    }
    length, width = text["context_length"], text["width"]
    mask = torch.full((length, length), float("-inf")).triu(1)
    transformer = module.Transformer(width, text["layers"], text["heads"], mask)
    prefix = "transformer."
    transformer.load_state_dict(
        {name[len(prefix) :]: w for name, w in weights.items() if name.startswith(prefix)}
    )
    ln_final = module.LayerNorm(width)
    ln_final.load_state_dict(
        {"weight": weights["ln_final.weight"], "bias": weights["ln_final.bias"]}
    )
    return types.SimpleNamespace(
        dtype=torch.float32,
        transformer=transformer,
        positional_embedding=weights["positional_embedding"],
        ln_final=ln_final,
        text_projection=weights["text_projection"],
        token_embedding=torch.nn.Embedding.from_pretrained(weights["token_embedding.weight"]),
        visual=Identity(),
    )


class Features(torch.nn.Module):
    input_resolution = 1

    def forward(self, features):
        return features


def build(folder, model_folder, names, initial, scale):
    config, tokenize = read_tokenizer(model_folder)
    tower = text_tower(folder, model_folder, config)
    tower.visual, tower.logit_scale = Features(), torch.tensor(float(np.log(scale)))
    clip = stand_in("clip.clip", tokenize=lambda text: torch.tensor([tokenize(text)]))
    stand_in("clip", clip=clip)
    stand_in("clip.simple_tokenizer", SimpleTokenizer=lambda: types.SimpleNamespace())
    for known in [m for m in sys.modules if m == "trainers" or m.startswith("trainers.")]:
        del sys.modules[known]
    sys.modules["dassl.engine"].TRAINER_REGISTRY = types.SimpleNamespace(
        register=lambda: lambda trainer: trainer
    )
    module = module_of(os.path.join(folder, "CoOp"), "trainers.coop")
    module.clip = clip
    module._tokenizer = types.SimpleNamespace(
        encode=lambda name: [i for w in bpe.PATTERN.findall(name.lower()) for i in tokenize.word(w)]
    )
    settings = types.SimpleNamespace(
        N_CTX=len(initial), CTX_INIT="", CSC=False, CLASS_TOKEN_POSITION="end"
    )
    cfg = types.SimpleNamespace(
        TRAINER=types.SimpleNamespace(COOP=settings), INPUT=types.SimpleNamespace(SIZE=(1, 1))
    )
    with Silent():
        model = module.CustomCLIP(cfg, names, tower)
    for name, parameter in model.named_parameters():
        if "prompt_learner" not in name:
            parameter.requires_grad_(False)
    with torch.no_grad():
        model.prompt_learner.ctx.copy_(torch.from_numpy(initial))
    return model


def learn(folder, model, task, seed, epochs):
    features, labels = task.of(TRAIN, task.raw)
    context = model.prompt_learner.ctx
    optimiser = torch.optim.SGD([context], lr=0.002, momentum=0.9, weight_decay=5e-4)
    n, draws = len(features), Draws(seed)
    order = list(range(n))
    for rate in dassl_rates(folder, 0.002, epochs):
        optimiser.param_groups[0]["lr"] = rate
        draws.shuffle(order)
        for first in range(0, n, BATCH) if n < BATCH else range(0, n - BATCH + 1, BATCH):
            rows = order[first : first + BATCH]
            loss = torch.nn.functional.cross_entropy(model(features[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        return model(task.of(TEST, task.raw)[0])


def main():
    folder, model_folder, dump_path, out, names_path, draw = sys.argv[1:7]
    torch.set_num_threads(1)
    install_stand_ins()
    with safe_open(dump_path, "np") as f:
        scale = float(f.metadata()["logit_scale"])
    dump = load_file(dump_path)
    ours = dump["scores"][dump["roles"].astype(int) == TEST].argmax(1)
    initial, raw_text = dump["ctx.initial"], dump["text_raw"]
    small = os.path.exists(out)
    if small:
        dump = load_file(out)
        dump["features"] = dump["features"].astype(np.float32)
    with open(names_path, encoding="utf-8") as f:
        names = f.read().split("\n")[:-1]
    task = Task(dump, raw_text, scale)
    assert len(names) == task.k
    model = build(folder, model_folder, names, initial, scale)
    epochs = int(sys.argv[7]) if len(sys.argv) > 7 else EPOCHS[task.shots]
    theirs = learn(folder, model, task, int(draw), epochs).argmax(1)
    labels = task.of(TEST)[1].numpy()
    print(f"theirs {100 * (theirs.numpy() == labels).mean():5.1f}", end="")
    if not small:
        print(
            f"  ours {100 * (ours == labels).mean():5.1f}"
            f"  alike {100 * (ours == theirs.numpy()).mean():5.1f} %",
            end="",
        )
    print()
    tensors = load_file(out) if small else {}
    tensors["predicted.coop"] = theirs.numpy().astype(np.float32)
    save_file(tensors, out)


main()
