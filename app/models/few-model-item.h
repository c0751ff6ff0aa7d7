/* SPDX-License-Identifier: MIT */
/* A model that can be fetched, and how far that is. */
#pragma once
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
#define FEW_TYPE_MODEL_ITEM (few_model_item_get_type ())
G_DECLARE_FINAL_TYPE (FewModelItem, few_model_item, FEW, MODEL_ITEM, GObject)

/* What can be done with it now. */
typedef enum {
  FEW_MODEL_ABSENT,
  FEW_MODEL_PARTIAL,
  FEW_MODEL_BUSY,
  FEW_MODEL_PAUSED,
  FEW_MODEL_FAILED,
  FEW_MODEL_READY
} FewModelState;

/* Signal: changed () */
FewModelItem *few_model_item_new (FewCatalogueEntry *entry, const char *models_folder);
FewCatalogueEntry *few_model_item_get_entry (FewModelItem *self);
FewModelState few_model_item_get_state (FewModelItem *self);
/* Whether it was fetched by this program, and may be removed. */
gboolean few_model_item_is_own (FewModelItem *self);
/* READY: the folder to open. */
const char *few_model_item_get_folder (FewModelItem *self);
/* 0…1 while BUSY or PAUSED; −1 when not known */
double few_model_item_get_fraction (FewModelItem *self);
/* What there is to say of its state: "312 of 605 MB, 12.3 MB/s, 24 s left", or the sentence why
 * it failed. Free with g_free. */
char *few_model_item_describe_state (FewModelItem *self);
/* "605 MB · MIT · 63.3 % of ImageNet by names alone (open_clip) · needs 0.7 GB of memory · runs
 * comfortably on this computer". Free with g_free. */
char *few_model_item_describe_facts (FewModelItem *self);
/* What it is good for, and whether it is the one for this computer; "" for nothing. Free with
 * g_free. */
char *few_model_item_describe_use (FewModelItem *self);

/* For FewModels. id: of the pull, 0 for none. */
guint few_model_item_get_pull (FewModelItem *self);
void few_model_item_set_pull (FewModelItem *self, guint id);
void few_model_item_take_status (FewModelItem *self, const FewPullStatus *status);
/* It is the one for this computer. */
void few_model_item_suggest (FewModelItem *self);
/* Looks at the disk again. */
void few_model_item_refresh (FewModelItem *self);
G_END_DECLS
