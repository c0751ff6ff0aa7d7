/* SPDX-License-Identifier: MIT */
/* What one method came to on one draw of shots: shared by whoever keeps the event. */
#include "worker/compared.h"
#include <fewshot/method.h>

static void
clear_compared (gpointer data)
{
  FewCompared *compared = data;
  g_free (compared->ids);
  g_free (compared->labels);
  g_free (compared->roles);
  g_free (compared->reason);
  g_clear_pointer (&compared->sets, few_label_sets_unref);
  g_clear_pointer (&compared->said, few_label_sets_unref);
  g_clear_pointer (&compared->result, few_method_result_free);
}

FewCompared *
few_compared_new (void)
{
  return g_atomic_rc_box_new0 (FewCompared);
}

FewCompared *
few_compared_ref (FewCompared *compared)
{
  g_return_val_if_fail (compared != NULL, NULL);
  return g_atomic_rc_box_acquire (compared);
}

void
few_compared_unref (FewCompared *compared)
{
  g_return_if_fail (compared != NULL);
  g_atomic_rc_box_release_full (compared, clear_compared);
}
