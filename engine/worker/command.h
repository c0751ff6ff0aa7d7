/* SPDX-License-Identifier: MIT */
/* What the owner tells the worker: one struct a kind, which owns what it points to. */
#pragma once
#include <fewshot/worker.h>

typedef enum {
  FEW_COMMAND_OPEN,
  FEW_COMMAND_SCAN,
  FEW_COMMAND_ENCODE,
  FEW_COMMAND_FORGET,
  FEW_COMMAND_LOCATE,
  FEW_COMMAND_CLASSES,
  FEW_COMMAND_TRAIN,
  FEW_COMMAND_COMPARE,
  FEW_COMMAND_CHECK,
  FEW_COMMAND_LABEL,
  FEW_COMMAND_RESTORE,
  FEW_COMMAND_TRY,
  FEW_COMMAND_MAP,
  FEW_COMMAND_NEAREST,
  FEW_COMMAND_HEAT,
  FEW_COMMAND_MATCH,
  FEW_COMMAND_EXPORT,
  FEW_COMMAND_TAKE_AWAY,
  FEW_COMMAND_QUIT
} FewCommandKind;

typedef struct
{
  char *folder, *device;
} FewOpenCommand;

typedef struct
{
  char **paths;
  char *class_name; /* NULL: folders name their classes */
  gboolean any;
} FewScanCommand;

typedef struct
{
  guint n;
  guint32 *ids;
  char **paths, **hashes; /* hashes NULL: none; an entry may be empty */
} FewEncodeCommand;

typedef struct
{
  guint n;
  guint32 *ids;
} FewForgetCommand;

typedef struct
{
  char **folders;
  guint n;
  char **hashes; /* [n] */
} FewLocateCommand;

typedef struct
{
  FewPrompts prompts;
  FewLabelled pictures;
  guint serial;
} FewClassesCommand;

typedef struct
{
  FewPrompts prompts;
  FewLabelled pictures;
  FewTrainJob job;
} FewTrainCommand;

typedef struct
{
  FewPrompts prompts;
  FewLabelled pictures;
  FewCompareJob job;
} FewCompareCommand;

typedef struct
{
  FewPrompts prompts;
  FewLabelled pictures;
} FewCheckCommand;

typedef struct
{
  FewPrompts prompts;
  FewLabelled pictures;
  guint n, most;
  char **paths; /* [n] of pictures without a label */
} FewLabelCommand;

typedef struct
{
  FewProjectRun *run;
} FewRestoreCommand;

typedef struct
{
  FewClassifier *classifier; /* NULL: CLIP itself */
  FewPrompts prompts;
  guint n;
  char **paths; /* [n] */
  GBytes *rgb;  /* [height, width, 3] of one picture that is no file; NULL: files */
  guint width, height;
} FewTryCommand;

typedef struct
{
  FewSnapshot *snapshot;
  FewMapKind kind;
} FewMapCommand;

typedef struct
{
  FewSnapshot *snapshot;
  guint32 id;
  guint count;
} FewNearestCommand;

typedef struct
{
  FewClassifier *classifier; /* NULL: CLIP itself */
  FewPrompts prompts;
  char *path;
  guint class_index;
  double alpha;
} FewHeatCommand;

typedef struct
{
  char *one, *other;
  guint most;
} FewMatchCommand;

typedef struct
{
  FewSnapshot *snapshot;
  double alpha;
  char *path;
} FewExportCommand;

typedef struct
{
  FewSnapshot *snapshot;
  FewPortableOptions onnx;
  char *path, *licence; /* licence NULL: not known */
  char **paths;         /* pictures to verify with */
} FewTakeAwayCommand;

typedef struct
{
  FewCommandKind kind;
  guint ticket; /* the owner's, for the answer */
  /* What ends it, also while it waits; NULL: only that the worker ends. */
  GCancellable *cancellable;
  union
  {
    FewOpenCommand open;
    FewScanCommand scan;
    FewEncodeCommand encode;
    FewForgetCommand forget;
    FewLocateCommand locate;
    FewClassesCommand classes;
    FewTrainCommand train;
    FewCompareCommand compare;
    FewCheckCommand check;
    FewLabelCommand label;
    FewRestoreCommand restore;
    FewTryCommand try;
    FewMapCommand map;
    FewNearestCommand nearest;
    FewHeatCommand heat;
    FewMatchCommand match;
    FewExportCommand export;
    FewTakeAwayCommand take_away;
  };
} FewCommand;

FewCommand *few_command_new (FewCommandKind kind, guint ticket);
void few_command_free (gpointer command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCommand, few_command_free)

/* Copies, for a command to own. */
FewPrompts few_prompts_copy (const FewPrompts *prompts);
FewLabelled few_labelled_copy (const FewLabelled *pictures);
FewCompareJob few_compare_job_copy (const FewCompareJob *job);
/* [n] of them, NULL-terminated; an entry that is NULL becomes "". NULL of NULL. */
char **few_strings_copy (const char *const *strings, guint n);
