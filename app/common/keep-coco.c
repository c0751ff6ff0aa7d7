/* SPDX-License-Identifier: MIT */
/* COCO: each picture's class as an annotation of the whole picture, or of the part that the answer
 * is of, with its probability as score where a classifier gave it. Annotations wait in a file
 * without a name until the pictures are written. */
#include "common/keep-private.h"
#include <glib/gi18n.h>
#include <errno.h>
#include <math.h>
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

/* In pixels, and their product. */
static void
put_box (GString *out, const double *box, const FewPictureFacts *facts)
{
  const double whole[4] = { 0, 0, 1, 1 };
  double area = 1;
  for (guint i = 0; i < 4; i++)
    {
      /* hundredths are what others write, and what shares of a side leave of whole pixels */
      double pixels = (box ? box : whole)[i] * (i % 2 ? facts->height : facts->width);
      pixels = round (pixels * 100) / 100;
      g_string_append (out, i ? "," : ",\"bbox\":[");
      few_keep_number (out, pixels);
      area *= i < 2 ? 1 : pixels;
    }
  g_string_append_printf (out, "],\"area\":%.0f,\"iscrowd\":0", area);
}

static gboolean
put_annotation (FewKeeper *keeper, const FewKeptAnswer *answer, const FewPictureFacts *facts,
                GError **error)
{
  g_autoptr (GString) out = g_string_new (keeper->seen[0] ? ",\n" : "\n");
  keeper->seen[0] = TRUE; /* one at least */
  g_string_append_printf (
      out, "{\"id\":%" G_GUINT64_FORMAT ",\"image_id\":%" G_GUINT64_FORMAT ",\"category_id\":%u",
      ++keeper->annotations, keeper->n, answer->order[0] + 1);
  put_box (out, answer->box, facts);
  if (answer->probabilities)
    {
      g_string_append (out, ",\"score\":");
      few_keep_number (out, answer->probabilities[0]);
    }
  g_string_append_c (out, '}');
  return fwrite (out->str, 1, out->len, keeper->second) == out->len || fail_second (error);
}

static void
put_picture (FewKeeper *keeper, const char *picture, const FewPictureFacts *facts)
{
  GString *out = keeper->text[0];
  gboolean below;
  g_autofree char *path = few_keep_path (keeper, picture, &below);
  keeper->elsewhere += !below;
  g_string_append_printf (out, "%s{\"id\":%" G_GUINT64_FORMAT ",\"file_name\":",
                          keeper->n ? ",\n" : "\n", keeper->n + 1);
  keeper->n++;
  few_keep_quote (out, path);
  g_string_append_printf (out, ",\"width\":%u,\"height\":%u}", facts->width, facts->height);
}

/* What cannot be read has no size and is left out. What is refused, or was not asked about, has no
 * annotation. */
static gboolean
add (FewKeeper *keeper, const GPtrArray *answers, GError **error)
{
  const FewKeptAnswer *first = answers->pdata[0];
  FewPictureFacts facts;
  if (first->error || !few_image_facts (first->path, &facts, NULL))
    {
      keeper->left_out++;
      return TRUE;
    }
  put_picture (keeper, first->path, &facts);
  for (guint i = 0; i < answers->len; i++)
    {
      const FewKeptAnswer *answer = answers->pdata[i];
      gboolean told = !answer->refused && !answer->unasked;
      if (told && !put_annotation (keeper, answer, &facts, error))
        return FALSE;
    }
  return few_keep_flush (keeper, 0, FALSE, error);
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
