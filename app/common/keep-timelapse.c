/* SPDX-License-Identifier: MIT */
/* MegaDetector's output format, version 1.4 (https://lila.science/megadetector-output-format), as
 * Timelapse takes it: nothing was detected here, so that each picture with an answer has one
 * detection, the whole of it, as sure as the answer is. */
#include "common/keep-private.h"
#include <config.h>

static gboolean
begin (FewKeeper *keeper, GError **error)
{
  const FewKeepOptions *o = &keeper->options;
  GString *out = keeper->text[0];
  g_autofree char *now = few_keep_now ();
  keeper->files[0] = few_atomic_file_new (o->output, error);
  if (!keeper->files[0])
    return FALSE;
  g_autofree char *name = g_strdup_printf ("Fewshot %s, %s", FEW_VERSION, o->classifier);
  g_string_append (out,
                   "{\"info\":{\"format_version\":\"1.4\",\"detector\":\"none: whole pictures\","
                   "\"classifier\":");
  few_keep_quote (out, name);
  g_string_append_printf (out,
                          ",\"classification_completion_time\":\"%.10s %.8s\"},\n"
                          "\"detection_categories\":{\"1\":\"animal\"},\n"
                          "\"classification_categories\":{",
                          now, now + 11);
  for (guint k = 0; o->classes[k]; k++)
    {
      g_string_append_printf (out, "%s\"%u\":", k ? "," : "", k);
      few_keep_quote (out, o->classes[k]);
    }
  g_string_append (out, "},\n\"images\":[");
  return TRUE;
}

static void
put_detection (GString *out, const FewKeptAnswer *answer)
{
  g_string_append (out, "[{\"category\":\"1\",\"conf\":");
  few_keep_number (out, answer->probabilities[0]);
  g_string_append (out, ",\"bbox\":[0,0,1,1],\"classifications\":[");
  for (guint i = 0; i < answer->n; i++)
    {
      g_string_append_printf (out, "%s[\"%u\",", i ? "," : "", answer->order[i]);
      few_keep_number (out, answer->probabilities[i]);
      g_string_append_c (out, ']');
    }
  g_string_append (out, "]}]");
}

static gboolean
add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  GString *out = keeper->text[0];
  g_autofree char *path = few_keep_path (keeper, answer->path, NULL);
  g_string_append (out, keeper->n++ ? ",\n{\"file\":" : "\n{\"file\":");
  few_keep_quote (out, path);
  if (answer->error)
    {
      g_string_append (out, ",\"detections\":null,\"failure\":");
      few_keep_quote (out, answer->error);
    }
  else
    {
      g_string_append (out, ",\"detections\":");
      if (answer->refused)
        g_string_append (out, "[]");
      else
        put_detection (out, answer);
    }
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
