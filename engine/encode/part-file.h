/* SPDX-License-Identifier: MIT */
/* Features on their way into a file, so that a killed process can go on where it was:
 * OUTPUT.part.
 *
 * "FEWPART2", u32 length and that many bytes that say what is encoded with what; then a record a
 * picture: u32 length of its name, u8 1 with a feature or 0 refused, the file's stamp (4 × u64),
 * the name, dim × f32 when 1, u32 CRC-32 of all before. All little-endian. A torn tail is cut off,
 * and all from the first picture on that is not what it was. */
#pragma once
#include <glib.h>

typedef struct FewPartFile FewPartFile;

/* What tells a file from another one in its place: size, times of its content and of its inode, and
 * the inode. All 0: there is no such file. */
typedef struct
{
  guint64 values[4];
} FewFileStamp;

FewFileStamp few_file_stamp (const char *address);

/* Whether a run that began anew would come to this picture next, and it is what it was. */
typedef gboolean (*FewPartSame) (gpointer user, const char *name, const FewFileStamp *stamp);

/* Makes the file, or takes up the one there as far as `same` says. One that belongs to something
 * else than `description` is left alone: an error. */
FewPartFile *few_part_file_open (const char *path, const char *description, guint dim,
                                 FewPartSame same, gpointer user, GError **error);
/* Closes; the file stays. */
void few_part_file_free (FewPartFile *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewPartFile, few_part_file_free)
guint64 few_part_file_known (const FewPartFile *part); /* records with a feature */
guint64 few_part_file_refused (const FewPartFile *part); /* without */
/* of the names with a feature, each with its closing zero */
guint64 few_part_file_name_bytes (const FewPartFile *part);
/* name of the last record, NULL when there is none */
const char *few_part_file_last (const FewPartFile *part);
/* feature NULL: refused */
gboolean few_part_file_append (FewPartFile *part, const char *name, const FewFileStamp *stamp,
                               const float *feature, GError **error);
/* What was appended reaches the disk. */
gboolean few_part_file_flush (FewPartFile *part, GError **error);
void few_part_file_rewind (FewPartFile *part);
/* The next record that has a feature; name valid until the next call; feature [dim] may be NULL.
 * FALSE at the end. */
gboolean few_part_file_next (FewPartFile *part, const char **name, float *feature);
