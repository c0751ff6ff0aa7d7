/* SPDX-License-Identifier: MIT */
/* A pull reader over JSON text that is in memory already. */
#include "base/json-scan.h"
#include "base/words.h"
#include <string.h>

enum { MAX_DEPTH = 64, MAX_NUMBER = 63 };

static gboolean
set_fault (FewJsonScan *scan, const char *fault)
{
  if (!scan->fault)
    scan->fault = fault;
  return FALSE;
}

void
few_json_scan_init (FewJsonScan *scan, const char *data, gsize length)
{
  *scan = (FewJsonScan) { .at = data, .end = data + length };
  if (length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    scan->at += 3; /* editors on Windows put a mark before it */
}

char
few_json_scan_peek (FewJsonScan *scan)
{
  while (scan->at < scan->end
         && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
    scan->at++;
  return scan->at < scan->end && !scan->fault ? *scan->at : 0;
}

gboolean
few_json_scan_enter (FewJsonScan *scan, char open)
{
  if (few_json_scan_peek (scan) != open)
    return set_fault (scan, open == '{' ? N_ ("an object is missing") : N_ ("an array is missing"));
  if (++scan->depth > MAX_DEPTH)
    return set_fault (scan, N_ ("it is nested too deeply"));
  scan->at++;
  return TRUE;
}

gboolean
few_json_scan_more (FewJsonScan *scan)
{
  gboolean first = scan->at[-1] == '{' || scan->at[-1] == '[';
  char c = few_json_scan_peek (scan);
  if (c == '}' || c == ']')
    {
      scan->at++;
      scan->depth--;
      return FALSE;
    }
  if (c == 0 || (!first && c != ','))
    return set_fault (scan, N_ ("a comma or a bracket is missing"));
  if (!first)
    scan->at++;
  return TRUE;
}

/* "uXXXX" behind a backslash */
static gboolean
read_unit (FewJsonScan *scan, gunichar *unit)
{
  *unit = 0;
  if (scan->end - scan->at < 5 || *scan->at != 'u')
    return FALSE;
  for (guint i = 1; i < 5; i++)
    {
      if (!g_ascii_isxdigit (scan->at[i]))
        return FALSE;
      *unit = *unit << 4 | (gunichar) g_ascii_xdigit_value (scan->at[i]);
    }
  scan->at += 5;
  return TRUE;
}

static gboolean
read_code_point (FewJsonScan *scan, GString *out)
{
  gunichar unit;
  gunichar low = 0;
  if (!read_unit (scan, &unit))
    return set_fault (scan, N_ ("an escape is none of JSON's"));
  if (unit >= 0xd800 && unit <= 0xdfff)
    {
      gboolean pair = unit < 0xdc00 && scan->end - scan->at >= 6 && *scan->at == '\\';
      scan->at += pair;
      if (!pair || !read_unit (scan, &low) || low < 0xdc00 || low > 0xdfff)
        return set_fault (scan, N_ ("it holds half of a character"));
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
  g_string_append_unichar (out, unit);
  return TRUE;
}

static gboolean
read_escape (FewJsonScan *scan, GString *out)
{
  static const char names[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  const char *known = scan->at < scan->end && *scan->at ? strchr (names, *scan->at) : NULL;
  if (!known)
    return read_code_point (scan, out);
  scan->at++;
  g_string_append_c (out, values[known - names]);
  return TRUE;
}

/* GLib takes no zero bytes for text. */
static gboolean
is_text (const GString *string)
{
  const char *at = string->str;
  const char *end = string->str + string->len;
  while (!g_utf8_validate_len (at, (gsize) (end - at), &at))
    if (at == end || *at++ != 0)
      return FALSE;
  return TRUE;
}

gboolean
few_json_scan_string (FewJsonScan *scan, GString *out)
{
  g_string_truncate (out, 0);
  if (few_json_scan_peek (scan) != '"')
    return set_fault (scan, N_ ("a string is missing"));
  scan->at++;
  while (scan->at < scan->end)
    {
      const char *start = scan->at;
      while (scan->at < scan->end && *scan->at != '"' && *scan->at != '\\')
        scan->at++;
      g_string_append_len (out, start, scan->at - start);
      if (scan->at == scan->end)
        break;
      if (*scan->at++ == '"')
        return is_text (out) ? TRUE : set_fault (scan, N_ ("it is not UTF-8 text"));
      if (!read_escape (scan, out))
        return FALSE;
    }
  return set_fault (scan, N_ ("a string has no end"));
}

gboolean
few_json_scan_key (FewJsonScan *scan, GString *out)
{
  if (!few_json_scan_string (scan, out))
    return FALSE;
  if (few_json_scan_peek (scan) != ':')
    return set_fault (scan, N_ ("a colon is missing"));
  scan->at++;
  return TRUE;
}

gboolean
few_json_scan_number (FewJsonScan *scan, double *out)
{
  char text[MAX_NUMBER + 1];
  gsize n = 0;
  char c = few_json_scan_peek (scan);
  if (c != '-' && !g_ascii_isdigit (c))
    return set_fault (scan, N_ ("a number is missing"));
  while (scan->at < scan->end && n < MAX_NUMBER
         && (g_ascii_isdigit (*scan->at) || (*scan->at && strchr ("+-.eE", *scan->at))))
    text[n++] = *scan->at++;
  text[n] = 0;
  char *rest;
  *out = g_ascii_strtod (text, &rest);
  return *rest == 0 ? TRUE : set_fault (scan, N_ ("a number is none"));
}

static void
skip_string (FewJsonScan *scan)
{
  scan->at++;
  while (scan->at < scan->end && *scan->at != '"')
    scan->at += *scan->at == '\\' && scan->at + 1 < scan->end ? 2 : 1;
  if (scan->at >= scan->end)
    set_fault (scan, N_ ("a string has no end"));
  else
    scan->at++;
}

gboolean
few_json_scan_skip (FewJsonScan *scan)
{
  guint outside = scan->depth;
  char c = few_json_scan_peek (scan);
  if (c == 0)
    return set_fault (scan, N_ ("a value is missing"));
  do
    {
      if (c == '"')
        skip_string (scan);
      else if (c == '{' || c == '[')
        few_json_scan_enter (scan, c);
      else if (c == '}' || c == ']')
        {
          if (scan->depth == outside)
            return TRUE; /* of what stands around the value */
          scan->at++;
          scan->depth--;
        }
      else if (c == ',' && scan->depth == outside)
        return TRUE;
      else
        scan->at++;
      c = few_json_scan_peek (scan);
  } while (c != 0 && (scan->depth > outside || (c != ',' && c != '}' && c != ']')));
  return scan->fault || scan->depth > outside ? set_fault (scan, N_ ("a bracket is missing"))
                                              : TRUE;
}

gboolean
few_json_scan_finish (FewJsonScan *scan)
{
  few_json_scan_peek (scan);
  return !scan->fault && scan->at == scan->end
             ? TRUE
             : set_fault (scan, N_ ("something stands behind its end"));
}
