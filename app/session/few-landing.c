/* SPDX-License-Identifier: MIT */
/* From what a scan found to pictures in the list, in slices. */
#include "session/few-landing.h"
#include "session/few-arrival.h"
#include <glib/gi18n.h>

static const gint64 SLICE = 3000; /* µs */
/* a grid may make a tile for each at once, the first hundreds of times */
enum { BATCH = 32, FIRST_BATCH = 8, FIRST = 400 };

FewLanding *
few_landing_new (const char *const *paths, FewClass *into)
{
  static const char *const none[] = { NULL };
  FewLanding *landing = g_new0 (FewLanding, 1);
  landing->paths = g_strdupv ((char **) (paths ? paths : none));
  landing->into = into ? g_object_ref (into) : NULL;
  landing->added = g_ptr_array_new_with_free_func (g_object_unref);
  landing->refused = g_ptr_array_new_with_free_func (g_free);
  landing->touched = g_hash_table_new (NULL, NULL);
  return landing;
}

void
few_landing_free (gpointer data)
{
  FewLanding *landing = data;
  g_clear_object (&landing->into);
  g_free (landing->name);
  g_free (landing->renamed);
  g_strfreev (landing->paths);
  g_clear_pointer (&landing->found, g_ptr_array_unref);
  g_clear_pointer (&landing->any, g_ptr_array_unref);
  g_clear_pointer (&landing->plan, few_plan_free);
  g_clear_pointer (&landing->any_plan, few_plan_free);
  g_clear_pointer (&landing->boxes_plan, few_plan_free);
  g_ptr_array_unref (landing->added);
  g_ptr_array_unref (landing->refused);
  g_clear_pointer (&landing->known, g_hash_table_unref);
  g_hash_table_unref (landing->touched);
  g_free (landing);
}

void
few_landing_take_any (FewLanding *landing)
{
  g_return_if_fail (landing != NULL && landing->any && landing->any_plan);
  g_ptr_array_unref (landing->found);
  few_plan_free (landing->plan);
  landing->found = g_steal_pointer (&landing->any);
  landing->plan = g_steal_pointer (&landing->any_plan);
  landing->several = TRUE;
}

/* ---- classes */

static const char *
name_class (const FewLanding *landing, const char *name)
{
  return landing->name && g_str_equal (landing->renamed, name) ? landing->name : name;
}

/* Its classes, made where there are none; without a label it is none of these. */
static GPtrArray *
choose_classes (const FewLanding *landing, FewExamples *examples, const FewFound *found)
{
  const char *one[] = { found->class_name, NULL };
  const char *const *names = found->class_names ? (const char *const *) found->class_names : one;
  GPtrArray *classes = g_ptr_array_new ();
  if (landing->into && !landing->none)
    g_ptr_array_add (classes, landing->into);
  for (guint i = 0; !landing->into && !landing->none && names[i]; i++)
    g_ptr_array_add (classes, few_examples_ensure_class (examples, name_class (landing, names[i])));
  if (classes->len == 0)
    g_ptr_array_add (classes, few_examples_get_none (examples));
  return classes;
}

/* Whether pictures have any number of labels, now or once it has landed. */
static gboolean
takes_any (const FewLanding *landing, FewExamples *examples)
{
  return landing->several || few_examples_is_several (examples);
}

/* What is of no class is tested on only where that is as good as any. */
static gboolean
is_test (const FewLanding *landing, FewExamples *examples, const FewFound *found, FewClass *first)
{
  gboolean meant = landing->test || found->role == FEW_ROLE_TEST;
  return meant && (!few_class_is_none (first) || takes_any (landing, examples));
}

/* The caller owns it. */
static FewPicture *
make_picture (FewLanding *landing, FewExamples *examples, const FewFound *found)
{
  g_autoptr (GPtrArray) classes = choose_classes (landing, examples, found);
  if (!takes_any (landing, examples))
    g_ptr_array_set_size (classes, 1);
  FewPicture *picture = few_examples_make_picture (examples, found->path, classes->pdata[0]);
  for (guint i = 0; i < classes->len; i++)
    if (!few_class_is_none (classes->pdata[i]))
      g_hash_table_add (landing->touched, classes->pdata[i]);
  few_picture_set_classes (picture, classes);
  few_picture_set_test (picture, is_test (landing, examples, found, classes->pdata[0]));
  if (landing->several)
    few_gallery_set_several (few_examples_get_gallery (examples), TRUE);
  return picture;
}

/* ---- labels of pictures that are there */

/* Those of the first that are none of the second; borrowed. */
static GPtrArray *
list_missing (const GPtrArray *classes, FewPicture *picture)
{
  GPtrArray *missing = g_ptr_array_new ();
  for (guint i = 0; i < classes->len; i++)
    if (!few_class_is_none (classes->pdata[i])
        && !few_picture_has_class (picture, classes->pdata[i]))
      g_ptr_array_add (missing, classes->pdata[i]);
  return missing;
}

static gboolean
came_with (const FewLanding *landing, FewPicture *picture)
{
  return landing->added->len > 0
         && few_picture_get_id (picture) >= few_picture_get_id (landing->added->pdata[0]);
}

/* It keeps those that it has; where it can have one alone nothing is changed. */
static void
add_labels (FewLanding *landing, FewExamples *examples, FewPicture *picture, const FewFound *found)
{
  gboolean here = few_examples_get_picture (examples, few_picture_get_id (picture)) == picture;
  if (!takes_any (landing, examples) || landing->none || !(here || came_with (landing, picture)))
    return;
  g_autoptr (GPtrArray) meant = choose_classes (landing, examples, found);
  g_autoptr (GPtrArray) missing = list_missing (meant, picture);
  g_autoptr (GPtrArray) classes = few_picture_list_classes (picture);
  if (missing->len == 0)
    return;
  for (guint i = 0; i < missing->len; i++)
    {
      g_ptr_array_add (classes, g_object_ref (missing->pdata[i]));
      if (came_with (landing, picture))
        g_hash_table_add (landing->touched, missing->pdata[i]);
    }
  if (landing->several)
    few_gallery_set_several (few_examples_get_gallery (examples), TRUE);
  few_picture_set_classes (picture, classes);
  few_picture_set_replaced (picture, FALSE);
  few_picture_set_confirmed (picture, FALSE);
  few_gallery_touch_pictures (few_examples_get_gallery (examples));
  landing->labelled += !came_with (landing, picture);
}

/* ---- pictures */

/* A new picture, or NULL when the file is none, known or not wanted. One that is known may get
 * labels. */
static FewPicture *
take_found (FewLanding *landing, FewExamples *examples, const FewFound *found)
{
  if (landing->training_only && found->role != FEW_ROLE_TRAIN)
    return NULL;
  if (landing->boxes ? found->has_boxes : found->boxed)
    return NULL;
  if (!found->picture || found->reason)
    {
      g_autofree char *name = g_filename_display_name (found->path);
      g_ptr_array_add (landing->refused,
                       found->reason ? g_strdup (found->reason)
                                     : g_strdup_printf (_ ("%s is not a picture file."), name));
      return NULL;
    }
  FewPicture *known = g_hash_table_lookup (landing->known, found->path);
  if (known)
    {
      add_labels (landing, examples, known, found);
      return NULL;
    }
  FewPicture *picture = make_picture (landing, examples, found);
  g_hash_table_insert (landing->known, g_ref_string_new (found->path), picture);
  return picture;
}

static gboolean
is_there (FewExamples *examples, FewClass *klass)
{
  GListModel *classes = few_examples_get_classes (examples);
  return few_class_is_none (klass) || g_list_store_find (G_LIST_STORE (classes), klass, NULL);
}

void
few_landing_add (FewLanding *landing, FewExamples *examples)
{
  g_return_if_fail (landing != NULL && landing->found && FEW_IS_EXAMPLES (examples));
  gint64 until = g_get_monotonic_time () + SLICE;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  if (!landing->known) /* now, after the drops before it */
    landing->known = few_arrival_list_addresses (examples);
  if (landing->into && !is_there (examples, landing->into))
    g_clear_object (&landing->into); /* it was removed meanwhile */
  guint most = landing->added->len < FIRST ? FIRST_BATCH : BATCH;
  for (; landing->at < landing->found->len && batch->len < most && g_get_monotonic_time () < until;
       landing->at++)
    {
      FewPicture *picture = take_found (landing, examples, landing->found->pdata[landing->at]);
      if (!picture)
        continue;
      g_ptr_array_add (batch, picture);
      g_ptr_array_add (landing->added, picture);
    }
  few_examples_append (examples, batch);
}
