/* SPDX-License-Identifier: MIT */
/* Decoded, cut and written without loss. */
#include "common/crop-file.h"
#include <fewshot.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

/* "IMG_1 [0.1, 0.2, 0.3, 0.4].png" */
static char *
name_part (const char *address)
{
  enum { LONGEST = 200 };
  FewCrop crop;
  g_autofree char *path = few_address_split (address, &crop);
  g_autofree char *name = g_path_get_basename (path);
  char *dot = strrchr (name, '.');
  if (dot && dot > name)
    *dot = 0;
  gsize length = MIN (strlen (name), LONGEST);
  while (length > 0 && length < strlen (name) && (name[length] & 0xc0) == 0x80)
    length--; /* not within a letter */
  name[length] = 0;
  g_autofree char *part = few_address_new (name, &crop);
  g_autofree char *shown = few_address_shown (part);
  return g_strconcat (shown, ".png", NULL);
}

/* RGBA to RGB, in place, where nothing is transparent. TRUE: it is. */
static gboolean
drop_alpha (guint8 *pixels, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (pixels[4 * i + 3] != 255)
      return FALSE;
  for (gsize i = 0; i < n; i++)
    memmove (pixels + 3 * i, pixels + 4 * i, 3);
  return TRUE;
}

char *
few_crop_file_write (const char *address, const char *folder, GError **error)
{
  enum { WHOLE = 1 << 20, ROOM = 1 << 29 };
  g_return_val_if_fail (address && folder, NULL);
  g_autoptr (FewDecodeBudget) budget = few_decode_budget_new (ROOM);
  guint width;
  guint height;
  g_autofree guint8 *rgba = few_thumbnail (address, WHOLE, budget, &width, &height, error);
  if (!rgba)
    return NULL;
  gboolean opaque = drop_alpha (rgba, (gsize) width * height);
  g_autoptr (GdkPixbuf) picture =
      gdk_pixbuf_new_from_data (rgba, GDK_COLORSPACE_RGB, !opaque, 8, (int) width, (int) height,
                                (int) width * (opaque ? 3 : 4), NULL, NULL);
  g_autofree char *name = name_part (address);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return gdk_pixbuf_save (picture, path, "png", error, NULL) ? g_steal_pointer (&path) : NULL;
}
