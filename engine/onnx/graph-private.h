/* SPDX-License-Identifier: MIT */
/* A graph as messages of ONNX's schema, for the files of this room. */
#pragma once
#include "onnx/graph.h"
#include "base/memory.h"
#include "onnx.pb-c.h"

/* A weight that is read when the graph is written. */
typedef struct
{
  Onnx__TensorProto *tensor;
  FewOnnxType type;  /* FLOAT or HALF */
  const char *value; /* as FLOAT */
  guint n_dims;
  gsize dims[4];
  gsize n; /* elements */
  gboolean turned;
} FewOnnxWeight;

struct FewOnnx
{
  char *name;
  FewOnnxType weight_type;
  GPtrArray *nodes;    /* Onnx__NodeProto */
  GPtrArray *tensors;  /* Onnx__TensorProto */
  GPtrArray *inputs;   /* Onnx__ValueInfoProto */
  GPtrArray *outputs;  /* Onnx__ValueInfoProto */
  GPtrArray *metadata; /* Onnx__StringStringEntryProto */
  GArray *weights;     /* FewOnnxWeight; their tensors are among the others */
  guint64 bytes;       /* of the copied numbers */
  GError *failure;     /* numbers that there was no memory for: the graph cannot be saved */
};

/* Where what returns no error leaves it. */
GError **few_onnx_first_error (FewOnnx *onnx);
gint32 few_onnx_data_type (FewOnnxType type);
/* Bytes of it, as it is kept. */
gsize few_onnx_weight_size (const FewOnnxWeight *weight);
