/* SPDX-License-Identifier: MIT */
/* A picture's file in memory. */
#pragma once
#include <glib.h>

/* Reads the file of an address, of at most 1 GB, into memory and its SHA-256 into `hash` (32
 * bytes; NULL: nobody asks). */
GBytes *few_image_read (const char *address, guint8 *hash, GError **error);

/* What files are read into one after the other: the system gives memory page by page, and clears
 * it, which for a large picture takes as long as reading. Starts as zeroes. */
typedef struct
{
  guint8 *data;
  gsize size;
} FewReadBuffer;

/* The same, into the buffer unless that is NULL or the file a rare large one: good until the next
 * is read. */
GBytes *few_image_read_into (FewReadBuffer *buffer, const char *address, guint8 *hash,
                             GError **error);
void few_read_buffer_clear (FewReadBuffer *buffer);
/* The system may begin to read that file, or the beginning of a rare large one, as it is asked for
 * soon. Opens it and waits for no data; says nothing of a file that cannot be read: whoever reads
 * it does. */
void few_image_expect (const char *address);
