/* SPDX-License-Identifier: MIT */
#include "formats/pickle.h"
#include "base/error.h"
#include <string.h>

enum { MAX_VALUES = 2000000, MAX_MEMO = 1000000 };

struct FewPickle
{
  GPtrArray *values; /* all, owned */
  FewPickleValue *root;
};

typedef struct
{
  const guint8 *at, *end;
  FewPickle *pickle;
  GPtrArray *stack; /* FewPickleValue *; NULL is a mark */
  GPtrArray *memo;  /* by index; NULL where unset */
  guint attributes; /* copied into modules so far: a file may name one state many times */
  char *why;        /* the first thing that went wrong */
} Machine;

static void
value_free (gpointer data)
{
  FewPickleValue *value = data;
  g_free (value->text);
  g_clear_pointer (&value->items, g_ptr_array_unref);
  g_free (value);
}

void
few_pickle_free (FewPickle *pickle)
{
  g_ptr_array_unref (pickle->values);
  g_free (pickle);
}

const FewPickleValue *
few_pickle_root (const FewPickle *pickle)
{
  return pickle->root;
}

static void G_GNUC_PRINTF (2, 3) fail (Machine *m, const char *format, ...)
{
  if (m->why)
    return;
  va_list args;
  va_start (args, format);
  m->why = g_strdup_vprintf (format, args);
  va_end (args);
}

/* ---- reading; after a failure everything reads as zero */

static const guint8 *
take (Machine *m, gsize n)
{
  if (m->why || (gsize) (m->end - m->at) < n)
    {
      fail (m, "it ends in the middle of a value");
      return NULL;
    }
  m->at += n;
  return m->at - n;
}

static guint64
take_number (Machine *m, guint bytes)
{
  const guint8 *p = take (m, bytes);
  guint64 value = 0;
  for (guint i = bytes; p && i-- > 0;)
    value = value << 8 | p[i];
  return value;
}

static char *
take_line (Machine *m)
{
  const guint8 *newline = m->why ? NULL : memchr (m->at, '\n', (gsize) (m->end - m->at));
  if (!newline || !g_utf8_validate ((const char *) m->at, newline - m->at, NULL))
    {
      fail (m, "a name in it has no end");
      return g_strdup ("");
    }
  char *line = g_strndup ((const char *) m->at, (gsize) (newline - m->at));
  m->at = newline + 1;
  return line;
}

/* ---- the stack */

static FewPickleValue *
push (Machine *m, FewPickleKind kind)
{
  if (m->pickle->values->len >= MAX_VALUES)
    fail (m, "it holds more than two million values");
  FewPickleValue *value = g_new0 (FewPickleValue, 1);
  value->kind = kind;
  if (kind == FEW_PICKLE_LIST || kind == FEW_PICKLE_DICT || kind == FEW_PICKLE_OBJECT
      || kind == FEW_PICKLE_TENSOR)
    value->items = g_ptr_array_new ();
  g_ptr_array_add (m->pickle->values, value);
  g_ptr_array_add (m->stack, value);
  return value;
}

static FewPickleValue *
pop (Machine *m)
{
  FewPickleValue *value = m->stack->len ? m->stack->pdata[m->stack->len - 1] : NULL;
  if (!value)
    {
      fail (m, "a value is missing in it");
      return NULL;
    }
  g_ptr_array_set_size (m->stack, (int) m->stack->len - 1);
  return value;
}

static FewPickleValue *
top (Machine *m)
{
  FewPickleValue *value = m->stack->len ? m->stack->pdata[m->stack->len - 1] : NULL;
  if (!value)
    fail (m, "a value is missing in it");
  return value;
}

/* Index of the first value above the last mark; the mark's own place is one below. */
static guint
above_mark (Machine *m)
{
  for (guint i = m->stack->len; i-- > 0;)
    if (!m->stack->pdata[i])
      return i + 1;
  fail (m, "a mark is missing in it");
  return m->stack->len;
}

static void
drop_to_mark (Machine *m, guint first)
{
  if (!m->why)
    g_ptr_array_set_size (m->stack, (int) first - 1);
}

static void
push_list (Machine *m, guint first)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  for (guint i = first; i < m->stack->len; i++)
    g_ptr_array_add (items, m->stack->pdata[i]);
  if (!m->why)
    g_ptr_array_set_size (m->stack, (int) first);
  FewPickleValue *list = push (m, FEW_PICKLE_LIST);
  g_ptr_array_extend (list->items, items, NULL, NULL);
}

static void
push_tuple_of (Machine *m, guint n)
{
  guint first = m->stack->len - MIN (n, m->stack->len);
  for (guint i = first; i < m->stack->len; i++)
    if (!m->stack->pdata[i])
      first = m->stack->len;
  if (m->stack->len - first < n)
    fail (m, "a value is missing in it");
  else
    push_list (m, first);
}

static void
append_from_mark (Machine *m, FewPickleKind kind)
{
  guint first = above_mark (m);
  FewPickleValue *container = !m->why && first >= 2 ? m->stack->pdata[first - 2] : NULL;
  guint n = m->stack->len - first;
  if (!container || container->kind != kind || (kind == FEW_PICKLE_DICT && n % 2))
    {
      fail (m, "a container is missing in it");
      return;
    }
  for (guint i = first; i < m->stack->len; i++)
    g_ptr_array_add (container->items, m->stack->pdata[i]);
  drop_to_mark (m, first);
}

static void
push_string (Machine *m, gsize n)
{
  const guint8 *p = take (m, n);
  FewPickleValue *value = push (m, FEW_PICKLE_STRING);
  if (p && g_utf8_validate ((const char *) p, (gssize) n, NULL))
    value->text = g_strndup ((const char *) p, n);
  else
    value->text = g_strdup (""); /* bytes: nothing that is needed here */
}

static void
put_memo (Machine *m, guint64 index)
{
  FewPickleValue *value = top (m);
  if (index >= MAX_MEMO)
    fail (m, "it remembers more than a million values");
  if (m->why)
    return;
  if (index >= m->memo->len)
    g_ptr_array_set_size (m->memo, (int) index + 1);
  m->memo->pdata[index] = value;
}

static void
get_memo (Machine *m, guint64 index)
{
  if (index >= m->memo->len || !m->memo->pdata[index])
    fail (m, "it refers to a value that does not exist");
  else
    g_ptr_array_add (m->stack, m->memo->pdata[index]);
}

/* ---- globals: names only, and only these */

static const struct
{
  const char *name;
  FewDType dtype;
  guint bytes;
} storages[] = {
  { "torch FloatStorage", FEW_DTYPE_F32, 4 },     { "torch HalfStorage", FEW_DTYPE_F16, 2 },
  { "torch BFloat16Storage", FEW_DTYPE_BF16, 2 }, { "torch LongStorage", FEW_DTYPE_I64, 8 },
  { "torch IntStorage", FEW_DTYPE_I32, 4 },       { "torch ByteStorage", FEW_DTYPE_U8, 1 },
  { "torch BoolStorage", FEW_DTYPE_U8, 1 },       { "torch DoubleStorage", FEW_DTYPE_OTHER, 8 },
  { "torch ShortStorage", FEW_DTYPE_OTHER, 2 },   { "torch CharStorage", FEW_DTYPE_OTHER, 1 },
};

static gboolean
known_global (const char *name)
{
  static const char *const known[] = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch.jit._pickle build_intlist",
    "torch.jit._pickle build_boollist",
    "torch.jit._pickle build_doublelist",
    "torch.jit._pickle build_tensorlist",
  };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (name, known[i]))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (storages); i++)
    if (g_str_equal (name, storages[i].name))
      return TRUE;
  return g_str_has_prefix (name, "__torch__.") || g_str_has_prefix (name, "__torch__ ");
}

static void
push_global (Machine *m, const char *module, const char *name)
{
  g_autofree char *full = g_strconcat (module, " ", name, NULL);
  if (!m->why && !known_global (full))
    {
      g_autofree char *dotted = g_strdelimit (g_strdup (full), " ", '.');
      fail (m, "it asks for “%s”, which is no part of a list of tensors", dotted);
    }
  push (m, FEW_PICKLE_GLOBAL)->text = g_steal_pointer (&full);
}

/* ---- the few things that may be built */

static gboolean
is (const FewPickleValue *value, FewPickleKind kind)
{
  return value && value->kind == kind;
}

static FewPickleValue *
item (const FewPickleValue *list, guint i)
{
  return is (list, FEW_PICKLE_LIST) && i < list->items->len ? list->items->pdata[i] : NULL;
}

static void
build_storage (Machine *m)
{
  FewPickleValue *id = pop (m);
  FewPickleValue *tag = item (id, 0);
  FewPickleValue *type = item (id, 1);
  FewPickleValue *key = item (id, 2);
  FewPickleValue *n = item (id, 4);
  FewPickleValue *storage = push (m, FEW_PICKLE_STORAGE);
  gboolean found = FALSE;
  if (is (tag, FEW_PICKLE_STRING) && g_str_equal (tag->text, "storage")
      && is (type, FEW_PICKLE_GLOBAL) && is (key, FEW_PICKLE_STRING) && is (n, FEW_PICKLE_INT))
    for (guint i = 0; i < G_N_ELEMENTS (storages) && !found; i++)
      if (g_str_equal (type->text, storages[i].name))
        {
          found = TRUE;
          storage->dtype = storages[i].dtype;
          storage->dtype_name = storages[i].name + strlen ("torch ");
          storage->element_bytes = storages[i].bytes;
          storage->number = n->number;
          storage->text = g_strdup (key->text);
        }
  if (!found)
    fail (m, "it refers to something that is not a tensor's storage");
}

static void
reduce (Machine *m)
{
  FewPickleValue *arguments = pop (m);
  FewPickleValue *function = pop (m);
  if (!is (function, FEW_PICKLE_GLOBAL) || !is (arguments, FEW_PICKLE_LIST))
    {
      fail (m, "it calls something that is not a name");
      return;
    }
  if (g_str_equal (function->text, "collections OrderedDict") && arguments->items->len == 0)
    push (m, FEW_PICKLE_DICT);
  else if (g_str_equal (function->text, "torch._utils _rebuild_tensor_v2")
           && is (item (arguments, 0), FEW_PICKLE_STORAGE)
           && is (item (arguments, 1), FEW_PICKLE_INT) && is (item (arguments, 2), FEW_PICKLE_LIST)
           && is (item (arguments, 3), FEW_PICKLE_LIST))
    {
      FewPickleValue *tensor = push (m, FEW_PICKLE_TENSOR);
      for (guint i = 0; i < 4; i++)
        g_ptr_array_add (tensor->items, item (arguments, i));
    }
  else if (g_str_equal (function->text, "torch._utils _rebuild_parameter")
           && is (item (arguments, 0), FEW_PICKLE_TENSOR))
    g_ptr_array_add (m->stack, item (arguments, 0));
  else if (g_str_has_prefix (function->text, "torch.jit._pickle build_")
           && is (item (arguments, 0), FEW_PICKLE_LIST))
    g_ptr_array_add (m->stack, item (arguments, 0));
  else
    fail (m, "it calls “%s” with arguments that a list of tensors does not need", function->text);
}

static void
build_object (Machine *m)
{
  FewPickleValue *arguments = pop (m);
  FewPickleValue *class = pop (m);
  if (is (arguments, FEW_PICKLE_LIST) && is (class, FEW_PICKLE_GLOBAL)
      && g_str_has_prefix (class->text, "__torch__"))
    push (m, FEW_PICKLE_OBJECT);
  else
    fail (m, "it makes an object that is not a TorchScript module");
}

/* A module takes its attributes; an OrderedDict's own attributes (_metadata) do not matter. */
static void
set_state (Machine *m)
{
  FewPickleValue *state = pop (m);
  FewPickleValue *object = top (m);
  if (is (object, FEW_PICKLE_OBJECT) && is (state, FEW_PICKLE_DICT))
    {
      if (state->items->len > MAX_VALUES - m->attributes)
        {
          fail (m, "it holds more than two million values");
          return;
        }
      m->attributes += state->items->len;
      g_ptr_array_extend (object->items, state->items, NULL, NULL);
    }
  else if (!is (object, FEW_PICKLE_DICT))
    fail (m, "it gives a state to something that has none");
}

static gint64
signed_number (guint64 value, guint bytes)
{
  guint shift = 64 - 8 * bytes;
  return bytes == 0 ? 0 : (gint64) (value << shift) >> shift;
}

static void
run_opcode (Machine *m, guint8 opcode)
{
  switch (opcode)
    {
    case 0x80: /* PROTO */
      take (m, 1);
      break;
    case 0x95: /* FRAME */
      take (m, 8);
      break;
    case '(': /* MARK */
      if (m->stack->len >= MAX_VALUES)
        fail (m, "it nests too deeply");
      g_ptr_array_add (m->stack, NULL);
      break;
    case 'N':
      push (m, FEW_PICKLE_NONE);
      break;
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      push (m, FEW_PICKLE_INT)->number = opcode == 0x88;
      break;
    case 'J': /* BININT */
      push (m, FEW_PICKLE_INT)->number = signed_number (take_number (m, 4), 4);
      break;
    case 'K': /* BININT1 */
      push (m, FEW_PICKLE_INT)->number = (gint64) take_number (m, 1);
      break;
    case 'M': /* BININT2 */
      push (m, FEW_PICKLE_INT)->number = (gint64) take_number (m, 2);
      break;
    case 0x8a: /* LONG1 */
      {
        guint bytes = (guint) take_number (m, 1);
        if (bytes > 8)
          fail (m, "it holds an integer of more than 64 bits");
        else
          push (m, FEW_PICKLE_INT)->number = signed_number (take_number (m, bytes), bytes);
        break;
      }
    case 'G': /* BINFLOAT */
      take (m, 8);
      push (m, FEW_PICKLE_FLOAT);
      break;
    case 'X': /* BINUNICODE */
    case 'T': /* BINSTRING */
    case 'B': /* BINBYTES */
      push_string (m, (gsize) take_number (m, 4));
      break;
    case 0x8c: /* SHORT_BINUNICODE */
    case 'U':  /* SHORT_BINSTRING */
    case 'C':  /* SHORT_BINBYTES */
      push_string (m, (gsize) take_number (m, 1));
      break;
    case ']': /* EMPTY_LIST */
    case ')': /* EMPTY_TUPLE */
      push (m, FEW_PICKLE_LIST);
      break;
    case '}': /* EMPTY_DICT */
      push (m, FEW_PICKLE_DICT);
      break;
    case 't': /* TUPLE */
      {
        guint first = above_mark (m);
        if (m->why)
          break;
        g_ptr_array_remove_index (m->stack, first - 1);
        push_list (m, first - 1);
        break;
      }
    case 0x85: /* TUPLE1, TUPLE2, TUPLE3 */
    case 0x86:
    case 0x87:
      push_tuple_of (m, opcode - 0x84u);
      break;
    case 'a': /* APPEND */
      {
        FewPickleValue *value = pop (m);
        FewPickleValue *list = top (m);
        if (is (list, FEW_PICKLE_LIST))
          g_ptr_array_add (list->items, value);
        else
          fail (m, "a container is missing in it");
        break;
      }
    case 'e': /* APPENDS */
      append_from_mark (m, FEW_PICKLE_LIST);
      break;
    case 's': /* SETITEM */
      {
        FewPickleValue *value = pop (m);
        FewPickleValue *key = pop (m);
        FewPickleValue *dict = top (m);
        if (is (dict, FEW_PICKLE_DICT))
          {
            g_ptr_array_add (dict->items, key);
            g_ptr_array_add (dict->items, value);
          }
        else
          fail (m, "a container is missing in it");
        break;
      }
    case 'u': /* SETITEMS */
      append_from_mark (m, FEW_PICKLE_DICT);
      break;
    case 'c': /* GLOBAL */
      {
        g_autofree char *module = take_line (m);
        g_autofree char *name = take_line (m);
        push_global (m, module, name);
        break;
      }
    case 0x93: /* STACK_GLOBAL */
      {
        FewPickleValue *name = pop (m);
        FewPickleValue *module = pop (m);
        if (is (name, FEW_PICKLE_STRING) && is (module, FEW_PICKLE_STRING))
          push_global (m, module->text, name->text);
        else
          fail (m, "a name in it is no text");
        break;
      }
    case 'R': /* REDUCE */
      reduce (m);
      break;
    case 0x81: /* NEWOBJ */
      build_object (m);
      break;
    case 'b': /* BUILD */
      set_state (m);
      break;
    case 'Q': /* BINPERSID */
      build_storage (m);
      break;
    case 'q': /* BINPUT */
      put_memo (m, take_number (m, 1));
      break;
    case 'r': /* LONG_BINPUT */
      put_memo (m, take_number (m, 4));
      break;
    case 0x94: /* MEMOIZE */
      put_memo (m, m->memo->len);
      break;
    case 'h': /* BINGET */
      get_memo (m, take_number (m, 1));
      break;
    case 'j': /* LONG_BINGET */
      get_memo (m, take_number (m, 4));
      break;
    default:
      fail (m, "it uses the opcode 0x%02x, which a list of tensors does not need", opcode);
    }
}

FewPickle *
few_pickle_parse (const guint8 *data, gsize size, const char *shown, GError **error)
{
  g_autoptr (FewPickle) pickle = g_new0 (FewPickle, 1);
  pickle->values = g_ptr_array_new_with_free_func (value_free);
  g_autoptr (GPtrArray) stack = g_ptr_array_new (), memo = g_ptr_array_new ();
  Machine m = { data, data + size, pickle, stack, memo, 0, NULL };
  while (!m.why && !pickle->root)
    {
      const guint8 *opcode = take (&m, 1);
      if (opcode && *opcode == '.')
        pickle->root = pop (&m);
      else if (opcode)
        run_opcode (&m, *opcode);
    }
  if (m.why)
    {
      few_fail (error, UNSUPPORTED, "%s cannot be opened: %s.", shown, m.why);
      g_free (m.why);
      return NULL;
    }
  return g_steal_pointer (&pickle);
}
