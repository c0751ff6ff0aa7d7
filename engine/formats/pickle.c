/* SPDX-License-Identifier: MIT */
/* A pickle as a tree of values. */
#include "formats/pickle.h"
#include "base/error.h"
#include "formats/pickle-machine.h"

enum { MAX_NAME = 4096 };

struct FewPickle
{
  GPtrArray *values; /* all, owned */
  FewPickleValue *root;
};

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

/* ---- opcodes, by family; each function says whether the opcode is one of its own */

static gint64
signed_number (guint64 value, guint bytes)
{
  guint shift = 64 - 8 * bytes;
  return bytes == 0 ? 0 : (gint64) (value << shift) >> shift;
}

static void
push_int (FewPickleMachine *m, gint64 number)
{
  few_pickle_push (m, FEW_PICKLE_INT)->number = number;
}

static void
push_long (FewPickleMachine *m)
{
  guint bytes = (guint) few_pickle_take_number (m, 1);
  if (bytes > 8)
    few_pickle_fail (m, "it holds an integer of more than 64 bits");
  else
    push_int (m, signed_number (few_pickle_take_number (m, bytes), bytes));
}

static void
push_string (FewPickleMachine *m, gsize n)
{
  const char *p = (const char *) few_pickle_take (m, n);
  gboolean text = p && g_utf8_validate (p, (gssize) n, NULL);
  /* bytes: nothing that is needed here */
  FewPickleValue *value = few_pickle_push (m, FEW_PICKLE_STRING);
  value->text = few_pickle_copy (m, text ? p : "", text ? n : 0);
  value->length = text ? n : 0;
}

static gboolean
run_number (FewPickleMachine *m, guint8 opcode)
{
  switch (opcode)
    {
    case 'N':
      few_pickle_push (m, FEW_PICKLE_NONE);
      return TRUE;
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      push_int (m, opcode == 0x88);
      return TRUE;
    case 'J': /* BININT */
      push_int (m, signed_number (few_pickle_take_number (m, 4), 4));
      return TRUE;
    case 'K': /* BININT1 */
      push_int (m, (gint64) few_pickle_take_number (m, 1));
      return TRUE;
    case 'M': /* BININT2 */
      push_int (m, (gint64) few_pickle_take_number (m, 2));
      return TRUE;
    case 0x8a: /* LONG1 */
      push_long (m);
      return TRUE;
    case 'G': /* BINFLOAT */
      few_pickle_take (m, 8);
      few_pickle_push (m, FEW_PICKLE_FLOAT);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
run_text (FewPickleMachine *m, guint8 opcode)
{
  switch (opcode)
    {
    case 0x80: /* PROTO */
      few_pickle_take (m, 1);
      return TRUE;
    case 0x95: /* FRAME */
      few_pickle_take (m, 8);
      return TRUE;
    case 'X': /* BINUNICODE */
    case 'T': /* BINSTRING */
    case 'B': /* BINBYTES */
      push_string (m, (gsize) few_pickle_take_number (m, 4));
      return TRUE;
    case 0x8c: /* SHORT_BINUNICODE */
    case 'U':  /* SHORT_BINSTRING */
    case 'C':  /* SHORT_BINBYTES */
      push_string (m, (gsize) few_pickle_take_number (m, 1));
      return TRUE;
    default:
      return FALSE;
    }
}

static void
append (FewPickleMachine *m)
{
  FewPickleValue *value = few_pickle_pop (m);
  FewPickleValue *list = few_pickle_top (m);
  if (few_pickle_is (list, FEW_PICKLE_LIST))
    g_ptr_array_add (list->items, value);
  else
    few_pickle_fail (m, "a container is missing in it");
}

static void
set_item (FewPickleMachine *m)
{
  FewPickleValue *value = few_pickle_pop (m);
  FewPickleValue *key = few_pickle_pop (m);
  FewPickleValue *dict = few_pickle_top (m);
  if (few_pickle_is (dict, FEW_PICKLE_DICT))
    {
      g_ptr_array_add (dict->items, key);
      g_ptr_array_add (dict->items, value);
    }
  else
    few_pickle_fail (m, "a container is missing in it");
}

static gboolean
run_container (FewPickleMachine *m, guint8 opcode)
{
  switch (opcode)
    {
    case '(': /* MARK */
      few_pickle_push_mark (m);
      return TRUE;
    case ']': /* EMPTY_LIST */
    case ')': /* EMPTY_TUPLE */
      few_pickle_push (m, FEW_PICKLE_LIST);
      return TRUE;
    case '}': /* EMPTY_DICT */
      few_pickle_push (m, FEW_PICKLE_DICT);
      return TRUE;
    case 't': /* TUPLE */
      few_pickle_tuple_from_mark (m);
      return TRUE;
    case 0x85: /* TUPLE1, TUPLE2, TUPLE3 */
    case 0x86:
    case 0x87:
      few_pickle_tuple_of (m, opcode - 0x84u);
      return TRUE;
    case 'a': /* APPEND */
      append (m);
      return TRUE;
    case 'e': /* APPENDS */
      few_pickle_append_from_mark (m, FEW_PICKLE_LIST);
      return TRUE;
    case 's': /* SETITEM */
      set_item (m);
      return TRUE;
    case 'u': /* SETITEMS */
      few_pickle_append_from_mark (m, FEW_PICKLE_DICT);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
run_memo (FewPickleMachine *m, guint8 opcode)
{
  switch (opcode)
    {
    case 'q': /* BINPUT */
      few_pickle_put_memo (m, few_pickle_take_number (m, 1));
      return TRUE;
    case 'r': /* LONG_BINPUT */
      few_pickle_put_memo (m, few_pickle_take_number (m, 4));
      return TRUE;
    case 0x94: /* MEMOIZE */
      few_pickle_put_memo (m, m->memo->len);
      return TRUE;
    case 'h': /* BINGET */
      few_pickle_get_memo (m, few_pickle_take_number (m, 1));
      return TRUE;
    case 'j': /* LONG_BINGET */
      few_pickle_get_memo (m, few_pickle_take_number (m, 4));
      return TRUE;
    default:
      return FALSE;
    }
}

static void
name_global (FewPickleMachine *m)
{
  g_autofree char *module = few_pickle_take_line (m);
  g_autofree char *name = few_pickle_take_line (m);
  few_pickle_push_global (m, module, name);
}

static void
name_global_from_stack (FewPickleMachine *m)
{
  FewPickleValue *name = few_pickle_pop (m);
  FewPickleValue *module = few_pickle_pop (m);
  if (few_pickle_is (name, FEW_PICKLE_STRING) && few_pickle_is (module, FEW_PICKLE_STRING)
      && name->length + module->length <= MAX_NAME)
    few_pickle_push_global (m, module->text, name->text);
  else
    few_pickle_fail (m, "a name in it is no text, or too long");
}

static gboolean
run_build (FewPickleMachine *m, guint8 opcode)
{
  switch (opcode)
    {
    case 'c': /* GLOBAL */
      name_global (m);
      return TRUE;
    case 0x93: /* STACK_GLOBAL */
      name_global_from_stack (m);
      return TRUE;
    case 'R': /* REDUCE */
      few_pickle_reduce (m);
      return TRUE;
    case 0x81: /* NEWOBJ */
      few_pickle_build_object (m);
      return TRUE;
    case 'b': /* BUILD */
      few_pickle_set_state (m);
      return TRUE;
    case 'Q': /* BINPERSID */
      few_pickle_build_storage (m);
      return TRUE;
    default:
      return FALSE;
    }
}

FewPickle *
few_pickle_parse (const guint8 *data, gsize size, const char *shown, GError **error)
{
  g_autoptr (FewPickle) pickle = g_new0 (FewPickle, 1);
  FewPickleMachine m;
  guint8 opcode;
  few_pickle_machine_init (&m, data, size);
  pickle->values = m.values;
  g_ptr_array_set_free_func (m.values, value_free);
  while (!pickle->root && few_pickle_next_opcode (&m, &opcode))
    if (opcode == '.')
      pickle->root = few_pickle_pop (&m);
    else if (!run_number (&m, opcode) && !run_text (&m, opcode) && !run_container (&m, opcode)
             && !run_memo (&m, opcode) && !run_build (&m, opcode))
      few_pickle_fail (&m, "it uses the opcode 0x%02x, which a list of tensors does not need",
                       opcode);
  gboolean ok = !m.why;
  if (!ok)
    few_fail (error, UNSUPPORTED, "%s cannot be opened: %s.", shown, m.why);
  few_pickle_machine_clear (&m);
  return ok ? g_steal_pointer (&pickle) : NULL;
}
