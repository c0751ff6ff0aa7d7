/* SPDX-License-Identifier: MIT */
/* A small task that every method can learn: three clouds around random directions that are also the
 * text features. */
#pragma once
#include <fewshot.h>

enum { CLASSES = 3, EACH = 18, N = CLASSES * EACH };

typedef struct
{
  FewModel *model;
  guint d;
  float *features, *text;
  guint32 labels[N];
  guint8 roles[N];
  FewTask task;
} World;

void world_open (World *w);
void world_close (World *w);
/* A method by its specification. */
FewMethodResult *world_run (World *w, const char *specification, GError **error);
