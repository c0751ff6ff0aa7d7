/* libfewshot: CLIP's forward pass and few-shot adaptation (CLIP-Adapter, Gao et al., IJCV 2024).
 *
 *   g_autoptr (FewModel) model = few_model_open ("pocket-folder", NULL, NULL, &error);
 *   float feature[D];                                                  // D = few_model_dim (model)
 *   few_model_encode_file (model, "leaf.jpg", feature, NULL, &error);  // RAW: un-normalised
 *
 * Conventions. Functions that can fail return FALSE or NULL and set a GError whose message names the file, what is wrong
 * and what to do. Matrices are row-major f32. N pictures, K classes, D joint dimension, H hidden width, R input size.
 * Strings are UTF-8, paths in the file system's encoding. Handles are reference counted and opaque. The library keeps no
 * process-global state, never prints and never exits.
 * Threads. A FewModel, FewTrainer or FewBackend is used from one thread at a time (it runs its own threads inside).
 * FewSnapshot and FewAdapter are immutable: any thread. FewWorker is called from the thread that made it. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define FEW_ERROR (few_error_quark ())
GQuark few_error_quark (void);

typedef enum
{
  FEW_ERROR_FORMAT,      /* a file does not follow its format */
  FEW_ERROR_UNSUPPORTED, /* it does, and asks for something that is not there */
  FEW_ERROR_INPUT,       /* the data given cannot be used */
  FEW_ERROR_LIMIT,       /* larger than a stated limit */
  FEW_ERROR_DEVICE,      /* a processor that is not there, or failed */
  FEW_ERROR_MEMORY,      /* too little of it, on the device that is used */
} FewError;

/* ---- pictures */

#define FEW_MAX_PIXELS (200u * 1000 * 1000) /* default cap on width × height that a picture file may state */
enum { FEW_PREPROCESS_VERSION = 2 };        /* part of the feature cache's key */

/* Upright (EXIF), over white, shorter side to size (Pillow's bicubic), centre crop, /255, minus mean, over std. */
typedef struct
{
  guint size; /* R */
  double mean[3], std[3];
  gboolean exact; /* decode JPEGs whole. Otherwise large ones are decoded at 1/2, 1/4 or 1/8 of their size, at least twice R: four
                   * times as fast, within 0.01 standard deviations of the whole */
} FewPreprocess;

/* Decodes and preprocesses one file. resized [R, R, 3] and pixels [3, R, R] may be NULL; hash (32 bytes, SHA-256 of the
 * file) may be NULL. Thread-safe. */
gboolean few_preprocess_file (const FewPreprocess *preprocess, const char *path, guint8 *resized, float *pixels, guint8 *hash,
                              GError **error);
/* An upright RGBA thumbnail that fits into side × side. rgba is [*height, *width, 4]; free with g_free. Thread-safe. */
guint8 *few_thumbnail (const char *path, guint side, guint *width, guint *height, GError **error);
/* TRUE when the name ends like a picture's (.jpg .jpeg .png .gif .webp .bmp .tif .tiff, any case). */
gboolean few_is_picture_name (const char *name);

/* ---- devices */

typedef struct
{
  char *id;                    /* what few_model_open takes: "cpu", "cuda:0" */
  char *name;                  /* "CPU, 2 × AVX-512", "NVIDIA GeForce RTX 4070" */
  char *uuid, *compute;        /* of GPUs: which one it is; compute capability, "8.9" */
  guint64 memory, memory_free; /* bytes, of GPUs */
} FewDevice;

/* The CPU, then GPUs. *problem: why there are no GPUs, a sentence (free with g_free), or NULL. Loads the driver and cuBLAS where there are
 * any, up to a second: not for the UI thread. Free with few_devices_free. */
FewDevice **few_devices (char **problem);
void few_devices_free (FewDevice **devices);

/* difference: the largest between the device's and the CPU's result, relative to 1 + its size; allowed: what rounding explains */
typedef void (*FewSelftestFunc) (gpointer user, const char *op, double difference, double allowed);
/* Compares every op of a device with the CPU's on small shapes; FALSE when one differs or the device fails. A second or two. */
gboolean few_selftest (const char *device, FewSelftestFunc func, gpointer user, GError **error);

/* ---- models */

typedef struct FewModel FewModel;

/* Opens a folder of open_clip_config.json or config.json, weights (*.safetensors, shards with their index, or a PyTorch archive) and
 * tokenizer files; or one weights file beside them. OpenAI's own archives need no config.
 * device: NULL or "auto" for a GPU that passes its check, and otherwise the CPU; "cpu"; "cpu:bf16" multiplies in bfloat16 (up to twice as
 * fast; features near f32's, and cached apart from them); "cuda:0" multiplies f16 inputs and sums in f32, "cuda:0:f32" is exact;
 * "auto:f32" is exact on either, "auto:bf16" the fast way of either; ",threads=N" behind any of them limits the threads. A GPU that fails or has too little memory later on is left: weights are loaded
 * again on the CPU, and what failed is done there. few_model_take_notice says so. */
FewModel *few_model_open (const char *path, const char *device, GCancellable *cancellable, GError **error);
/* A sentence, once: why the CPU is used instead of a GPU that is there, from the beginning or from now on. NULL when there is nothing to say.
 * Free with g_free. */
char *few_model_take_notice (FewModel *model);
/* For who steps a trainer, after few_trainer_check: when *error is that the GPU failed or had too little memory, the model goes on on the CPU,
 * *error is cleared and becomes the notice, and the trainer can be made anew. FALSE when *error is of another kind or the CPU cannot either.
 * What was made for the GPU stays valid until the model is freed, and stays failed. */
gboolean few_model_fall_back (FewModel *model, GError **error);
FewModel *few_model_ref (FewModel *model);
void few_model_unref (FewModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewModel, few_model_unref)

typedef struct
{
  const char *folder, *name;         /* name: the folder's last part */
  const char *architecture;          /* "ViT 32/224, 12 × 768", "ModifiedResNet 3-4-6-3, width 64, 224 px" */
  const char *sha256;                /* of the weights, 64 hex digits */
  const char *device;                /* "CPU, 2 × AVX-512" */
  const char *precision;             /* "f32", "bf16" or "f16" */
  guint dim, context_length, vocab_size;
  guint64 parameters;
  double logit_scale;                /* exp of the stored logarithm */
  FewPreprocess preprocess;
} FewModelInfo;

/* Valid as long as the model; device and precision change when a GPU is left. */
const FewModelInfo *few_model_info (const FewModel *model);
guint few_model_dim (const FewModel *model);

/* ids [context_length]; returns how many. *cut tells whether the text was too long. Thread-safe. */
guint few_model_tokenize (const FewModel *model, const char *text, gint32 *ids, gboolean *cut);
/* features [n, D], un-normalised */
gboolean few_model_encode_texts (FewModel *model, const char *const *texts, guint n, float *features, GCancellable *cancellable,
                                 GError **error);
/* Caps width × height of the pictures that encode_file and encode_files decode; FEW_MAX_PIXELS at first. */
void few_model_set_max_pixels (FewModel *model, guint64 max_pixels);
/* Whether JPEGs are decoded whole from now on (FewPreprocess); their features are cached apart. FALSE after opening. */
void few_model_set_exact (FewModel *model, gboolean exact);
/* pixels [n, 3, R, R] → features [n, D], un-normalised */
gboolean few_model_encode_pixels (FewModel *model, const float *pixels, guint n, float *features, GCancellable *cancellable, GError **error);
gboolean few_model_encode_file (FewModel *model, const char *path, float *feature, GCancellable *cancellable, GError **error);

/* Prompt templates by subject, as CLIP's and CoOp's authors use them: NULL-terminated, or NULL behind the last preset. *name: "photo",
 * "pets", "flowers", "aircraft", "food", "texture", "satellite", "action", "ensemble" (ImageNet's seven). */
const char *const *few_template_preset (guint index, const char **name);
/* "a {}. | the {}." → its templates, NULL-terminated; free with g_strfreev. NULL unless each holds "{}". */
char **few_templates_split (const char *text);

/* Text features of classes: each template's "{}" becomes the class name ("_" → space); templates are averaged after
 * normalising; out [n_classes, D] normalised rows. prompts (may be NULL, entries may be NULL) replaces the templates of a class. */
gboolean few_model_encode_classes (FewModel *model, const char *const *names, const char *const *prompts, guint n_classes,
                                   const char *const *templates, float *out, GCancellable *cancellable, GError **error);

/* Called from worker threads under a lock, once a picture: feature [D] or an error sentence. */
typedef void (*FewEncodeFunc) (gpointer user, guint index, const float *feature, const guint8 *hash, gboolean from_cache, const GError *error);
/* Encodes files: read, hash, look up in the feature cache of this model (cache_folder, NULL for none), decode, encode, store.
 * A bad file is reported and never stops the rest. Returns FALSE only when cancelled. */
gboolean few_model_encode_files (FewModel *model, const char *const *paths, guint n, const char *cache_folder, FewEncodeFunc func,
                                 gpointer user, GCancellable *cancellable, GError **error);
enum { FEW_MAX_VIEWS = 100 };
/* Augmented views (random crop of ½–1 of the area, flip): features [n, n_views, D] RAW. Drawn from content and seed, hence cached like
 * pictures. progress (may be NULL) comes from worker threads under a lock. Fails at the first picture that cannot be read. */
gboolean few_model_encode_views (FewModel *model, const char *const *paths, guint n, guint n_views, guint64 seed, const char *cache_folder,
                                 float *features, void (*progress) (gpointer user, guint done, guint total), gpointer user,
                                 GCancellable *cancellable, GError **error);
/* $XDG_CACHE_HOME/fewshot/features */
char *few_default_cache_folder (void);

/* ---- folders of any size to one file of features */

typedef struct
{
  guint64 done, total;             /* pictures, refused ones too; total is job->total */
  guint64 resumed, cached;         /* of those done: by an earlier run, by the feature cache */
  guint64 known, refused;          /* at the end */
  double seconds;                  /* of this run */
} FewEmbedStatus;

typedef struct
{
  const char *folder;              /* every picture below it, in the order of their paths; or */
  const char *const *paths;        /* these, in this order */
  guint n_paths;
  guint shard, shards;             /* only names whose hash modulo `shards` is `shard`; shards 0 or 1: all */
  const char *const *texts;        /* and the features of these */
  guint n_texts;
  const char *cache_folder;        /* NULL: none */
  const char *output;
  guint64 total;                   /* for progress; 0: not known */
  /* Once a picture, from worker threads under a lock; error: it was refused. May be NULL. */
  void (*progress) (gpointer user, const FewEmbedStatus *status, const GError *error);
  gpointer user;
} FewEmbedJob;

/* Writes safetensors: image_features [N, D] F32 RAW, image_names U8 (names relative to the folder, each closed by a zero byte; up to
 * 10,000 of them also as JSON under `images` in the metadata), text_features. Memory does not grow with the number of pictures. While it
 * runs OUTPUT.part grows; after a kill the same job goes on from there, to the same bytes. */
gboolean few_embed (FewModel *model, const FewEmbedJob *job, FewEmbedStatus *status, GCancellable *cancellable, GError **error);
/* How many pictures the job has. */
gboolean few_embed_count (const FewEmbedJob *job, guint64 *total, GCancellable *cancellable, GError **error);
/* Joins the files of all shards into the one that a single run would have written. */
gboolean few_embed_merge (const char *const *paths, guint n, const char *output, guint64 *pictures, GError **error);

/* Where an intermediate tensor goes in tests: name as in the golden dumps, data [rows, width]. */
typedef void (*FewTapFunc) (gpointer user, const char *name, const float *data, guint rows, guint width);
void few_model_set_tap (FewModel *model, FewTapFunc func, gpointer user);

/* ---- tensors to a file */

typedef struct
{
  const char *name;
  gsize dims[4];
  guint n_dims;
  const float *floats;  /* F32, or */
  const guint8 *bytes;  /* U8 */
} FewNamedTensor;

/* safetensors, written atomically. metadata: key, value, key, value …, NULL; may be NULL. */
gboolean few_tensor_file_save (const char *path, const FewNamedTensor *tensors, guint n_tensors, const char *const *metadata, GError **error);

/* ---- data */

typedef enum { FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION, FEW_ROLE_TEST, FEW_ROLE_UNUSED } FewRole;

/* A folder of class folders, or of train/ test/ val/ folders of them (val/ is the test set where there is no test/, as in ImageNet).
 * Hidden files are passed over. */
typedef struct
{
  GPtrArray *classes;  /* char *, sorted */
  GPtrArray *pictures; /* FewDataPicture * */
  gboolean has_roles;  /* it says itself what is for training and what for testing */
} FewDataset;

typedef struct
{
  char *path;
  guint label;
  FewRole role;
} FewDataPicture;

FewDataset *few_dataset_scan (const char *folder, GError **error);
/* CoOp's split_zhou_*.json: {"train" | "val" | "test": [[path, label, class name], …]}, paths relative to images. */
FewDataset *few_dataset_load_split (const char *json_path, const char *images, GError **error);
/* Text lists, one picture a line: its path relative to images (".jpg" is added to a name without an ending), then the class name. NULL
 * for a list that there is not; without val or test, few_shot_split makes them. */
FewDataset *few_dataset_load_lists (const char *train, const char *val, const char *test, const char *images, GError **error);
/* Lines of "FOLDER CLASS NAME" (ImageNet's classnames.txt) rename classes; those not listed keep their names. */
gboolean few_dataset_rename_classes (FewDataset *dataset, const char *path, GError **error);
void few_dataset_free (FewDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewDataset, few_dataset_free)

/* Seeded stratified split (CoOp's protocol when shots > 0): `shots` pictures a class to train (all if fewer), min(shots, 4) to
 * validation, the rest to test. shots = 0: of n pictures a class, n/5 to validation (from 4), n/5 to test (from 8), the rest
 * to train. roles [n]. */
void few_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed, guint8 *roles);
/* Takes half of each class (at least one, at most all but one) to test, the rest to train: the fixed test set of a folder without one. */
void few_hold_out (const guint32 *labels, guint n, guint n_classes, guint64 seed, guint8 *roles);
/* CoOp's few-shot protocol on a data set with roles: `shots` of its training pictures a class (all if fewer), min (shots, 4) of its
 * validation pictures, or of the training pictures left where it has none, all test pictures; the rest becomes unused. The draws are those
 * of CoOp's code (Dassl): Python's random.sample with random.seed (seed), for pictures in the order of the split file. */
void few_shot_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed, guint8 *roles);

/* ---- the visual adapter: A(f) = [ReLU] (W2 · ReLU (W1 · f)), f' = α·A(f) + (1−α)·f on the un-normalised feature */

typedef enum { FEW_OPTIMIZER_ADAMW, FEW_OPTIMIZER_ADAM, FEW_OPTIMIZER_SGD } FewOptimizer;

/* What is adapted: the picture's feature, the text features (f, α → t, β), or both. */
typedef enum { FEW_SIDE_VISUAL, FEW_SIDE_TEXT, FEW_SIDE_BOTH } FewSide;

typedef struct
{
  FewSide side;
  double alpha, beta;   /* 0..1, the residual ratios used in training */
  gboolean learn_ratios;/* α and β are trained too, as sigmoids, from the values above */
  guint hidden;         /* H; 0: D/4 */
  gboolean final_relu;  /* as the published code */
  FewOptimizer optimizer;
  double learning_rate, weight_decay, momentum;
  gboolean cosine;      /* learning rate to 0 over the epochs; constant otherwise */
  guint warmup_epochs;  /* at 1e-5 */
  guint epochs, batch;
  guint64 seed;
} FewTrainOptions;

/* The defaults that the README's measurement chose. */
void few_train_options_init (FewTrainOptions *options);
/* "default", "seed" (batch 32, lr 1e-5), "published" (SGD .002, cosine, 200 epochs); FALSE when unknown. */
gboolean few_train_options_preset (FewTrainOptions *options, const char *name);

typedef struct FewAdapter FewAdapter;
FewAdapter *few_adapter_ref (FewAdapter *adapter);
void few_adapter_unref (FewAdapter *adapter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAdapter, few_adapter_unref)

typedef struct
{
  guint dim, hidden, n_classes;
  gboolean final_relu;
  double trained_alpha;
  double alpha;                 /* the one on the slider when the file was written */
  double logit_scale;           /* exp of the stored logarithm */
  const float *w1, *w2;         /* [H, D], [D, H] */
  const float *text_features;   /* [K, D], normalised */
  const char *const *classes;   /* K names, NULL-terminated */
  const char *template_text;    /* prompt template */
  const char *backbone, *backbone_sha256;
} FewAdapterInfo;

const FewAdapterInfo *few_adapter_info (const FewAdapter *adapter);
/* a [N, D] = A (features [N, D]); runs on the calling thread. */
void few_adapter_apply (const FewAdapter *adapter, const float *features, guint n, float *a);
/* Probabilities [K] and cosines [K] (either may be NULL) of one RAW feature [D] at `alpha`. */
void few_adapter_predict (const FewAdapter *adapter, const float *feature, double alpha, float *cosines, float *probabilities);
/* safetensors as reference.md §7: fc.0.weight, fc.2.weight, text_features, logit_scale, metadata. Atomic. */
gboolean few_adapter_save (const FewAdapter *adapter, double alpha, const char *path, GError **error);
FewAdapter *few_adapter_load (const char *path, GError **error);
/* ONNX: features [N, D] RAW in, logits [N, K] out, with `alpha` built in. Atomic. */
gboolean few_adapter_save_onnx (const FewAdapter *adapter, double alpha, const char *path, GError **error);

/* ---- snapshots: everything that the lens needs, immutable */

typedef struct FewSnapshot FewSnapshot;
FewSnapshot *few_snapshot_ref (FewSnapshot *snapshot);
void few_snapshot_unref (FewSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSnapshot, few_snapshot_unref)

/* One point an epoch. Accuracies are fractions at the training α; NaN where there are no such pictures. */
typedef struct
{
  float loss, train_accuracy, validation_accuracy;
} FewEpoch;

typedef struct
{
  guint n, n_classes, dim;
  guint epoch, epochs;             /* done, planned */
  double seconds, seconds_left;
  gboolean trained;                /* FALSE: zero-shot only, a = f */
  double trained_alpha, logit_scale;
  const guint32 *ids;              /* [n] the caller's picture ids */
  const guint32 *labels;           /* [n] */
  const guint8 *roles;             /* [n] FewRole */
  const FewEpoch *history;         /* [epoch] */
  const double *curve;             /* [FEW_CURVE_POINTS] accuracy on validation pictures against α; NaN without any */
  FewAdapter *adapter;             /* NULL before training; owned by the snapshot */
  guint serial;                    /* what few_worker_classes returned, if it was asked for so */
} FewSnapshotInfo;

const FewSnapshotInfo *few_snapshot_info (const FewSnapshot *snapshot);

/* ---- the lens: cos (αa + (1−α)f, t) = (α a·t + (1−α) f·t) / √(α²|a|² + 2α(1−α) a·f + (1−α)²|f|²). Pure, any thread. */

/* cosines [K] of row i */
void few_lens_cosines (const FewSnapshot *snapshot, guint i, double alpha, float *cosines);
/* softmax (logit_scale · cosines) */
void few_lens_probabilities (const FewSnapshot *snapshot, guint i, double alpha, float *probabilities);
/* predicted [n] class, margin [n] = cosine of the own class minus the best other (either may be NULL) */
void few_lens_predict (const FewSnapshot *snapshot, double alpha, guint32 *predicted, float *margin);
/* order [n]: rows by ascending margin, equal ones in their own order: the most mistaken first */
void few_lens_rank (const float *margin, guint n, guint32 *order);
/* Fraction right among pictures of `role` (−1: all); NaN when there are none. */
double few_lens_accuracy (const FewSnapshot *snapshot, int role, double alpha);
enum { FEW_CURVE_POINTS = 101 };
/* accuracy at α = 0, 0.01 … 1 for pictures of `role` */
void few_lens_curve (const FewSnapshot *snapshot, int role, double curve[FEW_CURVE_POINTS]);

typedef struct
{
  gboolean enough;       /* FALSE: too few validation pictures to choose; best is then trained_alpha */
  double best;           /* middle of the plateau */
  double low, high;      /* plateau: αs whose accuracy is the maximum, around best */
  double accuracy;
} FewAlphaChoice;

/* Chooses on validation pictures only. */
void few_lens_choose_alpha (const FewSnapshot *snapshot, FewAlphaChoice *choice);
/* mean cosine a class: zero_shot [K] and adapted [K] are means of cos(own class) over the class's pictures (NaN when none) */
void few_lens_class_means (const FewSnapshot *snapshot, double alpha, float *zero_shot, float *adapted);
/* precision, recall [K] (NAN where there is nothing to divide by) and pictures [K] of `role` (−1: all), by predictions [n] of few_lens_predict */
void few_lens_class_scores (const FewSnapshot *snapshot, int role, const guint32 *predicted, float *precision, float *recall, guint32 *pictures);
/* confusion [K, K]: row = label, column = prediction, over pictures of `role` (−1: all) */
void few_lens_confusion (const FewSnapshot *snapshot, int role, double alpha, guint32 *confusion);
/* The cosine that the largest one of `keep` (0…1) of the held-out pictures reaches: below it a picture is likely none of the classes. Training
 * pictures are looked at only when there are no ten others. NAN without pictures; *n (may be NULL): how many were looked at. */
double few_lens_threshold (const FewSnapshot *snapshot, double alpha, double keep, guint *n);
/* pictures of `role` that zero-shot gets wrong and α gets right, and the reverse */
void few_lens_compare (const FewSnapshot *snapshot, int role, double alpha, guint *fixed, guint *broken);

/* ---- a 2-D map of pictures that follows α */

typedef struct FewMap FewMap;
FewMap *few_map_ref (FewMap *map);
void few_map_unref (FewMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewMap, few_map_unref)

enum { FEW_MAP_AXES = 2 };
typedef struct
{
  guint n;
  const guint32 *ids;                                /* [n] */
  double share[FEW_MAP_AXES];                        /* of the variance, along each axis */
  float low[FEW_MAP_AXES], high[FEW_MAP_AXES];       /* of every point at every α */
} FewMapInfo;

/* The plane of most variance (PCA) of the normalised features f [n, D] and adapted features a [n, D] together. */
FewMap *few_map_new (const float *f, const float *a, const guint32 *ids, guint n, guint d, GCancellable *cancellable, GError **error);
const FewMapInfo *few_map_info (const FewMap *map);
/* points [n, 2] at α. Pure, any thread. */
void few_map_points (const FewMap *map, double alpha, float *points);

/* ---- training on cached features */

typedef struct FewTrainer FewTrainer;

/* features [n, D] RAW, labels [n] < K, roles [n], ids [n] (NULL: 0…n−1), text_features [K, D] normalised. Everything is
 * copied. At least one training picture and two classes. class_names [K]. */
FewTrainer *few_trainer_new (FewModel *model, const FewTrainOptions *options, const float *features, const guint32 *labels,
                             const guint8 *roles, const guint32 *ids, guint n, const float *text_features,
                             const char *const *class_names, guint n_classes, const char *template_text, GError **error);
void few_trainer_free (FewTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTrainer, few_trainer_free)
/* One mini-batch. FALSE when the last epoch is done. */
gboolean few_trainer_step (FewTrainer *trainer);
guint few_trainer_epoch (const FewTrainer *trainer);
/* Whether the device has done all steps so far. A GPU may fail: what the trainer says after that means nothing. Waits for the device. */
gboolean few_trainer_check (FewTrainer *trainer, GError **error);
/* Last-write-wins, from the training thread, between steps. */
void few_trainer_set_learning_rate (FewTrainer *trainer, double learning_rate);
/* The state now; evaluates every picture once (a·t, f·t, |a|², |f|², a·f). For the visual side alone. */
FewSnapshot *few_trainer_snapshot (FewTrainer *trainer);
/* The snapshot before training: zero-shot CLIP. */
FewSnapshot *few_snapshot_zero_shot (FewModel *model, const float *features, const guint32 *labels, const guint8 *roles, const guint32 *ids,
                                     guint n, const float *text_features, guint n_classes, GError **error);
/* The weights as they are, laid out as below; returns how many. weights may be NULL. */
gsize few_trainer_get_weights (FewTrainer *trainer, float *weights);
/* For tests: weights in, W1 [H, D] and W2 [D, H] of each adapted side (visual, text), then the logits of α and β when they are learned;
 * gradients of the same layout and the loss of one given batch out. */
void few_trainer_set_weights (FewTrainer *trainer, const float *weights);
/* logit_scale · cos of every picture and class as trained; scores [n, K] */
void few_trainer_scores (FewTrainer *trainer, float *scores);
/* the ratios as they are now: `options`' or learned ones */
void few_trainer_ratios (FewTrainer *trainer, double *alpha, double *beta);
/* What each epoch came to, n so far; waits for the device. Until the next call. */
const FewEpoch *few_trainer_history (FewTrainer *trainer, guint *n);
float few_trainer_gradients (FewTrainer *trainer, const guint32 *rows, guint m, float *gradients);
/* One update on the given rows instead of the shuffled ones; returns the loss before it. */
float few_trainer_step_rows (FewTrainer *trainer, const guint32 *rows, guint m);

/* ---- methods: everything that learns classes from few pictures, on the same task */

typedef struct
{
  guint n, n_classes;
  const float *features;         /* [n, D] RAW */
  const guint32 *labels;         /* [n] */
  const guint8 *roles;           /* [n] FewRole; test pictures are scored and never learned or chosen from */
  const float *text_features;    /* [K, D] normalised */
  const char *const *class_names;/* [K] */
  /* Augmented views of the training pictures: [n_views] of each, in the order of the pictures whose role is train. NULL without. */
  const float *views;            /* [training pictures, n_views, D] RAW */
  guint n_views;
  const char *const *paths;      /* [n]; for methods that look at pixels, may be NULL */
} FewTask;

/* CLIP-Adapter's α and β: as given; the best of a grid of training ratios on validation; trained; or, for α, trained at the given one and
 * the best on validation to view it at, as the window does. */
typedef enum { FEW_RATIO_FIXED, FEW_RATIO_GRID, FEW_RATIO_LEARNED, FEW_RATIO_VIEW } FewRatio;
typedef enum { FEW_POSITION_END, FEW_POSITION_MIDDLE, FEW_POSITION_FRONT } FewPosition;

/* A method and its settings. NAN: chosen on validation pictures, or the method's own value where there are too few. */
typedef struct
{
  const char *name;          /* "tip-adapter" */
  FewTrainOptions train;     /* of what is trained by steps */
  FewRatio ratio;            /* CLIP-Adapter's α and β */
  guint after;               /* CLIP-Adapter inside a ViT: after so many blocks; 0: on the feature */
  guint context;             /* CoOp: M, vectors in the prompt; 0: 16, or as many as the longest class name leaves room for */
  gboolean class_specific;   /* CoOp: each class has its own */
  FewPosition position;      /* CoOp: of the class name among them */
  double c;                  /* linear probe: 1/L2 strength */
  double tau, sharpness;     /* Tip-Adapter: weight of the cache, and β of its affinity */
  double gda;                /* GDA: weight of the classifier */
} FewMethodOptions;

typedef struct
{
  const char *name, *title;  /* "gda", "GDA" */
  const char *reference;     /* "Wang et al., ICLR 2024" */
  const char *keys;          /* settings that a specification may give, separated by spaces */
  gboolean chooses;          /* some setting is chosen on validation pictures */
  gboolean pixels;           /* needs FewTask.paths and a ViT */
} FewMethodInfo;

/* The method number `index`, NULL behind the last. */
const FewMethodInfo *few_method_info (guint index);
/* "NAME" or "NAME:key=value,key=value", as "clip-adapter:alpha=learned,preset=seed". An error names what is known. */
gboolean few_method_parse (const char *specification, FewMethodOptions *options, GError **error);

/* Validation accuracy on a grid of two settings; columns vary fastest. */
typedef struct
{
  const char *row_name, *column_name;
  guint rows, columns;
  double *row_values, *column_values, *accuracy;
} FewGrid;

typedef struct
{
  guint n, n_classes;
  float *scores;             /* [n, K]; the largest of a row is the prediction */
  guint32 *predicted;        /* [n] */
  double accuracy[3];        /* of FEW_ROLE_TRAIN, VALIDATION, TEST; NAN where there are none */
  double low, high;          /* 95 % interval of the test accuracy (Wilson) */
  double seconds;
  guint64 parameters;        /* numbers that were learned */
  char *chosen;              /* "alpha=0.6 beta=1": what was chosen, or learned */
  gboolean too_few;          /* validation pictures were too few to choose by: the method's own values were taken */
  FewEpoch *history;         /* [epochs] */
  guint epochs;
  FewGrid grid;              /* rows = 0: none */
  GPtrArray *tensors;        /* FewLearned *: what was learned, and the values that it began with */
} FewMethodResult;

typedef struct
{
  char *name;
  gsize rows, columns;
  float *values;
} FewLearned;

void few_method_result_free (FewMethodResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewMethodResult, few_method_result_free)

/* From the calling thread; done of total are steps of any kind. */
typedef void (*FewMethodProgress) (gpointer user, guint done, guint total);
FewMethodResult *few_method_run (FewModel *model, const FewTask *task, const FewMethodOptions *options, FewMethodProgress progress,
                                 gpointer user, GCancellable *cancellable, GError **error);
/* Wilson's 95 % interval of `right` among n; NAN when n is 0. */
void few_interval (guint right, guint n, double *low, double *high);

/* ---- models from a hub (Hugging Face, or a mirror of its layout) */

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
  char *use;                 /* a word for what it is good for: "first", "detail" …; "" for none */
  char *repository, *revision;
  char *publisher, *licence, *preprocessing;
  guint64 about, memory;     /* bytes to fetch, roughly, and to run in; 0: not known */
  double gflop;              /* of one picture; 0: not known */
  FewCatalogueFile *files;   /* in the order of fetching; none: the hub is asked */
  guint n_files;
} FewCatalogueEntry;

FewCatalogueEntry *few_catalogue_entry_ref (FewCatalogueEntry *entry);
void few_catalogue_entry_unref (FewCatalogueEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCatalogueEntry, few_catalogue_entry_unref)
/* FewCatalogueEntry *; free with g_ptr_array_unref. */
GPtrArray *few_catalogue_load (const char *path, GError **error);
/* Any repository, "org/name"; NULL when that is no such name. Its files are asked of the hub. */
FewCatalogueEntry *few_catalogue_entry_for (const char *repository);

/* $XDG_DATA_HOME/fewshot/models */
char *few_models_folder (void);

typedef enum
{
  FEW_SHELF_ABSENT,
  FEW_SHELF_PARTIAL, /* begun: fetching goes on where it was */
  FEW_SHELF_HERE,    /* fetched by this program */
  FEW_SHELF_FOUND,   /* in a cache of Hugging Face's own (HF_HOME and so on), used where it lies */
} FewShelf;

/* folder (may be NULL) is what few_model_open takes, or where the part lies; free with g_free. bytes (may be NULL): on disk. */
FewShelf few_shelf_find (const char *models_folder, const FewCatalogueEntry *entry, char **folder, guint64 *bytes);
/* FewCatalogueEntry * of what was fetched, in the order of their names, with what their records know. */
GPtrArray *few_shelf_list (const char *models_folder);
/* Removes what was fetched, or begun. FALSE when it is in use by a fetch, or not there. */
gboolean few_shelf_remove (const char *models_folder, const char *name, GError **error);

typedef struct FewHub FewHub;

typedef struct
{
  const char *endpoint;       /* NULL: $HF_ENDPOINT, or https://huggingface.co */
  const char *token;          /* NULL: $HF_TOKEN; sent to the endpoint's host alone */
  const char *models_folder;  /* NULL: few_models_folder () */
  const char *ca_file;        /* certificates to trust; NULL: the system's */
  guint stall_seconds;        /* without a byte; 0: 30 */
  guint attempts;             /* in a row that bring nothing; 0: 5 */
  double back_off;            /* seconds before the second attempt, doubled each time; 0: 1 */
} FewHubOptions;

typedef enum { FEW_PULL_WAITING, FEW_PULL_RUNNING, FEW_PULL_RETRYING, FEW_PULL_VERIFYING, FEW_PULL_PAUSED, FEW_PULL_DONE, FEW_PULL_FAILED } FewPullState;

typedef struct
{
  guint id;
  const FewCatalogueEntry *entry;
  FewPullState state;         /* WAITING: another window or program fetches the same model */
  guint64 done, total;        /* bytes of all files; total 0: not known yet */
  guint64 transferred;        /* bytes that came over the network for this pull */
  double rate, seconds_left;  /* bytes a second; NAN when not known */
  const char *file;           /* under way */
  const char *folder;         /* DONE: to open */
  const GError *error;        /* FAILED; RETRYING: why */
} FewPullStatus;

/* From the main context that made the hub, ten times a second at most while bytes come. */
typedef void (*FewPullFunc) (gpointer user, const FewPullStatus *status);

/* One thread fetches everything, several models side by side. options may be NULL. */
FewHub *few_hub_new (const FewHubOptions *options, FewPullFunc func, gpointer user);
/* Stops at once; what was begun stays. */
void few_hub_free (FewHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewHub, few_hub_free)
/* Fetches what is missing of a model. The same model twice is one pull. Returns its id. */
guint few_hub_pull (FewHub *hub, FewCatalogueEntry *entry);
void few_hub_set_paused (FewHub *hub, guint id, gboolean paused);
/* Ends with FAILED and G_IO_ERROR_CANCELLED. The part stays. */
void few_hub_cancel (FewHub *hub, guint id);

/* ---- a run of training, as the worker does it */

typedef struct
{
  FewTrainOptions options;
  guint shots;     /* 0: all */
  guint64 split_seed;
} FewTrainJob;

/* ---- projects: everything a window works on, as one value that is written to a file and restored by undo */

typedef struct
{
  guint32 id;         /* unique among the classes, never 0 */
  char *name;
  char *prompt;       /* NULL: the project's template */
  char *unknown;      /* JSON object of members this version does not know, kept for who does; NULL: none */
} FewProjectClass;

typedef struct
{
  guint32 id;         /* unique among the pictures, never 0 */
  guint32 label;      /* index of its class */
  GRefString *path;   /* absolute, in the file system's encoding */
  char sha256[65];    /* "" before the file was read */
  gboolean excluded;  /* stays in the project and takes no part */
  char *unknown;
} FewProjectPicture;

/* A finished training run with what it takes to show it again. Immutable, any thread. */
typedef struct
{
  gatomicrefcount refs;
  char *title;
  FewTrainJob job;
  gboolean stopped;
  double seconds;
  double test_accuracy, zero_shot_accuracy; /* of n_test pictures; NAN with none */
  guint n_test;
  guint n_classes;
  char **names;            /* [n_classes], NULL-terminated */
  char **prompts;          /* [n_classes], entries may be NULL */
  char *template_text;
  guint epochs;
  FewEpoch *history;       /* [epochs] */
  guint n;
  guint32 *ids, *labels;   /* [n] */
  guint8 *roles;           /* [n] FewRole */
  guint dim, hidden;
  float *weights;          /* W1 [H, D], W2 [D, H]; NULL: were not kept */
  char *backbone_sha256;
  char *unknown;
} FewProjectRun;

FewProjectRun *few_project_run_ref (FewProjectRun *run);
void few_project_run_unref (FewProjectRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewProjectRun, few_project_run_unref)
/* What a finished run leaves. names, prompts [n_classes] as it was trained with. */
FewProjectRun *few_project_run_new (const char *title, const FewTrainJob *job, const FewSnapshot *snapshot, const char *const *prompts, gboolean stopped);
/* What an adapter makes of features [n, D] RAW that it was not trained on. labels [n] < K, roles [n], ids [n] (NULL: 0…n−1). An error when it
 * was trained with another model. */
FewSnapshot *few_snapshot_apply (FewModel *model, FewAdapter *adapter, const float *features, const guint32 *labels, const guint8 *roles,
                                 const guint32 *ids, guint n, GError **error);
/* The snapshot that the run ended with, from features [n, D] RAW and text features [K, D] normalised. An error when it was trained with
 * another model or its weights were not kept. */
FewSnapshot *few_snapshot_restore (FewModel *model, const FewProjectRun *run, const float *features, const guint32 *labels, const guint8 *roles,
                                   const guint32 *ids, guint n, const float *text_features, GError **error);

typedef struct
{
  gatomicrefcount refs;
  GPtrArray *classes;   /* FewProjectClass * */
  GArray *pictures;     /* FewProjectPicture */
  GPtrArray *runs;      /* FewProjectRun * */
  char *template_text;
  double alpha;
  FewTrainJob job;      /* settings of the next run */
  char *model;          /* folder, or NULL */
  char *model_sha256;   /* or NULL */
  char *unknown;
} FewProject;

/* An empty one, to be filled by who made it and immutable from then on. The arrays may be replaced by others of their kind. */
FewProject *few_project_new (void);
FewProject *few_project_ref (FewProject *project);
void few_project_unref (FewProject *project);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewProject, few_project_unref)
GArray *few_project_pictures_new (guint reserved);
GPtrArray *few_project_classes_new (void);
void few_project_add_class (GPtrArray *classes, guint32 id, const char *name, const char *prompt, const char *unknown);
/* JSON. Paths below `folder` (may be NULL) are written relative to it, so that both can be moved together. Equal projects give equal
 * bytes. Free with g_free. */
char *few_project_to_json (const FewProject *project, const char *folder);
FewProject *few_project_from_json (const char *json, gsize length, const char *name, const char *folder, GError **error);
/* Atomic. Takes time: not for a thread that draws. */
gboolean few_project_save (const FewProject *project, const char *path, GError **error);
FewProject *few_project_load (const char *path, GError **error);

/* ---- the worker: one thread that owns model, weights and device */

typedef struct FewWorker FewWorker;

typedef enum
{
  FEW_EVENT_MODEL,    /* model opened (info) or not (error) */
  FEW_EVENT_SCANNED,  /* found: what a folder drop would add */
  FEW_EVENT_PICTURE,  /* one picture encoded or refused (error) */
  FEW_EVENT_PROGRESS, /* done of total */
  FEW_EVENT_IDLE,     /* an encoding job is over */
  FEW_EVENT_TRAINED,  /* a run ended: finished, stopped or refused (error) */
  FEW_EVENT_EXPORTED, /* an adapter was written and read back (done of total predictions agree) or not (error) */
  FEW_EVENT_COMPARING,/* compared: one method ran on one draw of shots; or, without it, done of total steps of the one that runs */
  FEW_EVENT_RESTORED, /* snapshot of a run that a project kept, or not (error) */
  FEW_EVENT_LOCATED,  /* found: pictures whose content was looked for; id: the ticket given */
  FEW_EVENT_TRIED,    /* snapshot of some pictures, ids being their indices; or why one could not be read (error, id: its index) */
  FEW_EVENT_TRIED_ALL,/* the pictures of a ticket are tried, or they were stopped */
  FEW_EVENT_MAPPED,   /* map: the pictures of a snapshot as points */
  FEW_EVENT_NEAREST,  /* near: the training pictures most like one */
  FEW_EVENT_NOTICE,   /* the model has gone from the GPU to the CPU, or could not begin there: why (error), and the model as it is now */
  FEW_EVENT_COMPARED, /* the comparison is over: finished, stopped or refused (error) */
} FewEventKind;

typedef struct
{
  char *path;       /* NULL for a file that could not be listed */
  char *class_name; /* display name of its folder */
} FewFound;

/* One method on one draw of shots. */
typedef struct
{
  guint method, shots;      /* index into the job's methods */
  guint64 seed;
  guint n;
  guint32 *ids, *labels;    /* [n] */
  guint8 *roles;            /* [n] */
  guint most_shots;         /* training pictures of the class that has most: fewer than `shots` when there are no more */
  FewMethodResult *result;  /* its scores and tensors are dropped; NULL: it could not run */
  char *reason;             /* why not */
} FewCompared;

/* Immutable, any thread. */
FewCompared *few_compared_ref (FewCompared *compared);
void few_compared_unref (FewCompared *compared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCompared, few_compared_unref)

typedef struct
{
  FewEventKind kind;
  const FewModelInfo *model; /* MODEL, NOTICE: as it was when the event was made */
  FewModel *opened;     /* MODEL, NOTICE: what keeps the strings of `model` valid while the event lasts */
  guint id;             /* PICTURE: the id given; SCANNED, LOCATED, RESTORED, TRIED_ALL, MAPPED, NEAREST: the ticket given */
  guint ticket;         /* TRIED */
  gboolean missing;     /* PICTURE: its file is not there; the feature comes from the cache */
  guint done, total;    /* PROGRESS, EXPORTED, COMPARING */
  gboolean from_cache;  /* PICTURE */
  const guint8 *hash;   /* PICTURE: 32 bytes */
  GPtrArray *found;     /* SCANNED, LOCATED: FewFound *; LOCATED: class_name is the SHA-256 as 64 hex digits */
  gboolean stopped;     /* TRAINED, COMPARED */
  FewCompared *compared;/* COMPARING; ref it to keep it */
  FewSnapshot *snapshot;/* TRAINED, RESTORED, TRIED */
  FewMap *map;          /* MAPPED */
  GArray *near;         /* NEAREST: FewNear, the nearest first */
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
FewWorker *few_worker_new (const char *cache_folder, FewEventFunc func, gpointer user);
/* Cancels what runs and joins the thread (a batch at most). */
void few_worker_free (FewWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWorker, few_worker_free)

void few_worker_open_model (FewWorker *worker, const char *folder, const char *device);
/* Lists pictures below paths: a file joins `class_name` or its folder's class; a folder with pictures is a class, its
 * sub-folders are classes. Answers with SCANNED carrying `ticket`. */
void few_worker_scan (FewWorker *worker, guint ticket, const char *const *paths, const char *class_name);
/* Encodes and keeps the feature under `id`. hashes (may be NULL, entries may be NULL or ""): the SHA-256 that each file had, 64 hex digits:
 * the feature of one that is gone is taken from the cache. */
void few_worker_encode (FewWorker *worker, guint n, const guint32 *ids, const char *const *paths, const char *const *hashes);
/* Looks below the folders for files with these contents (64 hex digits each). Answers with LOCATED carrying `ticket`. */
void few_worker_locate (FewWorker *worker, guint ticket, const char *const *folders, const char *const *hashes, guint n);
/* At most FEW_MAP_PICTURES of the snapshot's pictures as points. Answers with MAPPED carrying `ticket`; a newer request replaces an older
 * one that waits. */
enum { FEW_MAP_PICTURES = 2000 };
void few_worker_map (FewWorker *worker, guint ticket, FewSnapshot *snapshot);
/* The `count` training pictures of the snapshot whose features are nearest to that of picture `id`, which is none of them itself. Answers
 * with NEAREST carrying `ticket`. */
void few_worker_nearest (FewWorker *worker, guint ticket, FewSnapshot *snapshot, guint32 id, guint count);
/* Pictures that are not in the project, seen through an adapter (NULL: CLIP itself, with the classes that follow). Answers with TRIED, some
 * pictures at a time, and TRIED_ALL. */
void few_worker_try (FewWorker *worker, guint ticket, FewAdapter *adapter, const char *const *names, const char *const *prompts, guint n_classes,
                     const char *template_text, const char *const *paths, guint n);
void few_worker_stop_trying (FewWorker *worker);
/* Answers with RESTORED carrying `ticket`. Pictures without a feature are left out. */
void few_worker_restore (FewWorker *worker, guint ticket, FewProjectRun *run);
void few_worker_forget (FewWorker *worker, guint n, const guint32 *ids);
/* Text features and zero-shot snapshot of pictures already encoded; a newer request replaces an older one that waits. Returns the serial
 * that the snapshot will carry. */
guint few_worker_classes (FewWorker *worker, const char *const *names, const char *const *prompts, guint n_classes, const char *template_text,
                         const guint32 *ids, const guint32 *labels, guint n);
/* Same arguments as few_worker_classes; pictures without a feature are left out. */
void few_worker_train (FewWorker *worker, const FewTrainJob *job, const char *const *names, const char *const *prompts, guint n_classes,
                       const char *template_text, const guint32 *ids, const guint32 *labels, guint n);
typedef struct
{
  const char *const *methods; /* specifications, NULL-terminated */
  const guint *shots;
  guint n_shots;
  const guint64 *seeds;
  guint n_seeds;
} FewCompareJob;
/* Every method on the same shots: half of each class is held out to test on, always the same half; of the rest, `shots` pictures a class
 * to learn from and min (shots, 4) to choose by. Templates are those of few_templates_split. */
void few_worker_compare (FewWorker *worker, const FewCompareJob *job, const char *const *names, const char *const *prompts, guint n_classes,
                         const char *template_text, const guint32 *ids, const guint32 *labels, const char *const *paths, guint n);
/* Ends the comparison that runs and those that wait. What was compared stays. */
void few_worker_stop_comparing (FewWorker *worker);
/* Writes the snapshot's adapter with `alpha`; a name that ends in ".onnx" gets an ONNX model. A safetensors file is loaded again and predicts
 * every picture of the snapshot: EXPORTED tells how many predictions equal the lens's at `alpha`; 0 of 0 for ONNX. */
void few_worker_export (FewWorker *worker, FewSnapshot *snapshot, double alpha, const char *path);
/* Last write wins; polled once a batch. */
void few_worker_set_paused (FewWorker *worker, gboolean paused);
void few_worker_set_learning_rate (FewWorker *worker, double learning_rate);
/* Ends the training run after the current batch. Its adapter stays. */
void few_worker_stop_training (FewWorker *worker);
/* Ends the encoding that runs and those that wait. */
void few_worker_cancel_encoding (FewWorker *worker);
/* The newest snapshot since the last call, or NULL. The caller owns it. Never waits. */
FewSnapshot *few_worker_take_snapshot (FewWorker *worker);

G_END_DECLS
