/* SPDX-License-Identifier: MIT */
/* Bytes as hexadecimal digits: how sums of files are told. */
#include "base/hex.h"
#include <string.h>

void
few_hex (const guint8 *bytes, gsize n, char *out)
{
  static const char digits[] = "0123456789abcdef";
  for (gsize i = 0; i < n; i++)
    {
      out[2 * i] = digits[bytes[i] >> 4];
      out[2 * i + 1] = digits[bytes[i] & 15];
    }
  out[2 * n] = '\0';
}

gboolean
few_hex_is_sha256 (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}
