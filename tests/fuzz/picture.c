/* SPDX-License-Identifier: MIT */
/* Any bytes as a picture's header, which must state a size where it is accepted, as a raw file,
 * whose preview must lie in it, and as what says when it was taken. */
#include "fuzz.h"
#include "image/moment.h"
#include "image/raw.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FewImageHeader header;
  FewMoment moment;
  if (few_image_header_parse (data, size, &header))
    g_assert_true (header.width > 0 && header.height > 0 && header.format);
  const guint8 *at = data;
  gsize there = size;
  gboolean bare;
  if (few_image_header_find (&at, &there, &header, &bare))
    g_assert_true (!bare && at >= data && there <= size && at - data <= (gssize) (size - there));
  if (few_moment_read (data, size, &moment))
    g_assert_cmpint (moment.time, >, 0);
  return 0;
}
