/* SPDX-License-Identifier: MIT */
/* The safetensors format: 8 bytes little-endian header length, JSON header, tensor bytes.
 * The reader maps the file and refuses what the reference implementation refuses: overlaps,
 * holes, out-of-range offsets, sizes that do not follow from shape and type, headers over 100
 * MB. */
#pragma once
#include "formats/tensor.h"

typedef struct FewSafetensors FewSafetensors;

FewSafetensors *few_safetensors_open (const char *path, GError **error);
void few_safetensors_free (FewSafetensors *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSafetensors, few_safetensors_free)
/* What it is read from; the file's own. */
FewFile *few_safetensors_file (const FewSafetensors *file);
const char *few_safetensors_path (const FewSafetensors *file);
const FewTensor *few_safetensors_find (const FewSafetensors *file, const char *name);
/* Tensors in the order of their bytes. */
guint few_safetensors_count (const FewSafetensors *file);
const FewTensor *few_safetensors_nth (const FewSafetensors *file, guint i);
const char *few_safetensors_metadata (const FewSafetensors *file, const char *key);
typedef struct FewSafetensorsWriter FewSafetensorsWriter;

FewSafetensorsWriter *few_safetensors_writer_new (void);
void few_safetensors_writer_free (FewSafetensorsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSafetensorsWriter, few_safetensors_writer_free)
void few_safetensors_writer_metadata (FewSafetensorsWriter *writer, const char *key,
                                      const char *value);
/* The data must stay valid until write. */
void few_safetensors_writer_add (FewSafetensorsWriter *writer, const char *name, FewDType dtype,
                                 const gsize *dims, guint n_dims, gconstpointer data);
/* Gives the next `size` bytes of a tensor; FALSE when it cannot. */
typedef gboolean (*FewStreamFunc) (gpointer user, gpointer out, gsize size);
typedef void (*FewStreamStart) (gpointer user);
/* A tensor that is too large for memory: `start` is called once before its first bytes, `func`
 * with multiples of `unit` bytes. */
void few_safetensors_writer_add_stream (FewSafetensorsWriter *writer, const char *name,
                                        FewDType dtype, const gsize *dims, guint n_dims, gsize unit,
                                        FewStreamStart start, gpointer start_user,
                                        FewStreamFunc func, gpointer user);
/* Writes atomically. */
gboolean few_safetensors_writer_save (FewSafetensorsWriter *writer, const char *path,
                                      GError **error);
