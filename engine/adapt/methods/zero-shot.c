/* SPDX-License-Identifier: MIT */
/* Zero-shot CLIP (Radford et al., ICML 2021): cosine of picture and text features. */
#include "adapt/method.h"

static gboolean
score_zero_shot (FewMethodRun *r, GError **error)
{
  float *f = few_run_upload_normalised (r, r->task->features, r->n);
  float *t = few_run_upload (r, r->task->text_features, (gsize) r->k * r->d);
  if (few_run_short (r, error))
    return FALSE;
  few_run_score (r, f, t, r->scale, NULL);
  few_run_keep_scaled (r, t, r->scale);
  return TRUE;
}

const FewMethod few_methods_zero_shot[] = {
  { .info = { .name = "zero-shot",
              .title = "Zero-shot CLIP",
              .reference = "Radford et al., ICML 2021",
              .texts = TRUE,
              .usual = TRUE,
              .keeps = TRUE },
    .untrained = TRUE,
    .run = score_zero_shot },
  { .run = NULL },
};
