/* SPDX-License-Identifier: MIT */
/* Any bytes as a picture's header; what the parser accepts must state a size. */
#include "fuzz.h"
#include "image/header.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FewImageHeader header;
  if (few_image_header_parse (data, size, &header))
    g_assert_true (header.width > 0 && header.height > 0 && header.format);
  return 0;
}
