/* SPDX-License-Identifier: MIT */
/* The methods that there are, and the settings that a specification asks for. */
#include "adapt/method.h"
#include "adapt/methods/registry.h"
#include <fewshot/encode.h>
#include <math.h>
#include <string.h>

/* registry.h is made from the list in methods/meson.build: FEW_METHOD_FILES (X) is X (zero_shot)
 * X (linear_probe) …, in the order of the list. */
#define DECLARE_FILE(file) extern const FewMethod few_methods_##file[];
#define NAME_FILE(file) few_methods_##file,
FEW_METHOD_FILES (DECLARE_FILE)
static const FewMethod *const files[] = { FEW_METHOD_FILES (NAME_FILE) };

static const FewMethod *
nth_method (guint index)
{
  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    for (const FewMethod *method = files[f]; method->info.name; method++)
      if (index-- == 0)
        return method;
  return NULL;
}

const FewMethodInfo *
few_method_info (guint index)
{
  const FewMethod *method = nth_method (index);
  return method ? &method->info : NULL;
}

const FewMethod *
few_method_find (const char *name)
{
  const FewMethod *method;
  for (guint i = 0; (method = nth_method (i)); i++)
    if (g_strcmp0 (method->info.name, name) == 0)
      return method;
  return NULL;
}

const FewMethodInfo *
few_method_info_find (const char *name)
{
  const FewMethod *method = few_method_find (name);
  return method ? &method->info : NULL;
}

const char *
few_method_title (const char *name)
{
  const FewMethod *method = few_method_find (name);
  return method ? method->info.title : name;
}

double
few_method_setting (const FewMethodOptions *options, const char *key)
{
  g_return_val_if_fail (options != NULL && key != NULL, NAN);
  const FewMethod *method = few_method_find (options->name);
  const FewSetting *setting = method ? few_settings_find (method->settings, key) : NULL;
  return setting ? few_setting_get (setting, options) : NAN;
}

/* ---- specifications */

static void
fail_unknown_method (const char *specification, GError **error)
{
  const FewMethodInfo *info;
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; (info = few_method_info (i)); i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "", info->name);
  few_fail (error, INPUT, "There is no method “%s”. Known are %s.", specification, names->str);
}

static void
fail_unknown_setting (const FewMethod *method, const char *text, GError **error)
{
  g_autofree char *keys = few_settings_keys (method->settings);
  few_fail (error, INPUT,
            "%s has no setting “%s”. Its settings are written key=value; known are: %s.",
            method->info.name, text, *keys ? keys : "none");
}

/* "key=value" → its entry in the method's table and the value, which points into the text */
static const FewSetting *
split_setting (const FewMethod *method, const char *text, const char **value, GError **error)
{
  g_auto (GStrv) pair = g_strsplit (text, "=", 2);
  const FewSetting *setting =
      pair[0] && pair[1] ? few_settings_find (method->settings, pair[0]) : NULL;
  if (setting)
    *value = text + strlen (pair[0]) + 1;
  else
    fail_unknown_setting (method, text, error);
  return setting;
}

/* A preset first: it changes what the others then set. */
static gboolean
parse_presets (const FewMethod *method, char **settings, FewMethodOptions *options, GError **error)
{
  for (char **text = settings; *text; text++)
    {
      const char *value;
      const FewSetting *setting = split_setting (method, *text, &value, error);
      if (!setting)
        return FALSE;
      if (setting->kind != FEW_SETTING_PRESET)
        continue;
      if (!few_train_options_preset (&options->train, value))
        {
          few_fail (error, INPUT, "preset=%s: known are default, seed and published.", value);
          return FALSE;
        }
      if (setting->parse && !setting->parse (options, setting, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_settings (const FewMethod *method, char **settings, FewMethodOptions *options, GError **error)
{
  for (char **text = settings; *text; text++)
    {
      const char *value;
      const FewSetting *setting = split_setting (method, *text, &value, error);
      if (!setting)
        return FALSE;
      if (setting->kind == FEW_SETTING_PRESET || few_setting_parse (setting, value, options, error))
        continue;
      g_prefix_error (error, "%s: ", method->info.name);
      return FALSE;
    }
  return TRUE;
}

/* What the authors' code takes. */
static gboolean
take_published_views (const FewMethod *method, FewMethodOptions *options, GError **error)
{
  options->views = method->info.published_views;
  options->views_alone = TRUE;
  if (options->views == 0)
    few_fail (error, INPUT, "%s: views=published, but its authors learn from the pictures alone.",
              method->info.name);
  return options->views > 0;
}

/* "views=…", which every method knows; it is taken out of the settings. */
static gboolean
parse_views (const FewMethod *method, char **settings, FewMethodOptions *options, GError **error)
{
  static const FewSetting plain = {
    "views", FEW_SETTING_WHOLE, offsetof (FewMethodOptions, views), 0, FEW_MAX_VIEWS, NULL, 0, NULL
  };
  gboolean published = g_strv_contains ((const char *const *) settings, "search=published")
                       || g_strv_contains ((const char *const *) settings, "preset=published");
  guint kept = 0;
  options->views = FEW_ALL_VIEWS;
  if (published && method->info.published_views > 0)
    take_published_views (method, options, NULL);
  for (guint i = 0; settings[i]; i++)
    {
      const char *value = settings[i] + strlen ("views=");
      if (!g_str_has_prefix (settings[i], "views="))
        {
          settings[kept++] = settings[i];
          continue;
        }
      options->views_alone = FALSE;
      if (g_str_equal (value, "published") ? !take_published_views (method, options, error)
                                           : !few_setting_parse (&plain, value, options, error))
        return FALSE;
      g_free (settings[i]);
    }
  settings[kept] = NULL;
  return TRUE;
}

gboolean
few_method_parse (const char *specification, FewMethodOptions *options, GError **error)
{
  g_return_val_if_fail (specification != NULL && options != NULL, FALSE);
  g_auto (GStrv) parts = g_strsplit (specification, ":", 2);
  const FewMethod *method = few_method_find (parts[0]);
  if (!method)
    {
      fail_unknown_method (specification, error);
      return FALSE;
    }
  *options = (FewMethodOptions) { .name = method->info.name };
  few_train_options_preset (&options->train, method->preset ? method->preset : "default");
  few_settings_default (method->settings, options);
  g_auto (GStrv) settings = g_strsplit (parts[1] ? parts[1] : "", ",", -1);
  return parse_views (method, settings, options, error)
         && parse_presets (method, settings, options, error)
         && parse_settings (method, settings, options, error);
}
