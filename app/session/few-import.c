/* SPDX-License-Identifier: MIT */
/* From what a scan found to pictures in the project, one drop after the other. */
#include "session/few-import.h"
#include "session/few-arrival.h"
#include <glib/gi18n.h>

static const gint64 SLICE = 3000; /* µs */
/* a grid may make a tile for each at once, the first hundreds of times */
enum { BATCH = 32, FIRST_BATCH = 8, FIRST = 400 };

struct _FewImport
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  GHashTable *scans;   /* tickets → Drop * */
  GHashTable *waiting; /* tickets → Drop *: for a person */
  GQueue drops;        /* Drop *, what is added */
  guint adding;        /* the idle that adds */
};

enum { PROP_SCANNING = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { ASKS, IMPORTED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewImport, few_import, G_TYPE_OBJECT)

typedef struct
{
  FewClass *into; /* or NULL: each folder's own */
  char *name;     /* or NULL: the folder's */
  gboolean training_only;
  gboolean boxes; /* not the pictures that have some */
  FewUse use; /* FEW_USE_LEARN: as the folders of a split say */
  gboolean proposed, open; /* see few_import_propose */
  GPtrArray *found; /* NULL while it is scanned */
  FewPlan *plan;    /* while it waits */
  guint at, step;
  gboolean kept; /* it can be undone */
  GPtrArray *added;    /* FewPicture */
  GPtrArray *refused;  /* char *, sentences on files that are no pictures */
  GHashTable *known;   /* paths, owned; NULL until it is this drop's turn */
  GHashTable *touched; /* FewClass */
} Drop;

static Drop *
drop_new (void)
{
  Drop *drop = g_new0 (Drop, 1);
  drop->added = g_ptr_array_new_with_free_func (g_object_unref);
  drop->refused = g_ptr_array_new_with_free_func (g_free);
  drop->touched = g_hash_table_new (NULL, NULL);
  return drop;
}

static void
drop_free (gpointer data)
{
  Drop *drop = data;
  g_clear_object (&drop->into);
  g_free (drop->name);
  g_clear_pointer (&drop->found, g_ptr_array_unref);
  g_clear_pointer (&drop->plan, few_plan_free);
  g_ptr_array_unref (drop->added);
  g_ptr_array_unref (drop->refused);
  g_clear_pointer (&drop->known, g_hash_table_unref);
  g_hash_table_unref (drop->touched);
  g_free (drop);
}

/* ---- adding */

/* The class of what was found, made where there is none. */
static FewClass *
choose_class (FewImport *self, const Drop *drop, const FewFound *found)
{
  if (drop->use == FEW_USE_NONE)
    return few_examples_get_none (self->examples);
  if (drop->into)
    return drop->into;
  return few_examples_ensure_class (self->examples, drop->name ? drop->name : found->class_name);
}

/* A new picture, or NULL when the file is none, known or not wanted. */
static FewPicture *
take_found (FewImport *self, Drop *drop, const FewFound *found)
{
  if (drop->training_only && found->role != FEW_ROLE_TRAIN)
    return NULL;
  if (drop->boxes ? found->has_boxes : found->boxed)
    return NULL;
  if (!found->picture)
    {
      g_autofree char *name = g_filename_display_name (found->path);
      g_ptr_array_add (drop->refused,
                       found->reason ? g_strdup (found->reason)
                                     : g_strdup_printf (_ ("%s is not a picture file."), name));
      return NULL;
    }
  if (!g_hash_table_add (drop->known, g_strdup (found->path)))
    return NULL;
  FewClass *klass = choose_class (self, drop, found);
  g_hash_table_add (drop->touched, klass);
  FewPicture *picture = few_examples_make_picture (self->examples, found->path, klass);
  few_picture_set_test (picture, drop->use == FEW_USE_TEST || found->role == FEW_ROLE_TEST);
  return picture;
}

/* What is left to do once all is added, a step a turn, for each looks at every picture. The files
 * are read last: what comes of that finds the import as a step that can be undone. */
enum { STEP_TELL, STEP_KEEP, STEP_READ, STEP_END };

static void
end_drop (FewImport *self)
{
  drop_free (g_queue_pop_head (&self->drops));
}

static void
tell_pictures (FewImport *self, const Drop *drop)
{
  few_arrival_refuse (self->examples, drop->added, drop->refused);
  if (!few_arrival_tell (self->examples, self->desk, drop->added))
    end_drop (self);
}

static void
keep_pictures (FewImport *self, Drop *drop)
{
  drop->kept = TRUE;
  few_arrival_keep (self->examples, drop->added);
  g_signal_emit (self, signals[IMPORTED], 0, g_hash_table_size (drop->touched), drop->added->len);
}

static void
finish_drop (FewImport *self, Drop *drop)
{
  guint step = drop->step++;
  if (step == STEP_TELL)
    tell_pictures (self, drop);
  else if (step == STEP_KEEP)
    keep_pictures (self, drop);
  else if (step == STEP_READ)
    few_examples_encode (self->examples, drop->added);
  else
    end_drop (self);
}

static GHashTable *
list_known_paths (FewImport *self)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GListModel *pictures = few_examples_get_pictures (self->examples);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      g_hash_table_add (known, g_strdup (few_picture_get_address (picture)));
    }
  return known;
}

static gboolean
is_there (FewImport *self, FewClass *klass)
{
  GListModel *classes = few_examples_get_classes (self->examples);
  return few_class_is_none (klass) || g_list_store_find (G_LIST_STORE (classes), klass, NULL);
}

static void
add_slice (FewImport *self, Drop *drop)
{
  gint64 until = g_get_monotonic_time () + SLICE;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  if (!drop->known) /* now, after the drops before it */
    drop->known = list_known_paths (self);
  if (drop->into && !is_there (self, drop->into))
    g_clear_object (&drop->into); /* it was removed meanwhile */
  guint most = drop->added->len < FIRST ? FIRST_BATCH : BATCH;
  for (; drop->at < drop->found->len && batch->len < most && g_get_monotonic_time () < until;
       drop->at++)
    {
      FewPicture *picture = take_found (self, drop, drop->found->pdata[drop->at]);
      if (!picture)
        continue;
      g_ptr_array_add (batch, picture);
      g_ptr_array_add (drop->added, picture);
    }
  few_examples_append (self->examples, batch);
}

static gboolean
add_drops_cb (gpointer user)
{
  FewImport *self = user;
  Drop *drop = g_queue_peek_head (&self->drops);
  if (drop->at < drop->found->len)
    add_slice (self, drop);
  else
    finish_drop (self, drop);
  if (!g_queue_is_empty (&self->drops))
    return G_SOURCE_CONTINUE;
  self->adding = 0;
  return G_SOURCE_REMOVE;
}

static void
add_drop (FewImport *self, Drop *drop)
{
  g_queue_push_tail (&self->drops, drop);
  if (!self->adding)
    self->adding = g_idle_add (add_drops_cb, self);
}

/* ---- what a person has to see first */

/* What the project has, for a thread that counts. */
typedef struct
{
  GPtrArray *found;
  GHashTable *paths, *names; /* GRefString */
  guint ticket;
} Counting;

static void
counting_free (gpointer data)
{
  Counting *counting = data;
  g_ptr_array_unref (counting->found);
  g_hash_table_unref (counting->paths);
  g_hash_table_unref (counting->names);
  g_free (counting);
}

static GHashTable *
create_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, (GDestroyNotify) g_ref_string_release,
                                NULL);
}

static Counting *
counting_new (FewImport *self, guint ticket, GPtrArray *found)
{
  Counting *counting = g_new (Counting, 1);
  GListModel *pictures = few_examples_get_pictures (self->examples);
  GListModel *classes = few_examples_get_classes (self->examples);
  *counting = (Counting) { g_ptr_array_ref (found), create_set (), create_set (), ticket };
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      g_hash_table_add (counting->paths,
                        g_ref_string_acquire (few_picture_get_address_string (picture)));
    }
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      g_hash_table_add (counting->names, g_ref_string_new (few_class_get_name (klass)));
    }
  return counting;
}

static void
count_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                 GCancellable *cancellable G_GNUC_UNUSED)
{
  const Counting *counting = data;
  g_task_return_pointer (task, few_plan_new (counting->found, counting->paths, counting->names),
                         (GDestroyNotify) few_plan_free);
}

static Drop *
steal_waiting (FewImport *self, guint number)
{
  gpointer drop = NULL;
  g_hash_table_steal_extended (self->waiting, GUINT_TO_POINTER (number), NULL, &drop);
  return drop;
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewImport *self = FEW_IMPORT (source);
  const Counting *counting = g_task_get_task_data (G_TASK (result));
  Drop *drop = g_hash_table_lookup (self->waiting, GUINT_TO_POINTER (counting->ticket));
  g_autoptr (FewPlan) plan = g_task_propagate_pointer (G_TASK (result), NULL);
  if (!drop)
    return; /* the window closes */
  if (plan->pictures + plan->boxes == 0 || !(drop->open || few_plan_surprises (plan)))
    {
      add_drop (self, steal_waiting (self, counting->ticket));
      return;
    }
  if (plan->listed)
    g_clear_object (&drop->into); /* each picture has its class */
  drop->plan = g_steal_pointer (&plan);
  g_signal_emit (self, signals[ASKS], 0, counting->ticket);
}

static void
count_drop (FewImport *self, guint ticket, Drop *drop)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, counted_cb, NULL);
  g_hash_table_insert (self->waiting, GUINT_TO_POINTER (ticket), drop);
  g_task_set_task_data (task, counting_new (self, ticket, drop->found), counting_free);
  g_task_run_in_thread (task, count_in_thread);
}

static const Drop *
get_waiting (FewImport *self, guint number)
{
  return g_hash_table_lookup (self->waiting, GUINT_TO_POINTER (number));
}

const FewPlan *
few_import_get_plan (FewImport *self, guint number)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), NULL);
  const Drop *drop = get_waiting (self, number);
  return drop ? drop->plan : NULL;
}

FewClass *
few_import_get_target (FewImport *self, guint number)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), NULL);
  const Drop *drop = get_waiting (self, number);
  return drop ? drop->into : NULL;
}

void
few_import_land (FewImport *self, guint number, const FewDecision *decision)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (decision);
  Drop *drop = steal_waiting (self, number);
  g_return_if_fail (drop && drop->plan);
  if (decision->into)
    g_set_object (&drop->into, decision->into);
  if (drop->plan->classes->len == 1 && decision->name && *decision->name)
    drop->name = g_strdup (decision->name);
  drop->training_only = decision->training_only;
  drop->boxes = decision->boxes;
  drop->use = decision->use;
  add_drop (self, drop);
}

void
few_import_discard (FewImport *self, guint number)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_hash_table_remove (self->waiting, GUINT_TO_POINTER (number));
}

/* ---- scanning */

static void
scanning_changed (FewImport *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCANNING]);
}

static void
import_event_cb (FewImport *self, const FewEvent *event)
{
  gpointer drop_of = NULL;
  if (event->kind != FEW_EVENT_SCANNED
      || !g_hash_table_steal_extended (self->scans, GUINT_TO_POINTER (event->id), NULL, &drop_of))
    return;
  Drop *drop = drop_of;
  drop->found = g_ptr_array_ref (event->found);
  scanning_changed (self);
  if (drop->proposed)
    count_drop (self, event->id, drop);
  else
    add_drop (self, drop);
}

static void
scan (FewImport *self, const char *const *paths, FewClass *into, Drop *drop)
{
  guint ticket = few_desk_take_ticket (self->desk);
  drop->into = into ? g_object_ref (into) : NULL;
  g_hash_table_insert (self->scans, GUINT_TO_POINTER (ticket), drop);
  few_worker_scan (few_desk_get_worker (self->desk), ticket, paths,
                   into ? few_class_get_name (into) : NULL);
  scanning_changed (self);
}

void
few_import_begin (FewImport *self, const char *const *paths, FewClass *into)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (paths != NULL);
  scan (self, paths, into, drop_new ());
}

void
few_import_propose (FewImport *self, const char *const *paths, FewClass *into, gboolean open)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (paths != NULL);
  Drop *drop = drop_new ();
  drop->proposed = TRUE;
  drop->open = open;
  scan (self, paths, into, drop);
}

void
few_import_propose_found (FewImport *self, GPtrArray *found)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (found != NULL);
  Drop *drop = drop_new ();
  drop->proposed = drop->open = TRUE;
  drop->found = g_ptr_array_ref (found);
  count_drop (self, few_desk_take_ticket (self->desk), drop);
}

void
few_import_cancel (FewImport *self)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  if (!few_import_is_scanning (self))
    return;
  g_hash_table_remove_all (self->scans);
  few_worker_stop_scanning (few_desk_get_worker (self->desk));
  scanning_changed (self);
}

gboolean
few_import_is_scanning (FewImport *self)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), FALSE);
  return g_hash_table_size (self->scans) > 0;
}

gboolean
few_import_is_adding (FewImport *self)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), FALSE);
  const Drop *first = g_queue_peek_head (&self->drops);
  return first && (!first->kept || self->drops.length > 1);
}

/* ---- life */

static void
few_import_finalize (GObject *object)
{
  FewImport *self = FEW_IMPORT (object);
  g_clear_handle_id (&self->adding, g_source_remove);
  g_queue_clear_full (&self->drops, drop_free);
  g_hash_table_unref (self->scans);
  g_hash_table_unref (self->waiting);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_import_parent_class)->finalize (object);
}

static void
few_import_get_property (GObject *object, guint id G_GNUC_UNUSED, GValue *value,
                         GParamSpec *pspec G_GNUC_UNUSED)
{
  g_value_set_boolean (value, few_import_is_scanning (FEW_IMPORT (object)));
}

static void
few_import_class_init (FewImportClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_import_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_import_finalize;
  properties[PROP_SCANNING] = g_param_spec_boolean ("scanning", NULL, NULL, FALSE,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  signals[ASKS] = g_signal_new ("asks", FEW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[IMPORTED] = g_signal_new ("imported", FEW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
few_import_init (FewImport *self)
{
  self->scans = g_hash_table_new_full (NULL, NULL, NULL, drop_free);
  self->waiting = g_hash_table_new_full (NULL, NULL, NULL, drop_free);
}

FewImport *
few_import_new (FewDesk *desk, FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  FewImport *self = g_object_new (FEW_TYPE_IMPORT, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  g_signal_connect_object (desk, "event", G_CALLBACK (import_event_cb), self, G_CONNECT_SWAPPED);
  return self;
}
