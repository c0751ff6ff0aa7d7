/* SPDX-License-Identifier: MIT */
/* Counts what a scan found. */
#include "session/few-plan.h"

enum { MOST_CLASSES = 50 };

/* Names: of classes → the place of each, and one; of those that new pictures are of. */
typedef struct
{
  GHashTable *classes, *targets;
} Seen;

/* The folder of them all, as long as there is one. */
static void
follow_folder (FewPlan *plan, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  if (plan->pictures == 0)
    plan->folder = g_steal_pointer (&folder);
  else if (g_strcmp0 (plan->folder, folder) != 0)
    g_clear_pointer (&plan->folder, g_free);
}

static void
count_class (FewPlan *plan, const char *name, Seen *seen, GHashTable *names)
{
  guint class = GPOINTER_TO_UINT (g_hash_table_lookup (seen->classes, name));
  if (class > 0)
    {
      g_array_index (plan->counts, guint, class - 1)++;
      return;
    }
  const guint first = 1;
  g_ptr_array_add (plan->classes, g_strdup (name));
  g_array_append_val (plan->counts, first);
  g_hash_table_insert (seen->classes, (char *) name, GUINT_TO_POINTER (plan->classes->len));
  plan->joined += g_hash_table_contains (names, name);
}

/* The same of a new picture. */
static void
count_target (FewPlan *plan, const char *name, Seen *seen, GHashTable *names)
{
  count_class (plan, name, seen, names);
  if (g_hash_table_add (seen->targets, (char *) name))
    (*(g_hash_table_contains (names, name) ? &plan->into_old : &plan->into_new))++;
}

static void
count_part (FewPlan *plan, const char *address, GHashTable *files)
{
  if (!few_address_has_crop (address))
    return;
  plan->parts++;
  plan->files += g_hash_table_add (files, few_address_split (address, NULL));
}

static void
count_picture (FewPlan *plan, const FewFound *found, Seen *seen, GHashTable *names)
{
  g_autofree char *file = few_address_split (found->path, NULL);
  follow_folder (plan, file);
  plan->pictures++;
  plan->training += found->role == FEW_ROLE_TRAIN;
  plan->testing += found->role == FEW_ROLE_TEST;
  plan->has_roles |= found->role != FEW_ROLE_UNUSED;
  plan->several += found->class_names && found->class_names[0] && found->class_names[1];
  if (!found->class_names)
    count_target (plan, found->class_name, seen, names);
  for (guint i = 0; found->class_names && found->class_names[i]; i++)
    count_target (plan, found->class_names[i], seen, names);
}

/* Labels that it has not come to those that it has. */
static void
count_known (FewPlan *plan, const FewFound *found, Seen *seen, const FewKnown *known)
{
  const char *const *has = g_hash_table_lookup (known->paths, found->path);
  const char *const into[] = { found->listed ? NULL : known->into, NULL };
  const char *const own[] = { found->class_name, NULL };
  const char *const *names = into[0] ? into : own;
  gboolean takes = known->several && has && (found->listed || !known->none);
  guint more = 0;
  if (!into[0] && found->class_names)
    names = (const char *const *) found->class_names;
  for (guint i = 0; takes && names[i]; i++)
    if (!g_strv_contains (has, names[i]))
      {
        more++;
        count_class (plan, names[i], seen, known->names);
      }
  plan->known++;
  plan->labelled += more > 0;
}

FewPlan *
few_plan_new (const GPtrArray *found, const FewKnown *known, gboolean with_boxes)
{
  g_return_val_if_fail (found && known, NULL);
  g_autoptr (GHashTable) classes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) targets = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Seen seen = { classes, targets };
  FewPlan *plan = g_new0 (FewPlan, 1);
  plan->classes = g_ptr_array_new_with_free_func (g_free);
  plan->counts = g_array_new (FALSE, FALSE, sizeof (guint));
  plan->refused = g_ptr_array_new_with_free_func (g_free);
  plan->reasons = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < found->len; i++)
    {
      const FewFound *one = found->pdata[i];
      plan->listed |= one->listed;
      if (one->reason)
        g_ptr_array_add (plan->reasons, g_strdup (one->reason));
      else if (one->boxed && !with_boxes)
        plan->boxes += !g_hash_table_contains (known->paths, one->path);
      else if (with_boxes && one->has_boxes)
        continue;
      else if (!one->picture)
        g_ptr_array_add (plan->refused, g_filename_display_basename (one->path));
      else if (g_hash_table_contains (known->paths, one->path))
        count_known (plan, one, &seen, known);
      else
        {
          count_picture (plan, one, &seen, known->names);
          count_part (plan, one->path, files);
        }
    }
  return plan;
}

void
few_plan_free (FewPlan *plan)
{
  g_free (plan->folder);
  g_ptr_array_unref (plan->classes);
  g_array_unref (plan->counts);
  g_ptr_array_unref (plan->refused);
  g_ptr_array_unref (plan->reasons);
  g_free (plan);
}

gboolean
few_plan_surprises (const FewPlan *plan)
{
  g_return_val_if_fail (plan, FALSE);
  return plan->refused->len > 0 || plan->reasons->len > 0 || plan->has_roles || plan->listed
         || plan->classes->len - plan->joined > MOST_CLASSES;
}
