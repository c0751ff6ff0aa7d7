/* SPDX-License-Identifier: MIT */
/* Both towers on a device. */
#include "clip/loaded.h"
#include "base/error.h"

gboolean
few_loaded_open (FewLoaded *loaded, FewBackend *backend, const FewClipConfig *config,
                 const FewWeights *weights, GError **error)
{
  *loaded = (FewLoaded) { .backend = backend,
                          .vectors = g_ptr_array_new (),
                          .matrices = g_ptr_array_new (),
                          .tower = config->tower,
                          .lanes = g_new0 (FewActivations, backend->lanes),
                          .whole = { .backend = backend } };
  for (guint i = 0; i < backend->lanes; i++)
    loaded->lanes[i].backend = backend;
  FewLoader loader = { backend, weights, loaded->vectors, loaded->matrices, NULL };
  loaded->image = config->tower->load (config, &loader);
  if (loader.error)
    {
      g_propagate_error (error, loader.error);
      return FALSE;
    }
  /* other streams may read the weights now */
  return backend->ops->check (backend->stream, error);
}

void
few_loaded_keep_unread (FewLoaded *loaded, FewWeights *weights)
{
  few_weights_rest (weights);
  loaded->unread = weights;
}

/* The files are those that the model was opened with, whose hash is the model's. */
static gboolean
check_files (const FewWeights *weights, GError **error)
{
  const char *const *paths = few_weights_files (weights);
  for (guint i = 0; paths[i]; i++)
    if (!few_file_check_unchanged (few_weights_file (weights, i), NULL))
      {
        few_fail (error, INPUT, "%s has changed since it was opened. Open the model again.",
                  paths[i]);
        return FALSE;
      }
  return TRUE;
}

/* Into loaded->text; before and after it the files are looked at: one that is being written may be
 * anything. */
static gboolean
load_text (FewLoaded *loaded, const FewClipConfig *config, FewLoader *loader, GError **error)
{
  FewBackend *backend = loaded->backend;
  if (!check_files (loaded->unread, error))
    return FALSE;
  few_text_load (&loaded->text, config, loader);
  if (!loader->error)
    return check_files (loaded->unread, error) && backend->ops->check (backend->stream, error);
  g_propagate_error (error, g_steal_pointer (&loader->error));
  g_autoptr (GError) told = NULL; /* what else failed on the way is not the next op's */
  backend->ops->check (backend->stream, &told);
  return FALSE;
}

const FewTextTower *
few_loaded_text (FewLoaded *loaded, const FewClipConfig *config, GError **error)
{
  if (!loaded->unread)
    return &loaded->text;
  FewBackend *backend = loaded->backend;
  g_autoptr (GPtrArray) vectors = g_ptr_array_new ();
  g_autoptr (GPtrArray) matrices = g_ptr_array_new ();
  FewLoader loader = { backend, loaded->unread, vectors, matrices, NULL };
  if (!load_text (loaded, config, &loader, error))
    {
      few_text_clear (&loaded->text);
      loaded->text = (FewTextTower) { NULL };
      few_unload (backend, vectors, matrices);
      return NULL;
    }
  g_ptr_array_extend_and_steal (loaded->vectors, g_steal_pointer (&vectors));
  g_ptr_array_extend_and_steal (loaded->matrices, g_steal_pointer (&matrices));
  g_clear_pointer (&loaded->unread, few_weights_free);
  return &loaded->text;
}

void
few_loaded_empty (FewLoaded *loaded)
{
  if (!loaded->backend)
    return;
  for (guint i = 0; loaded->lanes && i < loaded->backend->lanes; i++)
    few_activations_clear (&loaded->lanes[i]);
  g_clear_pointer (&loaded->lanes, g_free);
  few_activations_clear (&loaded->whole);
  few_unload (loaded->backend, loaded->vectors, loaded->matrices);
  few_text_clear (&loaded->text);
  g_clear_pointer (&loaded->unread, few_weights_free);
  g_clear_pointer (&loaded->image, loaded->tower->free);
}

void
few_loaded_clear (FewLoaded *loaded)
{
  few_loaded_empty (loaded);
  g_clear_pointer (&loaded->vectors, g_ptr_array_unref);
  g_clear_pointer (&loaded->matrices, g_ptr_array_unref);
  g_clear_pointer (&loaded->backend, few_backend_free);
}
