/* SPDX-License-Identifier: MIT */
/* Any bytes as the listing inside an archive: the fuzzer need not build a zip around it. */
#include "fuzz.h"
#include "formats/pickle.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewPickle) pickle = few_pickle_parse (data, size, "fuzz", &error);
  g_assert_true ((pickle != NULL) == (error == NULL));
  g_assert_true (!pickle || few_pickle_root (pickle));
  return 0;
}
