/* SPDX-License-Identifier: MIT */
/* The worker: one thread that owns model, weights and device. Every function but few_worker_new and
 * few_worker_free may be called from any thread and waits for nothing; what it is given is copied
 * or referenced. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/check.h>
#include <fewshot/classifier.h>
#include <fewshot/compare.h>
#include <fewshot/dataset.h>
#include <fewshot/heat.h>
#include <fewshot/map.h>
#include <fewshot/match.h>
#include <fewshot/method.h>
#include <fewshot/model.h>
#include <fewshot/portable.h>
#include <fewshot/project.h>
#include <fewshot/prompts.h>
#include <fewshot/snapshot.h>
#include <fewshot/task.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

typedef struct FewWorker FewWorker;

typedef enum {
  FEW_EVENT_MODEL, /* model opened (info) or not (error) */
  FEW_EVENT_SCANNED, /* found: what a folder drop would add */
  FEW_EVENT_PICTURE, /* one picture encoded or refused (error) */
  FEW_EVENT_PROGRESS, /* done of total */
  FEW_EVENT_IDLE, /* an encoding job is over */
  FEW_EVENT_TRAINING, /* done of total steps of a method; of automatic, then of its adapter */
  FEW_EVENT_TRAINED, /* a run ended: finished, stopped or refused (error) */
  /* an adapter was written and read back (done of total predictions agree) or not (error) */
  FEW_EVENT_EXPORTED,
  /* compared: one method ran on one draw of shots; or, without it, done of total steps of the
   * one that runs */
  FEW_EVENT_COMPARING,
  FEW_EVENT_RESTORED, /* snapshot of a run that a project kept, or not (error) */
  FEW_EVENT_LOCATED, /* found: pictures whose content was looked for; id: the ticket given */
  /* snapshot of some pictures, ids being their indices; or why one could not be read (error, id:
   * its index) */
  FEW_EVENT_TRIED,
  FEW_EVENT_TRIED_ALL, /* the pictures of a ticket are tried, or they were stopped */
  FEW_EVENT_SEEN, /* snapshot of the one picture that was given; or not (error) */
  FEW_EVENT_MAPPING, /* done of total steps of a map */
  /* map: the pictures of a snapshot as points; with done < total a first one, which the whole will
   * follow; NULL: it was stopped */
  FEW_EVENT_MAPPED,
  FEW_EVENT_NEAREST, /* near: the training pictures most like one */
  /* the model has gone from the GPU to the CPU, or could not begin there: why (error), and the
   * model as it is now */
  FEW_EVENT_NOTICE,
  FEW_EVENT_TAKING, /* done of total of a folder that is written (id 0) or run (id 1) */
  /* a folder was written and run (verification), or was not run (unverified: why), or not even
   * written (error) */
  FEW_EVENT_TAKEN,
  FEW_EVENT_HEATING, /* done of total places of a picture that is looked at */
  /* heat, heat_maps: where a classifier looks in a picture; or why that is not known (error;
   * neither where the model or the classes are others by now) */
  FEW_EVENT_HEAT,
  /* matches, of the places of heat and of heat_other; or why none are known (error) */
  FEW_EVENT_MATCHED,
  FEW_EVENT_POOLING, /* done of total unlabelled pictures are read */
  FEW_EVENT_SCORED, /* score, losses: what the labels are worth; or not (error) */
  FEW_EVENT_NEXT, /* next: which pictures to label; or not (error) */
  FEW_EVENT_CHECKED, /* doubts: labels that may be wrong; or not (error) */
  FEW_EVENT_COMPARED, /* the comparison is over: finished, stopped or refused (error) */
} FewEventKind;

typedef struct
{
  char *path; /* NULL for a file that could not be listed */
  char *class_name; /* of its class folder */
  gboolean picture; /* its name or its first bytes are a picture's */
  FewRole role; /* what the folders of a split say it is for; FEW_ROLE_UNUSED: there is none */
  gboolean listed; /* a file of labels names it, or keywords do */
  /* a file of labels has boxes in it, which follow: either it or those are meant */
  gboolean has_boxes;
  gboolean boxed; /* one of these; path is an address (crop.h) */
  /* NULL, or a sentence: why it is left out; `picture` is TRUE of a folder that cannot be read */
  char *reason;
  /* of few_worker_scan_any: all its classes, NULL-terminated; class_name is the first, "" without.
   * NULL: class_name alone */
  char **class_names;
} FewFound;

/* What a data set would add, as a scan finds it: FewFound *, those that are left out behind the
 * others. Free with g_ptr_array_unref. */
FEW_API GPtrArray *few_found_of_dataset (const FewDataset *dataset);

typedef struct
{
  guint32 id;
  float loss; /* −log p of its label, by what did not see it */
} FewLabelLoss;

/* One method on one draw of shots. */
typedef struct
{
  guint method, shots; /* index into the job's methods */
  guint64 seed;
  guint n;
  guint32 *ids, *labels; /* [n] */
  guint8 *roles; /* [n] */
  /* Of pictures with any number of labels, NULL of others: theirs, in the place of `labels`, and
   * those that the method gives its test pictures; NULL where it has no thresholds. */
  FewLabelSets *sets, *said;
  /* training pictures of the class that has most: fewer than `shots` when there are no more */
  guint most_shots;
  FewMethodResult *result; /* its scores and tensors are dropped; NULL: it could not run */
  char *reason; /* why not */
} FewCompared;

/* Immutable, any thread. */
FEW_API FewCompared *few_compared_ref (FewCompared *compared);
FEW_API void few_compared_unref (FewCompared *compared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCompared, few_compared_unref)

/* One more of a comparison that is being filled, its classes, methods and seeds there: what `one`
 * found, by that of its methods. with_answers: and what it says of its test pictures; of one draw
 * alone. */
FEW_API void few_project_comparison_add (FewProjectComparison *comparison, guint method,
                                         const FewCompared *one, gboolean with_answers);
/* What a project kept of one: no more than FewProjectCompared has. Without answers it has no
 * pictures. */
FEW_API FewCompared *few_compared_restore (const FewProjectComparison *comparison,
                                           const FewProjectCompared *kept);

typedef struct
{
  FewEventKind kind;
  const FewModelInfo *model; /* MODEL, NOTICE: as it was when the event was made */
  /* MODEL, NOTICE: what keeps the strings of `model` valid while the event lasts */
  FewModel *opened;
  /* PICTURE: the id given; SCANNED, LOCATED, RESTORED, TRIED_ALL, SEEN, MAPPING, MAPPED, NEAREST,
   * CHECKED, HEATING, HEAT, MATCHED, POOLING, SCORED, NEXT: the ticket given */
  guint id;
  guint ticket; /* TRIED */
  /* PICTURE: its file is not there; without an error the feature comes from the cache */
  gboolean missing;
  guint done, total; /* PROGRESS, EXPORTED, COMPARING, TRAINING, MAPPING, HEATING, POOLING */
  gboolean from_cache; /* PICTURE */
  char *sha256; /* PICTURE: of what was read, 64 hex digits; NULL: nothing was */
  /* SCANNED, LOCATED: FewFound *; LOCATED: class_name is the SHA-256 as 64 hex digits */
  GPtrArray *found;
  gboolean stopped; /* TRAINED, COMPARED */
  FewCompared *compared; /* COMPARING; ref it to keep it */
  FewSnapshot *snapshot; /* TRAINED, RESTORED, TRIED, SEEN */
  FewMap *map; /* MAPPED */
  /* HEAT: [3, rows, columns] at the α asked for, of CLIP alone, and the first less the second;
   * NULL where there is none */
  float *heat_maps;
  FewHeatInfo heat; /* HEAT, MATCHED */
  FewHeatInfo heat_other; /* MATCHED */
  GArray *matches; /* MATCHED: FewMatch, the best first */
  GArray *near; /* NEAREST: FewNear, the nearest first */
  FewVerification verification; /* TAKEN */
  char *unverified; /* TAKEN */
  char *unkept; /* IDLE: why features could not be kept for the next time; NULL: they could */
  GArray *doubts; /* CHECKED: FewDoubt, whose picture is the id given */
  FewLabelScore score; /* SCORED */
  GArray *losses; /* SCORED: FewLabelLoss, of the told pictures */
  GArray *next; /* NEXT: guint32, indices of the paths given, the first of most use */
  const GError *error;
} FewEvent;

typedef struct
{
  guint32 id;
  float cosine; /* of the features as CLIP sees them */
} FewNear;

/* Runs in the main context that made the worker; many events come in one idle. */
typedef void (*FewEventFunc) (gpointer user, const FewEvent *event);

/* cache_folder NULL: few_default_cache_folder (). */
FEW_API FewWorker *few_worker_new (const char *cache_folder, FewEventFunc func, gpointer user);
/* Cancels what runs and joins the thread (a batch at most). */
FEW_API void few_worker_free (FewWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWorker, few_worker_free)

FEW_API void few_worker_open_model (FewWorker *worker, const char *folder, const char *device);
/* Lists pictures below paths: a file joins `class_name` or its folder's class; a folder with
 * pictures is a class, its sub-folders are classes; a file of labels (few_labels_is_name) names its
 * own. Answers with SCANNED carrying `ticket`. */
FEW_API void few_worker_scan (FewWorker *worker, guint ticket, const char *const *paths,
                              const char *class_name);
/* The same for a project of any number of classes a picture: files of labels are read as
 * few_labels_open_any does. */
FEW_API void few_worker_scan_any (FewWorker *worker, guint ticket, const char *const *paths,
                                  const char *class_name);
/* Ends the scan that runs and those that wait: they answer with what they had found. */
FEW_API void few_worker_stop_scanning (FewWorker *worker);
/* Encodes and keeps the feature under `id`. hashes (may be NULL, entries may be NULL or ""): the
 * SHA-256 that each file had, 64 hex digits: the feature of one that is gone is taken from the
 * cache. */
FEW_API void few_worker_encode (FewWorker *worker, guint n, const guint32 *ids,
                                const char *const *paths, const char *const *hashes);
/* The same, and the arrays become the worker's (g_free, g_strfreev), with n strings each: very many
 * are copied by who has them, bit by bit. */
FEW_API void few_worker_encode_own (FewWorker *worker, guint n, guint32 *ids, char **paths,
                                    char **hashes);
/* Looks below the folders for files with these contents (64 hex digits each). Answers with
 * LOCATED carrying `ticket`. */
FEW_API void few_worker_locate (FewWorker *worker, guint ticket, const char *const *folders,
                                const char *const *hashes, guint n);
/* At most FEW_MAP_PICTURES of the snapshot's pictures as points. Answers with MAPPING on the way
 * and MAPPED, once or twice, carrying `ticket`, made beside the worker's other work; a newer
 * request ends an older one. */
enum { FEW_MAP_PICTURES = 10000 };
FEW_API void few_worker_map (FewWorker *worker, guint ticket, FewSnapshot *snapshot,
                             FewMapKind kind);
/* Ends the map that is made: MAPPED says so. */
FEW_API void few_worker_stop_mapping (FewWorker *worker);
/* The `count` training pictures of the snapshot whose features are nearest to that of picture
 * `id`, which is none of them itself. Answers with NEAREST carrying `ticket`. */
FEW_API void few_worker_nearest (FewWorker *worker, guint ticket, FewSnapshot *snapshot, guint32 id,
                                 guint count);
/* Pictures that are not in the project, [n] paths, seen through an adapter (NULL: CLIP itself, with
 * the classes of `prompts`, which is not read otherwise). Answers with TRIED, some pictures at a
 * time, and TRIED_ALL. */
FEW_API void few_worker_try (FewWorker *worker, guint ticket, FewClassifier *classifier,
                             const FewPrompts *prompts, const char *const *paths, guint n);
FEW_API void few_worker_stop_trying (FewWorker *worker);
/* The same of one picture that is no file, as a camera gives it: rgb [height, width, 3]. Answers
 * with SEEN carrying `ticket`. */
FEW_API void few_worker_see (FewWorker *worker, guint ticket, FewClassifier *classifier,
                             const FewPrompts *prompts, GBytes *rgb, guint width, guint height);
/* Where the classifier (NULL: CLIP itself, with the classes of `prompts`, which is not read
 * otherwise) looks in a picture file for a class at an α, by the best method that the model has.
 * Answers with HEATING on the way and HEAT. The last pictures are kept: another class or α of
 * theirs does not run the model again. */
FEW_API void few_worker_heat (FewWorker *worker, guint ticket, FewClassifier *classifier,
                              const FewPrompts *prompts, const char *path, guint class_index,
                              double alpha);
/* Ends the looking that runs and those that wait: HEAT says so (error). */
FEW_API void few_worker_stop_heat (FewWorker *worker);
/* Which parts of two picture files match, `most` at most, by a model that tells parts. Answers with
 * MATCHED; a newer request ends an older one. What the model said of the last pictures is kept. */
FEW_API void few_worker_match (FewWorker *worker, guint ticket, const char *one, const char *other,
                               guint most);
/* MATCHED says so (error). */
FEW_API void few_worker_stop_matching (FewWorker *worker);
/* Answers with RESTORED carrying `ticket`. Pictures without a feature are left out. */
FEW_API void few_worker_restore (FewWorker *worker, guint ticket, FewProjectRun *run);
FEW_API void few_worker_forget (FewWorker *worker, guint n, const guint32 *ids);
/* Text features and zero-shot snapshot of pictures already encoded; a newer request replaces an
 * older one that waits. Returns the serial that the snapshot will carry. */
FEW_API guint few_worker_classes (FewWorker *worker, const FewPrompts *prompts,
                                  const FewLabelled *pictures);
/* As few_worker_classes, and answers with TRAINED; pictures without a feature are left out. A
 * visual adapter is shown while it learns; another method tells how far it is, and stopped it
 * leaves nothing. */
FEW_API void few_worker_train (FewWorker *worker, const FewTrainJob *job, const FewPrompts *prompts,
                               const FewLabelled *pictures);
/* Every method on the same shots: half of each class is held out to test on, another half with
 * each seed; of the rest, `shots` pictures a class to learn from and min (shots, 4) to choose by;
 * of pictures with any number of labels likewise of each label, with none to choose by. Answers
 * with COMPARING and COMPARED. */
FEW_API void few_worker_compare (FewWorker *worker, const FewCompareJob *job,
                                 const FewPrompts *prompts, const FewLabelled *pictures);
/* Which labels may be wrong, by few_find_doubts with near-duplicates and bursts as groups and the
 * pinned pictures as those of a test. Answers with CHECKED carrying `ticket`; pictures without a
 * feature are left out. */
FEW_API void few_worker_check (FewWorker *worker, guint ticket, const FewPrompts *prompts,
                               const FewLabelled *pictures);
/* What is learned from the pictures (near-duplicates stay together) says of them, SCORED, where two
 * classes have any; then, NEXT, the first `most` of the files [n] that are worth a label, by
 * few_label_next. Both carry `ticket`; POOLING while files are read for the first time. What a
 * newer request, or few_worker_stop_labelling, ends says nothing more. */
FEW_API void few_worker_label (FewWorker *worker, guint ticket, const FewPrompts *prompts,
                               const FewLabelled *pictures, const char *const *paths, guint n,
                               guint most);
FEW_API void few_worker_stop_labelling (FewWorker *worker);
/* Ends the comparison that runs and those that wait. What was compared stays. */
FEW_API void few_worker_stop_comparing (FewWorker *worker);
/* Writes the snapshot's adapter with `alpha`; a name that ends in ".onnx" gets an ONNX model. A
 * safetensors file is loaded again and predicts every picture of the snapshot: EXPORTED tells
 * how many predictions equal the lens's at `alpha`; 0 of 0 for ONNX. */
FEW_API void few_worker_export (FewWorker *worker, FewSnapshot *snapshot, double alpha,
                                const char *path);
/* few_portable_save_folder of the snapshot's classifier as `onnx` says, with the first of the
 * pictures as its sample, then few_portable_verify on all of them: TAKING on the way, TAKEN at the
 * end. paths: NULL-terminated. */
FEW_API void few_worker_take_away (FewWorker *worker, FewSnapshot *snapshot,
                                   const FewPortableOptions *onnx, const char *licence,
                                   const char *path, const char *const *paths);
/* Ends that; without a folder, unless it was whole already. */
FEW_API void few_worker_stop_taking (FewWorker *worker);
/* Last write wins; polled once a batch. */
FEW_API void few_worker_set_paused (FewWorker *worker, gboolean paused);
/* Ends the training run after the current batch. Its adapter stays. */
FEW_API void few_worker_stop_training (FewWorker *worker);
/* Ends the encoding that runs and those that wait. */
FEW_API void few_worker_cancel_encoding (FewWorker *worker);
/* The newest snapshot since the last call, or NULL. The caller owns it. Never waits. */
FEW_API FewSnapshot *few_worker_take_snapshot (FewWorker *worker);

G_END_DECLS
