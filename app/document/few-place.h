/* SPDX-License-Identifier: MIT */
/* A file that a project is kept in, the person's or a draft, held by its lock. */
#pragma once
#include "base/few-stamp.h"

G_BEGIN_DECLS
typedef struct
{
  char *path;
  gboolean draft;
  int lock;       /* −1: none */
  FewStamp stamp; /* as it was read or written last */
} FewPlace;

/* A draft that is not there yet. */
FewPlace *few_place_new_draft (void);
/* The person's; NULL with a sentence when another window or program has it. */
FewPlace *few_place_new_file (const char *path, GError **error);
/* Either, held by a lock that the place takes over. */
FewPlace *few_place_new_locked (const char *path, int lock, const FewStamp *stamp);
/* Lets go of it, if there is one. */
void few_place_leave (FewPlace **place);
/* The same, and the file goes when it is a draft. */
void few_place_leave_and_remove (FewPlace **place);
/* The same, as if the program had died: a draft comes back at the next start. */
void few_place_abandon (FewPlace **place);
/* "Leaves" of "…/Leaves.fewshot" */
char *few_place_title_of (const char *path);
G_END_DECLS
