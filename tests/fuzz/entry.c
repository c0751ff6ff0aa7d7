/* SPDX-License-Identifier: MIT */
/* Any bytes as the name of an entry of an archive: what is taken stays below the folder. */
#include "fuzz.h"
#include "labels/unpack-name.h"
#include <fewshot/archive.h>
#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *name = few_unpack_name (text);
  g_autofree char *folder = few_archive_folder (text);
  g_assert_nonnull (folder);
  if (!name)
    return 0;
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  for (char **part = parts; *part; part++)
    g_assert_true (**part && **part != '.' && strlen (*part) < 256);
  g_autofree char *again = few_unpack_name (name);
  g_assert_cmpstr (again, ==, name);
  return 0;
}
