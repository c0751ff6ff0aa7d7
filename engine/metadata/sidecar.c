/* SPDX-License-Identifier: MIT */
/* The checks are made by GMarkup, which knows no document types and loads nothing. */
#include "metadata/sidecar.h"
#include "base/error.h"
#include <string.h>

const char few_sidecar_empty[] = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf="
                                 "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/></x:xmpmeta>";
enum { DEEPEST = 64, MOST_ELEMENTS = 200000, MOST_DIGITS = 15 };

char *
few_sidecar_find (const char *picture)
{
  g_autofree char *own = g_strconcat (picture, ".xmp", NULL);
  const char *slash = strrchr (picture, '/');
  const char *name = slash ? slash + 1 : picture;
  const char *dot = strrchr (name, '.');
  if (g_file_test (own, G_FILE_TEST_EXISTS) || !dot || dot == name)
    return g_steal_pointer (&own);
  g_autofree char *stem = g_strndup (picture, (gsize) (dot - picture));
  g_autofree char *shared = g_strconcat (stem, ".xmp", NULL);
  return g_file_test (shared, G_FILE_TEST_EXISTS) ? g_steal_pointer (&shared)
                                                  : g_steal_pointer (&own);
}

/* ---- checking */

typedef struct
{
  const char *name;
  GHashTable *values;
  guint depth, elements;
} Check;

static void
count_value (Check *check, const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);
  g_strstrip (copy);
  if (!check->values || *copy == '\0')
    return;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (check->values, copy));
  g_hash_table_replace (check->values, g_steal_pointer (&copy), GUINT_TO_POINTER (n + 1));
}

/* Which attributes say something, beside how it is written. */
static gboolean
is_value (const char *attribute)
{
  static const char *const syntax[] = { "xmlns",   "rdf:about", "rdf:parseType",
                                        "x:xmptk", "xml:lang",  "xml:space",
                                        NULL };
  return !g_str_has_prefix (attribute, "xmlns:") && !g_strv_contains (syntax, attribute);
}

/* gexiv2 sorts names by the numbers in them: one that no integer holds makes it fill gigabytes. */
static gboolean
has_huge_number (const char *name)
{
  gsize digits = 0;
  for (; *name && digits <= MOST_DIGITS; name++)
    digits = g_ascii_isdigit (*name) ? digits + 1 : 0;
  return digits > MOST_DIGITS;
}

/* Exiv2 has one table of prefixes for all files: ours shall not be another's. */
static gboolean
is_other_namespace (const char *attribute, const char *value)
{
  static const char *const ours[][2] = {
    { "xmlns:x", "adobe:ns:meta/" },
    { "xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#" },
    { "xmlns:dc", "http://purl.org/dc/elements/1.1/" },
    { "xmlns:lr", "http://ns.adobe.com/lightroom/1.0/" },
    { "xmlns:digiKam", "http://www.digikam.org/ns/1.0/" },
    { "xmlns:fewshot", FEW_SIDECAR_NAMESPACE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (g_str_equal (attribute, ours[i][0]))
      return !g_str_equal (value, ours[i][1]);
  return FALSE;
}

static void
start_element (GMarkupParseContext *context G_GNUC_UNUSED, const char *element, const char **names,
               const char **values, gpointer user, GError **error)
{
  Check *check = user;
  if (++check->depth > DEEPEST || ++check->elements > MOST_ELEMENTS)
    {
      few_fail (error, LIMIT, "%s is nested more than %d deep, or has more than %d elements.",
                check->name, DEEPEST, MOST_ELEMENTS);
      return;
    }
  gboolean huge = has_huge_number (element);
  const char *other = NULL;
  for (guint i = 0; names[i]; i++)
    {
      huge |= has_huge_number (names[i]);
      other = is_other_namespace (names[i], values[i]) ? names[i] : other;
      g_autofree char *lower = g_ascii_strdown (values[i], -1);
      if (g_str_equal (names[i], "xml:lang"))
        count_value (check, lower, strlen (lower));
      else if (is_value (names[i]))
        count_value (check, values[i], strlen (values[i]));
    }
  if (other)
    few_fail (error, UNSUPPORTED, "%s gives “%s” a meaning of its own: it is left alone.",
              check->name, other);
  else if (huge)
    few_fail (error, LIMIT, "%s has a name with more than %d digits in a row: it is left alone.",
              check->name, MOST_DIGITS);
}

static void
end_element (GMarkupParseContext *context G_GNUC_UNUSED, const char *element G_GNUC_UNUSED,
             gpointer user, GError **error G_GNUC_UNUSED)
{
  ((Check *) user)->depth--;
}

static void
take_text (GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length,
           gpointer user, GError **error G_GNUC_UNUSED)
{
  count_value (user, text, length);
}

/* Comments, processing instructions, and declarations, which alone can do harm. */
static void
take_rest (GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length,
           gpointer user, GError **error)
{
  const Check *check = user;
  gboolean declaration = length >= 2 && text[0] == '<' && text[1] == '!';
  gboolean comment = length >= 4 && memcmp (text, "<!--", 4) == 0;
  if (declaration && !comment)
    few_fail (error, UNSUPPORTED,
              "%s declares a document type, which XMP does not have and which can be used to read "
              "other files: it is left alone.",
              check->name);
}

gboolean
few_sidecar_check (const char *text, gsize length, const char *name, GHashTable **values,
                   GError **error)
{
  static const GMarkupParser parser = { start_element, end_element, take_text, take_rest, NULL };
  if (length > FEW_SIDECAR_MOST)
    {
      few_fail (error, LIMIT, "%s has more than %d MB.", name, FEW_SIDECAR_MOST >> 20);
      return FALSE;
    }
  if (!g_utf8_validate (text, (gssize) length, NULL))
    {
      few_fail (error, UNSUPPORTED, "%s is not in UTF-8: it is left alone.", name);
      return FALSE;
    }
  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      length -= 3;
    }
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Check check = { name, values ? counts : NULL, 0, 0 };
  g_autoptr (GError) local = NULL;
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &check, NULL);
  if (!g_markup_parse_context_parse (context, text, (gssize) length, &local)
      || !g_markup_parse_context_end_parse (context, &local))
    {
      if (local->domain == FEW_ERROR)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        few_fail (error, FORMAT, "%s is not XMP: %s It is left alone.", name, local->message);
      return FALSE;
    }
  if (values)
    *values = g_steal_pointer (&counts);
  return TRUE;
}

const char *
few_sidecar_find_lost (GHashTable *before, GHashTable *after)
{
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (GPOINTER_TO_UINT (g_hash_table_lookup (after, key)) < GPOINTER_TO_UINT (value))
      return key;
  return NULL;
}

/* ---- writing */

/* As darktable and Adobe write it: without the frame by which XMP is found inside other files. */
char *
few_sidecar_from_packet (const char *packet)
{
  static const char END[] = "</x:xmpmeta>";
  const char *start = strstr (packet, "<x:xmpmeta");
  const char *end = start ? g_strrstr (start, END) : NULL;
  g_autofree char *inner =
      end ? g_strndup (start, (gsize) (end - start) + strlen (END)) : g_strdup (few_sidecar_empty);
  return g_strconcat ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", inner, "\n", NULL);
}
