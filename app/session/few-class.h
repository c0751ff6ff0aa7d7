/* SPDX-License-Identifier: MIT */
/* A class of the project: its name, its own prompt (or NULL for the template), and what the lens
 * says of it. */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS
#define FEW_TYPE_CLASS (few_class_get_type ())
G_DECLARE_FINAL_TYPE (FewClass, few_class, FEW, CLASS, GObject)

/* id: unique in the session, never 0. */
FewClass *few_class_new (guint id, const char *name);
guint few_class_get_id (FewClass *self);
/* What pictures of no class have in its place, in no list of classes; the last by number. */
FewClass *few_class_new_none (void);
gboolean few_class_is_none (FewClass *self);
const char *few_class_get_name (FewClass *self);
void few_class_set_name (FewClass *self, const char *name);
/* NULL when the class uses the project's template. */
const char *few_class_get_prompt (FewClass *self);
void few_class_set_prompt (FewClass *self, const char *prompt);
/* What a newer version wrote of it, as JSON; NULL: nothing. */
const char *few_class_get_unknown (FewClass *self);
void few_class_set_unknown (FewClass *self, const char *unknown);
/* How many pictures it has, as it was last told. */
guint few_class_get_count (FewClass *self);
/* One more (1) or one less (−1), and then, when an edit is whole, that whoever shows it be told. */
void few_class_count_picture (FewClass *self, int by);
void few_class_tell_count (FewClass *self);
/* Mean cosine of the class's pictures with its own text, before and after; NaN when unknown. */
void few_class_set_means (FewClass *self, float zero_shot, float adapted);
float few_class_get_zero_shot (FewClass *self);
float few_class_get_adapted (FewClass *self);

/* Fractions of the measured pictures; NAN where there is nothing to divide by. */
typedef struct
{
  float precision, recall;
  float ap, f1; /* average precision, F1: of labels that are told each by itself, */
  float threshold; /* as is the probability from which on it is given */
  guint pictures;
  gboolean learned; /* FALSE: CLIP's own */
} FewClassScores;
const FewClassScores *few_class_get_scores (FewClass *self);
void few_class_set_scores (FewClass *self, const FewClassScores *scores);
G_END_DECLS
