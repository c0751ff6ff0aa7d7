/* SPDX-License-Identifier: MIT */
/* From what a scan found to pictures in the project, one drop after the other. */
#include "session/few-import.h"
#include "session/few-arrival.h"
#include "session/few-landing.h"

struct _FewImport
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  GHashTable *scans;   /* tickets → FewLanding * */
  GHashTable *waiting; /* tickets → FewLanding *: for a person */
  GQueue drops;        /* FewLanding *, what is added */
  guint adding;        /* the idle that adds */
};

enum { PROP_SCANNING = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { ASKS, IMPORTED, ADDED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewImport, few_import, G_TYPE_OBJECT)

/* What is left to do once all is added, a step a turn, for each tells every class or picture. The
 * files are read last: what comes of that finds the import as a step that can be undone. */
enum { STEP_COUNT, STEP_TELL, STEP_KEEP, STEP_READ, STEP_END };

static void
end_drop (FewImport *self)
{
  few_landing_free (g_queue_pop_head (&self->drops));
}

static void
tell_pictures (FewImport *self, const FewLanding *drop)
{
  few_arrival_refuse (self->examples, drop->added, drop->refused);
  if (!few_arrival_tell (self->examples, self->desk, drop->added->len + drop->labelled))
    end_drop (self);
}

static void
keep_pictures (FewImport *self, FewLanding *drop)
{
  drop->kept = TRUE;
  few_arrival_keep (self->examples, drop->added->len, drop->labelled);
  g_signal_emit (self, signals[IMPORTED], 0, g_hash_table_size (drop->touched), drop->added->len,
                 drop->labelled);
}

static void
finish_drop (FewImport *self, FewLanding *drop)
{
  guint step = drop->step++;
  if (step == STEP_COUNT) /* the next finds nothing new to say of them */
    few_gallery_tell_counts (few_examples_get_gallery (self->examples));
  else if (step == STEP_TELL)
    tell_pictures (self, drop);
  else if (step == STEP_KEEP)
    keep_pictures (self, drop);
  else if (step == STEP_READ && drop->added->len > 0)
    few_examples_encode (self->examples, drop->added);
  else
    end_drop (self);
}

static gboolean
add_drops_cb (gpointer user)
{
  FewImport *self = user;
  FewLanding *drop = g_queue_peek_head (&self->drops);
  if (drop->at < drop->found->len)
    few_landing_add (drop, self->examples);
  else
    finish_drop (self, drop);
  if (!g_queue_is_empty (&self->drops))
    return G_SOURCE_CONTINUE;
  self->adding = 0;
  g_signal_emit (self, signals[ADDED], 0);
  return G_SOURCE_REMOVE;
}

static void
add_drop (FewImport *self, FewLanding *drop)
{
  g_queue_push_tail (&self->drops, drop);
  if (!self->adding)
    self->adding = g_idle_add (add_drops_cb, self);
}

/* ---- what a person has to see first */

/* What the project has, for a thread that counts, and what comes of it. */
typedef struct
{
  GPtrArray *found, *any; /* any: NULL where pictures are not read for that */
  FewKnown known; /* whose tables are its own */
  guint ticket;
  FewPlan *plan, *any_plan, *boxes_plan;
} Counting;

static void
counting_free (gpointer data)
{
  Counting *counting = data;
  g_ptr_array_unref (counting->found);
  g_clear_pointer (&counting->any, g_ptr_array_unref);
  g_hash_table_unref (counting->known.paths);
  g_hash_table_unref (counting->known.names);
  g_free ((char *) counting->known.into);
  g_clear_pointer (&counting->plan, few_plan_free);
  g_clear_pointer (&counting->any_plan, few_plan_free);
  g_clear_pointer (&counting->boxes_plan, few_plan_free);
  g_free (counting);
}

static Counting *
counting_new (FewImport *self, guint ticket, const FewLanding *drop)
{
  Counting *counting = g_new0 (Counting, 1);
  gboolean none = drop->into && few_class_is_none (drop->into);
  *counting = (Counting) { .found = g_ptr_array_ref (drop->found),
                           .any = drop->any ? g_ptr_array_ref (drop->any) : NULL,
                           .ticket = ticket };
  few_arrival_list_known (self->examples, drop->any != NULL, &counting->known);
  counting->known.several = few_import_is_several (self);
  counting->known.none = none;
  counting->known.into = drop->into && !none ? g_strdup (few_class_get_name (drop->into)) : NULL;
  return counting;
}

static void
count_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                 GCancellable *cancellable G_GNUC_UNUSED)
{
  Counting *counting = data;
  FewKnown any = counting->known;
  any.several = TRUE;
  counting->plan = few_plan_new (counting->found, &counting->known, FALSE);
  if (counting->any)
    counting->any_plan = few_plan_new (counting->any, &any, FALSE);
  if (counting->plan->boxes > 0)
    counting->boxes_plan = few_plan_new (counting->found, &counting->known, TRUE);
  g_task_return_boolean (task, TRUE);
}

static FewLanding *
steal_waiting (FewImport *self, guint number)
{
  gpointer drop = NULL;
  g_hash_table_steal_extended (self->waiting, GUINT_TO_POINTER (number), NULL, &drop);
  return drop;
}

/* What is another with several labels is asked; whatever else is as nobody doubts it lands. */
static gboolean
is_clear (const FewLanding *drop, const FewPlan *plan, const FewPlan *any)
{
  return !any && plan->labelled == 0
         && (plan->pictures + plan->boxes == 0 || !(drop->open || few_plan_surprises (plan)));
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewImport *self = FEW_IMPORT (source);
  Counting *counting = g_task_get_task_data (G_TASK (result));
  FewLanding *drop = g_hash_table_lookup (self->waiting, GUINT_TO_POINTER (counting->ticket));
  if (!drop)
    return; /* the window closes */
  if (counting->any_plan && counting->any_plan->several == 0)
    g_clear_pointer (&counting->any_plan, few_plan_free);
  if (is_clear (drop, counting->plan, counting->any_plan))
    {
      add_drop (self, steal_waiting (self, counting->ticket));
      return;
    }
  if (counting->plan->listed)
    g_clear_object (&drop->into); /* each picture has its class */
  drop->plan = g_steal_pointer (&counting->plan);
  drop->any_plan = g_steal_pointer (&counting->any_plan);
  drop->boxes_plan = g_steal_pointer (&counting->boxes_plan);
  g_signal_emit (self, signals[ASKS], 0, counting->ticket);
}

static void
count_drop (FewImport *self, guint ticket, FewLanding *drop)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, counted_cb, NULL);
  g_hash_table_insert (self->waiting, GUINT_TO_POINTER (ticket), drop);
  g_task_set_task_data (task, counting_new (self, ticket, drop), counting_free);
  g_task_run_in_thread (task, count_in_thread);
}

static const FewLanding *
get_waiting (FewImport *self, guint number)
{
  return g_hash_table_lookup (self->waiting, GUINT_TO_POINTER (number));
}

const FewPlan *
few_import_get_plan (FewImport *self, guint number)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), NULL);
  const FewLanding *drop = get_waiting (self, number);
  return drop ? drop->plan : NULL;
}

const FewPlan *
few_import_get_any_plan (FewImport *self, guint number)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), NULL);
  const FewLanding *drop = get_waiting (self, number);
  return drop ? drop->any_plan : NULL;
}

const FewPlan *
few_import_get_boxes_plan (FewImport *self, guint number)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), NULL);
  const FewLanding *drop = get_waiting (self, number);
  return drop ? drop->boxes_plan : NULL;
}

FewClass *
few_import_get_target (FewImport *self, guint number)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), NULL);
  const FewLanding *drop = get_waiting (self, number);
  return drop ? drop->into : NULL;
}

void
few_import_land (FewImport *self, guint number, const FewDecision *decision)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (decision);
  FewLanding *drop = steal_waiting (self, number);
  g_return_if_fail (drop && drop->plan);
  if (decision->into)
    g_set_object (&drop->into, decision->into);
  if (decision->several && drop->any_plan)
    few_landing_take_any (drop);
  if (drop->plan->classes->len == 1 && decision->name && *decision->name)
    {
      drop->name = g_strdup (decision->name);
      drop->renamed = g_strdup (drop->plan->classes->pdata[0]);
    }
  drop->training_only = decision->training_only;
  drop->boxes = decision->boxes;
  drop->none = decision->none;
  drop->test = decision->test;
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

/* Files of labels are looked through a second time, for what they say of pictures with several. */
static gboolean
wants_any (FewImport *self, const FewLanding *drop)
{
  gboolean wants = FALSE;
  for (guint i = 0; drop->paths[i]; i++)
    wants = wants || few_labels_is_name (drop->paths[i]);
  return wants && drop->proposed && !drop->any && !few_import_is_several (self);
}

static void
scan (FewImport *self, FewLanding *drop)
{
  guint ticket = few_desk_take_ticket (self->desk);
  FewWorker *worker = few_desk_get_worker (self->desk);
  const char *name = drop->into ? few_class_get_name (drop->into) : NULL;
  gboolean any = drop->found || few_import_is_several (self);
  g_hash_table_insert (self->scans, GUINT_TO_POINTER (ticket), drop);
  (any ? few_worker_scan_any : few_worker_scan) (worker, ticket, (const char *const *) drop->paths,
                                                 name);
  scanning_changed (self);
}

static void
import_event_cb (FewImport *self, const FewEvent *event)
{
  gpointer drop_of = NULL;
  if (event->kind != FEW_EVENT_SCANNED
      || !g_hash_table_steal_extended (self->scans, GUINT_TO_POINTER (event->id), NULL, &drop_of))
    return;
  FewLanding *drop = drop_of;
  *(drop->found ? &drop->any : &drop->found) = g_ptr_array_ref (event->found);
  if (wants_any (self, drop))
    {
      scan (self, drop);
      return;
    }
  scanning_changed (self);
  if (drop->proposed)
    count_drop (self, event->id, drop);
  else
    add_drop (self, drop);
}

void
few_import_begin (FewImport *self, const char *const *paths, FewClass *into)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (paths != NULL);
  scan (self, few_landing_new (paths, into));
}

void
few_import_propose (FewImport *self, const char *const *paths, FewClass *into, gboolean open)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (paths != NULL);
  FewLanding *drop = few_landing_new (paths, into);
  drop->proposed = TRUE;
  drop->open = open;
  scan (self, drop);
}

void
few_import_propose_found (FewImport *self, GPtrArray *found, GPtrArray *any)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (found != NULL);
  FewLanding *drop = few_landing_new (NULL, NULL);
  drop->proposed = drop->open = TRUE;
  drop->found = g_ptr_array_ref (found);
  drop->any = any ? g_ptr_array_ref (any) : NULL;
  count_drop (self, few_desk_take_ticket (self->desk), drop);
}

void
few_import_add_found (FewImport *self, GPtrArray *found)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (found != NULL);
  FewLanding *drop = few_landing_new (NULL, NULL);
  drop->found = g_ptr_array_ref (found);
  add_drop (self, drop);
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
few_import_is_several (FewImport *self)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), FALSE);
  return few_examples_is_several (self->examples);
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
  const FewLanding *first = g_queue_peek_head (&self->drops);
  return first && (!first->kept || self->drops.length > 1);
}

/* ---- life */

static void
few_import_finalize (GObject *object)
{
  FewImport *self = FEW_IMPORT (object);
  g_clear_handle_id (&self->adding, g_source_remove);
  g_queue_clear_full (&self->drops, few_landing_free);
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
  signals[ADDED] = g_signal_new ("added", FEW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[IMPORTED] = g_signal_new ("imported", FEW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT, G_TYPE_UINT);
}

static void
few_import_init (FewImport *self)
{
  self->scans = g_hash_table_new_full (NULL, NULL, NULL, few_landing_free);
  self->waiting = g_hash_table_new_full (NULL, NULL, NULL, few_landing_free);
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
