/* SPDX-License-Identifier: MIT */
/* Reading a project on a thread, under its lock; or a classifier, whose classes become those of a
 * new project, without pictures. */
#pragma once
#include "base/few-stamp.h"
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  char *path;
  FewStamp stamp; /* before it was read */
  int lock; /* −1: a draft that another program has open, or a classifier */
  gboolean is_classifier;
} FewLoading;

/* Whether a file is no project, by its name, and becomes the start of one. */
gboolean few_loading_is_classifier (const char *path);
/* FALSE with a sentence when another program has the file. */
gboolean few_loading_begin (gpointer source, const char *path, GAsyncReadyCallback done,
                            GError **error);
/* The project, or NULL. */
FewProject *few_loading_finish (GAsyncResult *result, GError **error);
/* It lasts as long as the result and lets go of the lock with it. */
FewLoading *few_loading_of (GAsyncResult *result);
/* What to say; a draft that is damaged is set aside, so that it is said once, and where it can be
 * found. Free with g_free. */
char *few_loading_describe_failure (FewLoading *loading, const GError *error);
/* The lock becomes the caller's. */
int few_loading_steal_lock (FewLoading *loading);
G_END_DECLS
