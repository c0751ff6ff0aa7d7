/* SPDX-License-Identifier: MIT */
/* Thumbnails, as data: URIs have them. */
#include "common/report-picture.h"

FewDecodeBudget *
few_report_budget_new (void)
{
  return few_decode_budget_new (G_GUINT64_CONSTANT (1) << 29);
}

char *
few_report_encode_jpeg (GdkPixbuf *pixbuf)
{
  g_return_val_if_fail (GDK_IS_PIXBUF (pixbuf), NULL);
  char *data = NULL;
  gsize size;
  if (!gdk_pixbuf_save_to_buffer (pixbuf, &data, &size, "jpeg", NULL, "quality", "80", NULL))
    return NULL;
  char *text = g_base64_encode ((const guchar *) data, size);
  g_free (data);
  return text;
}

char *
few_report_draw_picture (const char *path, FewDecodeBudget *budget)
{
  g_return_val_if_fail (path != NULL && budget != NULL, NULL);
  guint width, height;
  g_autofree guint8 *rgba =
      few_thumbnail (path, FEW_REPORT_PICTURE_SIDE, budget, &width, &height, NULL);
  if (!rgba)
    return NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&rgba), (gsize) width * height * 4);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_bytes (
      bytes, GDK_COLORSPACE_RGB, TRUE, 8, (int) width, (int) height, (int) width * 4);
  return few_report_encode_jpeg (pixbuf);
}

void
few_report_add_image (GString *page, const char *alternative, const char *jpeg)
{
  g_return_if_fail (page != NULL && alternative != NULL);
  if (jpeg)
    g_string_append_printf (page, "<img alt=\"%s\" src=\"data:image/jpeg;base64,%s\">", alternative,
                            jpeg);
}
