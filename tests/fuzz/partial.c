/* SPDX-License-Identifier: MIT */
/* Any bytes as the rows that a bench left: what is taken up is whole, and a row can follow. */
#include "fuzz.h"
#include "cli/bench-table.h"
#include <glib/gstdio.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (folder, "b.csv", NULL);
  g_autofree char *partial = g_strconcat (output, ".partial", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (partial, (const char *) data, (gssize) size, NULL));
  g_autoptr (BenchTable) table = bench_table_open (output, NULL, "{\"fewshot_bench\":1}", &error);
  g_assert_no_error (error);
  bench_table_find (table, "zero-shot", 1, 1);
  g_unlink (partial);
  return 0;
}
