/* SPDX-License-Identifier: MIT */
/* One box after the other. */
#include "image/boxes.h"
#include <string.h>

guint64
few_bytes_take (FewBytes *bytes, guint n)
{
  guint64 value = 0;
  if ((gsize) (bytes->end - bytes->at) < n)
    {
      bytes->bad = TRUE;
      bytes->at = bytes->end;
      return 0;
    }
  for (guint i = 0; i < n; i++)
    value = value << 8 | *bytes->at++;
  return value;
}

/* A box of size 0 goes to the end, one of size 1 has its size in 64 bits behind its type. */
gboolean
few_box_next (FewBytes *bytes, FewBox *box)
{
  if (bytes->at >= bytes->end)
    return FALSE;
  const guint8 *start = bytes->at;
  gsize there = (gsize) (bytes->end - start);
  guint64 size = few_bytes_take (bytes, 4);
  guint64 type = few_bytes_take (bytes, 4);
  if (size == 1)
    size = few_bytes_take (bytes, 8);
  gsize head = (gsize) (bytes->at - start);
  if (size == 0)
    size = there;
  if (bytes->bad || size < head)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    box->type[i] = (char) (type >> (24 - 8 * i) & 0xff);
  box->whole = size <= there;
  bytes->at = start + (box->whole ? (gsize) size : there);
  box->body = (FewBytes) { .at = start + head, .end = bytes->at };
  return TRUE;
}

gboolean
few_box_is (const FewBox *box, const char *type)
{
  return memcmp (box->type, type, 4) == 0;
}

gboolean
few_box_find (FewBytes in, const char *type, FewBytes *body)
{
  FewBox box;
  while (few_box_next (&in, &box))
    if (few_box_is (&box, type))
      {
        *body = box.body;
        return TRUE;
      }
  return FALSE;
}
