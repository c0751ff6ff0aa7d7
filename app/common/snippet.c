/* SPDX-License-Identifier: MIT */
/* The few lines of Python that run an exported classifier, with paths that Python reads as they
 * are. */
#include "common/snippet.h"

static void
append_escaped (GString *out, gunichar c)
{
  if (c < 0x100)
    g_string_append_printf (out, "\\x%02x", c);
  else if (c < 0x10000)
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_printf (out, "\\U%08x", c);
}

/* A path that is UTF-8, as a string of Python's: what does not print is escaped. */
static char *
quote_text (const char *path)
{
  GString *out = g_string_new ("\"");
  for (const char *p = path; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", (char) c);
      else if (g_unichar_isprint (c))
        g_string_append_unichar (out, c);
      else
        append_escaped (out, c);
    }
  return g_string_free (g_string_append_c (out, '"'), FALSE);
}

/* Any other, as bytes. */
static char *
quote_bytes (const char *path)
{
  GString *out = g_string_new ("b\"");
  for (const guint8 *p = (const guint8 *) path; *p; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (out, "\\%c", *p);
    else if (g_ascii_isprint ((char) *p))
      g_string_append_c (out, (char) *p);
    else
      g_string_append_printf (out, "\\x%02x", *p);
  return g_string_free (g_string_append_c (out, '"'), FALSE);
}

static char *
onnx_snippet (const char *quoted, gboolean text)
{
  return g_strdup_printf (
      "import json, onnxruntime\n"
      "\n"
      "session = onnxruntime.InferenceSession(%s%s%s)\n"
      "classes = json.loads(session.get_modelmeta().custom_metadata_map[\"classes\"])\n"
      "\n"
      "def predict(features):  # float32 (N, D), CLIP's image features before normalising\n"
      "    return session.run(None, {\"features\": features})[0]  # (N, K) logits\n"
      "# of any number of labels, which hold from the metadata's \"thresholds\" on: "
      "1 / (1 + np.exp(-logits))\n",
      text ? "" : "open(", quoted, text ? "" : ", \"rb\").read()");
}

/* Every kind of classifier (fewshot/classifier.h); np.eye makes the labels of a cache one-hot. */
static const char SAFETENSORS[] =
    "import json, %snumpy as np\n"
    "from safetensors import safe_open\n"
    "with safe_open(%s%s%s, \"np\") as file:\n"
    "    meta, t = file.metadata(), {k: file.get_tensor(k) for k in file.keys()}\n"
    "alpha, classes = float(meta[\"alpha\"]), json.loads(meta[\"classes\"])\n"
    "scale, text = np.exp(t[\"logit_scale\"]), t[\"text_features\"].T\n"
    "def unit(f):\n"
    "    return f / np.linalg.norm(f, axis=1, keepdims=True).clip(1e-12)\n"
    "def adapted(f, alpha):\n"
    "    a = np.maximum(f @ t[\"fc.0.weight\"].T, 0) @ t[\"fc.2.weight\"].T\n"
    "    a = np.maximum(a, 0) if meta[\"final_relu\"] == \"1\" else a\n"
    "    return unit(alpha * a + (1 - alpha) * f) @ t.get(\"part_text\", t[\"text_features\"]).T\n"
    "def predict(f, alpha=alpha):  # (N, D), CLIP's image features before normalising\n"
    "    if \"after\" in meta:  # (N, 2 D): behind them those of the tower with the adapter in it\n"
    "        return scale * unit((1 - alpha) * f[:, :len(text)] + alpha * f[:, len(text):]) @ "
    "text\n"
    "    if \"weight\" in t:  # linear, or its sum with an adapter\n"
    "        learned = (f if meta[\"raw\"] == \"1\" else unit(f)) @ t[\"weight\"].T + t[\"bias\"]\n"
    "        if \"part_alpha\" in t:\n"
    "            learned = learned + t[\"part_scale\"] * adapted(f, t[\"part_alpha\"])\n"
    "        return alpha * learned + (1 - alpha) * t[\"zero_scale\"] * unit(f) @ text\n"
    "    if \"keys\" in t:  # cache\n"
    "        near = np.exp(t[\"sharpness\"] * (unit(f) @ t[\"keys\"].T - 1))\n"
    "        one_hot = np.eye(len(classes), dtype=\"f\")[t[\"key_labels\"]]\n"
    "        return scale * unit(f) @ text + alpha * t[\"tau\"] * near @ t.get(\"key_values\", "
    "one_hot)\n"
    "    return scale * adapted(f, alpha)  # (N, K) logits\n"
    "# of any number of labels: 1 / (1 + np.exp(-predict(f))) >= t[\"thresholds\"]\n";

static char *
safetensors_snippet (const char *quoted, gboolean text)
{
  return g_strdup_printf (SAFETENSORS, text ? "" : "os, ", text ? "" : "os.fsdecode(", quoted,
                          text ? "" : ")");
}

char *
few_python_snippet (const char *path)
{
  gboolean text = g_utf8_validate (path, -1, NULL);
  g_autofree char *quoted = text ? quote_text (path) : quote_bytes (path);
  return g_str_has_suffix (path, ".onnx") ? onnx_snippet (quoted, text)
                                          : safetensors_snippet (quoted, text);
}
