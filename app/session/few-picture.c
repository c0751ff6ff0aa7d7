/* SPDX-License-Identifier: MIT */
/* A picture as an object that tiles are bound to. */
#include "session/few-picture.h"

/* First what is asked of every picture after every edit: it lies in one line of the cache. */
struct _FewPicture
{
  GObject parent;
  guint id;
  FewPictureState state;
  FewClass *klass;    /* the first of its classes */
  GPtrArray *further; /* FewClass, the others by their numbers; NULL: there are none */
  gboolean excluded, test;
  FewCensus *census;   /* NULL: nobody counts it */
  GRefString *address; /* of a part; NULL: the path */
  GRefString *path;
  gboolean missing, replaced, confirmed;
  FewCrop crop;
  char *content; /* of a part; NULL: the hash */
  char *name;    /* NULL: nobody has asked for it yet */
  char *reason, *unknown;
  char hash[65];
  GdkTexture *texture;
};

enum { PROP_TEXTURE = 1, PROP_STATE, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (FewPicture, few_picture, G_TYPE_OBJECT)

static void
few_picture_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FewPicture *self = FEW_PICTURE (object);
  if (id == PROP_TEXTURE)
    g_value_set_object (value, self->texture);
  else
    g_value_set_uint (value, self->state);
}

static void
few_picture_finalize (GObject *object)
{
  FewPicture *self = FEW_PICTURE (object);
  g_ref_string_release (self->path);
  g_clear_pointer (&self->address, g_ref_string_release);
  g_free (self->content);
  g_free (self->unknown);
  g_free (self->name);
  g_free (self->reason);
  g_clear_object (&self->klass);
  g_clear_pointer (&self->further, g_ptr_array_unref);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (few_picture_parent_class)->finalize (object);
}

static void
few_picture_class_init (FewPictureClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_picture_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_picture_finalize;
  properties[PROP_TEXTURE] = g_param_spec_object ("texture", NULL, NULL, GDK_TYPE_TEXTURE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, FEW_PICTURE_REFUSED, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
}

static void
few_picture_init (FewPicture *self)
{
}

/* One more or one less of what it is: around every change of that. */
static void
count (FewPicture *self, int by)
{
  if (self->census && self->state != FEW_PICTURE_REFUSED)
    few_census_count (self->census, self->klass, self->further, self->test, by);
}

static void
name_part (FewPicture *self)
{
  g_clear_pointer (&self->address, g_ref_string_release);
  if (few_crop_is_whole (&self->crop))
    return;
  g_autofree char *address = few_address_new (self->path, &self->crop);
  self->address = g_ref_string_new (address);
}

FewPicture *
few_picture_new_at (guint id, GRefString *path, const FewCrop *crop, FewClass *klass)
{
  FewPicture *self = g_object_new (FEW_TYPE_PICTURE, NULL);
  self->id = id;
  self->path = g_ref_string_acquire (path);
  self->crop = *crop;
  self->klass = klass ? g_object_ref (klass) : NULL;
  name_part (self);
  return self;
}

FewPicture *
few_picture_new (guint id, const char *address, FewClass *klass)
{
  FewCrop crop;
  g_autofree char *path = few_address_split (address, &crop);
  GRefString *shared = g_ref_string_new (path);
  FewPicture *self = few_picture_new_at (id, shared, &crop, klass);
  g_ref_string_release (shared);
  return self;
}

guint
few_picture_get_id (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), 0);
  return self->id;
}

const char *
few_picture_get_path (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->path;
}

GRefString *
few_picture_get_path_string (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->path;
}

const FewCrop *
few_picture_get_crop (FewPicture *self)
{
  static const FewCrop whole;
  g_return_val_if_fail (FEW_IS_PICTURE (self), &whole);
  return &self->crop;
}

GRefString *
few_picture_get_address_string (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->address ? self->address : self->path;
}

const char *
few_picture_get_address (FewPicture *self)
{
  return few_picture_get_address_string (self);
}

void
few_picture_set_path (FewPicture *self, const char *path)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (g_str_equal (self->path, path))
    return;
  g_ref_string_release (self->path);
  g_clear_pointer (&self->name, g_free);
  self->path = g_ref_string_new (path);
  name_part (self);
  few_picture_set_texture (self, NULL);
}

gboolean
few_picture_is_missing (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  return self->missing;
}

void
few_picture_set_missing (FewPicture *self, gboolean missing)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (self->missing == missing)
    return;
  self->missing = missing;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

gboolean
few_picture_is_excluded (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  return self->excluded;
}

FewUse
few_picture_get_use (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FEW_USE_LEARN);
  if (self->klass && few_class_is_none (self->klass))
    return FEW_USE_NONE;
  return self->test ? FEW_USE_TEST : FEW_USE_LEARN;
}

gboolean
few_picture_is_test (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  return self->test;
}

void
few_picture_set_test (FewPicture *self, gboolean test)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (self->test == test)
    return;
  count (self, -1);
  self->test = test;
  count (self, 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

gboolean
few_picture_is_confirmed (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  return self->confirmed;
}

void
few_picture_set_confirmed (FewPicture *self, gboolean confirmed)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  self->confirmed = confirmed;
}

void
few_picture_set_excluded (FewPicture *self, gboolean excluded)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (self->excluded == excluded)
    return;
  self->excluded = excluded;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

const char *
few_picture_get_unknown (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->unknown;
}

void
few_picture_set_unknown (FewPicture *self, const char *unknown)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  g_free (self->unknown);
  self->unknown = g_strdup (unknown);
}

const char *
few_picture_get_name (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  if (self->name)
    return self->name;
  g_autofree char *file = g_path_get_basename (self->path);
  g_autofree char *address = few_address_new (file, &self->crop);
  self->name = few_address_shown (address);
  return self->name;
}

FewClass *
few_picture_get_class (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->klass;
}

void
few_picture_set_class (FewPicture *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (self->klass == klass && !self->further)
    return;
  count (self, -1);
  g_clear_pointer (&self->further, g_ptr_array_unref);
  g_set_object (&self->klass, klass);
  count (self, 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* ---- any number of classes */

const GPtrArray *
few_picture_get_further (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->further;
}

gboolean
few_picture_has_class (FewPicture *self, FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  return self->klass == klass || (self->further && g_ptr_array_find (self->further, klass, NULL));
}

GPtrArray *
few_picture_list_classes (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  GPtrArray *classes = g_ptr_array_new_with_free_func (g_object_unref);
  if (self->klass && !few_class_is_none (self->klass))
    g_ptr_array_add (classes, g_object_ref (self->klass));
  for (guint i = 0; self->further && i < self->further->len; i++)
    g_ptr_array_add (classes, g_object_ref (self->further->pdata[i]));
  return classes;
}

guint32 *
few_picture_number_classes (FewPicture *self, GHashTable *numbers, guint *n)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self) && numbers != NULL && n != NULL, NULL);
  g_autoptr (GPtrArray) classes = few_picture_list_classes (self);
  guint32 *labels = g_new (guint32, classes->len + 1);
  *n = classes->len;
  for (guint i = 0; i < classes->len; i++)
    labels[i] = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, classes->pdata[i]));
  return labels;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint first = few_class_get_id (*(FewClass *const *) a);
  guint second = few_class_get_id (*(FewClass *const *) b);
  return (first > second) - (first < second);
}

static gboolean
has_same_classes (FewPicture *self, const GPtrArray *sorted)
{
  guint n = self->further ? self->further->len : 0;
  gboolean same = self->klass == sorted->pdata[0] && sorted->len == n + 1;
  for (guint i = 0; same && i < n; i++)
    same = self->further->pdata[i] == sorted->pdata[i + 1];
  return same;
}

void
few_picture_set_classes (FewPicture *self, GPtrArray *classes)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  g_return_if_fail (classes && classes->len > 0);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < classes->len; i++)
    if (!g_ptr_array_find (sorted, classes->pdata[i], NULL))
      g_ptr_array_add (sorted, g_object_ref (classes->pdata[i]));
  g_ptr_array_sort (sorted, compare_ids);
  if (has_same_classes (self, sorted))
    return;
  count (self, -1);
  g_set_object (&self->klass, sorted->pdata[0]);
  g_ptr_array_remove_index (sorted, 0);
  g_clear_pointer (&self->further, g_ptr_array_unref);
  self->further = sorted->len > 0 ? g_ptr_array_ref (sorted) : NULL;
  count (self, 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

char *
few_picture_name_classes (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  GString *names = g_string_new (few_class_get_name (self->klass));
  for (guint i = 0; self->further && i < self->further->len; i++)
    g_string_append_printf (names, ", %s", few_class_get_name (self->further->pdata[i]));
  return g_string_free (names, FALSE);
}

void
few_picture_set_census (FewPicture *self, FewCensus *census)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (self->census == census)
    return;
  count (self, -1);
  self->census = census;
  count (self, 1);
}

FewPictureState
few_picture_get_state (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FEW_PICTURE_WAITING);
  return self->state;
}

const char *
few_picture_get_reason (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->reason;
}

void
few_picture_set_state (FewPicture *self, FewPictureState state, const char *reason)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  count (self, -1);
  self->state = state;
  count (self, 1);
  g_free (self->reason);
  self->reason = g_strdup (reason);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

const char *
few_picture_get_hash (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->hash[0] ? self->hash : NULL;
}

const char *
few_picture_get_content (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  if (!self->hash[0] || few_crop_is_whole (&self->crop))
    return few_picture_get_hash (self);
  if (!self->content)
    self->content = few_address_new (self->hash, &self->crop);
  return self->content;
}

gboolean
few_picture_set_hash (FewPicture *self, const char *sha256)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  g_return_val_if_fail (sha256, FALSE);
  gboolean replaced = self->hash[0] && !g_str_equal (self->hash, sha256);
  if (replaced)
    g_clear_pointer (&self->content, g_free);
  g_strlcpy (self->hash, sha256, sizeof self->hash);
  if (!replaced)
    return FALSE;
  few_picture_set_texture (self, NULL); /* of what was there before */
  few_picture_set_replaced (self, TRUE);
  return TRUE;
}

gboolean
few_picture_is_replaced (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), FALSE);
  return self->replaced;
}

void
few_picture_set_replaced (FewPicture *self, gboolean replaced)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (!self->replaced && !replaced)
    return;
  self->replaced = replaced;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

GdkTexture *
few_picture_get_texture (FewPicture *self)
{
  g_return_val_if_fail (FEW_IS_PICTURE (self), NULL);
  return self->texture;
}

void
few_picture_set_texture (FewPicture *self, GdkTexture *texture)
{
  g_return_if_fail (FEW_IS_PICTURE (self));
  if (g_set_object (&self->texture, texture))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXTURE]);
}
