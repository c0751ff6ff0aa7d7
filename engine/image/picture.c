/* SPDX-License-Identifier: MIT */
/* Decodes a picture: its header, the decoder within its budget, upright and in RGB. */
#include "image/picture.h"
#include "base/error.h"
#include "base/lfs-pointer.h"
#include "image/header.h"
#include "image/raw.h"
#include <inttypes.h>
#include <fewshot/picture.h>
#include <string.h>

static GdkPixbuf *
upright (GdkPixbuf *picture, guint orientation)
{
  static const GdkPixbufRotation turns[9] = {
    [3] = GDK_PIXBUF_ROTATE_UPSIDEDOWN,       [4] = GDK_PIXBUF_ROTATE_UPSIDEDOWN,
    [5] = GDK_PIXBUF_ROTATE_CLOCKWISE,        [6] = GDK_PIXBUF_ROTATE_CLOCKWISE,
    [7] = GDK_PIXBUF_ROTATE_COUNTERCLOCKWISE, [8] = GDK_PIXBUF_ROTATE_COUNTERCLOCKWISE,
  };
  if (orientation < 2 || orientation > 8)
    return g_object_ref (picture);
  g_autoptr (GdkPixbuf) turned = gdk_pixbuf_rotate_simple (picture, turns[orientation]);
  gboolean mirrored = orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
  return mirrored && turned ? gdk_pixbuf_flip (turned, TRUE) : g_steal_pointer (&turned);
}

typedef struct
{
  guint64 stated; /* pixels */
  int width, height; /* wanted; 0: as it is */
} Size;

/* The decoder's own view of the size, before it allocates: more than the header stated is refused
 * by asking for nothing. */
static void
set_size_cb (GdkPixbufLoader *loader, int width, int height, gpointer user)
{
  const Size *size = user;
  gboolean larger = (guint64) width * (guint64) height > size->stated;
  if (larger)
    gdk_pixbuf_loader_set_size (loader, 0, 0);
  else if (size->width > 0)
    gdk_pixbuf_loader_set_size (loader, size->width, size->height);
}

/* Pixels of the shorter side of the part, in the whole picture. */
static guint
measure_part (const FewImageHeader *header, const FewCrop *crop)
{
  gboolean turned = header->orientation >= 5;
  guint rect[4];
  few_crop_pixels (crop, turned ? header->height : header->width,
                   turned ? header->width : header->height, rect);
  return MIN (rect[2] - rect[0], rect[3] - rect[1]);
}

/* libjpeg decodes at 1/2, 1/4 or 1/8 by leaving coefficients out. Any size but exactly these
 * makes the loader resample, and badly. */
static guint
fraction (const FewImageHeader *header, const FewCrop *crop, guint enough)
{
  guint shorter = measure_part (header, crop);
  if (enough == 0 || !g_str_equal (header->format, "JPEG"))
    return 1;
  for (guint d = 8; d > 1; d /= 2)
    if (shorter / d >= enough)
      return d;
  return 1;
}

/* Rows that the decoder has given. */
static void
count_rows_cb (GdkPixbufLoader *loader G_GNUC_UNUSED, int x G_GNUC_UNUSED, int y,
               int width G_GNUC_UNUSED, int height, gpointer user)
{
  int *rows = user;
  *rows = MAX (*rows, y + height);
}

/* What GdkPixbuf reads by modules of their own, and where those come from. */
static const struct
{
  const char *format, *mime, *package;
} modules[] = {
  { "WebP", "image/webp", "webp-pixbuf-loader" },
  { "HEIC", "image/heic", "heif-gdk-pixbuf" },
  { "AVIF", "image/avif", "heif-gdk-pixbuf" },
  { "JPEG XL", "image/jxl", "libjxl-gdk-pixbuf" },
};

static gboolean
can_decode (const char *mime)
{
  g_autoptr (GSList) formats = gdk_pixbuf_get_formats ();
  for (GSList *f = formats; f; f = f->next)
    {
      g_auto (GStrv) mimes = gdk_pixbuf_format_get_mime_types (f->data);
      if (g_strv_contains ((const char *const *) mimes, mime))
        return TRUE;
    }
  return FALSE;
}

/* The package that is missing, or NULL. */
static const char *
missing_package (const char *format)
{
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    if (g_str_equal (format, modules[i].format))
      return can_decode (modules[i].mime) ? NULL : modules[i].package;
  return NULL;
}

/* Over white, for colours that are multiplied by alpha already (c + 255 − a), or without alpha
 * where the fourth sample is none. */
static void
flatten_tiff (GdkPixbuf *picture, gboolean alpha_is_none)
{
  guint8 *pixels = gdk_pixbuf_get_pixels (picture);
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (picture);
  for (int y = 0; y < gdk_pixbuf_get_height (picture); y++)
    {
      guint8 *p = pixels + (gsize) y * stride;
      for (int x = 0; x < gdk_pixbuf_get_width (picture); x++, p += 4)
        {
          for (int c = 0; c < 3 && !alpha_is_none; c++)
            p[c] = (guint8) MIN (p[c] + 255 - p[3], 255);
          p[3] = 255;
        }
    }
}

/* The bytes of the picture as the decoder is to see them. A loader begins with 4096 bytes, or when
 * it is closed; so that rows are counted before that, a comment makes a JPEG longer. */
static gboolean
write_all (GdkPixbufLoader *loader, const guint8 *data, gsize size, const FewImageHeader *header,
           GError **error)
{
  enum { COMMENT = 4096, START = 2 };
  static const guint8 comment[COMMENT] = { 0xff, 0xfe, (COMMENT - 2) >> 8, (COMMENT - 2) & 0xff };
  if (header->count_rows
      && (!gdk_pixbuf_loader_write (loader, data, START, error)
          || !gdk_pixbuf_loader_write (loader, comment, sizeof comment, error)))
    return FALSE;
  gsize from = header->count_rows ? START : 0;
  return gdk_pixbuf_loader_write (loader, data + from, size - from, error)
         && (header->closing_size == 0
             || gdk_pixbuf_loader_write (loader, (const guint8 *) header->closing,
                                         header->closing_size, error));
}

static void
fail_cut (const char *name, const FewImageHeader *header, GError **error)
{
  few_fail (error, INPUT, "%s is cut off: the end of the %s file is missing. Copy it again.", name,
            header->format);
}

/* Format, size and wholeness, by the header alone. */
static gboolean
check_header (const FewImageHeader *header, gsize size, const char *name, guint64 max_pixels,
              GError **error)
{
  if ((guint64) header->width * header->height > max_pixels)
    few_fail (error, LIMIT, "%s is too large: %u × %u pixels; the limit is %" PRIu64 " megapixels.",
              name, header->width, header->height, max_pixels / 1000000);
  else if (!header->whole)
    fail_cut (name, header, error);
  else if (!few_image_header_is_plausible (header, size))
    few_fail (error, INPUT, "%s states %u × %u pixels, which a file of %zu bytes cannot hold.",
              name, header->width, header->height, size);
  else
    return TRUE;
  return FALSE;
}

static GdkPixbuf *
load_pixels (const guint8 *data, gsize size, const FewImageHeader *header, guint d,
             const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  Size wanted = { .stated = (guint64) header->width * header->height };
  if (d > 1)
    {
      wanted.width = (int) ((header->width + d - 1) / d);
      wanted.height = (int) ((header->height + d - 1) / d);
    }
  g_signal_connect (loader, "size-prepared", G_CALLBACK (set_size_cb), &wanted);
  int rows = 0;
  if (header->count_rows)
    g_signal_connect (loader, "area-updated", G_CALLBACK (count_rows_cb), &rows);
  gboolean written = write_all (loader, data, header->used ? header->used : size, header, &local);
  /* closing makes up the others */
  gboolean cut = header->count_rows && rows < (int) ((header->height + d - 1) / d);
  gboolean closed = gdk_pixbuf_loader_close (loader, written ? &local : NULL);
  GdkPixbuf *picture = written && closed ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  const char *missing = picture ? NULL : missing_package (header->format);
  if (missing)
    few_fail (error, UNSUPPORTED,
              "%s is a picture of the format %s, and what decodes it is not installed: install the "
              "package %s.",
              name, header->format, missing);
  else if (cut)
    fail_cut (name, header, error);
  else if (!picture)
    few_fail (error, INPUT, "%s could not be decoded%s%s", name, local ? ": " : ".",
              local ? local->message : "");
  else if (gdk_pixbuf_get_colorspace (picture) != GDK_COLORSPACE_RGB
           || gdk_pixbuf_get_bits_per_sample (picture) != 8
           || gdk_pixbuf_get_n_channels (picture) < 3)
    few_fail (error, UNSUPPORTED, "%s has a pixel format that is not supported.", name);
  else
    return g_object_ref (picture);
  return NULL;
}

/* A decoder that already turned the picture drops the option and swaps the sides; one that did
 * not leaves both. */
static GdkPixbuf *
turn (GdkPixbuf *picture, const FewImageHeader *header, guint d, const char *name, GError **error)
{
  const char *option = gdk_pixbuf_get_option (picture, "orientation");
  gboolean untouched = (guint) gdk_pixbuf_get_width (picture) == (header->width + d - 1) / d
                       && (guint) gdk_pixbuf_get_height (picture) == (header->height + d - 1) / d;
  guint orientation = untouched ? header->orientation : 1;
  if (option && !header->around)
    orientation = (guint) g_ascii_strtoull (option, NULL, 10);
  if ((header->premultiplied || header->alpha_is_none) && gdk_pixbuf_get_has_alpha (picture))
    flatten_tiff (picture, header->alpha_is_none);
  /* libtiff mirrors and turns by half itself */
  if (g_str_equal (header->format, "TIFF") && orientation <= 4)
    orientation = 1;
  GdkPixbuf *turned = upright (picture, orientation);
  const char *profile = gdk_pixbuf_get_option (picture, "icc-profile");
  if (!turned)
    few_fail (error, LIMIT, "%s does not fit into memory.", name);
  else if (profile && turned != picture)
    gdk_pixbuf_set_option (turned, "icc-profile", profile);
  return turned;
}

typedef struct
{
  FewDecodeBudget *budget;
  guint64 bytes;
} Room;

static void
room_free (gpointer data)
{
  Room *room = data;
  few_decode_budget_give (room->budget, room->bytes);
  g_free (room);
}

/* Until the picture is freed. */
static void
hold_room (GdkPixbuf *picture, FewDecodeBudget *budget, guint64 bytes)
{
  Room *room = g_new (Room, 1);
  *room = (Room) { budget, bytes };
  g_object_set_data_full (G_OBJECT (picture), "few-room", room, room_free);
}

FewPictureLimits
few_image_limits (const FewPictureLimits *limits, const char *address)
{
  FewPictureLimits own = limits ? *limits : (FewPictureLimits) { .max_pixels = FEW_MAX_PIXELS };
  g_free (few_address_split (address, &own.crop));
  return own;
}

/* Takes the picture, which may be NULL; the part keeps it and has its
 * colours. */
static GdkPixbuf *
take_part (GdkPixbuf *picture, const FewCrop *crop)
{
  g_autoptr (GdkPixbuf) whole = picture;
  guint rect[4];
  if (!whole || few_crop_is_whole (crop))
    return g_steal_pointer (&whole);
  few_crop_pixels (crop, (guint) gdk_pixbuf_get_width (whole),
                   (guint) gdk_pixbuf_get_height (whole), rect);
  GdkPixbuf *part = gdk_pixbuf_new_subpixbuf (whole, (int) rect[0], (int) rect[1],
                                              (int) (rect[2] - rect[0]), (int) (rect[3] - rect[1]));
  const char *profile = gdk_pixbuf_get_option (whole, "icc-profile");
  if (profile)
    gdk_pixbuf_set_option (part, "icc-profile", profile);
  return part;
}

GdkPixbuf *
few_image_decode (GBytes *bytes, const char *name, const FewPictureLimits *limits, guint enough,
                  GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  FewImageHeader header;
  const FewPictureLimits own = limits ? *limits : few_image_limits (NULL, "");
  if (few_image_is_big_tiff (data, size))
    {
      few_fail (error, UNSUPPORTED,
                "%s is a BigTIFF, the kind for more than 4 GB, which is not read. Save it as an "
                "ordinary TIFF.",
                name);
      return NULL;
    }
  gboolean bare;
  if (!few_image_header_find (&data, &size, &header, &bare))
    {
      if (bare)
        few_fail (error, UNSUPPORTED,
                  "%s is a camera's raw file without a picture that is ready to be shown in it. "
                  "Develop it as a JPEG first.",
                  name);
      else if (few_lfs_check ((const char *) data, size, name, error))
        few_fail (
            error, INPUT,
            "%s is not a picture (JPEG, PNG, GIF, WebP, BMP, TIFF, HEIC, AVIF or JPEG XL), or its "
            "header is damaged.",
            name);
      return NULL;
    }
  if (!check_header (&header, size, name, own.max_pixels, error))
    return NULL;
  guint d = fraction (&header, &own.crop, enough);
  /* four bytes a pixel, twice where it is turned */
  guint64 room =
      (guint64) (header.width / d + 1) * (header.height / d + 1) * (header.orientation > 1 ? 8 : 4);
  FewDecodeBudget *budget = own.budget;
  if (budget)
    few_decode_budget_take (budget, room);
  g_autoptr (GdkPixbuf) picture = load_pixels (data, size, &header, d, name, error);
  GdkPixbuf *turned = picture ? turn (picture, &header, d, name, error) : NULL;
  if (budget && turned)
    hold_room (turned, budget, room);
  else if (budget)
    few_decode_budget_give (budget, room);
  return take_part (turned, &own.crop);
}
