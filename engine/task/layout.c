/* SPDX-License-Identifier: MIT */
/* Folders called train, valid, Testing … are a split where two of them lie beside each other and
 * hold folders of pictures. A folder called “train” among cars and buses is a class. */
#include "task/layout.h"
#include "base/error.h"
#include "base/folder.h"
#include <fewshot/picture.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_WRAPPINGS = 4 };

/* A folder's sub-folders that hold pictures. */
typedef struct
{
  char *folder;
  GPtrArray *names;
  gboolean pictures; /* it holds some itself */
} Listing;

static void
listing_clear (Listing *listing)
{
  g_clear_pointer (&listing->folder, g_free);
  g_clear_pointer (&listing->names, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static void
part_free (gpointer data)
{
  FewLayoutPart *part = data;
  g_free (part->folder);
  g_free (part);
}

void
few_layout_free (FewLayout *layout)
{
  g_ptr_array_unref (layout->parts);
  g_free (layout->deeper);
  g_free (layout);
}

FewRole
few_layout_role (const char *name)
{
  static const struct
  {
    const char *word;
    FewRole role;
  } words[] = {
    { "train", FEW_ROLE_TRAIN },         { "training", FEW_ROLE_TRAIN },
    { "trn", FEW_ROLE_TRAIN },           { "val", FEW_ROLE_VALIDATION },
    { "valid", FEW_ROLE_VALIDATION },    { "validation", FEW_ROLE_VALIDATION },
    { "validate", FEW_ROLE_VALIDATION }, { "validating", FEW_ROLE_VALIDATION },
    { "dev", FEW_ROLE_VALIDATION },      { "test", FEW_ROLE_TEST },
    { "testing", FEW_ROLE_TEST },        { "tst", FEW_ROLE_TEST },
  };
  static const char *const behind[] = { "", "set", "data", "images", "split", "dir" };
  g_autoptr (GString) plain = g_string_new (NULL);
  for (const char *p = name; *p; p++)
    if (!strchr ("-_ .", *p))
      g_string_append_c (plain, g_ascii_tolower (*p));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (guint k = 0; k < G_N_ELEMENTS (behind); k++)
      {
        g_autofree char *whole = g_strconcat (words[i].word, behind[k], NULL);
        if (g_str_equal (plain->str, whole))
          return words[i].role;
      }
  return FEW_ROLE_UNUSED;
}

static gboolean
list (const char *folder, Listing *listing, GError **error)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  if (!few_folder_list (folder, &files, &folders, error))
    return FALSE;
  listing->folder = g_strdup (folder);
  listing->names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < files->len && !listing->pictures; i++)
    {
      g_autofree char *path = g_build_filename (folder, files->pdata[i], NULL);
      listing->pictures = few_is_picture_file (path);
    }
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      /* one that cannot be read counts: whoever lists it says so */
      if (g_access (path, R_OK | X_OK) != 0 || few_folder_holds_pictures (path))
        g_ptr_array_add (listing->names, g_strdup (folders->pdata[i]));
    }
  return TRUE;
}

static char *
child (const Listing *listing, guint index)
{
  return g_build_filename (listing->folder, listing->names->pdata[index], NULL);
}

/* Two folders of a split, at least. */
static gboolean
is_split (const Listing *listing)
{
  guint has[FEW_ROLE_UNUSED + 1] = { 0 };
  for (guint i = 0; i < listing->names->len; i++)
    has[few_layout_role (listing->names->pdata[i])]++;
  return (has[FEW_ROLE_TRAIN] > 0) + (has[FEW_ROLE_VALIDATION] > 0) + (has[FEW_ROLE_TEST] > 0) >= 2;
}

/* ---- a split */

static void
add_part (FewLayout *layout, const char *folder, FewRole role)
{
  FewLayoutPart *part = g_new (FewLayoutPart, 1);
  *part = (FewLayoutPart) { g_strdup (folder), role };
  g_ptr_array_add (layout->parts, part);
}

/* The folder of class folders of one part: itself, or what it wraps (test/test/…). */
static char *
part_folder (const char *folder, GError **error)
{
  g_auto (Listing) inside = { NULL };
  if (!list (folder, &inside, NULL))
    return g_strdup (folder);
  if (inside.names->len == 1 && !inside.pictures
      && few_layout_role (inside.names->pdata[0]) != FEW_ROLE_UNUSED)
    return child (&inside, 0);
  if (inside.names->len > 0)
    return g_strdup (folder);
  g_autofree char *shown = g_filename_display_name (folder);
  few_fail (error, INPUT,
            "%s holds pictures, but no class folders. Its name says that it is a part of a split: "
            "make one folder of pictures per class in it, or give it another name.",
            shown);
  return NULL;
}

static FewLayout *
split_layout (const Listing *listing, GError **error)
{
  static const FewRole order[] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST, FEW_ROLE_VALIDATION };
  g_autoptr (FewLayout) layout = g_new0 (FewLayout, 1);
  layout->parts = g_ptr_array_new_with_free_func (part_free);
  layout->has_roles = TRUE;
  for (guint i = 0; i < listing->names->len; i++)
    {
      if (few_layout_role (listing->names->pdata[i]) != FEW_ROLE_UNUSED)
        continue;
      g_autofree char *shown = g_filename_display_name (listing->folder);
      g_autofree char *other = g_filename_display_name (listing->names->pdata[i]);
      few_fail (error, INPUT,
                "%s holds both the folders of a split (train, test …) and “%s”, which is none: is "
                "it a class? Move it out, or move the classes into the split's folders.",
                shown, other);
      return NULL;
    }
  for (guint k = 0; k < G_N_ELEMENTS (order); k++)
    for (guint i = 0; i < listing->names->len; i++)
      {
        if (few_layout_role (listing->names->pdata[i]) != order[k])
          continue;
        g_autofree char *outer = child (listing, i);
        g_autofree char *folder = part_folder (outer, error);
        if (!folder)
          return NULL;
        add_part (layout, folder, order[k]);
      }
  return g_steal_pointer (&layout);
}

/* ---- classes */

/* at: the folder that the wrappings lead to */
static FewLayout *
class_layout (const char *folder, const char *at)
{
  FewLayout *layout = g_new0 (FewLayout, 1);
  layout->parts = g_ptr_array_new_with_free_func (part_free);
  add_part (layout, folder, FEW_ROLE_TRAIN);
  g_auto (Listing) inside = { NULL };
  if (!g_str_equal (at, folder) && list (at, &inside, NULL) && inside.names->len > 1
      && !inside.pictures)
    layout->deeper = g_strdup (at);
  return layout;
}

FewLayout *
few_layout_find (const char *folder, GError **error)
{
  g_autofree char *at = g_strdup (folder);
  for (guint depth = 0; depth < MAX_WRAPPINGS; depth++)
    {
      g_auto (Listing) listing = { NULL };
      if (!list (at, &listing, depth == 0 ? error : NULL))
        return depth == 0 ? NULL : class_layout (folder, at);
      if (is_split (&listing))
        return split_layout (&listing, error);
      if (listing.names->len != 1 || listing.pictures)
        break;
      g_free (at);
      at = child (&listing, 0);
    }
  return class_layout (folder, at);
}
