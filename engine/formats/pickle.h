/* SPDX-License-Identifier: MIT */
/* A closed subset of Python's pickle: what torch.save and torch.jit.save write for a state dict.
 * Nothing is ever called; an opcode or a global outside the subset is refused by name.
 *
 * The result is a tree (a graph, if the file says so: walk it with a limit) of the values below. */
#pragma once
#include "formats/tensor.h"

typedef enum {
  FEW_PICKLE_NONE,
  FEW_PICKLE_INT,     /* also booleans */
  FEW_PICKLE_FLOAT,
  FEW_PICKLE_STRING,
  FEW_PICKLE_GLOBAL,  /* text = "module name" */
  FEW_PICKLE_LIST,    /* also tuples: items */
  FEW_PICKLE_DICT,    /* items: key, value, key, value … */
  FEW_PICKLE_OBJECT,  /* a TorchScript module: items like a dict's */
  FEW_PICKLE_STORAGE, /* text = its key in the archive */
  FEW_PICKLE_TENSOR,  /* items: storage, offset, sizes, strides */
} FewPickleKind;

typedef struct FewPickleValue FewPickleValue;
struct FewPickleValue
{
  FewPickleKind kind;
  gint64 number; /* INT; STORAGE: elements */
  char *text;
  gsize length; /* STRING: of the text */
  FewDType dtype; /* STORAGE */
  const char *dtype_name;
  guint element_bytes;
  GPtrArray *items; /* FewPickleValue *, borrowed from the pickle */
};

typedef struct FewPickle FewPickle;

FewPickle *few_pickle_parse (const guint8 *data, gsize size, const char *shown, GError **error);
void few_pickle_free (FewPickle *pickle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewPickle, few_pickle_free)
const FewPickleValue *few_pickle_root (const FewPickle *pickle);
