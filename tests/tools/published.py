# SPDX-License-Identifier: MIT
"""What the authors' own code makes of our features: the judge of tests/engine/test-published.c and
of RESULTS.md's table "ours / theirs".

    published.py REPOSITORIES DUMP.safetensors TEXTS.safetensors OUT.safetensors SCALE
        [TEST_PICTURES]

REPOSITORIES holds checkouts of the public repositories, by their names:
FewShot-CLIP-Strong-Baseline (LP++), CLAP, Tip-Adapter, CLIP-Adapter, ICLR24 (GDA), CoOp (with
lpclip's linear probe) and Dassl.pytorch. Nothing of them is part of this project: their modules are
imported from there, with stand-ins for what only prints, and their functions get the pictures'
features in the place of pictures. DUMP is written by `fewshot-cli bench … --dump`; TEXTS holds
`text_features`, the un-normalised ones of the same classes, of `fewshot-cli embed --text`. SCALE is
the model's logit scale. With TEST_PICTURES, so many test pictures a class are kept, unused ones
left out, and features rounded to half precision before anything else, and lpclip's regression
converges: tests/data/golden/published/*.safetensors are made so.

OUT holds features, labels, roles, text features and a row of predictions of every test picture per
method. What is not theirs, each for a reason:
  - their logit scale of 100 is the model's own, as the text features are scaled;
  - LP++'s bias begins at 0: their draw from ±1/√D changes which epoch is best by a validation
    picture or two;
  - half precision becomes single (PyTorch has no half products on a CPU);
  - no augmented views: there are none of a feature;
  - Tip-Adapter-F is taken after its last epoch: their loop keeps the epoch that is best on the test
    pictures;
  - the batches of a training set that fits into one batch have no order that could matter;
    CLIP-Adapter draws its weights with torch.manual_seed (1).
"""

import importlib
import os
import runpy
import sys
import tempfile
import types

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

TRAIN, VALIDATION, TEST = 0, 1, 2


# ---- stand-ins


def stand_in(name, **members):
    module = types.ModuleType(name)
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module


class Anything:
    """Whatever is asked of it: itself."""

    def __getattr__(self, name):
        return Anything()

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and callable(args[0]) else Anything()


def install_stand_ins():
    stand_in("tqdm", tqdm=lambda rows, **_: rows)
    for name in ("matplotlib", "matplotlib.pyplot", "torchvision", "torchvision.transforms"):
        stand_in(name)
    anything = Anything()
    stand_in("clip", load=anything, tokenize=anything, clip=anything)
    stand_in("clip.clip")
    stand_in("clip.simple_tokenizer", SimpleTokenizer=Anything)
    for name in (
        "dassl",
        "dassl.engine",
        "dassl.metrics",
        "dassl.utils",
        "dassl.optim",
        "datasets",
    ):
        stand_in(name)
    sys.modules["dassl.engine"].__dict__.update(
        TRAINER_REGISTRY=anything, SimpleTrainer=object, TrainerX=object
    )
    sys.modules["dassl.metrics"].compute_accuracy = anything
    sys.modules["dassl.utils"].__dict__.update(
        load_pretrained_weights=anything,
        load_checkpoint=anything,
        AverageMeter=Anything,
        MetricMeter=Anything,
    )
    sys.modules["dassl.optim"].__dict__.update(
        build_optimizer=anything, build_lr_scheduler=anything
    )
    sys.modules["datasets"].build_dataset = anything
    stand_in("datasets.imagenet", ImageNet=anything)
    stand_in("datasets.utils", build_data_loader=anything)
    stand_in("datasets.imagenet_templates", IMAGENET_TEMPLATES=[], IMAGENET_TEMPLATES_SELECT=[])
    for name in ("transforms",):
        setattr(sys.modules["torchvision"], name, sys.modules["torchvision.transforms"])
    sys.modules["torchvision.transforms"].__dict__.update(
        Compose=anything,
        RandomResizedCrop=anything,
        RandomHorizontalFlip=anything,
        ToTensor=anything,
        Normalize=anything,
        InterpolationMode=anything,
    )
    torch.Tensor.cuda = lambda self, *_, **__: self
    torch.nn.Module.cuda = lambda self, *_, **__: self


def module_of(folder, name):
    """One of their modules; `utils` and the like have the same name in several repositories."""
    for known in ("utils", "methods", "trainers", "clip_adapter", "main", "main_few_shots"):
        for loaded in [m for m in sys.modules if m == known or m.startswith(known + ".")]:
            del sys.modules[loaded]
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


class Returned:
    """The local variables that a function of theirs had when it returned for the last time."""

    def __init__(self, code):
        self.code, self.locals = code, None

    def __enter__(self):
        sys.setprofile(self.look)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)

    def look(self, frame, event, _argument):
        if event == "return" and frame.f_code.co_name == self.code:
            self.locals = dict(frame.f_locals)


class Silent:
    def __enter__(self):
        self.stdout, sys.stdout = sys.stdout, open(os.devnull, "w")

    def __exit__(self, *_):
        sys.stdout.close()
        sys.stdout = self.stdout


class Identity(torch.nn.Module):
    """The image tower of one who has features already."""

    dtype = torch.float32

    def encode_image(self, features):
        return features.clone()

    def float(self):
        return self


# ---- the task


class Task:
    def __init__(self, dump, texts, scale):
        def get(role):
            return np.nonzero(dump["roles"].astype(int) == role)[0]

        self.scale = scale
        self.raw = torch.from_numpy(dump["features"])
        self.unit = self.raw / self.raw.norm(dim=1, keepdim=True)
        self.labels = torch.from_numpy(dump["labels"].astype(np.int64))
        self.rows = {role: torch.from_numpy(get(role)) for role in (TRAIN, VALIDATION, TEST)}
        self.text = torch.from_numpy(dump["text"])
        self.raw_text = torch.from_numpy(texts)
        self.k = len(dump["text"])
        self.shots = int((self.labels[self.rows[TRAIN]] == 0).sum())

    def of(self, role, values=None):
        values = self.unit if values is None else values
        return values[self.rows[role]], self.labels[self.rows[role]]

    def balanced(self):
        """As LP++'s code (classes = pictures / shots) and lpclip's (draws as many of each) want
        it."""
        counts = [
            np.bincount(self.labels[self.rows[role]], minlength=self.k)
            for role in (TRAIN, VALIDATION)
        ]
        return all(len(set(c)) == 1 for c in counts)

    def weights(self):
        """[D, K] as their 100 · f @ w gives scale · cos"""
        return (self.text * (self.scale / 100)).t().contiguous()


def dassl_rates(folder, rate, epochs):
    """The learning rate of each epoch as Dassl's own scheduler gives it: constant warm-up, then
    cosine."""
    source = os.path.join(folder, "Dassl.pytorch/dassl/optim/lr_scheduler.py")
    module = runpy.run_path(source)
    config = types.SimpleNamespace(
        LR_SCHEDULER="cosine",
        STEPSIZE=(-1,),
        GAMMA=0.1,
        MAX_EPOCH=epochs,
        WARMUP_EPOCH=1,
        WARMUP_RECOUNT=True,
        WARMUP_TYPE="constant",
        WARMUP_CONS_LR=1e-5,
    )
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    scheduler = module["build_lr_scheduler"](optimiser, config)
    rates = []
    for _ in range(epochs):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return rates


# ---- methods: each gives the scores of the test pictures


def lp_plus_plus(folder, task):
    module = module_of(
        os.path.join(folder, "FewShot-CLIP-Strong-Baseline"), "methods.linear_probe_p2"
    )
    utils = sys.modules["methods.utils"]
    utils.get_one_hot = lambda y, num_classes: torch.nn.functional.one_hot(y, num_classes).float()
    method = module.LinearProbe_P2(
        {"train_epoch": 300, "shots": task.shots, "dataset": "", "output_dir": ""}
    )

    def loader(role):
        return [task.of(role)]

    reset = torch.nn.Linear.reset_parameters
    torch.nn.Linear.reset_parameters = lambda layer: torch.nn.init.zeros_(layer.bias)
    features, labels = task.of(TEST)
    with Returned("forward") as seen, Silent():
        method.forward(
            loader(TRAIN),
            loader(VALIDATION),
            features,
            labels,
            task.text.t().contiguous(),
            Identity(),
            None,
        )
    torch.nn.Linear.reset_parameters = reset
    return seen.locals["logits_test"]


def clap(folder, task, constraint="l2"):
    module = module_of(os.path.join(folder, "CLAP"), "trainers.adapters")
    adapter_config = types.SimpleNamespace(INIT="ZS", CONSTRAINT=constraint)
    config = types.SimpleNamespace(TRAINER=types.SimpleNamespace(ADAPTER=adapter_config))
    clip = types.SimpleNamespace(
        dtype=torch.float32, logit_scale=torch.tensor(float(np.log(task.scale)))
    )
    model = module.CustomCLIP.__new__(module.CustomCLIP)
    torch.nn.Module.__init__(model)
    with Silent():
        model.adapter = module.AdapterMethod(config, clip, task.raw_text)
        model.logit_scale = clip.logit_scale
        features, labels = task.of(TRAIN, task.raw)
        with torch.no_grad():
            zero_shot = model.forward_lp(features)
        if constraint != "none":
            model.adapter.device = "cpu"
            model.adapter.init_lagrangian_multipliers(labels, zero_shot)
    optimiser = torch.optim.SGD([model.adapter.prototypes], lr=0.1, momentum=0.9)
    for rate in dassl_rates(folder, 0.1, 300):
        optimiser.param_groups[0]["lr"] = rate
        loss = torch.nn.functional.cross_entropy(model.forward_features(features), labels)
        if constraint != "none":
            loss = loss + model.adapter.zero_shot_constraint()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return model.forward_features(task.of(TEST, task.raw)[0])


def tip_adapter(folder, task, trained):
    module = module_of(os.path.join(folder, "Tip-Adapter"), "main")
    with tempfile.TemporaryDirectory(prefix="fewshot-published-") as cache:
        config = {
            "search_hp": True,
            "search_scale": [7, 3],
            "search_step": [200, 20],
            "init_beta": 1,
            "init_alpha": 1.17,
            "lr": 0.001,
            "train_epoch": 20,
            "augment_epoch": 1,
            "load_cache": False,
            "cache_dir": cache,
            "shots": task.shots,
        }
        pictures = [task.of(TRAIN, task.raw)]
        with Silent():
            keys, values = module.build_cache_model(config, Identity(), pictures)
        values = values.float()
        validation, test = task.of(VALIDATION), task.of(TEST)
        if not trained:
            with Returned("run_tip_adapter") as seen, Silent():
                module.run_tip_adapter(config, keys, values, *validation, *test, task.weights())
            return seen.locals["tip_logits"], (seen.locals["best_beta"], seen.locals["best_alpha"])
        accuracy, epochs = module.cls_acc, iter(range(1, 1000))
        # Every epoch is called better than the one before, so that the last one is kept.
        module.cls_acc = lambda output, target: (
            next(epochs) if target is test[1] else accuracy(output, target)
        )
        with Returned("run_tip_adapter_F") as seen, Silent():
            module.run_tip_adapter_F(
                config, keys, values, *validation, *test, task.weights(), Identity(), pictures
            )
        return seen.locals["tip_logits"].detach(), (
            seen.locals["best_beta"],
            seen.locals["best_alpha"],
        )


def gda(folder, task):
    module = module_of(os.path.join(folder, "ICLR24"), "main_few_shots")
    module.val_features, module.val_labels = task.of(VALIDATION)
    module.test_features, module.test_labels = task.of(TEST)
    with Returned("run") as seen, Silent():
        module.run({"augment_epoch": 1}, [task.of(TRAIN)], task.weights(), Identity())
    return seen.locals["test_logits"]


def linear_probe(folder, task, converged):
    """Their script as it is, for one number of shots and one draw: all pictures of train and
    validation. converged: L-BFGS goes on to the optimum; theirs ends at scikit-learn's tolerance
    or after 1,000 iterations, on features so long that this is far from it."""
    script = os.path.join(folder, "CoOp/lpclip/linear_probe.py")
    text = open(script, encoding="utf-8").read()
    validation = int((task.labels[task.rows[VALIDATION]] == 0).sum())
    for before, after in (
        ("for num_shot in [1, 2, 4, 8, 16]:", f"for num_shot in [{task.shots}]:"),
        ("val_num_shot = val_shot_list[num_shot]", f"val_num_shot = {validation}"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    if converged:
        text = text.replace("max_iter=1000", "max_iter=100000, tol=1e-9")
    with tempfile.TemporaryDirectory(prefix="fewshot-published-") as work:
        os.makedirs(os.path.join(work, "clip_feat/set"))
        for name, role in (("train", TRAIN), ("val", VALIDATION), ("test", TEST)):
            features, labels = task.of(role, task.raw)
            np.savez(
                os.path.join(work, f"clip_feat/set/{name}.npz"),
                feature_list=features.numpy(),
                label_list=labels.numpy(),
            )
        own = os.path.join(work, "linear_probe.py")
        open(own, "w", encoding="utf-8").write(text)
        here, arguments = os.getcwd(), sys.argv
        os.chdir(work)
        sys.argv = [own, "--dataset", "set", "--num_run", "1"]
        try:
            with Returned("binary_search") as seen, Silent():
                runpy.run_path(own)
        finally:
            os.chdir(here)
            sys.argv = arguments
    predicted = torch.from_numpy(np.asarray(seen.locals["pred"], np.int64))
    return torch.nn.functional.one_hot(predicted, task.k).float(), float(seen.locals["c_final"])


def clip_adapter(folder, task):
    module = module_of(os.path.join(folder, "CLIP-Adapter"), "clip_adapter")
    torch.manual_seed(1)
    adapter = module.Adapter(task.raw.shape[1], 4)
    features, labels = task.of(TRAIN, task.raw)

    def logits(f):
        f = 0.2 * adapter(f) + 0.8 * f
        return task.scale * (f / f.norm(dim=-1, keepdim=True)) @ task.text.t()

    optimiser = torch.optim.SGD(adapter.parameters(), lr=0.002, momentum=0.9, weight_decay=5e-4)
    n, batch = len(features), 32
    for rate in dassl_rates(folder, 0.002, 200):
        optimiser.param_groups[0]["lr"] = rate
        order = torch.randperm(n)
        ends = range(0, n, batch) if n < batch else range(0, n - batch + 1, batch)
        for first in ends:
            rows = order[first : first + batch]
            loss = torch.nn.functional.cross_entropy(logits(features[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        return logits(task.of(TEST, task.raw)[0])


def reduced(dump, test_pictures):
    roles, labels = dump["roles"].astype(int), dump["labels"].astype(int)
    seen, keep = {}, []
    for i, (role, label) in enumerate(zip(roles, labels)):
        if role == TEST:
            seen[label] = seen.get(label, 0) + 1
        if role < TEST or role == TEST and seen[label] <= test_pictures:
            keep.append(i)
    result = {name: dump[name][keep] for name in ("features", "labels", "roles")}
    result["features"] = result["features"].astype(np.float16).astype(np.float32)
    return result | {"text": dump["text"]}


def main():
    folder, dump_path, texts_path, out, scale = sys.argv[1:6]
    torch.set_num_threads(1)
    install_stand_ins()
    dump = load_file(dump_path)
    small = len(sys.argv) > 6
    if small:
        dump = reduced(dump, int(sys.argv[6]))
    task = Task(dump, load_file(texts_path)["text_features"], float(scale))
    scores = {}
    if task.balanced():
        scores["lp++"] = lp_plus_plus(folder, task)
        scores["linear-probe"], strength = linear_probe(folder, task, small)
    scores |= {
        "clap": clap(folder, task),
        "tip-adapter": tip_adapter(folder, task, False)[0],
        "tip-adapter-f": tip_adapter(folder, task, True)[0],
        "gda": gda(folder, task),
        "clip-adapter": clip_adapter(folder, task),
    }
    _, labels = task.of(TEST)
    tensors = {name: dump[name] for name in ("features", "text", "labels", "roles")}
    if small:
        tensors["features"] = tensors["features"].astype(np.float16)
    tensors["text_raw"] = task.raw_text.numpy()
    if task.balanced():
        tensors["strength.linear-probe"] = np.array([strength], np.float32)
    for name, value in scores.items():
        predicted = value.argmax(1)
        tensors[f"predicted.{name}"] = predicted.numpy().astype(np.float32)
        print(f"{name:14} {100 * (predicted == labels).float().mean():5.1f}")
    save_file(tensors, out)


if __name__ == "__main__":
    main()
