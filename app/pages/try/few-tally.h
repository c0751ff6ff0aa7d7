/* SPDX-License-Identifier: MIT */
/* How many of the tried pictures are recognised as what, as the entries of a list to choose from:
 * all, each class that there are any of, none of these, unreadable. The UI thread only. */
#pragma once
#include "session/few-trials.h"

G_BEGIN_DECLS
#define FEW_TYPE_TALLY (few_tally_get_type ())
G_DECLARE_FINAL_TYPE (FewTally, few_tally, FEW, TALLY, GObject)

FewTally *few_tally_new (FewTrials *trials);
/* Of GtkStringObject: "bolt · 24". Entries are made anew where a count changed. */
GListModel *few_tally_get_entries (FewTally *self);
/* Counts again. `position` is the entry that was chosen; returns where it is now, 0 (all) when it
 * is gone. */
guint few_tally_count (FewTally *self, guint position);
/* "32 pictures · 3 none of these (9 %) · 1 unreadable"; free with g_free. */
char *few_tally_words (FewTally *self);
/* Whether a picture belongs to an entry. */
gboolean few_tally_holds (FewTally *self, guint position, FewTrial *trial);

/* ---- how sure an answer is */
/* Names of ranges of the probability, as GtkStringList; free with g_object_unref. */
GListModel *few_sure_names (void);
/* One without an answer has no probability: it is in the first range alone, which is all. */
gboolean few_sure_holds (guint range, FewTrial *trial);
G_END_DECLS
