/* SPDX-License-Identifier: MIT */
/* COCO: each picture's class as an annotation of the whole picture, with its probability as score
 * where a classifier gave it. Annotations wait in a file without a name until the pictures are
 * written. */
#include "common/keep-private.h"
#include <glib/gi18n.h>
#include <errno.h>
#include <stdio.h>

static gboolean
fail_second (GError **error)
{
  int failed = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failed),
               _ ("A temporary file could not be written: %s."), g_strerror (failed));
  return FALSE;
}

static gboolean
begin (FewKeeper *keeper, GError **error)
{
  const FewKeepOptions *o = &keeper->options;
  GString *out = keeper->text[0];
  g_autofree char *now = few_keep_now ();
  keeper->files[0] = few_atomic_file_new (o->output, error);
  if (!keeper->files[0])
    return FALSE;
  keeper->second = tmpfile ();
  if (!keeper->second)
    return fail_second (error);
  g_string_append (out, "{\"info\":{\"description\":");
  few_keep_quote (out, o->classifier);
  g_string_append_printf (out, ",\"date_created\":\"%s\"},\n\"licenses\":[],\n\"categories\":[",
                          now);
  for (guint k = 0; o->classes[k]; k++)
    {
      g_string_append_printf (out, "%s{\"id\":%u,\"supercategory\":\"\",\"name\":", k ? "," : "",
                              k + 1);
      few_keep_quote (out, o->classes[k]);
      g_string_append_c (out, '}');
    }
  g_string_append (out, "],\n\"images\":[");
  return TRUE;
}

static gboolean
put_annotation (FewKeeper *keeper, const FewKeptAnswer *answer, const FewPictureFacts *facts,
                GError **error)
{
  g_autoptr (GString) out = g_string_new (keeper->seen[0] ? ",\n" : "\n");
  keeper->seen[0] = TRUE; /* one at least */
  g_string_append_printf (out,
                          "{\"id\":%" G_GUINT64_FORMAT ",\"image_id\":%" G_GUINT64_FORMAT
                          ",\"category_id\":%u,\"bbox\":[0,0,%u,%u],\"area\":%" G_GUINT64_FORMAT
                          ",\"iscrowd\":0",
                          keeper->n, keeper->n, answer->order[0] + 1, facts->width, facts->height,
                          (guint64) facts->width * facts->height);
  if (answer->probabilities)
    {
      g_string_append (out, ",\"score\":");
      few_keep_number (out, answer->probabilities[0]);
    }
  g_string_append_c (out, '}');
  return fwrite (out->str, 1, out->len, keeper->second) == out->len || fail_second (error);
}

/* What cannot be read has no size and is left out; what is refused has no annotation. */
static gboolean
add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  GString *out = keeper->text[0];
  FewPictureFacts facts;
  if (answer->error || !few_image_facts (answer->path, &facts, NULL))
    {
      keeper->left_out++;
      return TRUE;
    }
  g_autofree char *path = few_keep_path (keeper, answer->path, NULL);
  g_string_append_printf (out, "%s{\"id\":%" G_GUINT64_FORMAT ",\"file_name\":",
                          keeper->n ? ",\n" : "\n", keeper->n + 1);
  keeper->n++;
  few_keep_quote (out, path);
  g_string_append_printf (out, ",\"width\":%u,\"height\":%u}", facts.width, facts.height);
  return (answer->refused || put_annotation (keeper, answer, &facts, error))
         && few_keep_flush (keeper, 0, FALSE, error);
}

static gboolean
finish (FewKeeper *keeper, GError **error)
{
  char piece[1 << 14];
  gsize n;
  g_string_append (keeper->text[0], "\n],\n\"annotations\":[");
  rewind (keeper->second);
  while ((n = fread (piece, 1, sizeof piece, keeper->second)) > 0)
    {
      g_string_append_len (keeper->text[0], piece, (gssize) n);
      if (!few_keep_flush (keeper, 0, FALSE, error))
        return FALSE;
    }
  if (ferror (keeper->second))
    return fail_second (error);
  g_string_append (keeper->text[0], "\n]}\n");
  return few_keep_flush (keeper, 0, TRUE, error);
}

const FewKeepKind few_keep_coco = { begin, add, finish };
