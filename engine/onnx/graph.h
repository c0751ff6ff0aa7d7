/* SPDX-License-Identifier: MIT */
/* A network as an ONNX graph, written a node at a time and to a file at the end. Values are named
 * by strings, which the graph owns: what a function returns is the name of what it made, for the
 * next one to take. Opset 17, IR version 8. One thread at a time. */
#pragma once
#include <gio/gio.h>

typedef struct FewOnnx FewOnnx;

typedef enum {
  FEW_ONNX_FLOAT,
  FEW_ONNX_HALF,
  FEW_ONNX_DOUBLE,
  FEW_ONNX_INT64,
  FEW_ONNX_UINT8
} FewOnnxType;

/* `weights`: how matrices and kernels of few_onnx_weight are kept, FLOAT or HALF. What computes
 * with them sees FLOAT, which halves are cast to; vectors and the numbers below always are
 * FLOAT. */
FewOnnx *few_onnx_new (const char *name, FewOnnxType weights);
void few_onnx_free (FewOnnx *onnx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewOnnx, few_onnx_free)

/* A size of a shape is a number, or a name of what differs from run to run. */
typedef struct
{
  const char *name; /* NULL: the number */
  gint64 size;
} FewOnnxDim;
const char *few_onnx_input (FewOnnx *onnx, const char *name, FewOnnxType type, guint n_dims,
                            const FewOnnxDim *dims);
/* `value` goes out under its own name. */
void few_onnx_output (FewOnnx *onnx, const char *value, FewOnnxType type, guint n_dims,
                      const FewOnnxDim *dims);
void few_onnx_metadata (FewOnnx *onnx, const char *key, const char *text);

/* A node of the operator `op` over values, NULL-terminated. Returns its output, which is named
 * after the operator and its place. */
const char *few_onnx_op (FewOnnx *onnx, const char *op, ...) G_GNUC_NULL_TERMINATED;
/* Of two operands, as an infix operator would write them; the second may be a scalar of a type. */
const char *few_onnx_infix (FewOnnx *onnx, const char *a, const char *op, const char *b);
const char *few_onnx_infix_number (FewOnnx *onnx, FewOnnxType type, const char *a, const char *op,
                                   double b);
/* The output of the node made last gets another name. */
const char *few_onnx_call (FewOnnx *onnx, const char *name);
/* Attributes of the node made last. */
void few_onnx_set_int (FewOnnx *onnx, const char *name, gint64 value);
void few_onnx_set_float (FewOnnx *onnx, const char *name, double value);
void few_onnx_set_ints (FewOnnx *onnx, const char *name, guint n, const gint64 *values);
const char *few_onnx_cast (FewOnnx *onnx, const char *value, FewOnnxType type);

/* Numbers, copied. */
const char *few_onnx_floats (FewOnnx *onnx, guint n_dims, const gsize *dims, const float *values);
/* The transpose of a [rows, columns] · factor */
const char *few_onnx_turned (FewOnnx *onnx, guint rows, guint columns, const float *values,
                             double factor);
/* [n, columns]: `value` at each row's label, zeroes else */
const char *few_onnx_one_hot (FewOnnx *onnx, guint n, guint columns, const guint32 *labels,
                              float value);
const char *few_onnx_integers (FewOnnx *onnx, guint n, const gint64 *values);
const char *few_onnx_integer (FewOnnx *onnx, gint64 value); /* a scalar */
/* A scalar, FLOAT or DOUBLE */
const char *few_onnx_number (FewOnnx *onnx, FewOnnxType type, double value);

/* A tensor of a model's files, read when the graph is written: `name` is theirs, the shape theirs,
 * too; `turned` writes a matrix as its transpose. There once, however often it is asked for. */
const char *few_onnx_weight (FewOnnx *onnx, const char *name, guint n_dims, const gsize *dims,
                             gboolean turned);

typedef struct
{
  /* floats of the weight `name`, n_dims and dims as they were given, into out */
  gboolean (*read) (gpointer user, const char *name, guint n_dims, const gsize *dims, float *out,
                    GError **error);
  /* NULL: none. Bytes of weights that are written of those that there are. */
  void (*progress) (gpointer user, guint64 done, guint64 total);
  gpointer user;
  /* Weights of more bytes lie in a file of their own, beside the graph, under data_name; 0: as
   * many as the format allows. */
  guint64 most_inside;
  const char *data_name;
} FewOnnxWriting;

/* Weights are in memory one at a time. Atomic: the data first, then the graph. `writing` may be
 * NULL where there are no weights. */
gboolean few_onnx_save (FewOnnx *onnx, const char *path, const FewOnnxWriting *writing,
                        GCancellable *cancellable, GError **error);
