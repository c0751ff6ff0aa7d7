/* SPDX-License-Identifier: MIT */
/* Raw files of cameras: what is shown of them is the JPEG that the camera has put into them. */
#pragma once
#include "image/header.h"

typedef enum {
  FEW_RAW_NONE,    /* it is no raw file, or of a kind that is not known */
  FEW_RAW_PREVIEW, /* a JPEG is in it */
  FEW_RAW_BARE,    /* none is */
} FewRawKind;

typedef struct
{
  gsize offset, size;      /* of the largest JPEG, in the file */
  guint width, height;     /* as it states */
  guint orientation; /* 1 … 8, as the raw file says; 0: it says nothing */
} FewRawPreview;

/* DNG, and what Canon (CR2), Fujifilm (RAF), Nikon (NEF, NRW), Panasonic (RW2), Pentax (PEF),
 * Samsung (SRW), Sony (ARW) and others build on TIFF. Nothing outside of the bytes is looked at. */
FewRawKind few_raw_find (const guint8 *data, gsize size, FewRawPreview *preview);

/* few_image_header_parse; where the bytes are a raw file, of its preview, which *data and *size
 * become. A raw file without one: *bare, and FALSE. */
gboolean few_image_header_find (const guint8 **data, gsize *size, FewImageHeader *header,
                                gboolean *bare);
