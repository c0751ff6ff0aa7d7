/* SPDX-License-Identifier: MIT */
/* A row of a snapshot, and its answer at an α and a threshold. */
#include "session/few-trial.h"
#include "base/few-percent.h"
#include "session/few-answer.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewTrial
{
  GObject parent;
  FewPicture *picture;
  FewSnapshot *snapshot;
  guint row;
  GPtrArray *classes;
  char *reason;
  char *set; /* what it may be, in words */
  FewClass *klass;   /* borrowed from classes */
  FewClass *nearest; /* likewise */
  GPtrArray *labels; /* FewClass, those that are given, the most likely first; NULL: of one class */
  GArray *chances; /* float, of each of them */
  char *words; /* what they are; NULL: of one class */
  float cosine;
  float probability;
};

enum { PROP_ANSWER = 1 };
static GParamSpec *answer_property;

G_DEFINE_FINAL_TYPE (FewTrial, few_trial, G_TYPE_OBJECT)

static void
few_trial_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, few_trial_get_answer (FEW_TRIAL (object)));
}

static void
forget_answer (FewTrial *self)
{
  g_clear_pointer (&self->snapshot, few_snapshot_unref);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->set, g_free);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->chances, g_array_unref);
  g_clear_pointer (&self->words, g_free);
  self->klass = self->nearest = NULL;
  self->cosine = self->probability = NAN;
}

static void
few_trial_finalize (GObject *object)
{
  FewTrial *self = FEW_TRIAL (object);
  forget_answer (self);
  g_object_unref (self->picture);
  G_OBJECT_CLASS (few_trial_parent_class)->finalize (object);
}

static void
few_trial_class_init (FewTrialClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_trial_finalize;
  G_OBJECT_CLASS (klass)->get_property = few_trial_get_property;
  answer_property =
      g_param_spec_string ("answer", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), PROP_ANSWER, answer_property);
}

static void
few_trial_init (FewTrial *self)
{
  self->cosine = self->probability = NAN;
}

FewTrial *
few_trial_new (const char *path)
{
  FewTrial *self = g_object_new (FEW_TYPE_TRIAL, NULL);
  self->picture = few_picture_new (0, path, NULL);
  return self;
}

FewPicture *
few_trial_get_picture (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->picture;
}

void
few_trial_set_seen (FewTrial *self, FewSnapshot *snapshot, guint row, GPtrArray *classes)
{
  g_return_if_fail (FEW_IS_TRIAL (self));
  few_snapshot_ref (snapshot);
  g_ptr_array_ref (classes);
  forget_answer (self);
  self->snapshot = snapshot;
  self->row = row;
  self->classes = classes;
}

void
few_trial_set_refused (FewTrial *self, const char *reason)
{
  g_return_if_fail (FEW_IS_TRIAL (self));
  forget_answer (self);
  self->reason = g_strdup (reason);
  g_object_notify_by_pspec (G_OBJECT (self), answer_property);
}

static gboolean
is_refused (FewTrial *self, double alpha, double share, double threshold)
{
  const FewTrust *trust = few_answer_trust (self->snapshot, alpha);
  if (share <= 0)
    return FALSE;
  if (!trust)
    return self->cosine < threshold;
  return few_answer_strangeness (self->snapshot, self->row, alpha)
         > few_trust_refusal (trust, share);
}

/* ---- any number of labels */

/* "cat 93 %, dog 71 %" */
static char *
describe_labels (FewTrial *self)
{
  if (self->labels->len == 0)
    return g_strdup (_ ("no label"));
  GString *words = g_string_new (NULL);
  for (guint i = 0; i < self->labels->len; i++)
    {
      g_autofree char *share = few_percent (g_array_index (self->chances, float, i), 0);
      /* Translators: a label, and how likely it is */
      g_autofree char *one =
          g_strdup_printf (_ ("%s %s"), few_class_get_name (self->labels->pdata[i]), share);
      g_string_append_printf (words, "%s%s", i ? ", " : "", one);
    }
  return g_string_free (words, FALSE);
}

/* Those from their thresholds on, the most likely first. */
static void
update_labels (FewTrial *self)
{
  const FewSnapshotInfo *info = few_snapshot_info (self->snapshot);
  g_autofree float *chances = g_new (float, info->n_classes);
  few_lens_probabilities (self->snapshot, self->row, 1, chances);
  g_autofree guint32 *order = few_answer_rank (chances, info->n_classes);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->chances, g_array_unref);
  self->labels = g_ptr_array_new ();
  self->chances = g_array_new (FALSE, FALSE, sizeof (float));
  for (guint i = 0; i < info->n_classes; i++)
    if (chances[order[i]] >= info->thresholds[order[i]])
      {
        g_ptr_array_add (self->labels, self->classes->pdata[order[i]]);
        g_array_append_val (self->chances, chances[order[i]]);
      }
  self->nearest = self->classes->pdata[order[0]];
  self->probability = chances[order[0]];
  self->klass = self->labels->len ? self->labels->pdata[0] : NULL;
  g_free (self->words);
  self->words = describe_labels (self);
}

const GPtrArray *
few_trial_get_labels (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->labels;
}

float
few_trial_get_chance (FewTrial *self, guint i)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NAN);
  return self->chances && i < self->chances->len ? g_array_index (self->chances, float, i) : NAN;
}

gboolean
few_trial_has_class (FewTrial *self, FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), FALSE);
  return self->labels ? g_ptr_array_find (self->labels, klass, NULL) : self->klass == klass;
}

/* ---- the answer */

void
few_trial_update (FewTrial *self, double alpha, double share, double threshold, guint promise)
{
  g_return_if_fail (FEW_IS_TRIAL (self));
  if (!self->snapshot)
    return;
  guint k = few_snapshot_info (self->snapshot)->n_classes;
  guint best = 0;
  g_autofree float *values = g_new (float, k);
  few_lens_cosines (self->snapshot, self->row, alpha, values);
  for (guint i = 1; i < k; i++)
    best = values[i] > values[best] ? i : best;
  self->cosine = values[best];
  if (few_snapshot_info (self->snapshot)->thresholds)
    {
      update_labels (self);
      g_object_notify_by_pspec (G_OBJECT (self), answer_property);
      return;
    }
  few_lens_probabilities (self->snapshot, self->row, alpha, values);
  self->probability = values[best];
  self->nearest = self->classes->pdata[best];
  self->klass = is_refused (self, alpha, share, threshold) ? NULL : self->nearest;
  g_free (self->set);
  self->set = self->klass
                  ? few_answer_words (self->snapshot, self->row, alpha, promise, self->classes)
                  : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), answer_property);
}

FewSnapshot *
few_trial_get_snapshot (FewTrial *self, guint *row)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  if (row)
    *row = self->row;
  return self->snapshot;
}

GPtrArray *
few_trial_get_classes (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->classes;
}

const char *
few_trial_get_reason (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->reason;
}

FewClass *
few_trial_get_class (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->klass;
}

FewClass *
few_trial_get_nearest (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->nearest;
}

float
few_trial_get_cosine (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NAN);
  return self->cosine;
}

float
few_trial_get_probability (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NAN);
  return self->probability;
}

const char *
few_trial_get_set (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  return self->set;
}

const char *
few_trial_get_answer (FewTrial *self)
{
  g_return_val_if_fail (FEW_IS_TRIAL (self), NULL);
  if (self->reason)
    return self->reason;
  if (!self->snapshot)
    return "…";
  if (self->words)
    return self->words;
  return self->klass ? few_class_get_name (self->klass) : _ ("none of these");
}
