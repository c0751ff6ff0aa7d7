/* SPDX-License-Identifier: MIT */
/* Settings of a method: a table in the method's own file says what a specification may set, in
 * which range, and what holds where it does not. */
#pragma once
#include <fewshot/method.h>
#include <stddef.h>

typedef enum {
  FEW_SETTING_NUMBER, /* double, from low to high */
  FEW_SETTING_WHOLE,  /* guint, from low to high */
  FEW_SETTING_WORD,   /* an enum or a gboolean: the place of the word among `words` */
  FEW_SETTING_PRESET, /* settings of training by name, taken before all others */
} FewSettingKind;

typedef struct FewSetting FewSetting;
struct FewSetting
{
  const char *key;
  FewSettingKind kind;
  gsize at;          /* where in FewMethodOptions */
  double low, high;
  const char *words; /* separated by spaces */
  double value;      /* where nothing is said; NAN: to be chosen on validation pictures */
  /* In the place of the kind's own reading, for what is more than a value; may be NULL. */
  gboolean (*parse) (FewMethodOptions *options, const FewSetting *setting, const char *text,
                     GError **error);
};

/* A field of the struct that holds what the method alone has; read with few_settings_own. */
#define FEW_OWN(type, field) (offsetof (FewMethodOptions, own) + offsetof (type, field))
#define FEW_OWN_NUMBER(type, field, key, low, high, value)                                         \
  { key, FEW_SETTING_NUMBER, FEW_OWN (type, field), low, high, NULL, value, NULL }
#define FEW_OWN_WHOLE(type, field, key, low, high, value)                                          \
  { key, FEW_SETTING_WHOLE, FEW_OWN (type, field), low, high, NULL, value, NULL }
#define FEW_OWN_WORD(type, field, key, words, value)                                               \
  { key, FEW_SETTING_WORD, FEW_OWN (type, field), 0, 0, words, value, NULL }

/* What training by steps has. */
#define FEW_TRAIN(field) offsetof (FewMethodOptions, train.field)
#define FEW_TRAIN_EPOCHS(value)                                                                    \
  { "epochs", FEW_SETTING_WHOLE, FEW_TRAIN (epochs), 1, 100000, NULL, value, NULL }
#define FEW_TRAIN_STEPS(value)                                                                     \
  { "steps", FEW_SETTING_WHOLE, FEW_TRAIN (steps), 0, 1000000, NULL, value, NULL }
#define FEW_TRAIN_RATE(value)                                                                      \
  { "lr", FEW_SETTING_NUMBER, FEW_TRAIN (learning_rate), 1e-9, 10, NULL, value, NULL }
#define FEW_TRAIN_DECAY(value)                                                                     \
  { "wd", FEW_SETTING_NUMBER, FEW_TRAIN (weight_decay), 0, 10, NULL, value, NULL }
#define FEW_TRAIN_BATCH(value)                                                                     \
  { "batch", FEW_SETTING_WHOLE, FEW_TRAIN (batch), 1, 4096, NULL, value, NULL }
#define FEW_TRAIN_OPTIMIZER(value)                                                                 \
  { "optimizer", FEW_SETTING_WORD, FEW_TRAIN (optimizer), 0, 0, "adamw adam sgd", value, NULL }
#define FEW_TRAIN_WARMUP(value)                                                                    \
  { "warmup", FEW_SETTING_WHOLE, FEW_TRAIN (warmup_epochs), 0, 1000, NULL, value, NULL }
#define FEW_TRAIN_DROP_LAST(value)                                                                 \
  { "drop-last", FEW_SETTING_WORD, FEW_TRAIN (drop_last), 0, 0, "0 1", value, NULL }
#define FEW_TRAIN_PRESET { "preset", FEW_SETTING_PRESET, 0, 0, 0, NULL, 0, NULL }
/* How a setting that is not given is chosen on validation pictures: as we do it, or exactly as the
 * authors' code does. FewSearch in the method's own struct. */
typedef enum { FEW_SEARCH_OURS, FEW_SEARCH_PUBLISHED } FewSearch;
#define FEW_OWN_SEARCH(type, field)                                                                \
  FEW_OWN_WORD (type, field, "search", "ours published", FEW_SEARCH_OURS)
/* Of what the training pictures' shares by class leave in a classifier: as it is learned, or taken
 * off, so that every class is as likely beforehand. gboolean in the method's own struct. */
#define FEW_OWN_PRIORS(type, field) FEW_OWN_WORD (type, field, "priors", "learned balanced", FALSE)
#define FEW_SETTINGS_END { NULL, FEW_SETTING_NUMBER, 0, 0, 0, NULL, 0, NULL }

/* All of them end with FEW_SETTINGS_END; NULL: no settings. */
void few_settings_default (const FewSetting *settings, FewMethodOptions *options);
const FewSetting *few_settings_find (const FewSetting *settings, const char *key);
/* "key key"; free with g_free */
char *few_settings_keys (const FewSetting *settings);
gboolean few_setting_parse (const FewSetting *setting, const char *text, FewMethodOptions *options,
                            GError **error);
/* As few_setting_parse by the kind alone, without the setting's own function. */
gboolean few_setting_parse_plain (const FewSetting *setting, const char *text,
                                  FewMethodOptions *options, GError **error);
double few_setting_get (const FewSetting *setting, const FewMethodOptions *options);
/* Copies what the method alone has into its struct. */
void few_settings_own (const FewMethodOptions *options, gpointer own, gsize size);
