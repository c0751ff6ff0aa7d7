/* SPDX-License-Identifier: MIT */
/* What the commands of fewshot-cli share. */
#pragma once
#include "cli/log.h"
#include <fewshot.h>
#include <json-glib/json-glib.h>

enum { CLI_OK, CLI_FAILURE, CLI_USAGE };

typedef struct Cli Cli;

typedef struct
{
  const char *name;
  const char *help; /* its arguments — what it does */
  int (*run) (Cli *cli, int argc, char **argv);
} CliCommand;

/* Is told the options of every command, and those of one, each ended by an empty entry. */
typedef void (*CliDescribe) (const GOptionEntry *common, const GOptionEntry *entries,
                             gpointer data);

struct Cli
{
  gboolean json;             /* one JSON object on standard output and nothing else there */
  char *device;
  char *log;                 /* error, warning, info, debug */
  char *precision;           /* f32, tf32, f16, bf16, int8 */
  int threads;               /* 0: every processor */
  gboolean exact, no_cache;
  char *cache; /* its folder; NULL: the default one */
  char *unpacked;            /* where this command's archives are; NULL: there are none */
  int max_megapixels;        /* a picture that states more is refused */
  GCancellable *cancellable; /* Ctrl-C */
  const CliCommand *commands;
  guint n_commands;
  CliDescribe describe; /* not NULL: a command is asked for its options and does nothing else */
  gpointer describe_data;
};

/* Parses a command's options into `entries`' variables and cli->json/device; *arguments gets the
 * rest (free with g_strfreev). FALSE: usage was printed; return CLI_USAGE, or CLI_OK when *help. */
gboolean cli_parse (Cli *cli, int argc, char **argv, const char *usage, const GOptionEntry *entries,
                    guint least_arguments, char ***arguments, int *status);
/* A finite number of at least `least` and at most `most`; FALSE: the sentence about option `name`
 * is on standard error. NULL text leaves *value alone. */
gboolean cli_parse_number (const char *command, const char *name, const char *text, double least,
                           double most, double *value);
/* The same for a whole number that an option's parser has read: not negative. */
enum { CLI_NOT_GIVEN = G_MININT };
gboolean cli_check_count (const char *command, const char *name, int value);
/* "2/8", the second of eight: shard 1 of 8; "slurm": what the job array says that this task is.
 * NULL, or the sentence why it cannot be taken. */
const char *cli_take_shard (const char *text, guint *shard, guint *shards);
/* Before anything is printed, which does not follow the user's locale: g_print and g_printerr show
 * what names hold and a terminal would obey, line by line. Names are to go through few_text_shown
 * besides, for a name's own line ends. */
void cli_print_init (void);
/* Once, last: an answer that could not be written whole makes the status a failure. */
int cli_print_finish (int status);
/* Over the line that the terminal is at; "" clears it. */
void cli_put_progress (const char *line);
/* On standard output, with a line's end; what a terminal would obey is escaped as JSON escapes. */
void cli_put_json (const char *json);
/* rows × columns values, not set; free with g_free. NULL with a sentence where there is no room. */
float *cli_try_floats (gsize rows, gsize columns, GError **error);
/* n values of so many bytes, zeroed, for what has a value a picture; in the same way. At least one
 * more: strings end with NULL. */
gpointer cli_try_values (gsize n, gsize size, GError **error);
/* Prints the sentence to standard error and returns CLI_FAILURE. */
int cli_fail (const GError *error);
/* A progress line on a terminal; nothing otherwise. total = 0 clears it. */
void cli_progress (const char *what, guint done, guint total, const char *detail);
/* --cache, or the default folder; NULL after --no-cache. Free with g_free. */
char *cli_cache_folder (Cli *cli);
/* What a command with a MODEL as its first argument begins with. */
typedef struct
{
  char **arguments;
  FewModel *model;
} CliModel;
/* cli_parse, then the model. FALSE: return *status; clear in any case. */
gboolean cli_begin (Cli *cli, int argc, char **argv, const char *usage, const GOptionEntry *entries,
                    guint least_arguments, CliModel *model, int *status);
void cli_model_clear (CliModel *model);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliModel, cli_model_clear)
FewModel *cli_open_model (Cli *cli, const char *name, GError **error);
/* For who encodes many pictures first: what is wrong with the text tower is said before. */
FewModel *cli_open_model_with_texts (Cli *cli, const char *name, GError **error);
/* Says on standard error why a GPU is not used (any more), if there is something to say. */
void cli_say_notice (FewModel *model);

/* JSON output */
JsonBuilder *cli_json_begin (void);
void cli_json_array (JsonBuilder *builder, const char *name); /* begun; to be ended */
void cli_json_string (JsonBuilder *builder, const char *name, const char *value);
void cli_json_int (JsonBuilder *builder, const char *name, gint64 value);
void cli_json_number (JsonBuilder *builder, const char *name, double value); /* NaN → null */
/* An element: the path, or of a part an object with it and its box. */
void cli_json_address (JsonBuilder *builder, const char *address);
/* Members: the path, and of a part its box. */
void cli_json_place (JsonBuilder *builder, const char *address);
void cli_json_end (JsonBuilder *builder); /* prints, frees */

/* Encodes `paths`; features [n, D], known [n], hashes [n, 32] (may be NULL). Refusals go to
 * standard error, one line each, and are counted; *cached (may be NULL) counts the pictures that
 * the feature cache answered. */
gboolean cli_encode (Cli *cli, FewModel *model, const char *const *paths, guint n, float *features,
                     guint8 *known, guint8 *hashes, guint *refused, guint *cached, GError **error);

int cli_info (Cli *cli, int argc, char **argv);
int cli_embed (Cli *cli, int argc, char **argv);
int cli_merge (Cli *cli, int argc, char **argv);
int cli_add (Cli *cli, int argc, char **argv);
int cli_train (Cli *cli, int argc, char **argv);
int cli_cache (Cli *cli, int argc, char **argv);
int cli_bench (Cli *cli, int argc, char **argv);
int cli_eval (Cli *cli, int argc, char **argv);
int cli_predict (Cli *cli, int argc, char **argv);
int cli_tag (Cli *cli, int argc, char **argv);
int cli_unpack (Cli *cli, int argc, char **argv);
int cli_labels (Cli *cli, int argc, char **argv);
int cli_check (Cli *cli, int argc, char **argv);
int cli_label_next (Cli *cli, int argc, char **argv);
int cli_models (Cli *cli, int argc, char **argv);
int cli_pull (Cli *cli, int argc, char **argv);
int cli_remove (Cli *cli, int argc, char **argv);
int cli_frames (Cli *cli, int argc, char **argv);
int cli_preprocess (Cli *cli, int argc, char **argv);
int cli_tokenize (Cli *cli, int argc, char **argv);
int cli_card (Cli *cli, int argc, char **argv);
int cli_snippet (Cli *cli, int argc, char **argv);
int cli_export (Cli *cli, int argc, char **argv);
int cli_verify (Cli *cli, int argc, char **argv);
int cli_onnx (Cli *cli, int argc, char **argv);
int cli_devices (Cli *cli, int argc, char **argv);
int cli_selftest (Cli *cli, int argc, char **argv);
int cli_benchmark (Cli *cli, int argc, char **argv);
int cli_demo (Cli *cli, int argc, char **argv);
int cli_manual (Cli *cli, int argc, char **argv);

/* train without the command line, for demo */
typedef struct
{
  /* as few_method_parse reads it; NULL: the visual adapter by `options` */
  const char *method;
  FewTrainOptions options; /* another method takes alpha and seed of them */
  gboolean alpha_given; /* use exactly options.alpha */
  guint shots;
  const char *template_text;
  const char *output;
  const char *report; /* a page of HTML, of pictures with any number of labels; NULL: none */
  gboolean any; /* pictures have any number of labels */
  gboolean keep_twins;
  FewTogether groups;
  gboolean no_test; /* every picture is learned from */
  const char *negatives; /* a folder of pictures that are none of the classes; NULL: none */
  FewShares shares;
  const FewBoxJob *boxes; /* in the place of pictures; NULL: none */
} CliTrainJob;
int cli_train_folder (Cli *cli, FewModel *model, const char *folder, const CliTrainJob *job);
