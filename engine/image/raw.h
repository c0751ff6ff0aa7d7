/* SPDX-License-Identifier: MIT */
/* Raw files of cameras: what is shown of them is the JPEG that the camera has put into them. */
#pragma once
#include "image/header.h"
#include "image/tiff.h"

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

/* DNG, and what Canon (CR2), Fujifilm (RAF), Nikon (NEF, NRW), Olympus (ORF), Panasonic (RW2),
 * Pentax (PEF), Samsung (SRW), Sony (ARW) and others build on TIFF; Canon's CR3. Nothing outside of
 * the bytes is looked at. */
FewRawKind few_raw_find (const guint8 *data, gsize size, FewRawPreview *preview);

/* Takes what lies there in the place of the best so far, where it is a larger JPEG that ordinary
 * decoders read. */
void few_raw_offer (const guint8 *data, gsize size, guint64 offset, guint64 length,
                    FewRawPreview *best);

/* Canon's newer ones, by what they begin with. */
gboolean few_cr3_is (const guint8 *data, gsize size);
/* Where in the box “moov” the directories are that CMT1 (the picture) and CMT2 (how it was taken)
 * hold; how many, the first of them first. */
guint few_cr3_directories (const guint8 *movie, gsize size, gsize offsets[2], gsize sizes[2]);
FewRawKind few_cr3_find (const guint8 *data, gsize size, FewRawPreview *preview);
/* Olympus's, which are TIFF but for their beginning. */
gboolean few_orf_open (FewTiff *tiff, const guint8 *data, gsize size, guint32 *directory);
/* What the maker's note at `offset` offers, where it is one of theirs. */
void few_orf_find (const FewTiff *tiff, gsize offset, FewRawPreview *best);

/* few_image_header_parse; where the bytes are a raw file, of its preview, which *data and *size
 * become. A raw file without one: *bare, and FALSE. */
gboolean few_image_header_find (const guint8 **data, gsize *size, FewImageHeader *header,
                                gboolean *bare);
