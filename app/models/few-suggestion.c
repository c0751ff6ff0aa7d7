/* SPDX-License-Identifier: MIT */
/* Chooses by memory, by the time that a picture takes, and by the language of class names. */
#include "models/few-suggestion.h"
#include <unistd.h>

void
few_computer_look (FewComputer *computer)
{
  g_return_if_fail (computer != NULL);
  const char *const *languages = g_get_language_names ();
  const char *first = languages[0];
  *computer = (FewComputer) {
    .memory = (double) sysconf (_SC_PHYS_PAGES) * (double) sysconf (_SC_PAGESIZE),
    .processors = g_get_num_processors (),
    .english = g_str_has_prefix (first, "en") || g_str_equal (first, "C")
               || g_str_has_prefix (first, "C."),
  };
}

double
few_computer_rate (const FewComputer *computer, const FewCatalogueEntry *entry)
{
  g_return_val_if_fail (computer != NULL && entry != NULL, 0);
  return entry->speed * computer->processors / 2;
}

/* By what was measured, else by the arithmetic of a picture at what a processor of today does a
 * second; 0: not known. */
static double
estimate_seconds (const FewComputer *computer, const FewCatalogueEntry *entry)
{
  const double gflops_a_core = 70; /* ViT-B/32 with AVX2: 16.9 pictures a second on two */
  double rate = few_computer_rate (computer, entry);
  return rate > 0 ? 1 / rate : entry->gflop / (gflops_a_core * computer->processors);
}

FewFit
few_computer_fit (const FewComputer *computer, const FewCatalogueEntry *entry)
{
  g_return_val_if_fail (computer != NULL && entry != NULL, FEW_FIT_NOT);
  if (computer->memory > 0 && (double) entry->memory > computer->memory * 0.8)
    return FEW_FIT_NOT;
  return estimate_seconds (computer, entry) < 0.5 ? FEW_FIT_WELL : FEW_FIT_SLOWLY;
}

gboolean
few_computer_prefers (const FewComputer *computer, const FewCatalogueEntry *entry,
                      const FewCatalogueEntry *other)
{
  g_return_val_if_fail (computer != NULL && entry != NULL, FALSE);
  gboolean reads = g_str_equal (entry->languages, "many")
                   || (computer->english && g_str_equal (entry->languages, "en"));
  gboolean comparable = g_str_equal (entry->measure, "names");
  return reads && comparable && entry->accuracy > (other ? other->accuracy : 0)
         && few_computer_fit (computer, entry) == FEW_FIT_WELL;
}
