/* SPDX-License-Identifier: MIT */
/* Pictures: a file to upright, resized, normalised pixels, or to a thumbnail. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

#define FEW_MAX_PIXELS                                                                             \
  (200u * 1000 * 1000) /* default cap on width × height that a picture file may state */
enum { FEW_PREPROCESS_VERSION = 3 };        /* part of the feature cache's key */

/* What a picture is resized to before its middle of R × R is taken. */
typedef enum {
  FEW_RESIZE_SHORTEST, /* its shorter side to `resize` */
  FEW_RESIZE_SQUASH,   /* both sides, whatever its shape */
  FEW_RESIZE_LONGEST,  /* its longer side; what is missing is `fill` */
  FEW_RESIZE_NONE,     /* it stays as it is */
} FewResizeMode;

/* Pillow's filters. */
typedef enum {
  FEW_RESAMPLE_BICUBIC,
  FEW_RESAMPLE_BILINEAR,
  FEW_RESAMPLE_BOX,
  FEW_RESAMPLE_HAMMING,
  FEW_RESAMPLE_LANCZOS,
  FEW_RESAMPLE_NEAREST,
} FewResample;

/* Upright (EXIF), over white, resized, the middle of it, / white, minus mean, over std. All zeroes
 * behind std is what OpenAI's models take. */
typedef struct
{
  guint size; /* R */
  double mean[3], std[3];
  /* Decode JPEGs whole. Otherwise large ones are decoded at 1/2, 1/4 or 1/8 of their size, at least
   * twice R: four times as fast, within 0.01 standard deviations of the whole. */
  gboolean exact;
  FewResizeMode mode;
  FewResample resample;
  guint resize[2]; /* width, height of FEW_RESIZE_SQUASH, one side of the others; 0: R */
  gboolean floors_crop; /* transformers' middle where a pixel is left over; else half to even */
  guint8 fill[3];
  double white; /* what a white pixel is divided by; 0: 255 */
} FewPreprocess;

/* Decodes and preprocesses one file. resized [R, R, 3] and pixels [3, R, R] may be NULL; hash
 * (32 bytes, SHA-256 of the file) may be NULL. Thread-safe. */
FEW_API gboolean few_preprocess_file (const FewPreprocess *preprocess, const char *path,
                                      guint8 *resized, float *pixels, guint8 *hash, GError **error);
/* `bytes` of memory for all whose decoding shares it: who wants more than is left waits; a picture
 * that wants more than there is at all is decoded alone. Any thread. */
typedef struct FewDecodeBudget FewDecodeBudget;
FEW_API FewDecodeBudget *few_decode_budget_new (guint64 bytes);
FEW_API FewDecodeBudget *few_decode_budget_ref (FewDecodeBudget *budget);
FEW_API void few_decode_budget_unref (FewDecodeBudget *budget);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewDecodeBudget, few_decode_budget_unref)
/* An upright RGBA thumbnail that fits into side × side, in sRGB whatever the profile. rgba
 * is [*height, *width, 4]; free with g_free. May wait for the budget. Thread-safe. */
FEW_API guint8 *few_thumbnail (const char *path, guint side, FewDecodeBudget *budget, guint *width,
                               guint *height, GError **error);
/* TRUE when the name ends like a picture's (.jpg .jpeg .jpe .jfif .png .gif .webp .bmp .tif .tiff
 * and a few others, any case). */
FEW_API gboolean few_is_picture_name (const char *name);
/* TRUE when the name ends like a video's (.mp4 .mov .mkv .webm .avi and a few others, any case):
 * its frames can be taken out of it, and are pictures then. */
FEW_API gboolean few_is_video_name (const char *name);
/* TRUE for a file with a picture's name, or whose first bytes are those of a format that can be
 * decoded, whatever its name. Reads a few bytes at most. */
FEW_API gboolean few_is_picture_file (const char *path);

/* What a picture's file tells without being decoded. */
typedef struct
{
  const char *media_type; /* "image/jpeg" */
  guint width, height; /* upright, as it is seen */
  char taken[20]; /* "2026-11-29T10:15:00" on the camera's clock; "": not told */
} FewPictureFacts;
FEW_API gboolean few_image_facts (const char *path, FewPictureFacts *facts, GError **error);

G_END_DECLS
