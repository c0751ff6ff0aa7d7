/* SPDX-License-Identifier: MIT */
/* Models from a hub (Hugging Face, or a mirror of its layout). */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;
  guint64 bytes;  /* 0: not known */
  char *sha256;   /* 64 hex digits; NULL: not known */
} FewCatalogueFile;

typedef struct
{
  gatomicrefcount refs;
  char *name, *title;        /* "vit-b-32", "ViT-B/32" */
  char *use; /* a word for what it is good for: "first", "detail" …; "" for none */
  char *repository, *revision;
  char *publisher, *licence, *preprocessing;
  char *languages; /* of the names that it reads: "en", "many", "none"; "": not known */
  char *source;    /* who published `accuracy` */
  /* what `accuracy` is of: "names" (ImageNet by names alone), "linear" (ImageNet by a linear
   * classifier of all its pictures), "species" (ten sets of them, by names alone) */
  char *measure;
  guint64 about, memory; /* bytes to fetch, roughly, and to run in; 0: not known */
  double gflop; /* of one picture; 0: not known */
  double accuracy; /* per cent; 0: not known */
  double speed; /* pictures a second in f32 as measured on two cores with AVX2; 0: not known */
  FewCatalogueFile *files; /* in the order of fetching; none: the hub is asked */
  guint n_files;
} FewCatalogueEntry;

FEW_API FewCatalogueEntry *few_catalogue_entry_ref (FewCatalogueEntry *entry);
FEW_API void few_catalogue_entry_unref (FewCatalogueEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCatalogueEntry, few_catalogue_entry_unref)
/* FewCatalogueEntry *; free with g_ptr_array_unref. */
FEW_API GPtrArray *few_catalogue_load (const char *path, GError **error);
/* Any repository, "org/name"; NULL when that is no such name. Its files are asked of the hub. */
FEW_API FewCatalogueEntry *few_catalogue_entry_for (const char *repository);

typedef enum {
  FEW_SHELF_ABSENT,
  FEW_SHELF_PARTIAL, /* begun: fetching goes on where it was */
  FEW_SHELF_HERE, /* fetched by this program */
  FEW_SHELF_FOUND, /* in a cache of Hugging Face's own (HF_HOME and so on), used where it lies */
} FewShelf;

/* folder (may be NULL) is what few_model_open takes, or where the part lies; free with g_free.
 * bytes (may be NULL): on disk. */
FEW_API FewShelf few_shelf_find (const char *models_folder, const FewCatalogueEntry *entry,
                                 char **folder, guint64 *bytes);
/* FewCatalogueEntry * of what was fetched, in the order of their names, with what their records
 * know. */
FEW_API GPtrArray *few_shelf_list (const char *models_folder);
/* Removes what was fetched, or begun. FALSE when it is in use by a fetch, or not there. */
FEW_API gboolean few_shelf_remove (const char *models_folder, const char *name, GError **error);

typedef struct FewHub FewHub;

typedef struct
{
  const char *endpoint; /* NULL: $HF_ENDPOINT, or https://huggingface.co */
  const char *token; /* NULL: $HF_TOKEN; sent to the endpoint's host alone */
  const char *models_folder; /* NULL: few_default_models_folder () */
  const char *ca_file; /* certificates to trust; NULL: the system's */
  guint stall_seconds; /* without a byte; 0: 30 */
  guint attempts; /* in a row that bring nothing; 0: 5 */
  double back_off; /* seconds before the second attempt, doubled each time; 0: 1 */
} FewHubOptions;

typedef enum {
  FEW_PULL_WAITING,
  FEW_PULL_RUNNING,
  FEW_PULL_RETRYING,
  FEW_PULL_VERIFYING,
  FEW_PULL_PAUSED,
  FEW_PULL_DONE,
  FEW_PULL_FAILED
} FewPullState;

typedef struct
{
  guint id;
  const FewCatalogueEntry *entry;
  FewPullState state; /* WAITING: another window or program fetches the same model */
  guint64 done, total; /* bytes of all files; total 0: not known yet */
  guint64 transferred; /* bytes that came over the network for this pull */
  double rate, seconds_left; /* bytes a second; NAN when not known */
  const char *file; /* under way */
  const char *folder; /* DONE: to open */
  const GError *error; /* FAILED; RETRYING: why */
} FewPullStatus;

/* From the main context that made the hub, ten times a second at most while bytes come. */
typedef void (*FewPullFunc) (gpointer user, const FewPullStatus *status);

/* One thread fetches everything, several models side by side. options may be NULL. */
FEW_API FewHub *few_hub_new (const FewHubOptions *options, FewPullFunc func, gpointer user);
/* Stops at once; what was begun stays. */
FEW_API void few_hub_free (FewHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewHub, few_hub_free)
/* Fetches what is missing of a model. The same model twice is one pull. Returns its id. */
FEW_API guint few_hub_pull (FewHub *hub, FewCatalogueEntry *entry);
FEW_API void few_hub_set_paused (FewHub *hub, guint id, gboolean paused);
/* Ends with FAILED and G_IO_ERROR_CANCELLED. The part stays. */
FEW_API void few_hub_cancel (FewHub *hub, guint id);

G_END_DECLS
