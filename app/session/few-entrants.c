/* SPDX-License-Identifier: MIT */
/* Those for one class each come first, so that a method keeps its place, and its colour. */
#include "session/few-entrants.h"
#include "session/few-methods.h"
#include <glib/gi18n.h>

struct FewEntrants
{
  GPtrArray *list; /* FewEntrant */
};

static void
entrant_free (gpointer data)
{
  FewEntrant *entrant = data;
  g_free (entrant->specification);
  g_free (entrant->title);
  g_free (entrant);
}

static void
append (FewEntrants *entrants, const char *specification, gboolean enabled)
{
  FewEntrant *entrant = g_new (FewEntrant, 1);
  *entrant = (FewEntrant) { g_strdup (specification),
                            g_strdup (few_method_choice_title (specification)), enabled };
  g_ptr_array_add (entrants->list, entrant);
}

FewEntrants *
few_entrants_new (void)
{
  const FewMethodInfo *info;
  FewEntrants *entrants = g_new (FewEntrants, 1);
  entrants->list = g_ptr_array_new_with_free_func (entrant_free);
  for (guint i = 0; (info = few_method_info (i)); i++)
    if (!info->several)
      append (entrants, info->name, few_method_choice_is_quick (info->name));
  append (entrants, FEW_METHOD_SEVERAL, TRUE);
  append (entrants, FEW_METHOD_SEVERAL_WORDLESS, TRUE);
  return entrants;
}

void
few_entrants_free (FewEntrants *entrants)
{
  g_return_if_fail (entrants != NULL);
  g_ptr_array_unref (entrants->list);
  g_free (entrants);
}

guint
few_entrants_count (const FewEntrants *entrants)
{
  g_return_val_if_fail (entrants != NULL, 0);
  return entrants->list->len;
}

FewEntrant *
few_entrants_get (const FewEntrants *entrants, guint i)
{
  g_return_val_if_fail (entrants != NULL && i < entrants->list->len, NULL);
  return entrants->list->pdata[i];
}

/* CLIP itself puts all in an order, however many labels they have. */
static gboolean
fits (const char *specification, gboolean several)
{
  return few_method_choice_fits (specification, several)
         || g_str_equal (specification, "zero-shot");
}

static gboolean
check_labels (const char *specification, gboolean several, GError **error)
{
  if (fits (specification, several))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               several ? _ ("%s gives every picture one class, and pictures of this project have "
                            "any number of labels.")
                       : _ ("%s is for pictures with any number of labels, and pictures of this "
                            "project have one class each."),
               specification);
  return FALSE;
}

/* Where it is among them, at the end and not enabled if it was not. FEW_ENTRANT_UNKNOWN with an
 * error. */
static guint
place (FewEntrants *entrants, const char *specification, gboolean several, GError **error)
{
  FewMethodOptions options;
  guint i = 0;
  if (!few_method_parse (specification, &options, error)
      || !check_labels (specification, several, error))
    return FEW_ENTRANT_UNKNOWN;
  while (i < entrants->list->len
         && !g_str_equal (few_entrants_get (entrants, i)->specification, specification))
    i++;
  if (i == entrants->list->len)
    append (entrants, specification, FALSE);
  return i;
}

gboolean
few_entrants_add (FewEntrants *entrants, const char *specification, gboolean several,
                  GError **error)
{
  g_return_val_if_fail (entrants != NULL && specification != NULL, FALSE);
  guint i = place (entrants, specification, several, error);
  if (i == FEW_ENTRANT_UNKNOWN)
    return FALSE;
  few_entrants_get (entrants, i)->enabled = TRUE;
  return TRUE;
}

void
few_entrants_want (FewEntrants *entrants, const char *const *specifications, gboolean several)
{
  g_return_if_fail (entrants != NULL && specifications != NULL);
  for (guint i = 0; i < entrants->list->len; i++)
    {
      FewEntrant *one = entrants->list->pdata[i];
      one->enabled &= !fits (one->specification, several);
    }
  for (guint i = 0; specifications[i]; i++)
    few_entrants_add (entrants, specifications[i], several, NULL);
}

guint *
few_entrants_place (FewEntrants *entrants, const char *const *specifications, gboolean several)
{
  g_return_val_if_fail (entrants != NULL && specifications != NULL, NULL);
  guint n = g_strv_length ((char **) specifications);
  guint *places = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++)
    places[i] = place (entrants, specifications[i], several, NULL);
  return places;
}

gboolean
few_entrant_suits (const FewEntrant *entrant, const FewModelInfo *model, gboolean several)
{
  g_return_val_if_fail (entrant != NULL, FALSE);
  return few_method_choice_suits (entrant->specification, model)
         && fits (entrant->specification, several);
}

guint
few_entrants_choose (const FewEntrants *entrants, const FewModelInfo *model, gboolean several,
                     GPtrArray *specifications, GArray *places)
{
  g_return_val_if_fail (entrants != NULL, 0);
  guint n = 0;
  for (guint i = 0; i < entrants->list->len; i++)
    {
      FewEntrant *entrant = entrants->list->pdata[i];
      if (!entrant->enabled || !few_entrant_suits (entrant, model, several))
        continue;
      n++;
      if (specifications)
        g_ptr_array_add (specifications, entrant->specification);
      if (places)
        g_array_append_val (places, i);
    }
  return n;
}
