/* SPDX-License-Identifier: MIT */
/* The pickle's stack machine, in the part that checkpoints need. */
#include "formats/pickle-machine.h"
#include "base/words.h"
#include <string.h>

/* A checkpoint of a hundred million parameters has some ten thousand values and as many opcodes. */
enum {
  MAX_OPCODES = 4000000,
  MAX_VALUES = 1000000,
  MAX_STACK = 1000000,
  MAX_MEMO = 1000000,
  MAX_COPIED = 64 << 20
};

void
few_pickle_machine_init (FewPickleMachine *m, const guint8 *data, gsize size)
{
  *m = (FewPickleMachine) { .at = data, .end = data + size };
  m->values = g_ptr_array_new ();
  m->stack = g_ptr_array_new ();
  m->memo = g_ptr_array_new ();
}

void
few_pickle_machine_clear (FewPickleMachine *m)
{
  g_ptr_array_unref (m->stack);
  g_ptr_array_unref (m->memo);
  g_free (m->why);
}

void
few_pickle_fail (FewPickleMachine *m, const char *format, ...)
{
  if (m->why)
    return;
  va_list args;
  va_start (args, format);
  m->why = g_strdup_vprintf (_ (format), args);
  va_end (args);
}

/* ---- reading */

gboolean
few_pickle_next_opcode (FewPickleMachine *m, guint8 *opcode)
{
  if (++m->opcodes > MAX_OPCODES)
    few_pickle_fail (m, "it has more than %d million steps", MAX_OPCODES / 1000000);
  const guint8 *p = few_pickle_take (m, 1);
  *opcode = p ? *p : 0;
  return p != NULL;
}

const guint8 *
few_pickle_take (FewPickleMachine *m, gsize n)
{
  if (m->why || (gsize) (m->end - m->at) < n)
    {
      few_pickle_fail (m, "it ends in the middle of a value");
      return NULL;
    }
  m->at += n;
  return m->at - n;
}

guint64
few_pickle_take_number (FewPickleMachine *m, guint bytes)
{
  const guint8 *p = few_pickle_take (m, bytes);
  guint64 value = 0;
  for (guint i = bytes; p && i-- > 0;)
    value = value << 8 | p[i];
  return value;
}

char *
few_pickle_take_line (FewPickleMachine *m)
{
  const guint8 *newline = m->why ? NULL : memchr (m->at, '\n', (gsize) (m->end - m->at));
  if (!newline || !g_utf8_validate ((const char *) m->at, newline - m->at, NULL))
    {
      few_pickle_fail (m, "a name in it has no end");
      return g_strdup ("");
    }
  char *line = g_strndup ((const char *) m->at, (gsize) (newline - m->at));
  m->at = newline + 1;
  return line;
}

/* ---- values and the stack */

static void
push_pointer (FewPickleMachine *m, FewPickleValue *value)
{
  if (m->stack->len >= MAX_STACK)
    few_pickle_fail (m, "it nests too deeply");
  else
    g_ptr_array_add (m->stack, value);
}

FewPickleValue *
few_pickle_push (FewPickleMachine *m, FewPickleKind kind)
{
  if (m->values->len >= MAX_VALUES)
    few_pickle_fail (m, "it holds more than a million values");
  FewPickleValue *value = g_new0 (FewPickleValue, 1);
  value->kind = kind;
  if (kind == FEW_PICKLE_LIST || kind == FEW_PICKLE_DICT || kind == FEW_PICKLE_OBJECT
      || kind == FEW_PICKLE_TENSOR)
    value->items = g_ptr_array_new ();
  g_ptr_array_add (m->values, value);
  push_pointer (m, value);
  return value;
}

void
few_pickle_push_again (FewPickleMachine *m, FewPickleValue *value)
{
  push_pointer (m, value);
}

void
few_pickle_push_mark (FewPickleMachine *m)
{
  push_pointer (m, NULL);
}

char *
few_pickle_copy (FewPickleMachine *m, const char *text, gsize length)
{
  if (length > MAX_COPIED - m->copied)
    few_pickle_fail (m, "its names are longer than %d MB together", MAX_COPIED >> 20);
  if (m->why)
    return g_strdup ("");
  m->copied += length;
  char *copy = g_malloc (length + 1);
  memcpy (copy, text, length);
  copy[length] = 0;
  return copy;
}

FewPickleValue *
few_pickle_pop (FewPickleMachine *m)
{
  FewPickleValue *value = m->stack->len ? m->stack->pdata[m->stack->len - 1] : NULL;
  if (!value)
    {
      few_pickle_fail (m, "a value is missing in it");
      return NULL;
    }
  g_ptr_array_set_size (m->stack, (int) m->stack->len - 1);
  return value;
}

FewPickleValue *
few_pickle_top (FewPickleMachine *m)
{
  FewPickleValue *value = m->stack->len ? m->stack->pdata[m->stack->len - 1] : NULL;
  if (!value)
    few_pickle_fail (m, "a value is missing in it");
  return value;
}

gboolean
few_pickle_is (const FewPickleValue *value, FewPickleKind kind)
{
  return value && value->kind == kind;
}

FewPickleValue *
few_pickle_item (const FewPickleValue *list, guint i)
{
  return few_pickle_is (list, FEW_PICKLE_LIST) && i < list->items->len ? list->items->pdata[i]
                                                                       : NULL;
}

/* ---- containers */

/* Index of the first value above the last mark; the mark's own place is one below. */
static guint
above_mark (FewPickleMachine *m)
{
  for (guint i = m->stack->len; i-- > 0;)
    if (!m->stack->pdata[i])
      return i + 1;
  few_pickle_fail (m, "a mark is missing in it");
  return m->stack->len;
}

static void
drop_to_mark (FewPickleMachine *m, guint first)
{
  if (!m->why)
    g_ptr_array_set_size (m->stack, (int) first - 1);
}

static void
push_list (FewPickleMachine *m, guint first)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  for (guint i = first; i < m->stack->len; i++)
    g_ptr_array_add (items, m->stack->pdata[i]);
  if (!m->why)
    g_ptr_array_set_size (m->stack, (int) first);
  FewPickleValue *list = few_pickle_push (m, FEW_PICKLE_LIST);
  g_ptr_array_extend (list->items, items, NULL, NULL);
}

void
few_pickle_tuple_from_mark (FewPickleMachine *m)
{
  guint first = above_mark (m);
  if (m->why)
    return;
  g_ptr_array_remove_index (m->stack, first - 1);
  push_list (m, first - 1);
}

void
few_pickle_tuple_of (FewPickleMachine *m, guint n)
{
  guint first = m->stack->len - MIN (n, m->stack->len);
  for (guint i = first; i < m->stack->len; i++)
    if (!m->stack->pdata[i])
      first = m->stack->len;
  if (m->stack->len - first < n)
    few_pickle_fail (m, "a value is missing in it");
  else
    push_list (m, first);
}

void
few_pickle_append_from_mark (FewPickleMachine *m, FewPickleKind kind)
{
  guint first = above_mark (m);
  FewPickleValue *container = !m->why && first >= 2 ? m->stack->pdata[first - 2] : NULL;
  guint n = m->stack->len - first;
  if (!container || container->kind != kind || (kind == FEW_PICKLE_DICT && n % 2))
    {
      few_pickle_fail (m, "a container is missing in it");
      return;
    }
  for (guint i = first; i < m->stack->len; i++)
    g_ptr_array_add (container->items, m->stack->pdata[i]);
  drop_to_mark (m, first);
}

/* ---- what is remembered */

void
few_pickle_put_memo (FewPickleMachine *m, guint64 index)
{
  FewPickleValue *value = few_pickle_top (m);
  if (index >= MAX_MEMO)
    few_pickle_fail (m, "it remembers more than a million values");
  if (m->why)
    return;
  if (index >= m->memo->len)
    g_ptr_array_set_size (m->memo, (int) index + 1);
  m->memo->pdata[index] = value;
}

void
few_pickle_get_memo (FewPickleMachine *m, guint64 index)
{
  if (index >= m->memo->len || !m->memo->pdata[index])
    few_pickle_fail (m, "it refers to a value that does not exist");
  else
    push_pointer (m, m->memo->pdata[index]);
}
