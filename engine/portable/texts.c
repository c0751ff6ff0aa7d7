/* SPDX-License-Identifier: MIT */
/* labels.txt, predict.py, README.md and model-card.md. What comes from names is made one line of
 * Markdown; numbers do not follow the locale. */
#include "portable/texts.h"
#include <fewshot/file.h>
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

/* ---- pieces */

/* A name as a line of Markdown that means nothing but itself. */
static char *
quote (const char *name)
{
  g_autofree char *shown = few_text_shown (name);
  GString *out = g_string_new (NULL);
  for (const char *p = shown; *p; p++)
    {
      if (strchr ("\\`*_[]<>#|&", *p))
        g_string_append_c (out, '\\');
      g_string_append_c (out, *p);
    }
  return g_string_free (out, FALSE);
}

static void
add_percent (GString *out, double share)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (isnan (share))
    g_string_append (out, "not known");
  else
    g_string_append_printf (out, "%s %%",
                            g_ascii_formatd (number, sizeof number, "%.1f", 100 * share));
}

static void
add_number (GString *out, const char *before, double value, const char *after)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (out, "%s%s%s", before,
                          g_ascii_formatd (number, sizeof number, "%g", value), after);
}

static void
add_classes (GString *out, const FewClassifierInfo *k)
{
  enum { MOST = 50 };
  for (guint i = 0; i < MIN (k->n_classes, MOST); i++)
    {
      g_autofree char *name = quote (k->classes[i]);
      g_string_append_printf (out, "%s%s", i ? ", " : "", name);
    }
  if (k->n_classes > MOST)
    g_string_append_printf (out, " and %u more (labels.txt)", k->n_classes - MOST);
}

static void
add_pictures (GString *out, const FewOrigin *origin)
{
  g_string_append_printf (out, ". Measured on %u pictures ", origin->n_measured);
  if (g_str_equal (origin->measured, "test"))
    g_string_append (out, "that were kept aside and neither learned from nor chosen on.\n");
  else if (g_str_equal (origin->measured, "validation"))
    g_string_append (out, "that were not learned from, but that α was chosen on: it may be a "
                          "little worse on others.\n");
  else
    g_string_append (out, "that it learned from, each asked about before it had been seen "
                          "(cross-validation).\n");
}

/* Of any number of labels. */
static void
add_several (GString *out, const FewOrigin *origin)
{
  g_string_append (out, "Mean average precision: ");
  add_percent (out, origin->several->map);
  if (!isnan (origin->zero_shot_map))
    {
      g_string_append (out, "; of CLIP alone, with the same names: ");
      add_percent (out, origin->zero_shot_map);
    }
  if (!isnan (origin->several->macro_f1))
    {
      g_string_append (out, ". The labels' mean F1: ");
      add_percent (out, origin->several->macro_f1);
    }
  add_pictures (out, origin);
}

/* What was measured, as sentences. */
static void
add_measured (GString *out, const FewOrigin *origin)
{
  if (origin->several)
    {
      add_several (out, origin);
      return;
    }
  if (origin->n_measured == 0 || isnan (origin->accuracy))
    {
      g_string_append (out,
                       "Nothing is known of its accuracy: it was not measured on pictures that "
                       "it had not learned from.\n");
      return;
    }
  g_string_append (out, "Right answers: ");
  add_percent (out, origin->accuracy);
  if (!isnan (origin->zero_shot_accuracy))
    {
      g_string_append (out, "; of CLIP alone, with the same class names: ");
      add_percent (out, origin->zero_shot_accuracy);
    }
  add_pictures (out, origin);
}

static void
add_origin (GString *out, const FewClassifierInfo *k)
{
  const FewOrigin *origin = &k->origin;
  if (*origin->trained)
    g_string_append_printf (out, "Trained %s with Fewshot %s", origin->trained, origin->version);
  else
    g_string_append (out, "Trained with Fewshot");
  g_string_append_printf (out, ", method `%s`", *k->method ? k->method : "clip-adapter");
  if (origin->n_train > 0)
    g_string_append_printf (out, ", from %u pictures (%u more to choose α on, %u to test on)",
                            origin->n_train, origin->n_validation, origin->n_test);
  g_string_append (out, ".\n");
}

/* ---- for programs */

char *
few_portable_labels (const FewPortableTexts *texts)
{
  const FewClassifierInfo *k = texts->classifier;
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < k->n_classes; i++)
    {
      g_autofree char *line = few_text_shown (k->classes[i]);
      g_string_append_printf (out, "%s\n", line);
    }
  return g_string_free (out, FALSE);
}

/* What the program does with what comes out. */
static const char ONE[] = "    index, probability, *_ = session.run(None, {\"picture\": pixels})\n"
                          "    print(path, classes[index] if index >= 0 else \"none of these\", "
                          "f\"{probability:.1%}\", "
                          "sep=\"\\t\")\n";
static const char ANY[] =
    "    [probabilities] = session.run([\"probabilities\"], {\"picture\": pixels})\n"
    "    has = [i for i, p in enumerate(probabilities) if p >= thresholds[i]]\n"
    "    print(path, *[f\"{classes[i]} {probabilities[i]:.1%}\" for i in has] or "
    "[\"none of the labels\"], sep=\"\\t\")\n";

char *
few_portable_program (const FewPortableTexts *texts)
{
  gboolean any = texts->classifier->thresholds != NULL;
  return g_strdup_printf (
      "\"\"\"python predict.py PICTURE ...   needs: pip install onnxruntime pillow\"\"\"\n"
      "import json\n"
      "import os\n"
      "import sys\n"
      "\n"
      "import numpy\n"
      "import onnxruntime\n"
      "from PIL import Image, ImageOps\n"
      "\n"
      "here = os.path.dirname(os.path.abspath(__file__))\n"
      "session = onnxruntime.InferenceSession(os.path.join(here, \"model.onnx\"))\n"
      "classes = json.loads(session.get_modelmeta().custom_metadata_map[\"classes\"])\n"
      "%s"
      "for path in sys.argv[1:]%s%s%s:\n"
      "    picture = ImageOps.exif_transpose(Image.open(path))\n"
      "    if picture.mode != \"RGB\":  # transparency is laid over white\n"
      "        picture = picture.convert(\"RGBA\")\n"
      "        picture = Image.alpha_composite(Image.new(\"RGBA\", picture.size, \"white\"), "
      "picture)\n"
      "    pixels = numpy.asarray(picture.convert(\"RGB\"))\n"
      "%s",
      any ? "thresholds = "
            "json.loads(session.get_modelmeta().custom_metadata_map[\"thresholds\"])\n"
          : "",
      texts->sample ? " or [os.path.join(here, \"" : "", texts->sample ? texts->sample : "",
      texts->sample ? "\")]" : "", any ? ANY : ONE);
}

/* ---- for people */

static void
add_licence (GString *out, const FewPortableTexts *texts)
{
  g_autofree char *model = quote (texts->model->name);
  if (texts->options->licence && *texts->options->licence)
    {
      g_autofree char *licence = quote (texts->options->licence);
      g_string_append_printf (out, "The base model %s is licensed by its publisher as: %s.\n",
                              model, licence);
    }
  else
    g_string_append_printf (out,
                            "The licence of the base model %s is not known to the program that "
                            "wrote this. Look where the model came from before you pass this on.\n",
                            model);
}

static void
add_limits (GString *out, const FewPortableTexts *texts)
{
  const FewPortableOptions *o = &texts->options->onnx;
  gboolean any = texts->classifier->thresholds != NULL;
  g_string_append (out, any ? "- It tells each label by itself: a picture may have several, or none"
                            : "- It always names one of its classes");
  if (o->reject_share > 0)
    add_number (out, ", unless the picture is as unlike them as the strangest ",
                100 * o->reject_share, " % of those that it was tested with: then class is -1");
  g_string_append (out, ".\n- Other cameras, light or subjects than the examples had may lower its "
                        "accuracy: measure it on pictures of your own.\n"
                        "- What CLIP learned from the web, its prejudices too, is in it.\n");
  if (o->half)
    g_string_append (out,
                     "- The image tower is in half precision (f16): probabilities differ by up "
                     "to some hundredths from the program's.\n");
}

static void
add_files (GString *out, const FewPortableTexts *texts)
{
  g_string_append (
      out, "- `model.onnx`: a picture in, its class out (ONNX, opset 17). Input `picture`, uint8 "
           "[H, W, 3], RGB, upright, any size. Outputs `class` (index), `probability`, "
           "`probabilities`, `similarities`. If a `.data` file lies beside it, it belongs to it.\n"
           "- `labels.txt`: the class names by index (also in the model's metadata `classes`)\n"
           "- `predict.py`: the lines of Python that run it (`pip install onnxruntime pillow`)\n"
           "- `classifier.safetensors`: what was learned, for Fewshot and `fewshot-cli`\n"
           "- `model-card.md`: where it comes from\n");
  if (texts->classifier->thresholds)
    g_string_append (out, "- A label holds where its probability is at least its entry in the "
                          "model's metadata `thresholds`; `class` is -1 where none does.\n");
  if (texts->sample)
    g_string_append_printf (out, "- `%s`: a picture to try it with\n", texts->sample);
}

char *
few_portable_readme (const FewPortableTexts *texts)
{
  const FewClassifierInfo *k = texts->classifier;
  GString *out = g_string_new ("# A classifier of pictures\n\n");
  g_string_append (out, k->thresholds ? "It says which of these labels a picture has: "
                                      : "It tells apart: ");
  add_classes (out, k);
  g_string_append (out,
                   ".\n\n    pip install onnxruntime pillow\n    python predict.py picture.jpg\n\n"
                   "## How good it is\n\n");
  add_measured (out, &k->origin);
  g_string_append (out, "\n## Limits\n\n");
  add_limits (out, texts);
  g_string_append (out, "\n## Files\n\n");
  add_files (out, texts);
  g_string_append (out, "\n## Licence\n\n");
  add_licence (out, texts);
  g_string_append (out, "What was learned from your pictures is yours.\n");
  return g_string_free (out, FALSE);
}

char *
few_portable_card (const FewPortableTexts *texts)
{
  const FewClassifierInfo *k = texts->classifier;
  g_autofree char *name = quote (k->backbone);
  g_autofree char *template_text = quote (k->template_text);
  GString *out = g_string_new ("# Model card\n\n## What it is\n\n");
  g_string_append_printf (out, "A picture classifier of %u classes on the CLIP model %s (%s).\n",
                          k->n_classes, name, texts->model->architecture);
  add_origin (out, k);
  g_string_append (out, "\n## Classes\n\n");
  for (guint i = 0; i < k->n_classes; i++)
    {
      g_autofree char *class = quote (k->classes[i]);
      g_autofree char *prompt = k->prompts ? quote (k->prompts[i]) : NULL;
      g_string_append_printf (out, "%u. %s%s%s\n", i, class, prompt && *prompt ? ": " : "",
                              prompt ? prompt : "");
    }
  g_string_append (out, "\n## How it was made\n\n");
  g_string_append_printf (out, "- base model: %s, weights' SHA-256 `%s`\n", name,
                          k->backbone_sha256);
  g_string_append_printf (out, "- prompt: %s\n", template_text);
  add_number (out, "- α: ", texts->options->onnx.alpha,
              " (0: CLIP alone, 1: what was learned alone)\n");
  g_string_append_printf (out, "- precision of the exported tower: %s\n",
                          texts->options->onnx.half ? "f16" : "f32");
  g_string_append (out, "\n## Evaluation\n\n");
  add_measured (out, &k->origin);
  g_string_append (out, "\n## Limits\n\n");
  add_limits (out, texts);
  g_string_append (out, "\n## Licence\n\n");
  add_licence (out, texts);
  return g_string_free (out, FALSE);
}
