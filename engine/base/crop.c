/* SPDX-License-Identifier: MIT */
/* Boxes in pictures, and how they are written behind a path. */
#include <fewshot/crop.h>
#include <math.h>
#include <string.h>

/* A file has nothing below it, so that no picture's own path reads like this. */
static const char MARK[] = "//box=";

/* ---- boxes */

gboolean
few_crop_init (FewCrop *crop, double x, double y, double width, double height)
{
  g_return_val_if_fail (crop != NULL, FALSE);
  double right = x + width;
  double bottom = y + height;
  *crop = (FewCrop) { 0 };
  /* not the other way about: what is no number fails, too */
  if (!(x >= 0 && y >= 0 && width > 0 && height > 0 && right < 1.1 && bottom < 1.1))
    return FALSE;
  gint64 edges[4] = { llround (x * FEW_CROP_UNIT), llround (y * FEW_CROP_UNIT),
                      llround (right * FEW_CROP_UNIT), llround (bottom * FEW_CROP_UNIT) };
  if (edges[2] > FEW_CROP_UNIT || edges[3] > FEW_CROP_UNIT || edges[2] <= edges[0]
      || edges[3] <= edges[1])
    return FALSE;
  FewCrop box = { (guint32) edges[0], (guint32) edges[1], (guint32) (edges[2] - edges[0]),
                  (guint32) (edges[3] - edges[1]) };
  if (box.width < FEW_CROP_UNIT || box.height < FEW_CROP_UNIT)
    *crop = box;
  return TRUE;
}

gboolean
few_crop_clip (FewCrop *crop, double x, double y, double width, double height)
{
  g_return_val_if_fail (crop != NULL, FALSE);
  double left = CLAMP (x, 0, 1);
  double top = CLAMP (y, 0, 1);
  *crop = (FewCrop) { 0 };
  if (!isfinite (x) || !isfinite (y) || !isfinite (width) || !isfinite (height))
    return FALSE;
  return few_crop_init (crop, left, top, CLAMP (x + width, 0, 1) - left,
                        CLAMP (y + height, 0, 1) - top);
}

gboolean
few_crop_is_whole (const FewCrop *crop)
{
  g_return_val_if_fail (crop != NULL, TRUE);
  return crop->width == 0 || crop->height == 0;
}

gboolean
few_crop_is_equal (const FewCrop *one, const FewCrop *other)
{
  g_return_val_if_fail (one != NULL && other != NULL, FALSE);
  return memcmp (one, other, sizeof *one) == 0;
}

void
few_crop_box (const FewCrop *crop, double box[4])
{
  g_return_if_fail (crop != NULL && box != NULL);
  gboolean whole = few_crop_is_whole (crop);
  box[0] = (double) crop->left / FEW_CROP_UNIT;
  box[1] = (double) crop->top / FEW_CROP_UNIT;
  box[2] = whole ? 1 : (double) crop->width / FEW_CROP_UNIT;
  box[3] = whole ? 1 : (double) crop->height / FEW_CROP_UNIT;
}

/* Of one side, in pixels. */
static void
round_edges (guint32 from, guint32 length, guint side, guint *first, guint *last)
{
  *first = (guint) (((guint64) from * side + FEW_CROP_UNIT / 2) / FEW_CROP_UNIT);
  *last = (guint) ((((guint64) from + length) * side + FEW_CROP_UNIT / 2) / FEW_CROP_UNIT);
  if (*first >= *last)
    {
      *first = MIN (*first, side > 0 ? side - 1 : 0);
      *last = *first + 1;
    }
}

void
few_crop_pixels (const FewCrop *crop, guint width, guint height, guint rect[4])
{
  g_return_if_fail (crop != NULL && rect != NULL);
  rect[0] = rect[1] = 0;
  rect[2] = width;
  rect[3] = height;
  if (few_crop_is_whole (crop))
    return;
  round_edges (crop->left, crop->width, width, &rect[0], &rect[2]);
  round_edges (crop->top, crop->height, height, &rect[1], &rect[3]);
}

/* Where tile `index` of n begins. */
static guint32
find_edge (guint index, guint n)
{
  return (guint32) (((guint64) index * FEW_CROP_UNIT + n / 2) / n);
}

void
few_crop_tile (guint column, guint row, guint columns, guint rows, FewCrop *crop)
{
  g_return_if_fail (crop != NULL && column < columns && row < rows);
  guint32 left = find_edge (column, columns);
  guint32 top = find_edge (row, rows);
  *crop = (FewCrop) { 0 };
  if (columns > 1 || rows > 1)
    *crop = (FewCrop) { left, top, find_edge (column + 1, columns) - left,
                        find_edge (row + 1, rows) - top };
}

void
few_crop_key (const FewCrop *crop, const guint8 *hash, guint8 *key)
{
  enum { HASH = 32 };
  g_return_if_fail (crop != NULL && hash != NULL && key != NULL);
  const guint32 numbers[] = { GUINT32_TO_LE (1u) /* version of the parts */,
                              GUINT32_TO_LE (crop->left), GUINT32_TO_LE (crop->top),
                              GUINT32_TO_LE (crop->width), GUINT32_TO_LE (crop->height) };
  gsize length = HASH;
  if (few_crop_is_whole (crop))
    {
      memmove (key, hash, HASH);
      return;
    }
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guint8 *) "box", 3);
  g_checksum_update (sum, hash, HASH);
  g_checksum_update (sum, (const guint8 *) numbers, sizeof numbers);
  g_checksum_get_digest (sum, key, &length);
}

/* ---- addresses */

static char *
write_box (const FewCrop *crop, const char *between)
{
  GString *text = g_string_new (NULL);
  double box[4];
  few_crop_box (crop, box);
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      g_string_append_printf (text, "%s%s", i ? between : "",
                              g_ascii_formatd (number, sizeof number, "%.6g", box[i]));
    }
  return g_string_free (text, FALSE);
}

/* FALSE: that is no box. */
static gboolean
read_box (const char *text, FewCrop *crop)
{
  double box[4] = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    {
      char *end;
      box[i] = g_ascii_strtod (text, &end);
      if (end == text || *end != (i + 1 < G_N_ELEMENTS (box) ? ',' : 0))
        return FALSE;
      text = end + 1;
    }
  return few_crop_init (crop, box[0], box[1], box[2], box[3]);
}

/* Where the path ends; NULL: it is nothing but one. */
static const char *
find_mark (const char *address, FewCrop *crop)
{
  const char *mark = g_strrstr (address, MARK);
  return mark && mark > address && read_box (mark + strlen (MARK), crop) ? mark : NULL;
}

char *
few_address_new (const char *path, const FewCrop *crop)
{
  g_return_val_if_fail (path != NULL, NULL);
  if (!crop || few_crop_is_whole (crop))
    return g_strdup (path);
  g_autofree char *box = write_box (crop, ",");
  return g_strconcat (path, MARK, box, NULL);
}

char *
few_address_split (const char *address, FewCrop *crop)
{
  g_return_val_if_fail (address != NULL, NULL);
  FewCrop found = { 0 };
  const char *mark = find_mark (address, &found);
  if (crop)
    *crop = mark ? found : (FewCrop) { 0 };
  return mark ? g_strndup (address, (gsize) (mark - address)) : g_strdup (address);
}

gboolean
few_address_has_crop (const char *address)
{
  g_return_val_if_fail (address != NULL, FALSE);
  FewCrop crop;
  return find_mark (address, &crop) && !few_crop_is_whole (&crop);
}

char *
few_address_shown (const char *address)
{
  g_return_val_if_fail (address != NULL, NULL);
  FewCrop crop;
  g_autofree char *path = few_address_split (address, &crop);
  g_autofree char *shown = g_filename_display_name (path);
  if (few_crop_is_whole (&crop))
    return g_steal_pointer (&shown);
  g_autofree char *box = write_box (&crop, ", ");
  return g_strdup_printf ("%s [%s]", shown, box);
}
