/* SPDX-License-Identifier: MIT */
/* Which model of the catalogue is recommended, and what its row says. */
#include "common/paths.h"
#include "models/few-models.h"
#include "models/few-suggestion.h"
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

static const char *
choose (const FewComputer *computer)
{
  g_autofree char *path = few_catalogue_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = few_catalogue_load (path, &error);
  g_assert_no_error (error);
  const FewCatalogueEntry *best = NULL;
  for (guint i = 0; i < entries->len; i++)
    if (few_computer_prefers (computer, entries->pdata[i], best))
      best = entries->pdata[i];
  return best ? g_intern_string (best->name) : NULL;
}

static void
test_suggestion (void)
{
  static const struct
  {
    FewComputer computer;
    const char *name;
  } cases[] = {
    { { 8e9, 1, TRUE }, "mobileclip2-b" },
    { { 8e9, 2, TRUE }, "mobileclip2-b" }, /* 4.4 pictures a second were measured */
    { { 8e9, 4, TRUE }, "mobileclip2-b" },
    { { 64e9, 16, TRUE }, "pe-core-l-14-336" },
    { { 2e9, 16, TRUE }, "mobileclip2-b" }, /* the larger does not fit */
    { { 8e9, 4, FALSE }, "siglip2-b-16" },
    { { 8e9, 1, FALSE }, "siglip2-b-16" },
    { { 2e9, 1, FALSE }, NULL }, /* none of many languages fits */
    { { 3e8, 16, TRUE }, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (choose (&cases[i].computer), ==, cases[i].name);
}

/* Numbers have their source, a licence is said, and a model of pictures alone is never one that
 * names are read by. */
static void
test_facts (void)
{
  g_autofree char *path = few_catalogue_path ();
  g_autofree char *folder = g_dir_make_tmp ("fewshot-models-XXXXXX", NULL);
  g_autoptr (GPtrArray) entries = few_catalogue_load (path, NULL);
  g_assert_nonnull (entries);
  for (guint i = 0; i < entries->len; i++)
    {
      FewCatalogueEntry *entry = entries->pdata[i];
      g_autoptr (FewModelItem) item = few_model_item_new (entry, folder);
      g_autofree char *use = few_model_item_describe_use (item);
      g_autofree char *facts = few_model_item_describe_facts (item);
      g_assert_cmpstr (use, !=, "");
      g_assert_cmpstr (entry->licence, !=, "");
      g_assert_cmpstr (entry->languages, !=, "");
      g_assert_true ((entry->accuracy > 0) == (*entry->source != '\0'));
      g_assert_true ((entry->accuracy > 0)
                     == (strstr (facts, entry->source) != NULL && *entry->source));
      g_assert_true (g_str_equal (entry->measure, "names")
                     || strstr (facts, g_str_equal (entry->measure, "species") ? "of species"
                                                                               : "has learned"));
      g_assert_true (g_str_equal (entry->languages, "none")
                     == (strstr (facts, "class names") == NULL));
      few_model_item_suggest (item);
      g_autofree char *suggested = few_model_item_describe_use (item);
      g_assert_true (g_str_has_prefix (suggested, "Recommended for this computer · "));
    }
  g_rmdir (folder);
}

/* What is recommended stands first in the window, and is the only one. */
static void
test_first (void)
{
  g_autoptr (FewModels) models = few_models_new ();
  GListModel *list = few_models_get_list (models);
  guint suggested = 0;
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FewModelItem) item = g_list_model_get_item (list, i);
      g_autofree char *use = few_model_item_describe_use (item);
      gboolean is = g_str_has_prefix (use, "Recommended for this computer · ");
      g_assert_false (is && i > 0);
      suggested += is;
    }
  g_assert_cmpuint (suggested, ==, 1);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/suggestion/computers", test_suggestion);
  g_test_add_func ("/suggestion/facts", test_facts);
  g_test_add_func ("/suggestion/first", test_first);
  return g_test_run ();
}
