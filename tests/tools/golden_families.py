#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A small model of each family, made with random weights by open_clip, timm and transformers
themselves from their own configs, saved as they publish it, and the features that they give in
double precision: tests/data/families/NAME, for tests/python/test_families.py.

    golden_families.py OUTPUT_FOLDER [NAME…]          narrow, a block or two
    golden_families.py --wide OUTPUT_FOLDER [NAME…]   the real widths and sizes, two blocks

Wants transformers 5, open_clip and timm (not what ./test installs)."""

import copy
import json
import os
import shutil
import sys

import open_clip
import sentencepiece
import timm
import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from timm.models import vision_transformer_hybrid, vitamin

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import clip_reference as clip  # noqa: E402
import family_data  # noqa: E402

CONFIGS = os.path.join(os.path.dirname(open_clip.__file__), "model_configs")
OPENAI = {"mean": clip.MEAN, "std": clip.STD}
HALF = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}


def narrow_stem(**arguments):
    """timm's stem of MobileCLIP B, of 48 channels in the place of 768."""
    stem = vision_transformer_hybrid.ConvStem(
        channels=(12, 12, 48),
        stride=(4, 2, 2),
        kernel_size=(4, 2, 2),
        padding=0,
        in_chans=3,
        act_layer=torch.nn.GELU,
    )
    arguments.pop("backbone", None)
    return vision_transformer_hybrid.HybridEmbed(backbone=stem, proj=False, **arguments)


# name: config of open_clip, what makes it small for timm or vision_cfg, text_cfg, preprocess_cfg
VIT = {"embed_dim": 48, "depth": 1, "img_size": 32, "patch_size": 8}
TEXT = {"width": 16, "heads": 4, "layers": 1, "context_length": 20, "vocab_size": 545}
FAST = {"layers": (1, 2, 1, 1), "embed_dims": (8, 16, 16, 32)}
BERT = {"context_length": 20}  # the rest is transformers' config, in make_bert_config
VITAMIN = {
    "embed_dim": 48,
    "depth": 2,
    "img_size": 64,
    "embed_cfg": vitamin.VitCfg(embed_dim=(8, 12, 48), depths=(2, 2, 1), stem_width=8),
}
CLIP = {"image_size": 32, "patch_size": 8, "width": 32, "head_width": 8, "layers": 1}
OPEN_CLIP = {
    "siglip-b16": ("ViT-B-16-SigLIP", VIT, TEXT, HALF),
    "siglip2-b32": ("ViT-B-32-SigLIP2-256", {**VIT, "embed_dim": 24}, TEXT, HALF),
    "siglip-so400m-i18n": (
        "ViT-SO400M-16-SigLIP-i18n-256",
        {**VIT, "embed_dim": 32, "mlp_ratio": 3.7362},
        TEXT,
        HALF,
    ),
    "pe-core-b16": (
        "PE-Core-B-16",
        VIT,
        TEXT,
        {**HALF, "interpolation": "bilinear"},
    ),
    "pe-core-bigg": ("PE-Core-bigG-14-448", {**VIT, "embed_dim": 64, "mlp_ratio": 1}, TEXT, HALF),
    "mobileclip2-l14": ("MobileCLIP2-L-14", VIT, TEXT, OPENAI),
    "mobileclip2-b": (
        "MobileCLIP2-B",
        {"depth": 1, "img_size": 64, "embed_dim": 48, "embed_layer": narrow_stem},
        TEXT,
        OPENAI,
    ),
    "eva02-b16": ("EVA02-B-16", VIT, TEXT, OPENAI),
    "clipa-l14": (
        "ViT-L-14-CLIPA",
        CLIP,
        TEXT,
        {"interpolation": "bilinear", "resize_mode": "squash"},
    ),
    "metaclip2-h14": (
        "ViT-H-14-worldwide-quickgelu",
        CLIP,
        {**TEXT, "eos_id": 544},
        OPENAI,
    ),
    "vit-m16-alt": (
        "ViT-M-16-alt",
        CLIP,
        TEXT,
        OPENAI,
    ),
    "convnext-base": (
        "convnext_base_w",
        {"depths": (1, 1, 1, 1), "dims": (12, 16, 20, 24), "img_size": 64},
        TEXT,
        OPENAI,
    ),
    "convnext-large-d": (
        "convnext_large_d",
        {"depths": (1, 1, 2, 1), "dims": (8, 12, 16, 20), "img_size": 64},
        TEXT,
        OPENAI,
    ),
    "mobileclip2-s0": ("MobileCLIP2-S0", {**FAST, "img_size": 64}, TEXT, OPENAI),
    "mobileclip2-s3": (
        "MobileCLIP2-S3",
        {"layers": (1,) * 5, "embed_dims": (8, 16, 32, 32, 32), "img_size": 64},
        TEXT,
        OPENAI,
    ),
    "vitamin-s": ("ViTamin-S", VITAMIN, TEXT, OPENAI),
    "vitamin-xl": ("ViTamin-XL-256", VITAMIN, TEXT, OPENAI),
    "eva01-g14": ("EVA01-g-14", VIT, TEXT, OPENAI),
    "eva02-e14": ("EVA02-E-14", VIT, TEXT, OPENAI),
    "biomedclip": (None, VIT, BERT, OPENAI),
    "xlm-roberta-b32": ("xlm-roberta-base-ViT-B-32", CLIP, BERT, OPENAI),
    "nllb-siglip": ("nllb-clip-base-siglip", VIT, BERT, HALF),
}
# Vision alone: class of the model, its config as published, what makes it small, pictures
DINOV2 = {"image_size": 518, "patch_size": 14}
DINO = {
    "dinov2": ("Dinov2", DINOV2, {"image_size": 56}, 224),
    "dinov2-registers": ("Dinov2WithRegisters", DINOV2, {"image_size": 56}, 224),
    "dinov2-giant": ("Dinov2", {**DINOV2, "use_swiglu_ffn": True}, {"image_size": 56}, 224),
    "dinov3-vits16": ("DINOv3ViT", {"num_register_tokens": 4}, {"image_size": 32}, 224),
    "dinov3-vith16plus": (
        "DINOv3ViT",
        {
            "hidden_size": 1280,
            "intermediate_size": 5120,
            "num_attention_heads": 20,
            "use_gated_mlp": True,
            "hidden_act": "silu",
            "num_register_tokens": 4,
        },
        {"image_size": 32},
        224,
    ),
}
TRANSFORMERS = ("siglip-transformers", "metaclip2-transformers", "chinese-clip-transformers")
# As its authors publish it; open_clip has no config of it.
BIOMEDCLIP = {
    "embed_dim": 512,
    "vision_cfg": {
        "timm_model_name": "vit_base_patch16_224",
        "timm_model_pretrained": False,
        "timm_pool": "",
        "timm_proj": "linear",
        "image_size": 224,
    },
    "text_cfg": {
        "hf_model_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
        "hf_tokenizer_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
        "hf_proj_type": "mlp",
        "hf_pooler_type": "cls_last_hidden_state_pooler",
        "context_length": 256,
    },
    "custom_text": True,
}
TOKENIZER = ("hf_tokenizer_name", "tokenizer_kwargs")


def randomise(model, seed):
    """Values in the range of a trained model's; batch norms have seen something."""
    random = torch.Generator().manual_seed(seed)

    def draw(like, scale):
        return torch.randn(like.shape, generator=random) * scale

    with torch.no_grad():
        for name, p in [*model.named_parameters(), *model.named_buffers()]:
            if not p.is_floating_point() or name.endswith(("attn_mask", "k_bias")):
                continue
            if "rope" in name or "embed_positions" in name or "embed_scale" in name:
                continue
            if name.endswith("running_var"):
                p.copy_(draw(p, 1).abs() + 0.5)
            elif name in ("logit_scale", "logit_bias"):
                p.fill_(2.5 if name == "logit_scale" else -4)
            elif "gamma" in name or "layer_scale" in name or "lambda" in name:
                p.copy_(0.6 + draw(p, 0.2))
            elif p.ndim > 1 and (
                "backbone.st" in name
                or ("embed" not in name and "token" not in name and "latent" not in name)
            ):
                p.copy_(draw(p, (p[0].numel()) ** -0.5))
            elif name.endswith("weight") and p.ndim == 1:
                p.copy_(1 + draw(p, 0.2))
            else:
                p.copy_(draw(p, 0.3))
            p.copy_(p.half().float())


def timm_name(name):
    """Of ViTamin's trunks some versions of timm have one a width, without its usual size."""
    return name if timm.is_model(name) else name.replace("large2", "large").removesuffix("_224")


def make_bert_config(name, vocab_size):
    """Two heads of 64, which is what the engine takes for granted, in a single block."""
    small = {
        "vocab_size": vocab_size,
        "hidden_size": 128,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 80,
    }
    if "nllb" in name:
        return transformers.M2M100Config(
            vocab_size=vocab_size,
            d_model=128,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            encoder_ffn_dim=80,
            decoder_ffn_dim=16,
            max_position_embeddings=24,
            scale_embedding=True,
            activation_function="relu",
        )
    if "xlm" in name:
        return transformers.XLMRobertaConfig(
            **small, max_position_embeddings=26, type_vocab_size=1, layer_norm_eps=1e-5
        )
    return transformers.BertConfig(**small, max_position_embeddings=24)


def make_pairs(path):
    """A tokenizer.json as NLLB's: byte pairs of words that begin with “▁”, the languages added, and
    a template that its class in transformers does not heed."""
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    pairs = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>", fuse_unk=True))
    pairs.normalizer = tokenizers.normalizers.NFKC()
    pairs.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=400, special_tokens=marks)
    pairs.train([f"{ROOT}/README.md"], trainer)
    pairs.add_special_tokens(["eng_Latn"])
    language = pairs.token_to_id("eng_Latn")
    pairs.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A </s> eng_Latn", special_tokens=[("</s>", 2), ("eng_Latn", language)]
    )
    pairs.save(f"{path}/tokenizer.json")
    return pairs, language


def make_bert_tokenizer(name, path):
    """Its files in `path`; the ids of the texts, filled to the longest, and how many symbols."""
    if "nllb" in name:
        pairs, language = make_pairs(path)
        found = [pairs.encode(t, add_special_tokens=False).ids for t in family_data.TEXTS]
        rows = [[language, *ids[:18], 2] for ids in found]
        fill, n, about = 1, pairs.get_vocab_size(), {"tokenizer_class": "NllbTokenizer"}
    elif "xlm" in name:
        make_words(path, "sentencepiece.bpe")
        words = sentencepiece.SentencePieceProcessor(model_file=f"{path}/sentencepiece.bpe.model")
        # fairseq's order: <s> <pad> </s> <unk>, then the pieces behind <unk> <s> </s>
        found = [[3 if i == 0 else i + 1 for i in words.encode(t)] for t in family_data.TEXTS]
        rows = [[0, *ids[:18], 2] for ids in found]
        fill, n, about = 1, words.vocab_size() + 1, {"tokenizer_class": "XLMRobertaTokenizer"}
    else:
        shutil.copy(f"{ROOT}/tests/data/tokenizers/vocab.txt", path)
        tokenizer = transformers.BertTokenizer.from_pretrained(path)
        rows = [tokenizer.encode(t, truncation=True, max_length=20) for t in family_data.TEXTS]
        fill, n, about = 0, len(tokenizer), {"tokenizer_class": "BertTokenizer"}
    with open(f"{path}/tokenizer_config.json", "w") as file:
        json.dump(about, file)
    longest = max(map(len, rows))
    return torch.tensor([row + [fill] * (longest - len(row)) for row in rows]), n


def make_open_clip(name, small, vocab_size=None):
    """vocab_size: of a BERT's tokenizer."""
    config_name, tower, text, preprocess = OPEN_CLIP[name]
    config = copy.deepcopy(BIOMEDCLIP)
    if config_name:
        config = json.load(open(f"{CONFIGS}/{config_name}.json"))
    vision = config["vision_cfg"]
    timm_tower = "timm_model_name" in vision
    config["text_cfg"].update({k: text[k] for k in ("vocab_size", "eos_id") if k in text})
    if small:
        config["embed_dim"] = 24
        config["text_cfg"].update(text)
        if vision.get("timm_proj") == "none":
            config["embed_dim"] = tower["embed_dim"]
        if config["text_cfg"].get("proj_type") == "none":
            config["text_cfg"]["width"] = config["embed_dim"]
        if timm_tower:
            vision["image_size"] = tower["img_size"]
        else:
            vision.update(tower)
    else:
        config["text_cfg"]["layers"] = 2
        if not timm_tower:
            vision["layers"] = 2
    for key in TOKENIZER:
        if text is not BERT:
            config["text_cfg"].pop(key, None)
    arguments = copy.deepcopy(config)
    kind_of_text = transformers.AutoConfig.from_pretrained
    if text is BERT:
        arguments["text_cfg"]["hf_model_pretrained"] = False
        bert = make_bert_config(name, vocab_size)
        transformers.AutoConfig.from_pretrained = lambda _: bert
    custom = arguments.pop("custom_text", False) or text is BERT
    kind = open_clip.CustomTextCLIP if custom else open_clip.CLIP
    create = timm.create_model
    sizes = {"depths": (1, 1, 2, 1)} if "convnext" in name else {"depth": 2}
    extra = dict(tower) if small else sizes
    if "fastvit" in vision.get("timm_model_name", "") and not small:
        sizes = {"layers": (1, 1, 1, 1, 1)[: 5 if "s3" in name or "s4" in name else 4]}
        extra = sizes
    if "depths" in extra or "layers" in extra:
        extra.pop("img_size", None)
    if timm_tower:
        timm.create_model = lambda name, **k: create(timm_name(name), **{**k, **extra})
    try:
        model = kind(**arguments)
    finally:
        timm.create_model = create
        transformers.AutoConfig.from_pretrained = kind_of_text
    return model.eval(), {"model_cfg": config, "preprocess_cfg": preprocess}, vision["image_size"]


def make_words(path, name="spiece", **marks):
    """A SentencePiece model of our own words."""
    with open(f"{path}/words.txt", "w") as file:
        file.write(open(f"{ROOT}/README.md").read())
    sentencepiece.SentencePieceTrainer.train(
        input=f"{path}/words.txt",
        model_prefix=f"{path}/{name}",
        vocab_size=300,
        character_coverage=0.98,
        **marks,
        normalization_rule_name="identity",
        minloglevel=2,
    )
    os.remove(f"{path}/words.txt")
    os.remove(f"{path}/{name}.vocab")


def make_transformers(name, path):
    """The model, and the ids of the texts."""
    size = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4}
    vision = {**size, "num_hidden_layers": 1, "image_size": 32, "patch_size": 8}
    text = {**size, "num_hidden_layers": 1}
    if name == "siglip-transformers":
        make_words(path, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)  # SigLIP's marks
        tokenizer = transformers.SiglipTokenizer(vocab_file=f"{path}/spiece.model")
        ids = tokenizer(
            family_data.TEXTS, padding="max_length", max_length=16, truncation=True
        ).input_ids
        text |= {"vocab_size": 300, "max_position_embeddings": 16, "projection_size": 32}
        config = transformers.SiglipConfig(vision_config=vision, text_config=text)
        model = transformers.SiglipModel(config)
        about = {"tokenizer_class": "SiglipTokenizer", "model_max_length": 16}
    elif name == "chinese-clip-transformers":
        ids, n = make_bert_tokenizer(name, path)
        text |= {"vocab_size": n, "max_position_embeddings": 20}
        config = transformers.ChineseCLIPConfig(
            vision_config=vision, text_config=text, projection_dim=24
        )
        model = transformers.ChineseCLIPModel(config)
        about = {"tokenizer_class": "BertTokenizer"}
    else:
        ids = family_data.ids(clip, 545, 20).tolist()
        text |= {"vocab_size": 545, "max_position_embeddings": 20, "eos_token_id": 544}
        config = transformers.MetaClip2Config(
            vision_config=vision, text_config=text, projection_dim=24
        )
        model = transformers.MetaClip2Model(config)
        about = {"tokenizer_class": "CLIPTokenizer"}
    with open(f"{path}/tokenizer_config.json", "w") as file:
        json.dump(about, file)
    return model.eval(), torch.as_tensor(ids)


def write_transformers(name, folder, seed):
    path = f"{folder}/{name}"
    os.makedirs(path, exist_ok=True)
    model, ids = make_transformers(name, path)
    randomise(model, seed)
    model.half().save_pretrained(path)
    model = model.double()
    siglip = "siglip" in name
    settings = {"size": {"height": 32, "width": 32}} if siglip else {"size": 32, "crop_size": 32}
    kind = "SiglipImageProcessor" if siglip else "CLIPImageProcessor"
    with open(f"{path}/processor_config.json", "w") as file:
        json.dump({"image_processor": {"image_processor_type": kind, **settings}}, file)
    mean, std = ([0.5] * 3, [0.5] * 3) if siglip else (clip.MEAN, clip.STD)
    with torch.inference_mode():
        pixels = torch.from_numpy(family_data.pixels(32, mean, std))
        mask = {"attention_mask": (ids != 0).long()} if "chinese" in name else {}
        out = model(input_ids=ids, pixel_values=pixels, **mask)
    expected = {"image_features": out.image_embeds, "text_features": out.text_embeds}
    save_file(
        {k: v.float().contiguous() for k, v in expected.items()}, f"{path}/expected.safetensors"
    )
    print(name, tuple(out.image_embeds.shape), flush=True)


def write_dino(name, folder, seed, small):
    path = f"{folder}/{name}"
    os.makedirs(path, exist_ok=True)
    kind, published, less, size = DINO[name]
    narrow = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "patch_size": 8}
    size = 32 if small else size
    arguments = {**published, **({**less, **narrow} if small else {}), "num_hidden_layers": 2}
    if kind != "DINOv3ViT":
        arguments.pop("intermediate_size", None)
    config = getattr(transformers, f"{kind}Config")(**arguments)
    model = getattr(transformers, f"{kind}Model")(config).eval()
    randomise(model, seed)
    exact = copy.deepcopy(model).double()  # half() rounds what turns the pairs, too
    model.half().save_pretrained(path)
    processor = {
        "image_processor_type": "BitImageProcessor",
        "size": {"shortest_edge": size},  # published: 256, of which 224 are cut
        "crop_size": {"height": size, "width": size},
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    }
    if kind == "DINOv3ViT":
        processor = {
            "image_processor_type": "DINOv3ViTImageProcessor",
            "size": {"height": size, "width": size},
            "resample": 2,
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
        }
    with open(f"{path}/processor_config.json", "w") as file:
        json.dump({"image_processor": processor}, file)
    pixels = family_data.pixels(size, processor["image_mean"], processor["image_std"])
    with torch.inference_mode():
        found = exact(pixel_values=torch.from_numpy(pixels)).pooler_output
    found = found / found.norm(dim=-1, keepdim=True)
    save_file({"image_features": found.float().contiguous()}, f"{path}/expected.safetensors")
    print(name, tuple(found.shape), flush=True)


def main():
    arguments = sys.argv[1:]
    small = arguments[0] != "--wide"
    folder, *names = arguments[0 if small else 1 :]
    for name in TRANSFORMERS:
        if small and (not names or name in names):
            write_transformers(name, folder, 77)
    for seed, name in enumerate(DINO):
        if not names or name in names:
            write_dino(name, folder, 90 + seed, small)
    for seed, name in enumerate(OPEN_CLIP):
        if names and name not in names:
            continue
        path = f"{folder}/{name}"
        os.makedirs(path, exist_ok=True)
        bert = OPEN_CLIP[name][2] is BERT
        ids, n = make_bert_tokenizer(name, path) if bert else (None, None)
        model, config, size = make_open_clip(name, small, n)
        randomise(model, seed + 1)
        tensors = {k: v.half().contiguous() for k, v in model.state_dict().items()}
        save_file(tensors, f"{path}/open_clip_model.safetensors")
        with open(f"{path}/open_clip_config.json", "w") as file:
            json.dump(config, file, indent=1)
            file.write("\n")
        preprocess = config["preprocess_cfg"]
        pixels = family_data.pixels(
            size, preprocess.get("mean", clip.MEAN), preprocess.get("std", clip.STD)
        )
        text = config["model_cfg"]["text_cfg"]
        if not bert:
            ids = torch.from_numpy(
                family_data.ids(clip, text["vocab_size"], text["context_length"])
            )
        model = model.double()
        with torch.inference_mode():
            image = model.encode_image(torch.from_numpy(pixels), normalize=True)
            words = model.encode_text(ids, normalize=True)
        expected = {"image_features": image, "text_features": words}
        save_file({k: v.float() for k, v in expected.items()}, f"{path}/expected.safetensors")
        print(name, tuple(image.shape), sum(v.numel() for v in tensors.values()), flush=True)


if __name__ == "__main__":
    main()
