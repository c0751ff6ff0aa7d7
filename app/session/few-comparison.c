/* SPDX-License-Identifier: MIT */
#include "session/few-comparison.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MAX_SHOTS = 12, MAX_SEEDS = 20 };

typedef struct
{
  char *specification, *title;
  gboolean enabled;
} Method;

struct _FewComparison
{
  GObject parent;
  GArray *methods; /* Method */
  char *shots_text;
  guint wanted_shots[MAX_SHOTS], n_wanted_shots, seeds;
  /* the run in view */
  gboolean running;
  GPtrArray *specifications; /* of the job, NULL-terminated; borrowed from methods */
  GArray *rows;              /* guint: which method each of them is */
  guint shots[MAX_SHOTS], n_shots;
  guint64 seed_numbers[MAX_SEEDS];
  guint n_seeds;
  GPtrArray *classes;        /* FewClass */
  GPtrArray *compared; /* FewCompared, their `method` counting the job's */
  /* method, shots and seed of a run → FewCompared, borrowed: the table and the plot ask for all
   * of them often */
  GHashTable *places;
  guint done, total; /* steps of the method that runs */
};

enum { METHODS, CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewComparison, few_comparison, G_TYPE_OBJECT)

static void
changed (FewComparison *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- what is wanted */

guint
few_comparison_get_n_methods (FewComparison *self)
{
  return self->methods->len;
}

static Method *
method_at (FewComparison *self, guint i)
{
  return &g_array_index (self->methods, Method, i);
}

const char *
few_comparison_get_method (FewComparison *self, guint i)
{
  return method_at (self, i)->specification;
}

const char *
few_comparison_get_title (FewComparison *self, guint i)
{
  return method_at (self, i)->title;
}

gboolean
few_comparison_get_enabled (FewComparison *self, guint i)
{
  return method_at (self, i)->enabled;
}

void
few_comparison_set_enabled (FewComparison *self, guint i, gboolean enabled)
{
  method_at (self, i)->enabled = enabled;
  changed (self);
}

static void
append (FewComparison *self, const char *specification, const char *title, gboolean enabled)
{
  Method method = { g_strdup (specification), g_strdup (title), enabled };
  g_array_append_val (self->methods, method);
}

gboolean
few_comparison_add_method (FewComparison *self, const char *specification, GError **error)
{
  FewMethodOptions options;
  if (!few_method_parse (specification, &options, error))
    return FALSE;
  for (guint i = 0; i < self->methods->len; i++)
    if (g_str_equal (method_at (self, i)->specification, specification))
      {
        few_comparison_set_enabled (self, i, TRUE);
        return TRUE;
      }
  append (self, specification, specification, TRUE);
  g_signal_emit (self, signals[METHODS], 0);
  return TRUE;
}

gboolean
few_comparison_set_shots (FewComparison *self, const char *text)
{
  guint shots[MAX_SHOTS];
  guint n = 0;
  g_auto (GStrv) parts = g_strsplit_set (text, ", ", -1);
  for (char **part = parts; *part; part++)
    {
      guint64 value;
      if (**part == '\0')
        continue;
      if (n == MAX_SHOTS || !g_ascii_string_to_unsigned (*part, 10, 1, 100000, &value, NULL))
        return FALSE;
      shots[n++] = (guint) value;
    }
  if (n == 0)
    return FALSE;
  for (guint i = 0; i < n; i++)
    self->wanted_shots[i] = shots[i];
  self->n_wanted_shots = n;
  g_free (self->shots_text);
  self->shots_text = g_strdup (text);
  return TRUE;
}

const char *
few_comparison_get_shots_text (FewComparison *self)
{
  return self->shots_text;
}

void
few_comparison_set_seeds (FewComparison *self, guint seeds)
{
  self->seeds = CLAMP (seeds, 1, MAX_SEEDS);
}

guint
few_comparison_get_seeds (FewComparison *self)
{
  return self->seeds;
}

/* ---- the run */

void
few_comparison_clear (FewComparison *self)
{
  g_ptr_array_set_size (self->compared, 0);
  g_hash_table_remove_all (self->places);
  self->n_shots = 0;
  changed (self);
}

gboolean
few_comparison_begin (FewComparison *self, GPtrArray *classes, guint most, FewCompareJob *job,
                      GError **error)
{
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  self->classes = g_ptr_array_ref (classes);
  g_ptr_array_set_size (self->specifications, 0);
  g_array_set_size (self->rows, 0);
  g_ptr_array_set_size (self->compared, 0);
  g_hash_table_remove_all (self->places);
  self->n_shots = 0;
  self->done = self->total = 0;
  for (guint i = 0; i < self->methods->len; i++)
    if (method_at (self, i)->enabled)
      {
        g_ptr_array_add (self->specifications, method_at (self, i)->specification);
        g_array_append_val (self->rows, i);
      }
  guint least = G_MAXUINT;
  for (guint i = 0; i < self->n_wanted_shots; i++)
    {
      least = MIN (least, self->wanted_shots[i]);
      if (self->wanted_shots[i] <= most)
        self->shots[self->n_shots++] = self->wanted_shots[i];
    }
  if (self->rows->len == 0 || self->n_shots == 0)
    {
      if (self->rows->len == 0)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                             _ ("Choose at least one method to compare."));
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     ngettext ("%u shot is more than the classes have: half of their pictures are "
                               "kept to test on, which leaves %u at most.",
                               "%u shots are more than the classes have: half of their pictures "
                               "are kept to test on, which leaves %u at most.",
                               least),
                     least, most);
      return FALSE;
    }
  g_ptr_array_add (self->specifications, NULL);
  self->n_seeds = self->seeds;
  for (guint i = 0; i < self->n_seeds; i++)
    self->seed_numbers[i] = i + 1;
  self->running = TRUE;
  *job = (FewCompareJob) { (const char *const *) self->specifications->pdata, self->shots,
                           self->n_shots, self->seed_numbers, self->n_seeds };
  changed (self);
  return TRUE;
}

/* One number for a run: shots stay below 2¹⁷, seeds and methods are few. */
static gpointer
place (guint method, guint shots, guint64 seed)
{
  return GUINT_TO_POINTER (((method * (MAX_SEEDS + 1) + (guint) seed) << 17) + shots);
}

void
few_comparison_take (FewComparison *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_COMPARED)
    self->running = FALSE;
  else if (event->compared)
    {
      FewCompared *one = few_compared_ref (event->compared);
      g_ptr_array_add (self->compared, one);
      g_hash_table_insert (
          self->places,
          place (g_array_index (self->rows, guint, one->method), one->shots, one->seed), one);
      self->done = self->total = 0;
    }
  else
    {
      self->done = event->done;
      self->total = event->total;
    }
  changed (self);
}

/* ---- what was found */

gboolean
few_comparison_is_running (FewComparison *self)
{
  return self->running;
}

gboolean
few_comparison_has_results (FewComparison *self)
{
  return self->compared->len > 0;
}

double
few_comparison_get_progress (FewComparison *self, char **what)
{
  guint all = self->rows->len * self->n_shots * self->n_seeds;
  guint runs = self->compared->len;
  if (what)
    *what = NULL;
  if (all == 0)
    return 0;
  if (what && self->running && runs < all)
    {
      guint row = g_array_index (self->rows, guint, runs % self->rows->len);
      guint draw = runs / self->rows->len;
      /* Translators: the method that runs, its number of training pictures a class, which draw
       * of them out of how many */
      *what =
          g_strdup_printf (ngettext ("%s, %u shot, draw %u of %u", "%s, %u shots, draw %u of %u",
                                     self->shots[draw / self->n_seeds]),
                           method_at (self, row)->title, self->shots[draw / self->n_seeds],
                           draw % self->n_seeds + 1, self->n_seeds);
    }
  return (runs + (self->total ? (double) self->done / self->total : 0)) / all;
}

const guint *
few_comparison_get_shots (FewComparison *self, guint *n)
{
  *n = self->n_shots;
  return self->shots;
}

FewCompared *
few_comparison_find (FewComparison *self, guint method, guint shots, guint64 seed)
{
  return g_hash_table_lookup (self->places, place (method, shots, seed));
}

void
few_comparison_get_cell (FewComparison *self, guint method, guint shots, FewComparisonCell *cell)
{
  double sum = 0;
  double squares = 0;
  *cell = (FewComparisonCell) { .mean = NAN, .deviation = NAN, .low = 0, .high = 0 };
  for (guint i = 0; i < self->n_seeds; i++)
    {
      const FewCompared *one = few_comparison_find (self, method, shots, self->seed_numbers[i]);
      if (one && one->reason)
        cell->reason = one->reason;
      if (!one || !one->result || isnan (one->result->accuracy[FEW_ROLE_TEST]))
        continue;
      const FewMethodResult *result = one->result;
      double accuracy = result->accuracy[FEW_ROLE_TEST];
      cell->runs++;
      sum += accuracy;
      squares += accuracy * accuracy;
      cell->low += result->low;
      cell->high += result->high;
      cell->seconds += result->seconds;
      cell->parameters = MAX (cell->parameters, result->parameters);
      cell->too_few |= result->too_few;
    }
  if (cell->runs == 0)
    return;
  guint n = cell->runs;
  cell->reason = NULL;
  cell->mean = sum / n;
  cell->low /= n;
  cell->high /= n;
  cell->seconds /= n;
  if (n > 1)
    cell->deviation = sqrt (MAX (0, (squares - n * cell->mean * cell->mean) / (n - 1)));
}

guint
few_comparison_get_test_pictures (FewComparison *self)
{
  const FewCompared *one = self->compared->len ? self->compared->pdata[0] : NULL;
  guint n = 0;
  for (guint i = 0; one && i < one->n; i++)
    n += one->roles[i] == FEW_ROLE_TEST;
  return n;
}

FewClass *
few_comparison_get_class (FewComparison *self, guint k)
{
  return self->classes->pdata[k];
}

/* ---- life */

static void
method_clear (gpointer data)
{
  Method *method = data;
  g_free (method->specification);
  g_free (method->title);
}

static void
few_comparison_finalize (GObject *object)
{
  FewComparison *self = FEW_COMPARISON (object);
  g_array_unref (self->methods);
  g_array_unref (self->rows);
  g_ptr_array_unref (self->specifications);
  g_ptr_array_unref (self->compared);
  g_hash_table_unref (self->places);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  g_free (self->shots_text);
  G_OBJECT_CLASS (few_comparison_parent_class)->finalize (object);
}

static void
few_comparison_class_init (FewComparisonClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_comparison_finalize;
  signals[METHODS] = g_signal_new ("methods", FEW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_comparison_init (FewComparison *self)
{
  /* those that take seconds on any computer; CoOp may take hours with a large model */
  static const char *const quick[] = {
    "zero-shot", "linear-probe", "clip-adapter", "tip-adapter-f", "gda", "clap", NULL
  };
  const FewMethodInfo *info;
  self->methods = g_array_new (FALSE, FALSE, sizeof (Method));
  g_array_set_clear_func (self->methods, method_clear);
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  self->specifications = g_ptr_array_new ();
  self->places = g_hash_table_new (NULL, NULL);
  self->compared = g_ptr_array_new_with_free_func ((GDestroyNotify) few_compared_unref);
  for (guint i = 0; (info = few_method_info (i)); i++)
    append (self, info->name, info->title, g_strv_contains (quick, info->name));
  few_comparison_set_shots (self, "1, 2, 4, 8, 16");
  self->seeds = 3;
}

FewComparison *
few_comparison_new (void)
{
  return g_object_new (FEW_TYPE_COMPARISON, NULL);
}
