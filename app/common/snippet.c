/* SPDX-License-Identifier: MIT */
#include "common/snippet.h"

/* The path as a string of Python's. */
static char *
quote (const char *path)
{
  char beyond_ascii[129]; /* UTF-8 stays as it is in a Python string */
  for (guint i = 0; i < 128; i++)
    beyond_ascii[i] = (char) (128 + i);
  beyond_ascii[128] = 0;
  return g_strescape (path, beyond_ascii);
}

static char *
onnx_snippet (const char *quoted)
{
  return g_strdup_printf (
      "import json, onnxruntime\n"
      "\n"
      "session = onnxruntime.InferenceSession(\"%s\")\n"
      "classes = json.loads(session.get_modelmeta().custom_metadata_map[\"classes\"])\n"
      "\n"
      "def predict(features):  # float32 (N, D), CLIP's image features before normalising\n"
      "    return session.run(None, {\"features\": features})[0]  # (N, K) logits\n",
      quoted);
}

char *
few_python_snippet (const char *path)
{
  g_autofree char *quoted = quote (path);
  if (g_str_has_suffix (path, ".onnx"))
    return onnx_snippet (quoted);
  return g_strdup_printf (
      "import json, torch, torch.nn.functional as F\n"
      "from safetensors import safe_open\n"
      "\n"
      "with safe_open(\"%s\", \"pt\") as f:\n"
      "    meta, t = f.metadata(), {k: f.get_tensor(k) for k in f.keys()}\n"
      "alpha, classes = float(meta[\"alpha\"]), json.loads(meta[\"classes\"])\n"
      "\n"
      "def predict(features):  # (N, D), CLIP's image features before normalising\n"
      "    a = F.relu(features @ t[\"fc.0.weight\"].T) @ t[\"fc.2.weight\"].T\n"
      "    a = F.relu(a) if meta[\"final_relu\"] == \"1\" else a\n"
      "    f = F.normalize(alpha * a + (1 - alpha) * features)\n"
      "    return t[\"logit_scale\"].exp() * f @ t[\"text_features\"].T  # (N, K) logits\n",
      quoted);
}
