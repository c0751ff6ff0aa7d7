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
put_detection (const FewKeeper *keeper, const FewKeptAnswer *answer)
{
  GString *out = keeper->text[0];
  const GPtrArray *categories = answer->found ? few_boxes_categories (keeper->options.boxes) : NULL;
  const FewBoxCategory *category = categories ? categories->pdata[answer->found->category] : NULL;
  const double whole[4] = { 0, 0, 1, 1 };
  const double *box = answer->box ? answer->box : whole;
  g_string_append (out, keeper->parts ? "," : "");
  g_string_append (out, "{\"category\":");
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

/* Of the picture that detections are told of. */
static void
close_picture (FewKeeper *keeper)
{
  if (keeper->picture)
    g_string_append (keeper->text[0], "]}");
  g_clear_pointer (&keeper->picture, g_free);
}

static void
open_picture (FewKeeper *keeper, const char *picture)
{
  GString *out = keeper->text[0];
  g_autofree char *path = few_keep_path (keeper, picture, NULL);
  close_picture (keeper);
  few_keep_turn (keeper, picture);
  g_string_append (out, keeper->n++ ? ",\n{\"file\":" : "\n{\"file\":");
  few_keep_quote (out, path);
  g_string_append (out, ",\"detections\":");
}

static gboolean
add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  GString *out = keeper->text[0];
  gboolean other = g_strcmp0 (keeper->picture, answer->path) != 0;
  if (other)
    open_picture (keeper, answer->path);
  if (answer->error && other)
    {
      g_string_append (out, "null,\"failure\":");
      few_keep_quote (out, answer->error);
      g_string_append_c (out, '}');
      g_clear_pointer (&keeper->picture, g_free);
      return few_keep_flush (keeper, 0, FALSE, error);
    }
  if (other)
    g_string_append_c (out, '[');
  /* a detection stays one, whatever is said of it */
  gboolean told = answer->found || (!answer->refused && !answer->unasked);
  if (told && !answer->error)
    {
      put_detection (keeper, answer);
      keeper->parts++;
    }
  return few_keep_flush (keeper, 0, FALSE, error);
}

static gboolean
finish (FewKeeper *keeper, GError **error)
{
  close_picture (keeper);
  g_string_append (keeper->text[0], "\n]}\n");
  return few_keep_flush (keeper, 0, TRUE, error);
}

const FewKeepKind few_keep_timelapse = { begin, add, finish };
