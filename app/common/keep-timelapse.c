/* SPDX-License-Identifier: MIT */
/* MegaDetector's output format, version 1.4 (https://lila.science/megadetector-output-format), as
 * Timelapse takes it. Where a detector's file was given, its detections are told as they were, and
 * those that were classified with what was said of them; otherwise each picture with an answer has
 * one detection, the whole of it, as sure as the answer is. */
#include "common/keep-private.h"
#include <config.h>

static void
put_categories (GString *out, const FewBoxes *boxes)
{
  const GPtrArray *categories = boxes ? few_boxes_categories (boxes) : NULL;
  g_string_append (out, "\"detection_categories\":{");
  if (!categories)
    g_string_append (out, "\"1\":\"animal\"");
  for (guint i = 0; categories && i < categories->len; i++)
    {
      const FewBoxCategory *category = categories->pdata[i];
      g_string_append (out, i ? "," : "");
      few_keep_quote (out, category->id);
      g_string_append_c (out, ':');
      few_keep_quote (out, category->name);
    }
  g_string_append (out, "},\n\"classification_categories\":{");
}

static gboolean
begin (FewKeeper *keeper, GError **error)
{
  const FewKeepOptions *o = &keeper->options;
  GString *out = keeper->text[0];
  const char *detector = o->boxes ? few_boxes_detector (o->boxes) : "none: whole pictures";
  g_autofree char *now = few_keep_now ();
  keeper->files[0] = few_atomic_file_new (o->output, error);
  if (!keeper->files[0])
    return FALSE;
  g_autofree char *name = g_strdup_printf ("Fewshot %s, %s", FEW_VERSION, o->classifier);
  g_string_append (out, "{\"info\":{\"format_version\":\"1.4\",\"detector\":");
  few_keep_quote (out, *detector ? detector : "not told");
  g_string_append (out, ",\"classifier\":");
  few_keep_quote (out, name);
  g_string_append_printf (out, ",\"classification_completion_time\":\"%.10s %.8s\"},\n", now,
                          now + 11);
  put_categories (out, o->boxes);
  for (guint k = 0; o->classes[k]; k++)
    {
      g_string_append_printf (out, "%s\"%u\":", k ? "," : "", k);
      few_keep_quote (out, o->classes[k]);
    }
  g_string_append (out, "},\n\"images\":[");
  return TRUE;
}

static void
put_detection (const FewKeeper *keeper, const FewKeptAnswer *answer, gboolean first)
{
  GString *out = keeper->text[0];
  const GPtrArray *categories = answer->found ? few_boxes_categories (keeper->options.boxes) : NULL;
  const FewBoxCategory *category = categories ? categories->pdata[answer->found->category] : NULL;
  const double whole[4] = { 0, 0, 1, 1 };
  const double *box = answer->box ? answer->box : whole;
  g_string_append (out, first ? "{\"category\":" : ",{\"category\":");
  few_keep_quote (out, category ? category->id : "1");
  g_string_append (out, ",\"conf\":");
  few_keep_number (out, answer->found ? answer->found->confidence : answer->probabilities[0]);
  for (guint i = 0; i < 4; i++)
    {
      g_string_append (out, i ? "," : ",\"bbox\":[");
      few_keep_number (out, box[i]);
    }
  g_string_append_c (out, ']');
  for (guint i = 0; i < answer->n && !answer->refused; i++)
    {
      g_string_append_printf (out, "%s[\"%u\",", i ? "," : ",\"classifications\":[",
                              answer->order[i]);
      few_keep_number (out, answer->probabilities[i]);
      g_string_append_c (out, ']');
    }
  g_string_append (out, answer->n && !answer->refused ? "]}" : "}");
}

static void
put_detections (const FewKeeper *keeper, const GPtrArray *answers)
{
  guint n = 0;
  g_string_append_c (keeper->text[0], '[');
  for (guint i = 0; i < answers->len; i++)
    {
      const FewKeptAnswer *answer = answers->pdata[i];
      /* a detection stays one, whatever is said of it */
      if (answer->found || (!answer->refused && !answer->unasked))
        put_detection (keeper, answer, n++ == 0);
    }
  g_string_append_c (keeper->text[0], ']');
}

static gboolean
add (FewKeeper *keeper, const GPtrArray *answers, GError **error)
{
  GString *out = keeper->text[0];
  const FewKeptAnswer *first = answers->pdata[0];
  g_autofree char *path = few_keep_path (keeper, first->path, NULL);
  g_string_append (out, keeper->n++ ? ",\n{\"file\":" : "\n{\"file\":");
  few_keep_quote (out, path);
  g_string_append (out, first->error ? ",\"detections\":null,\"failure\":" : ",\"detections\":");
  if (first->error)
    few_keep_quote (out, first->error);
  else
    put_detections (keeper, answers);
  g_string_append_c (out, '}');
  return few_keep_flush (keeper, 0, FALSE, error);
}

static gboolean
finish (FewKeeper *keeper, GError **error)
{
  g_string_append (keeper->text[0], "\n]}\n");
  return few_keep_flush (keeper, 0, TRUE, error);
}

const FewKeepKind few_keep_timelapse = { begin, add, finish };
