/* SPDX-License-Identifier: MIT */
/* A class as an object that rows and tables are bound to. */
#include "session/few-class.h"
#include <glib/gi18n.h>
#include <math.h>

/* Behind all that a project may have. */
static const guint NONE_ID = G_MAXINT32 + 1u;

struct _FewClass
{
  GObject parent;
  guint id;
  char *name, *prompt, *unknown;
  guint count, told_count; /* pictures */
  float zero_shot, adapted;
  FewClassScores scores;
};

enum { PROP_NAME = 1, PROP_COUNT, PROP_SCORES, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (FewClass, few_class, G_TYPE_OBJECT)

static void
few_class_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FewClass *self = FEW_CLASS (object);
  if (id == PROP_NAME)
    g_value_set_string (value, self->name);
  else if (id == PROP_COUNT)
    g_value_set_uint (value, self->told_count);
  else
    g_value_set_pointer (value, &self->scores);
}

static void
few_class_finalize (GObject *object)
{
  FewClass *self = FEW_CLASS (object);
  g_free (self->name);
  g_free (self->prompt);
  g_free (self->unknown);
  G_OBJECT_CLASS (few_class_parent_class)->finalize (object);
}

static void
few_class_class_init (FewClassClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_class_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_class_finalize;
  properties[PROP_NAME] =
      g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_COUNT] = g_param_spec_uint ("count", NULL, NULL, 0, G_MAXUINT, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SCORES] =
      g_param_spec_pointer ("scores", NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
}

static void
few_class_init (FewClass *self)
{
  self->zero_shot = self->adapted = NAN;
  self->scores = (FewClassScores) { NAN, NAN, NAN, NAN, NAN, 0, FALSE };
}

FewClass *
few_class_new (guint id, const char *name)
{
  FewClass *self = g_object_new (FEW_TYPE_CLASS, NULL);
  self->id = id;
  self->name = g_strdup (name);
  return self;
}

FewClass *
few_class_new_none (void)
{
  return few_class_new (NONE_ID, _ ("None of these"));
}

gboolean
few_class_is_none (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), FALSE);
  return self->id == NONE_ID;
}

guint
few_class_get_id (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), 0);
  return self->id;
}

const char *
few_class_get_unknown (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), NULL);
  return self->unknown;
}

void
few_class_set_unknown (FewClass *self, const char *unknown)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  g_free (self->unknown);
  self->unknown = g_strdup (unknown);
}

const char *
few_class_get_name (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), NULL);
  return self->name;
}

void
few_class_set_name (FewClass *self, const char *name)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  if (g_strcmp0 (self->name, name) == 0)
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

const char *
few_class_get_prompt (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), NULL);
  return self->prompt;
}

void
few_class_set_prompt (FewClass *self, const char *prompt)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  char *copy = prompt && *prompt ? g_strdup (prompt) : NULL;
  g_free (self->prompt);
  self->prompt = copy;
}

guint
few_class_get_count (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), 0);
  return self->told_count;
}

void
few_class_count_picture (FewClass *self, int by)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  self->count += (guint) by;
}

void
few_class_tell_count (FewClass *self)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  if (self->told_count == self->count)
    return;
  self->told_count = self->count;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}

void
few_class_set_means (FewClass *self, float zero_shot, float adapted)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  self->zero_shot = zero_shot;
  self->adapted = adapted;
}

float
few_class_get_zero_shot (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), NAN);
  return self->zero_shot;
}

float
few_class_get_adapted (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), NAN);
  return self->adapted;
}

const FewClassScores *
few_class_get_scores (FewClass *self)
{
  g_return_val_if_fail (FEW_IS_CLASS (self), NULL);
  return &self->scores;
}

/* NAN is NAN. */
static gboolean
is_same (float a, float b)
{
  return a == b || (isnan (a) && isnan (b));
}

void
few_class_set_scores (FewClass *self, const FewClassScores *scores)
{
  g_return_if_fail (FEW_IS_CLASS (self));
  const FewClassScores *old = &self->scores;
  if (is_same (old->precision, scores->precision) && is_same (old->recall, scores->recall)
      && is_same (old->ap, scores->ap) && is_same (old->f1, scores->f1)
      && is_same (old->threshold, scores->threshold) && old->pictures == scores->pictures
      && old->learned == scores->learned)
    return; /* many a second, of many classes */
  self->scores = *scores;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCORES]);
}
