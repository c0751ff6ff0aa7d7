/* SPDX-License-Identifier: MIT */
/* Members of the JSON objects that a project is written as. Readers set *bad to the name of the
 * first member that cannot be used. */
#pragma once
#include <fewshot/project.h>
#include "base/json-lists.h"

enum {
  FEW_PROJECT_MAX_CLASSES = 100000,
  FEW_PROJECT_MAX_PICTURES = 4000000,
  FEW_PROJECT_MAX_RUNS = 10000,
  FEW_PROJECT_MAX_WIDTH = 65536,
  FEW_PROJECT_MAX_METHOD = 200, /* bytes of a specification */
};

/* Members that are not among the known ones, nor among those of known "settings", as JSON to be
 * kept; NULL: there are none. Free with g_free. */
char *few_member_unknown (JsonObject *object, const char *const *known);
void few_member_add_unknown (JsonObject *object, const char *unknown);
/* Nothing for NULL and "". */
void few_member_set_string (JsonObject *object, const char *member, const char *text);
guint few_member_int (JsonObject *object, const char *member, gint64 low, gint64 high,
                      guint fallback, const char **bad);
/* 0 to high */
double few_member_ratio (JsonObject *object, const char *member, double high, double fallback,
                         const char **bad);
/* The elements of an array member that are objects; *bad when one is not, or there are too many. */
GPtrArray *few_member_objects (JsonObject *object, const char *member, guint most,
                               const char **bad);
/* JSON has no NaN: what is not known is left out, and NAN where it is not there. 0 to 1 */
void few_member_set_fraction (JsonObject *object, const char *member, double value);
double few_member_fraction (JsonObject *object, const char *member, const char **bad);
/* list-members.c: numbers and strings, many of them. What is read is freed with g_free, strings
 * with g_strfreev, also where *bad is set. */
JsonArray *few_member_ints (const guint32 *values, guint n);
/* n numbers below `limit` */
guint32 *few_member_read_ints (JsonObject *object, const char *member, guint n, guint limit,
                               const char **bad);
/* No more than there may be classes, NULL-terminated. */
char **few_member_strings (JsonObject *object, const char *member, guint *n, const char **bad);
/* words [n] of 32 bits as base64, little-endian: where there are so many that a list of JSON takes
 * long. NULL and 0: they are not there, or there is no memory. */
void few_member_set_words (JsonObject *object, const char *member, gconstpointer words, gsize n);
guint32 *few_member_words (JsonObject *object, const char *member, gsize *n, const char **bad);

JsonObject *few_member_of_job (const FewTrainJob *job);
void few_member_job (JsonObject *object, FewTrainJob *job, const char **bad);

/* picture-members.c: the pictures of the classes, or those of none of them, as the text between a
 * list's brackets; free with g_string_free. Paths are relative where they lie below the folder. */
GString *few_member_write_pictures (const FewProject *project, gboolean none, const char *folder);
/* The lists into the project, whose classes are there. FALSE with an error where the text of one is
 * damaged; *bad where what it says cannot be used. A version that does not know those of none keeps
 * them, and may have given one's number to a picture: it takes one that is free. */
gboolean few_member_read_pictures (FewJsonList *pictures, FewJsonList *none, FewProject *project,
                                   const char *name, const char *folder, const char **bad,
                                   GError **error);

/* label-members.c: a picture's "classes", NULL of none, and where they cannot be used; and of a
 * run's pictures "label_sets", with what is measured of them */
void few_member_set_labels (JsonObject *object, const FewProjectLabels *labels);
FewProjectLabels *few_member_labels (JsonObject *object, guint n_classes, const char **bad);
void few_member_set_label_sets (JsonObject *object, const FewProjectRun *run);
void few_member_label_sets (JsonObject *object, FewProjectRun *run, const char **bad);

/* comparison-file.c. NULL where it cannot be used. */
JsonObject *few_project_comparison_to_object (const FewProjectComparison *comparison);
FewProjectComparison *few_project_comparison_read (JsonObject *object);

/* run-file.c */
gsize few_project_run_weight_bytes (const FewProjectRun *run);
JsonObject *few_project_run_to_object (const FewProjectRun *run, gboolean with_weights);
/* Into a run of zeroes with one reference, which can be let go of in any case; *repaired when
 * something of it could not be used. */
void few_project_run_read (JsonObject *object, FewProjectRun *run, gboolean *repaired,
                           const char **bad);
