/* SPDX-License-Identifier: MIT */
/* JPEG of high quality, written as few_atomic_file does: beside its name, flushed, renamed. */
#include "common/frame-file.h"
#include <errno.h>
#include <fewshot.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_NAMES = 1000 };

char *
few_pictures_folder (void)
{
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  /* where there is none, xdg-user-dirs says the home folder itself */
  if (pictures && !g_str_equal (pictures, g_get_home_dir ()))
    return g_build_filename (pictures, "Fewshot", NULL);
  return g_build_filename (g_get_user_data_dir (), "fewshot", "pictures", NULL);
}

char *
few_video_folder (const char *video)
{
  g_return_val_if_fail (video != NULL, NULL);
  g_autofree char *beside = g_path_get_dirname (video);
  g_autofree char *base = g_path_get_basename (video);
  g_autofree char *name = g_strconcat (base, " frames", NULL);
  g_autofree char *own = few_pictures_folder ();
  return g_build_filename (g_access (beside, W_OK | X_OK) == 0 ? beside : own, name, NULL);
}

static GByteArray *
encode (const guint8 *rgb, guint width, guint height, const FewFrameSource *source, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (rgb, 3 * (gsize) width * height);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_bytes (
      bytes, GDK_COLORSPACE_RGB, FALSE, 8, (int) width, (int) height, (int) (3 * width));
  g_autofree char *jpeg = NULL;
  gsize size;
  if (!gdk_pixbuf_save_to_buffer (pixbuf, &jpeg, &size, "jpeg", error, "quality", "95", NULL))
    return NULL;
  return few_frame_describe ((const guint8 *) jpeg, size, source);
}

static gboolean
holds (const char *path, const GByteArray *jpeg)
{
  gsize length;
  g_autofree char *data = few_file_read (path, (gsize) jpeg->len + 1, &length, NULL);
  return data && length == jpeg->len && memcmp (data, jpeg->data, length) == 0;
}

/* FALSE without an error: the name is taken. */
static gboolean
write_only (const char *path, const GByteArray *jpeg, GError **error)
{
  g_autoptr (GError) failed = NULL;
  g_autoptr (FewAtomicFile) file = few_atomic_file_new_only (path, &failed);
  if (file && few_atomic_file_write (file, jpeg->data, jpeg->len, &failed)
      && few_atomic_file_commit (file, &failed))
    return TRUE;
  if (!g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_EXISTS))
    g_propagate_error (error, g_steal_pointer (&failed));
  return FALSE;
}

char *
few_frame_write (const guint8 *rgb, guint width, guint height, const char *folder, const char *name,
                 const FewFrameSource *source, guint *there, GError **error)
{
  g_return_val_if_fail (rgb && folder && name && source, NULL);
  g_autofree char *shown = g_filename_display_name (folder);
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("%s could not be created: %s."), shown, g_strerror (errno));
      return NULL;
    }
  g_autoptr (GByteArray) jpeg = encode (rgb, width, height, source, error);
  if (!jpeg)
    return NULL;
  for (guint number = 1; number <= MOST_NAMES; number++)
    {
      GError *failed = NULL;
      g_autofree char *file = number == 1 ? g_strdup_printf ("%s.jpg", name)
                                          : g_strdup_printf ("%s (%u).jpg", name, number);
      g_autofree char *path = g_build_filename (folder, file, NULL);
      if (holds (path, jpeg))
        {
          if (there)
            (*there)++;
          return g_steal_pointer (&path);
        }
      if (g_access (path, F_OK) != 0 && write_only (path, jpeg, &failed))
        return g_steal_pointer (&path);
      if (failed)
        {
          g_propagate_error (error, failed);
          return NULL;
        }
    }
  g_set_error (error, FEW_ERROR, FEW_ERROR_LIMIT, _ ("%s holds %d other pictures of that name."),
               shown, MOST_NAMES);
  return NULL;
}
