/* SPDX-License-Identifier: MIT */
/* Reads and writes the settings that a table describes. */
#include "adapt/setting.h"
#include "base/error.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void
write_value (const FewSetting *setting, double value, FewMethodOptions *options)
{
  char *field = (char *) options + setting->at;
  guint whole;
  switch (setting->kind)
    {
    case FEW_SETTING_NUMBER:
      memcpy (field, &value, sizeof value);
      break;
    case FEW_SETTING_WHOLE:
    case FEW_SETTING_WORD:
      whole = (guint) value;
      memcpy (field, &whole, sizeof whole);
      break;
    case FEW_SETTING_PRESET:
      break;
    }
}

double
few_setting_get (const FewSetting *setting, const FewMethodOptions *options)
{
  const char *field = (const char *) options + setting->at;
  double value;
  guint whole;
  switch (setting->kind)
    {
    case FEW_SETTING_NUMBER:
      memcpy (&value, field, sizeof value);
      return value;
    case FEW_SETTING_WHOLE:
    case FEW_SETTING_WORD:
      memcpy (&whole, field, sizeof whole);
      return whole;
    case FEW_SETTING_PRESET:
    default:
      return NAN;
    }
}

void
few_settings_default (const FewSetting *settings, FewMethodOptions *options)
{
  for (const FewSetting *s = settings; s && s->key; s++)
    write_value (s, s->value, options);
}

const FewSetting *
few_settings_find (const FewSetting *settings, const char *key)
{
  for (const FewSetting *s = settings; s && s->key; s++)
    if (g_str_equal (s->key, key))
      return s;
  return NULL;
}

char *
few_settings_keys (const FewSetting *settings)
{
  g_autoptr (GString) keys = g_string_new (NULL);
  for (const FewSetting *s = settings; s && s->key; s++)
    g_string_append_printf (keys, "%s%s", keys->len ? " " : "", s->key);
  return g_strdup (keys->str);
}

void
few_settings_own (const FewMethodOptions *options, gpointer own, gsize size)
{
  g_assert (size <= sizeof options->own);
  memcpy (own, options->own, size);
}

/* ---- reading */

static gboolean
parse_number (const FewSetting *setting, const char *text, double *value, GError **error)
{
  char *end;
  *value = g_ascii_strtod (text, &end);
  if (end != text && *end == '\0' && *value >= setting->low && *value <= setting->high)
    return TRUE;
  char low[G_ASCII_DTOSTR_BUF_SIZE];
  char high[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (low, sizeof low, "%g", setting->low);
  g_ascii_formatd (high, sizeof high, "%g", setting->high);
  few_fail (error, INPUT, "%s=%s: a number from %s to %s is wanted.", setting->key, text, low,
            high);
  return FALSE;
}

static gboolean
parse_whole (const FewSetting *setting, const char *text, double *value, GError **error)
{
  guint64 number;
  guint64 low = (guint64) setting->low;
  guint64 high = (guint64) setting->high;
  if (g_ascii_string_to_unsigned (text, 10, low, high, &number, NULL))
    {
      *value = (double) number;
      return TRUE;
    }
  few_fail (error, INPUT, "%s=%s: a whole number from %" PRIu64 " to %" PRIu64 " is wanted.",
            setting->key, text, low, high);
  return FALSE;
}

static gboolean
parse_word (const FewSetting *setting, const char *text, double *value, GError **error)
{
  g_auto (GStrv) words = g_strsplit (setting->words, " ", -1);
  for (guint i = 0; words[i]; i++)
    if (g_str_equal (words[i], text))
      {
        *value = i;
        return TRUE;
      }
  few_fail (error, INPUT, "%s=%s: known are %s.", setting->key, text, setting->words);
  return FALSE;
}

static gboolean
parse_value (const FewSetting *setting, const char *text, double *value, GError **error)
{
  switch (setting->kind)
    {
    case FEW_SETTING_NUMBER:
      return parse_number (setting, text, value, error);
    case FEW_SETTING_WHOLE:
      return parse_whole (setting, text, value, error);
    case FEW_SETTING_WORD:
      return parse_word (setting, text, value, error);
    case FEW_SETTING_PRESET:
    default:
      g_return_val_if_reached (FALSE);
    }
}

gboolean
few_setting_parse_plain (const FewSetting *setting, const char *text, FewMethodOptions *options,
                         GError **error)
{
  double value;
  if (!parse_value (setting, text, &value, error))
    return FALSE;
  write_value (setting, value, options);
  return TRUE;
}

gboolean
few_setting_parse (const FewSetting *setting, const char *text, FewMethodOptions *options,
                   GError **error)
{
  return setting->parse ? setting->parse (options, setting, text, error)
                        : few_setting_parse_plain (setting, text, options, error);
}
