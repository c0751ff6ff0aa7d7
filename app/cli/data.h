/* SPDX-License-Identifier: MIT */
/* A DATA folder with its features. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  guint n, n_classes, refused, cached;
  gboolean keep_twins; /* set before: near-duplicates stay where the split has them */
  FewShares shares;    /* set before: of what the folder does not say itself, where shots are 0 */
  const FewBoxJob *boxes; /* set before: boxes in the place of pictures; NULL: none */
  FewTogether by;      /* set before: what of the files keeps pictures together, too */
  guint twins; /* were on the other side of the split than a near-duplicate, and are not now */
  guint duplicates; /* left out: the same content as a picture before them */
  float *features; /* [n, D] */
  gboolean any;      /* set before: pictures have any number of labels */
  FewLabelSets *sets; /* [n] then; the labels are zeroes */
  guint32 *labels;
  guint8 *roles;
  char **classes; /* [n_classes], NULL-terminated */
  char **paths;   /* [n], NULL-terminated */
  guint32 *together; /* [n] as FewTask's; NULL: not asked for */
  gboolean has_roles; /* the folder says itself what is for testing */
  char *deeper;       /* where the classes seem to lie, if not there; NULL */
} CliData;

/* Encodes a data set; refused pictures are left out, and of pictures of the same content all but
 * the first, as in the window. Says so, and what else there is to say of the set, on standard
 * error. Roles stay as they are. */
gboolean cli_data_encode (Cli *cli, FewModel *model, const FewDataset *set, CliData *data,
                          GError **error);
/* What is chosen afterwards owes nothing to test pictures. */
gboolean cli_data_leave_tests_out (CliData *data, FewModel *model, GError **error);
/* Scans, encodes and splits. learn: it must be a set that something can be learned from. shots and
 * seed as few_split; a folder with train/ and test/ keeps its own test pictures. */
gboolean cli_data_load (Cli *cli, FewModel *model, const char *folder, guint shots, guint64 seed,
                        gboolean learn, CliData *data, GError **error);
/* Every picture is learned from; an error where the folder has test pictures of its own. */
gboolean cli_data_take_all (CliData *data, const char *folder, GError **error);
/* "bursts", "folders" (and bursts) or "none"; FALSE: it is another word. */
gboolean cli_data_parse_groups (const char *word, FewTogether *by);
/* Looks into the files for data->by. */
gboolean cli_data_look_at_files (const Cli *cli, CliData *data, GError **error);
/* Whether some of it are parts of pictures. */
gboolean cli_data_has_parts (const CliData *data);
/* groups [n] of near-duplicates, which parts of one file never are. Each by itself, and a
 * sentence, where there are too many pictures to compare each with each. NULL with an error. */
guint32 *cli_data_find_alike (const Cli *cli, FewModel *model, const CliData *data, GError **error);
/* groups [n] of near-duplicates and of what the files say, for which see there. Of the latter alone
 * where there are too many pictures to compare each with each. NULL with an error. */
guint32 *cli_data_find_twins (const Cli *cli, FewModel *model, const CliData *data, GError **error);
/* "one" or "any"; NULL: one. FALSE: it is another word. */
gboolean cli_data_parse_labels (const char *word, gboolean *any);
/* few_labels_open_boxes, or few_labels_open_any; of one label each it says how those with several
 * are taken. */
FewDataset *cli_data_open (const Cli *cli, const char *data, gboolean any, const FewBoxJob *boxes,
                           GError **error);
gboolean cli_data_has (const CliData *data, FewRole role);
/* Says which classes have prompts of the same tokens: no method can tell them apart by their
 * names. `prompts` [n_classes] replace the templates, as in few_model_encode_classes; may be
 * NULL. */
void cli_data_compare_prompts (FewModel *model, const CliData *data, const char *const *prompts,
                               const char *const *templates);
void cli_data_clear (CliData *data);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliData, cli_data_clear)
