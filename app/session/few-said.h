/* SPDX-License-Identifier: MIT */
/* What is said of a picture with any number of labels, and what of it is wrong. Rows are of the
 * snapshot in view, labels as it numbers them. The UI thread only. */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
/* FALSE where what is said is not known: before it was learned, and of one label each. Whether the
 * picture has the label and it is not said, or the other way; label −1: any. */
gboolean few_said_misses (FewView *view, guint row, int label);
gboolean few_said_adds (FewView *view, guint row, int label);
/* Whether the picture has the label, or it is said of it. */
gboolean few_said_concerns (FewView *view, guint row, guint label);
/* "cat, dog", or that there is none; NULL where it is not known. Free with g_free. */
char *few_said_names (FewView *view, guint row);
/* Whether it is just what the picture is labelled with now. */
gboolean few_said_fits (FewView *view, guint row, FewPicture *picture);
/* The first label of a row, whether pictures have one or any number; −1: it has none. */
int few_said_first_label (const FewSnapshot *snapshot, guint row);
G_END_DECLS
