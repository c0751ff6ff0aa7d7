/* SPDX-License-Identifier: MIT */
/* The few things that a pickle of PyTorch's may name and build. Nothing of it runs. */
#include "formats/pickle-machine.h"
#include <string.h>

enum { MAX_KEY = 256, MAX_ATTRIBUTES = 1000000 };

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

void
few_pickle_push_global (FewPickleMachine *m, const char *module, const char *name)
{
  g_autofree char *full = g_strconcat (module, " ", name, NULL);
  if (!m->why && !known_global (full))
    {
      g_autofree char *dotted = g_strdelimit (g_strdup (full), " ", '.');
      few_pickle_fail (m, "it asks for “%s”, which is no part of a list of tensors", dotted);
    }
  few_pickle_push (m, FEW_PICKLE_GLOBAL)->text = few_pickle_copy (m, full, strlen (full));
}

/* ---- what may be built */

void
few_pickle_build_storage (FewPickleMachine *m)
{
  FewPickleValue *id = few_pickle_pop (m);
  FewPickleValue *tag = few_pickle_item (id, 0);
  FewPickleValue *type = few_pickle_item (id, 1);
  FewPickleValue *key = few_pickle_item (id, 2);
  FewPickleValue *n = few_pickle_item (id, 4);
  FewPickleValue *storage = few_pickle_push (m, FEW_PICKLE_STORAGE);
  gboolean found = FALSE;
  if (few_pickle_is (tag, FEW_PICKLE_STRING) && g_str_equal (tag->text, "storage")
      && few_pickle_is (type, FEW_PICKLE_GLOBAL) && few_pickle_is (key, FEW_PICKLE_STRING)
      && few_pickle_is (n, FEW_PICKLE_INT) && key->length <= MAX_KEY)
    for (guint i = 0; i < G_N_ELEMENTS (storages) && !found; i++)
      if (g_str_equal (type->text, storages[i].name))
        {
          found = TRUE;
          storage->dtype = storages[i].dtype;
          storage->dtype_name = storages[i].name + strlen ("torch ");
          storage->element_bytes = storages[i].bytes;
          storage->number = n->number;
          storage->text = few_pickle_copy (m, key->text, key->length);
        }
  if (!found)
    few_pickle_fail (m, "it refers to something that is not a tensor's storage");
}

void
few_pickle_reduce (FewPickleMachine *m)
{
  FewPickleValue *arguments = few_pickle_pop (m);
  FewPickleValue *function = few_pickle_pop (m);
  if (!few_pickle_is (function, FEW_PICKLE_GLOBAL) || !few_pickle_is (arguments, FEW_PICKLE_LIST))
    {
      few_pickle_fail (m, "it calls something that is not a name");
      return;
    }
  if (g_str_equal (function->text, "collections OrderedDict") && arguments->items->len == 0)
    few_pickle_push (m, FEW_PICKLE_DICT);
  else if (g_str_equal (function->text, "torch._utils _rebuild_tensor_v2")
           && few_pickle_is (few_pickle_item (arguments, 0), FEW_PICKLE_STORAGE)
           && few_pickle_is (few_pickle_item (arguments, 1), FEW_PICKLE_INT)
           && few_pickle_is (few_pickle_item (arguments, 2), FEW_PICKLE_LIST)
           && few_pickle_is (few_pickle_item (arguments, 3), FEW_PICKLE_LIST))
    {
      FewPickleValue *tensor = few_pickle_push (m, FEW_PICKLE_TENSOR);
      for (guint i = 0; i < 4; i++)
        g_ptr_array_add (tensor->items, few_pickle_item (arguments, i));
    }
  else if (g_str_equal (function->text, "torch._utils _rebuild_parameter")
           && few_pickle_is (few_pickle_item (arguments, 0), FEW_PICKLE_TENSOR))
    few_pickle_push_again (m, few_pickle_item (arguments, 0));
  else if (g_str_has_prefix (function->text, "torch.jit._pickle build_")
           && few_pickle_is (few_pickle_item (arguments, 0), FEW_PICKLE_LIST))
    few_pickle_push_again (m, few_pickle_item (arguments, 0));
  else
    few_pickle_fail (m, "it calls “%s” with arguments that a list of tensors does not need",
                     function->text);
}

void
few_pickle_build_object (FewPickleMachine *m)
{
  FewPickleValue *arguments = few_pickle_pop (m);
  FewPickleValue *class = few_pickle_pop (m);
  if (few_pickle_is (arguments, FEW_PICKLE_LIST) && few_pickle_is (class, FEW_PICKLE_GLOBAL)
      && g_str_has_prefix (class->text, "__torch__"))
    few_pickle_push (m, FEW_PICKLE_OBJECT);
  else
    few_pickle_fail (m, "it makes an object that is not a TorchScript module");
}

/* A module takes its attributes; an OrderedDict's own attributes (_metadata) do not matter. */
void
few_pickle_set_state (FewPickleMachine *m)
{
  FewPickleValue *state = few_pickle_pop (m);
  FewPickleValue *object = few_pickle_top (m);
  if (few_pickle_is (object, FEW_PICKLE_OBJECT) && few_pickle_is (state, FEW_PICKLE_DICT))
    {
      if (state->items->len > MAX_ATTRIBUTES - m->attributes)
        {
          few_pickle_fail (m, "it holds more than a million attributes");
          return;
        }
      m->attributes += state->items->len;
      g_ptr_array_extend (object->items, state->items, NULL, NULL);
    }
  else if (!few_pickle_is (object, FEW_PICKLE_DICT))
    few_pickle_fail (m, "it gives a state to something that has none");
}
