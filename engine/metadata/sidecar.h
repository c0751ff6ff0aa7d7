/* SPDX-License-Identifier: MIT */
/* XMP as a file of its own: where it lies, and what of it is refused before Exiv2 sees a byte. */
#pragma once
#include <glib.h>

#define FEW_SIDECAR_NAMESPACE "https://fewshot.github.io/ns/tags/1.0/" /* of our marks */

enum { FEW_SIDECAR_MOST = 8 << 20 };

/* The file beside a picture: PICTURE.EXT.xmp, or PICTURE.xmp where that alone is there. Free with
 * g_free. */
char *few_sidecar_find (const char *picture);
/* UTF-8, well-formed, without a document type or entities of its own, and not nested without end.
 * *values (may be NULL) gets how often which text and attribute stands in it. */
gboolean few_sidecar_check (const char *text, gsize length, const char *name, GHashTable **values,
                            GError **error);
/* A value that is in `before` and not as often in `after`; NULL: none. */
const char *few_sidecar_find_lost (GHashTable *before, GHashTable *after);
/* XMP that says nothing. */
extern const char few_sidecar_empty[];
/* A packet of XMP as the text of a file. Free with g_free. */
char *few_sidecar_from_packet (const char *packet);
