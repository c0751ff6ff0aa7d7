/* SPDX-License-Identifier: MIT */
/* What was answered where pictures have any number of labels. */
#pragma once
#include "session/few-trial.h"

G_BEGIN_DECLS
/* Whether it is so, of FewTrial. */
gboolean few_try_labels_are_told (GListModel *trials);
/* "cat;dog", as files of labels are read; "" of one class. Free with g_free. */
char *few_try_labels_join (FewTrial *trial);
/* "0.930000;0.710000", of each of them; free with g_free. */
char *few_try_labels_join_chances (FewTrial *trial);
/* FewTrial, parts of files too, as pictures of a class; NULL: with the labels that were given. */
FewDataset *few_try_labels_dataset (GPtrArray *trials, FewClass *klass);
G_END_DECLS
