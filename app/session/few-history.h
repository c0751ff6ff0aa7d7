/* SPDX-License-Identifier: MIT */
/* States of a project, one behind the other, and where in them the session is: what undo and
 * redo walk along. The UI thread only. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct FewHistory FewHistory;
/* A project but for its pictures, and these as pieces (few-pieces.h), which states share. */
typedef struct
{
  FewProject *project;
  GArray *pieces;
} FewState;

/* Takes over both. */
FewState *few_state_new (FewProject *project, GArray *pieces);
void few_state_free (FewState *state);

FewHistory *few_history_new (void);
void few_history_free (FewHistory *history);
/* Forgets everything; takes over the state to begin with. */
void few_history_reset (FewHistory *history, FewState *state);
/* Takes over the state that something led to. What was undone before is forgotten. kind (0:
 * none): follows another of its kind within a second and a half, both are one. */
void few_history_push (FewHistory *history, FewState *state, const char *title, guint kind);
/* The step that led to where the session is: a number above 0 that no other step ever has. */
guint64 few_history_get_step (FewHistory *history);
const char *few_history_get_undo (FewHistory *history);
const char *few_history_get_redo (FewHistory *history);
/* Where the session is, borrowed. */
const FewState *few_history_get_state (FewHistory *history);
/* The state to go to, borrowed; NULL at either end. */
FewState *few_history_undo (FewHistory *history);
FewState *few_history_redo (FewHistory *history);
G_END_DECLS
