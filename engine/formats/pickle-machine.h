/* SPDX-License-Identifier: MIT */
/* The machine that a pickle is a program for: what its opcodes do, and the limits that no program
 * gets beyond. After the first failure everything reads as zero and nothing more happens. */
#pragma once
#include "formats/pickle.h"

typedef struct
{
  const guint8 *at, *end;
  GPtrArray *values; /* all, owned */
  GPtrArray *stack;  /* FewPickleValue *; NULL is a mark */
  GPtrArray *memo;   /* by index; NULL where unset */
  guint opcodes;     /* done so far */
  guint attributes;  /* copied into modules so far: a file may name one state many times */
  gsize copied;      /* bytes of text so far */
  char *why;         /* the first thing that went wrong */
} FewPickleMachine;

void few_pickle_machine_init (FewPickleMachine *m, const guint8 *data, gsize size);
/* Everything but the values. */
void few_pickle_machine_clear (FewPickleMachine *m);
void few_pickle_fail (FewPickleMachine *m, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ---- reading */
/* FALSE at the end, and beyond the limit. */
gboolean few_pickle_next_opcode (FewPickleMachine *m, guint8 *opcode);
const guint8 *few_pickle_take (FewPickleMachine *m, gsize n);
guint64 few_pickle_take_number (FewPickleMachine *m, guint bytes);
char *few_pickle_take_line (FewPickleMachine *m);

/* ---- values and the stack */
FewPickleValue *few_pickle_push (FewPickleMachine *m, FewPickleKind kind);
/* One that is there already, once more. */
void few_pickle_push_again (FewPickleMachine *m, FewPickleValue *value);
void few_pickle_push_mark (FewPickleMachine *m);
FewPickleValue *few_pickle_pop (FewPickleMachine *m);
FewPickleValue *few_pickle_top (FewPickleMachine *m);
/* A copy of a text; counted. */
char *few_pickle_copy (FewPickleMachine *m, const char *text, gsize length);
gboolean few_pickle_is (const FewPickleValue *value, FewPickleKind kind);
/* NULL when `list` is none, or shorter. */
FewPickleValue *few_pickle_item (const FewPickleValue *list, guint i);

/* ---- containers */
void few_pickle_tuple_from_mark (FewPickleMachine *m);
void few_pickle_tuple_of (FewPickleMachine *m, guint n);
/* What lies above the last mark goes into the container below it, which is to be of that kind. */
void few_pickle_append_from_mark (FewPickleMachine *m, FewPickleKind kind);

/* ---- what is remembered */
void few_pickle_put_memo (FewPickleMachine *m, guint64 index);
void few_pickle_get_memo (FewPickleMachine *m, guint64 index);

/* ---- what PyTorch builds (pickle-torch.c) */
void few_pickle_push_global (FewPickleMachine *m, const char *module, const char *name);
void few_pickle_build_storage (FewPickleMachine *m);
void few_pickle_reduce (FewPickleMachine *m);
void few_pickle_build_object (FewPickleMachine *m);
void few_pickle_set_state (FewPickleMachine *m);
