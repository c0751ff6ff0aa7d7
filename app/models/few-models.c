/* SPDX-License-Identifier: MIT */
/* The list of models, and the hub that fetches them. */
#include "models/few-models.h"
#include "common/paths.h"
#include "models/few-suggestion.h"

struct _FewModels
{
  GObject parent;
  GListStore *list;
  FewHub *hub; /* made when first wanted */
  char *folder;
};

G_DEFINE_FINAL_TYPE (FewModels, few_models, G_TYPE_OBJECT)

static guint fetched_signal, failed_signal;

static FewModelItem *
get_item (FewModels *self, guint i)
{
  FewModelItem *item = g_list_model_get_item (G_LIST_MODEL (self->list), i);
  g_object_unref (item); /* the list keeps it */
  return item;
}

GListModel *
few_models_get_list (FewModels *self)
{
  g_return_val_if_fail (FEW_IS_MODELS (self), NULL);
  return G_LIST_MODEL (self->list);
}

FewModelItem *
few_models_find (FewModels *self, const char *name)
{
  g_return_val_if_fail (FEW_IS_MODELS (self), NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      FewModelItem *item = get_item (self, i);
      const FewCatalogueEntry *entry = few_model_item_get_entry (item);
      if (g_str_equal (entry->name, name) || g_str_equal (entry->repository, name))
        return item;
    }
  return NULL;
}

static void
status_cb (gpointer user, const FewPullStatus *status)
{
  FewModels *self = user;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      FewModelItem *item = get_item (self, i);
      if (few_model_item_get_pull (item) != status->id)
        continue;
      few_model_item_take_status (item, status);
      if (status->state == FEW_PULL_DONE)
        g_signal_emit (self, fetched_signal, 0, item);
      return;
    }
}

void
few_models_pull (FewModels *self, FewModelItem *item)
{
  g_return_if_fail (FEW_IS_MODELS (self));
  if (!self->hub)
    self->hub = few_hub_new (NULL, status_cb, self);
  if (few_model_item_get_pull (item))
    few_hub_set_paused (self->hub, few_model_item_get_pull (item), FALSE);
  else
    few_model_item_set_pull (item, few_hub_pull (self->hub, few_model_item_get_entry (item)));
}

gboolean
few_models_pull_repository (FewModels *self, const char *repository)
{
  g_return_val_if_fail (FEW_IS_MODELS (self), FALSE);
  FewModelItem *item = few_models_find (self, repository);
  g_autoptr (FewCatalogueEntry) entry = item ? NULL : few_catalogue_entry_for (repository);
  if (!item && !entry)
    return FALSE;
  if (!item)
    {
      item = few_model_item_new (entry, self->folder);
      g_list_store_append (self->list, item);
      g_object_unref (item);
    }
  if (few_model_item_get_state (item) != FEW_MODEL_READY)
    few_models_pull (self, item);
  return TRUE;
}

void
few_models_pause (FewModels *self, FewModelItem *item)
{
  g_return_if_fail (FEW_IS_MODELS (self));
  if (self->hub && few_model_item_get_pull (item))
    few_hub_set_paused (self->hub, few_model_item_get_pull (item), TRUE);
}

void
few_models_cancel (FewModels *self, FewModelItem *item)
{
  g_return_if_fail (FEW_IS_MODELS (self));
  if (self->hub && few_model_item_get_pull (item))
    few_hub_cancel (self->hub, few_model_item_get_pull (item));
}

static void
remove_in_thread (GTask *task, gpointer source, gpointer item, GCancellable *cancellable)
{
  GError *error = NULL;
  if (few_shelf_remove (FEW_MODELS (source)->folder, few_model_item_get_entry (item)->name, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_signal_emit (source, failed_signal, 0, error->message);
  few_model_item_refresh (g_task_get_task_data (G_TASK (result)));
}

void
few_models_remove (FewModels *self, FewModelItem *item)
{
  g_return_if_fail (FEW_IS_MODELS (self));
  g_autoptr (GTask) task = g_task_new (self, NULL, removed_cb, NULL);
  g_task_set_task_data (task, g_object_ref (item), g_object_unref);
  g_task_run_in_thread (task, remove_in_thread);
}

static void
few_models_finalize (GObject *object)
{
  FewModels *self = FEW_MODELS (object);
  g_clear_pointer (&self->hub, few_hub_free);
  g_object_unref (self->list);
  g_free (self->folder);
  G_OBJECT_CLASS (few_models_parent_class)->finalize (object);
}

static void
few_models_class_init (FewModelsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_models_finalize;
  fetched_signal = g_signal_new ("fetched", FEW_TYPE_MODELS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, FEW_TYPE_MODEL_ITEM);
  failed_signal = g_signal_new ("failed", FEW_TYPE_MODELS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
add_entry (FewModels *self, FewCatalogueEntry *entry)
{
  if (few_models_find (self, entry->name))
    return;
  g_autoptr (FewModelItem) item = few_model_item_new (entry, self->folder);
  g_list_store_append (self->list, item);
}

/* The most accurate of those that suit this computer and the language of who sits before it comes
 * first. */
static void
suggest (FewModels *self)
{
  FewComputer computer;
  FewModelItem *best = NULL;
  guint at = 0;
  few_computer_look (&computer);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      FewModelItem *item = get_item (self, i);
      if (few_computer_prefers (&computer, few_model_item_get_entry (item),
                                best ? few_model_item_get_entry (best) : NULL))
        {
          best = item;
          at = i;
        }
    }
  if (!best)
    return;
  g_autoptr (FewModelItem) kept = g_object_ref (best);
  few_model_item_suggest (kept);
  g_list_store_remove (self->list, at);
  g_list_store_insert (self->list, 0, kept);
}

static void
few_models_init (FewModels *self)
{
  g_autofree char *path = few_catalogue_path ();
  self->folder = few_default_models_folder ();
  self->list = g_list_store_new (FEW_TYPE_MODEL_ITEM);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = path ? few_catalogue_load (path, &error) : NULL;
  g_autoptr (GPtrArray) fetched = few_shelf_list (self->folder);
  if (error)
    g_warning ("%s", error->message);
  for (guint i = 0; entries && i < entries->len; i++)
    add_entry (self, entries->pdata[i]);
  for (guint i = 0; i < fetched->len; i++)
    add_entry (self, fetched->pdata[i]);
  suggest (self);
}

FewModels *
few_models_new (void)
{
  return g_object_new (FEW_TYPE_MODELS, NULL);
}
