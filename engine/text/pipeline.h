/* SPDX-License-Identifier: MIT */
/* The steps of a tokenizer.json, one after the other: symbols that were added are cut out of a
 * text, what is left is normalised, split into words, and the words into symbols. A tokenizer that
 * comes as another file is made of the same steps. */
#pragma once
#include "text/charsmap.h"
#include "text/pieces.h"
#include <gio/gio.h>

/* What happens to a text. */
typedef enum {
  FEW_STEP_CHARSMAP,      /* charsmap, as Hugging Face applies it */
  FEW_STEP_SENTENCEPIECE, /* charsmap and spaces, as SentencePiece does */
  FEW_STEP_LOWER,
  FEW_STEP_COMPOSE,       /* form */
  FEW_STEP_STRIP,         /* left, right */
  FEW_STEP_STRIP_MARKS,   /* all of them */
  FEW_STEP_REPLACE,       /* text or pattern → with */
  FEW_STEP_PREPEND,       /* with, unless there is no text */
  FEW_STEP_BERT_CLEAN,    /* no control characters, spaces for white space */
  FEW_STEP_BERT_MARKS,    /* no marks that take no room */
  FEW_STEP_BERT_CJK       /* a space at each side of a Chinese character */
} FewStepKind;

typedef struct
{
  FewStepKind kind;
  FewCharsmap *charsmap;
  gboolean prefix, squeeze; /* SentencePiece: a space before the text, runs of spaces to one */
  GNormalizeMode form;
  gboolean left, right;
  char *text, *with;
  GRegex *pattern;
} FewStep;

/* How a text becomes words. */
typedef enum {
  FEW_SPLIT_SPACE,     /* at white space, which goes */
  FEW_SPLIT_METASPACE, /* spaces become `mark`, and words begin with it where `split` */
  FEW_SPLIT_TEXT,      /* behind each `text` */
  FEW_SPLIT_BERT       /* at white space, which goes, and around punctuation */
} FewSplitKind;

typedef enum { FEW_PREFIX_NEVER, FEW_PREFIX_FIRST, FEW_PREFIX_ALWAYS } FewPrefix;

typedef struct
{
  FewSplitKind kind;
  char *text;       /* the mark, or what is split at */
  FewPrefix prefix; /* whether the mark stands before the first word, too */
  gboolean split;
} FewSplit;

/* A symbol that is found in a text as it is, before anything else happens to that. */
typedef struct
{
  char *text;
  gint32 id;
  gboolean normalized; /* is looked for after the steps, themselves applied to it */
  gboolean left, right; /* takes white space at that side along */
  gboolean word;        /* not inside a word */
  gboolean hidden;      /* has an id, and is not looked for */
} FewAdded;

typedef struct
{
  GArray *steps;  /* FewStep */
  GArray *splits; /* FewSplit */
  GArray *added;  /* FewAdded */
  FewPieces *pieces;
  FewIds *before, *after; /* the symbols around each text */
  char *lead;             /* stands before every text; its ids are forgotten */
  guint n_lead;
  guint8 digest[32];      /* SHA-256 of the file that it comes from */
} FewPipeline;

FewPipeline *few_pipeline_new (void);
void few_pipeline_free (FewPipeline *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewPipeline, few_pipeline_free)
FewStep *few_pipeline_add_step (FewPipeline *pipeline, FewStepKind kind);
FewSplit *few_pipeline_add_split (FewPipeline *pipeline, FewSplitKind kind, const char *text);
FewAdded *few_pipeline_add_symbol (FewPipeline *pipeline, const char *text, gint32 id,
                                   gboolean left);
/* Once all steps and symbols are there. */
void few_pipeline_finish (FewPipeline *pipeline);
/* Ids of valid UTF-8, without those around it. */
void few_pipeline_encode (const FewPipeline *pipeline, const char *text, FewIds *ids);

/* All steps, one after the other. Free with g_free. */
char *few_steps_apply (const GArray *steps, const char *text);
/* Words of a text, which begins the whole where `first`. char*, freed with the array. */
GPtrArray *few_splits_apply (const GArray *splits, const char *text, gboolean first);
/* What Rust's char::is_whitespace says. */
gboolean few_character_is_white (gunichar c);
