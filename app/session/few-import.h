/* SPDX-License-Identifier: MIT */
/* Drops: files and folders are scanned by the worker, and what it found is added in slices that
 * leave the frames alone; where pictures have any number of labels, those that are there already
 * get the labels that they have not. One that leaves something to decide waits for
 * a person. The UI thread only.
 *
 * Properties
 *   scanning   files and folders are being looked through
 *
 * Signals
 *   asks (number)                  a drop waits for few_import_land or few_import_discard
 *   imported (classes, pictures, labelled)   a drop was taken in: so many pictures are new, so many
 *                                            others got labels
 *   added ()                       all that was to be added is: no longer few_import_is_adding */
#pragma once
#include "session/few-examples.h"
#include "session/few-plan.h"

G_BEGIN_DECLS
#define FEW_TYPE_IMPORT (few_import_get_type ())
G_DECLARE_FINAL_TYPE (FewImport, few_import, FEW, IMPORT, GObject)

FewImport *few_import_new (FewDesk *desk, FewExamples *examples);
/* At once. into: NULL for a class of each folder's own name. */
void few_import_begin (FewImport *self, const char *const *paths, FewClass *into);
/* At once, unless something is wrong with it or is `open`: it is not said which class is meant. */
void few_import_propose (FewImport *self, const char *const *paths, FewClass *into, gboolean open);
/* What is known already (FewFound *): always shown first. any (may be NULL): the same where
 * pictures may have any number of labels. */
void few_import_propose_found (FewImport *self, GPtrArray *found, GPtrArray *any);
/* The same, at once. */
void few_import_add_found (FewImport *self, GPtrArray *found);
/* Whether pictures are read for any number of labels each. */
gboolean few_import_is_several (FewImport *self);
/* Ends the scans that are under way; nothing of them is added. */
void few_import_cancel (FewImport *self);
gboolean few_import_is_scanning (FewImport *self);
/* TRUE while what was found is being added: the examples are not whole yet. */
gboolean few_import_is_adding (FewImport *self);

/* ---- a drop that waits, by its number */
/* What a person has decided. All NULL or FALSE: as it was proposed. */
typedef struct
{
  FewClass *into;
  const char *name; /* of the class, where it makes one alone and `into` is NULL */
  gboolean training_only; /* of a split */
  gboolean none; /* of no class: tested on only where pictures have any number of labels */
  gboolean test; /* FALSE: as the folders of a split say */
  gboolean boxes; /* of a file of labels with boxes: each is an example, not the pictures */
  gboolean several; /* pictures have any number of labels from now on */
} FewDecision;

/* NULL when it no longer waits; valid until it is answered. */
const FewPlan *few_import_get_plan (FewImport *self, guint number);
/* What it would do in a project of any number of labels a picture; NULL where this is one, or no
 * picture in it has several. */
const FewPlan *few_import_get_any_plan (FewImport *self, guint number);
/* What it would do where its boxes are the examples; NULL: it has none that are new. */
const FewPlan *few_import_get_boxes_plan (FewImport *self, guint number);
/* The class that it was dropped on, or NULL. */
FewClass *few_import_get_target (FewImport *self, guint number);
void few_import_land (FewImport *self, guint number, const FewDecision *decision);
void few_import_discard (FewImport *self, guint number);
G_END_DECLS
