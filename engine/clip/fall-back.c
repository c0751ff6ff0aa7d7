/* SPDX-License-Identifier: MIT */
/* Leaving a GPU that failed or has too little memory: on the CPU the same is done once more. */
#include "clip/model.h"
#include "clip/model-private.h"
#include "base/error.h"
#include <fewshot/error.h>

/* TRUE when the model is on the CPU now; *error has become its notice then. Opened whole before
 * anything is given up: when it cannot be, the model stays what it was. */
static gboolean
leave_gpu (FewModel *model, GError **error)
{
  const GError *why = *error;
  if (!few_error_is_of_device (why) || !g_str_equal (model->loaded.backend->name, "cuda"))
    return FALSE;
  g_autoptr (GError) second = NULL;
  FewModel *other = few_model_open (model->info.folder, model->cpu, NULL, &second);
  if (!other)
    {
      g_prefix_error (error, "%s On the GPU: ", second->message);
      return FALSE;
    }
  if (!g_str_equal (other->info.fingerprint, model->info.fingerprint))
    {
      g_prefix_error (error, "%s has changed since it was opened; open it again. On the GPU: ",
                      model->info.folder);
      few_model_unref (other);
      return FALSE;
    }
  FewLoaded gpu = model->loaded;
  model->loaded = other->loaded;
  model->info.device = model->loaded.backend->description;
  model->info.precision = model->loaded.backend->precision;
  other->loaded = gpu;
  few_loaded_empty (&other->loaded);
  model->left = other;
  g_free (model->notice);
  model->notice = g_strdup (why->message);
  g_clear_error (error);
  return TRUE;
}

gboolean
few_model_retry (FewModel *model, FewModelFunc func, gpointer user, GError **error)
{
  g_return_val_if_fail (model != NULL && func != NULL, FALSE);
  GError *local = NULL;
  if (func (model, user, &local) || (leave_gpu (model, &local) && func (model, user, &local)))
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

char *
few_model_take_notice (FewModel *model)
{
  g_return_val_if_fail (model != NULL, NULL);
  return g_steal_pointer (&model->notice);
}
