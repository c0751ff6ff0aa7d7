/* SPDX-License-Identifier: MIT */
/* Reads a kernel's PTX as nvcc emits it: statements that end in ‘;’, labels that end in ‘:’, braces
 * that mean nothing here. What it does not know stops the program with the statement: an
 * instruction that a new kernel or nvcc needs is added to this file and to thread.c. */
#include "block.h"
#include <string.h>

typedef struct
{
  Kernel *kernel;
  GHashTable *registers; /* name → index + 1 */
  GHashTable *parameters; /* name → offset + 1 */
  GHashTable *shared; /* name → offset + 1 */
  GHashTable *labels; /* name → instruction + 1 */
  GPtrArray *branches; /* label of each bra, by instruction; NULL for others */
} Reader;

#define unknown(what, text) g_error ("fakecuda does not know %s: %s", what, text)

static guint
bytes_of (const char *type)
{
  guint letters = g_str_has_prefix (type, "bf") ? 2 : 1;
  return g_str_equal (type, "pred") ? 1 : (guint) g_ascii_strtoull (type + letters, NULL, 10) / 8;
}

static TypeClass
class_of (const char *type)
{
  if (g_str_equal (type, "pred"))
    return TYPE_PRED;
  if (g_str_has_prefix (type, "bf"))
    return TYPE_F;
  switch (type[0])
    {
    case 'u':
      return TYPE_U;
    case 's':
      return TYPE_S;
    case 'f':
      return TYPE_F;
    default:
      return TYPE_B;
    }
}

/* "name[12]" → 12, and name cut; 1 when there is no number */
static gsize
cut_count (char *name, char open)
{
  char *bracket = strchr (name, open);
  if (!bracket)
    return 1;
  *bracket = '\0';
  return g_ascii_strtoull (bracket + 1, NULL, 10);
}

static void
declare_registers (Reader *r, char **words)
{
  /* .reg .b32 %r<21> */
  g_autofree char *name = g_strdup (words[2]);
  gboolean many = strchr (name, '<') != NULL;
  gsize n = cut_count (name, '<');
  for (gsize i = 0; i < n; i++)
    {
      char *whole = many ? g_strdup_printf ("%s%" G_GSIZE_FORMAT, name, i) : g_strdup (name);
      g_hash_table_insert (r->registers, whole, GUINT_TO_POINTER (++r->kernel->n_registers));
    }
}

static void
declare_parameter (Reader *r, char **words)
{
  /* .param .u64 NAME   or   .param .align 4 .b8 NAME[28] */
  guint n = g_strv_length (words);
  g_autofree char *name = g_strdup (words[n - 1]);
  gsize count = cut_count (name, '[');
  gsize size = bytes_of (words[n - 2] + 1);
  gsize alignment = g_str_equal (words[1], ".align") ? g_ascii_strtoull (words[2], NULL, 10) : size;
  gsize bytes = count * size;
  gsize offset = (r->kernel->parameter_bytes + alignment - 1) / alignment * alignment;
  Parameter parameter = { offset, bytes };
  g_array_append_val (r->kernel->parameters, parameter);
  r->kernel->parameter_bytes = offset + bytes;
  g_hash_table_insert (r->parameters, g_steal_pointer (&name), GSIZE_TO_POINTER (offset + 1));
}

static void
declare_shared (Reader *r, char **words)
{
  /* .shared .align 4 .b8 NAME[32] */
  guint n = g_strv_length (words);
  g_autofree char *name = g_strdup (words[n - 1]);
  gsize bytes = cut_count (name, '[') * bytes_of (words[n - 2] + 1);
  gsize offset = (r->kernel->shared_bytes + 15) / 16 * 16;
  r->kernel->shared_bytes = offset + bytes;
  g_hash_table_insert (r->shared, g_steal_pointer (&name), GSIZE_TO_POINTER (offset + 1));
}

static guint
register_named (const Reader *r, const char *name)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (r->registers, name));
  if (index == 0)
    unknown ("this register", name);
  return index - 1;
}

static Operand
constant_of (const Reader *r, guint64 value)
{
  GArray *constants = r->kernel->constants;
  for (guint lane = 0; lane < LANES; lane++)
    g_array_append_val (constants, value);
  return -(Operand) (constants->len / LANES);
}

static guint8
special_of (const char *name)
{
  static const char *const special[N_SPECIAL] = { "%tid.x",   "%tid.y",    "%tid.z",    "%ntid.x",
                                                  "%ntid.y",  "%ntid.z",   "%ctaid.x",  "%ctaid.y",
                                                  "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z",
                                                  "%laneid" };
  guint8 index = 0;
  while (index < N_SPECIAL && !g_str_equal (name, special[index]))
    index++;
  return index;
}

/* What is neither a register nor named by one, *special included, which mov alone reads. */
static Operand
value_of_text (const Reader *r, const char *name, guint64 offset, guint8 *special)
{
  gsize place = GPOINTER_TO_SIZE (g_hash_table_lookup (r->parameters, name));
  if (place == 0)
    place = GPOINTER_TO_SIZE (g_hash_table_lookup (r->shared, name));
  if (place > 0)
    return constant_of (r, place - 1 + offset);
  if (name[0] == '0' && name[1] && strchr ("fFdD", name[1]))
    return constant_of (r, g_ascii_strtoull (name + 2, NULL, 16));
  if (g_ascii_isdigit (name[0]))
    return constant_of (r, g_ascii_strtoull (name, NULL, 0));
  if (name[0] == '-')
    return constant_of (r, (guint64) g_ascii_strtoll (name, NULL, 0));
  *special = special_of (name);
  if (*special == N_SPECIAL)
    unknown ("this operand", name);
  return constant_of (r, 0);
}

/* Adds an operand: a register, a constant, or, as an address is written, [register],
 * [register+8], [parameter+8]. */
static void
read_operand (const Reader *r, Instruction *in, const char *text)
{
  g_autofree char *name = g_strdup (text);
  gint64 offset = 0;
  if (name[0] == '[')
    {
      memmove (name, name + 1, strlen (name));
      char *end = strchr (name, ']');
      char *plus = strchr (name, '+');
      if (end)
        *end = '\0';
      if (plus)
        {
          *plus = '\0';
          offset = g_ascii_strtoll (plus + 1, NULL, 10);
        }
    }
  if (in->n_operands == G_N_ELEMENTS (in->operands) || offset != (gint32) offset)
    unknown ("so many operands or so far an address", in->text);
  Operand *operand = &in->operands[in->n_operands++];
  if (g_hash_table_contains (r->registers, name))
    {
      *operand = (Operand) register_named (r, name);
      in->offset = text[0] == '[' ? (gint32) offset : in->offset;
      return;
    }
  *operand = value_of_text (r, name, (guint64) offset, &in->special);
  if (in->special < N_SPECIAL && in->op != OP_MOV)
    unknown ("this operand here", in->text);
}

static Op
op_of (const char *name, const char *text)
{
  static const struct
  {
    const char *name;
    Op op;
  } known[] = {
    { "abs", OP_ABS },     { "add", OP_ADD },   { "and", OP_AND },   { "bar", OP_BAR },
    { "barrier", OP_BAR }, { "bfi", OP_BFI },   { "bra", OP_BRA },   { "copysign", OP_COPYSIGN },
    { "cvt", OP_CVT },     { "cvta", OP_CVTA }, { "div", OP_DIV },   { "ex2", OP_EX2 },
    { "fma", OP_FMA },     { "ld", OP_LD },     { "lg2", OP_LG2 },   { "mad", OP_MAD },
    { "max", OP_MAX },     { "min", OP_MIN },   { "mma", OP_MMA },   { "mov", OP_MOV },
    { "mul", OP_MUL },     { "neg", OP_NEG },   { "not", OP_NOT },   { "or", OP_OR },
    { "rcp", OP_RCP },     { "rem", OP_REM },   { "ret", OP_RET },   { "exit", OP_RET },
    { "rsqrt", OP_RSQRT }, { "selp", OP_SELP }, { "setp", OP_SETP }, { "shfl", OP_SHFL },
    { "shl", OP_SHL },     { "shr", OP_SHR },   { "sqrt", OP_SQRT }, { "st", OP_ST },
    { "sub", OP_SUB },     { "xor", OP_XOR },
  };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (name, known[i].name))
      return known[i].op;
  unknown ("this instruction", text);
  return OP_RET;
}

/* ".lt", ".ltu", ".hi" … of setp */
static void
read_compare (Instruction *in, const char *name)
{
  static const char *const names[][3] = { { "eq", "equ", "" },   { "ne", "neu", "" },
                                          { "lt", "ltu", "lo" }, { "le", "leu", "ls" },
                                          { "gt", "gtu", "hi" }, { "ge", "geu", "hs" } };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < 3; j++)
      if (g_str_equal (name, names[i][j]))
        {
          in->compare = (guint8) i;
          in->unordered = j == 1;
          return;
        }
  unknown ("this comparison", in->text);
}

/* What stands between the instruction's name and its type */
static void
read_modifiers (Instruction *in, char **parts)
{
  static const struct
  {
    const char *name;
    guint8 value;
  } roundings[] = { { "rn", ROUND_NEAREST }, { "rm", ROUND_DOWN },     { "rp", ROUND_UP },
                    { "rz", ROUND_ZERO },    { "rni", ROUND_NEAREST }, { "rmi", ROUND_DOWN },
                    { "rpi", ROUND_UP },     { "rzi", ROUND_ZERO } };
  static const struct
  {
    const char *name;
    guint8 value;
  } spaces[] = { { "global", SPACE_GLOBAL }, { "shared", SPACE_SHARED }, { "param", SPACE_PARAM } };
  static const struct
  {
    const char *name;
    guint8 value;
  } shuffles[] = {
    { "bfly", SHUFFLE_BFLY }, { "down", SHUFFLE_DOWN }, { "up", SHUFFLE_UP }, { "idx", SHUFFLE_IDX }
  };
  for (guint i = 1; parts[i]; i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (roundings); j++)
        if (g_str_equal (parts[i], roundings[j].name))
          {
            in->rounding = roundings[j].value;
            in->to_integer = j >= 4;
          }
      for (guint j = 0; j < G_N_ELEMENTS (spaces); j++)
        if (g_str_equal (parts[i], spaces[j].name))
          in->space = spaces[j].value;
      for (guint j = 0; j < G_N_ELEMENTS (shuffles); j++)
        if (g_str_equal (parts[i], shuffles[j].name))
          in->shuffle = shuffles[j].value;
      in->wide |= g_str_equal (parts[i], "wide");
      in->high |= g_str_equal (parts[i], "hi") && in->op != OP_SETP;
      in->saturates |= g_str_equal (parts[i], "sat");
      if (parts[i][0] == 'v' && g_ascii_isdigit (parts[i][1]))
        in->vector = (guint8) (parts[i][1] - '0');
    }
}

static gboolean
is_product_of_brains (const char *name, const char *statement)
{
  if (g_str_equal (name, "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32"))
    return TRUE;
  if (!g_str_equal (name, "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32"))
    unknown ("this product of tiles", statement);
  return FALSE;
}

static void
read_conversion (Instruction *in, const char *to, const char *from, const char *statement)
{
  if (g_str_has_suffix (to, "x2")) /* two values in a register */
    unknown ("this conversion", statement);
  in->from = in->type;
  in->from_bytes = in->bytes;
  in->from_brain = g_str_equal (from, "bf16");
  in->brain = g_str_equal (to, "bf16");
  in->type = class_of (to);
  in->bytes = (guint8) bytes_of (to);
}

static void
read_instruction (Reader *r, const char *statement)
{
  Instruction in = {
    .guard = -1, .second = -1, .vector = 1, .special = N_SPECIAL, .text = g_strdup (statement)
  };
  g_autofree char *copy = g_strdup (statement);
  char *text = copy;
  if (*text == '@')
    {
      char *end = text + strcspn (text, " \t\n");
      *end = '\0';
      in.negated_guard = text[1] == '!';
      in.guard = (int) register_named (r, text + 1 + in.negated_guard);
      text = g_strchug (end + 1);
    }
  gsize name_length = strcspn (text, " \t\n");
  g_autofree char *name = g_strndup (text, name_length);
  g_auto (GStrv) parts = g_strsplit (name, ".", -1);
  const char *type = parts[g_strv_length (parts) - 1];
  in.op = (guint8) op_of (parts[0], statement);
  if (in.op == OP_MMA)
    in.brain = is_product_of_brains (name, statement);
  g_autofree char *rest = g_strdelimit (g_strdup (text + name_length), ",{}()\t\n", ' ');
  g_auto (GStrv) words = g_strsplit (g_strstrip (rest), " ", -1);
  char *label = NULL;
  read_modifiers (&in, parts);
  if (in.op == OP_BRA)
    label = g_strdup (words[0]);
  else if (in.op != OP_BAR && in.op != OP_RET)
    {
      in.type = class_of (type);
      in.bytes = (guint8) bytes_of (type);
      if (in.op == OP_CVT)
        read_conversion (&in, parts[g_strv_length (parts) - 2], type, statement);
      if (in.op == OP_SETP)
        read_compare (&in, parts[1]);
      if (in.op == OP_CVTA && !g_str_equal (parts[1], "to"))
        unknown ("this address conversion", statement);
      for (guint i = 0; words[i]; i++)
        {
          char *bar = in.op == OP_SHFL && in.n_operands == 0 ? strchr (words[i], '|') : NULL;
          if (!*words[i])
            continue;
          if (bar)
            {
              *bar = '\0';
              in.second = (int) register_named (r, bar + 1);
            }
          read_operand (r, &in, words[i]);
        }
    }
  in.way = (guint8) way_of (&in);
  g_array_append_val (r->kernel->code, in);
  g_ptr_array_add (r->branches, label);
}

static void
finish_kernel (Reader *r)
{
  for (guint i = 0; i < r->branches->len; i++)
    if (r->branches->pdata[i])
      {
        guint target = GPOINTER_TO_UINT (g_hash_table_lookup (r->labels, r->branches->pdata[i]));
        if (target == 0)
          unknown ("this label", (char *) r->branches->pdata[i]);
        g_array_index (r->kernel->code, Instruction, i).target = target - 1;
      }
  g_hash_table_unref (r->registers);
  g_hash_table_unref (r->parameters);
  g_hash_table_unref (r->shared);
  g_hash_table_unref (r->labels);
  g_ptr_array_unref (r->branches);
}

static void
read_parameters (Reader *r, const char *open, const char *close)
{
  g_autofree char *list = g_strndup (open + 1, (gsize) (close - open - 1));
  g_auto (GStrv) parameters = g_strsplit (list, ",", -1);
  for (guint i = 0; parameters[i]; i++)
    {
      g_auto (GStrv) words =
          g_strsplit (g_strstrip (g_strdelimit (parameters[i], "\n\t", ' ')), " ", -1);
      if (words[0] && *words[0])
        declare_parameter (r, words);
    }
}

/* The launch bounds, where there are any in front of the first statement. */
static void
read_bounds (Kernel *kernel, const char *close, const char *brace)
{
  const char *bound = strstr (close, ".maxntid");
  if (!bound || bound >= brace)
    return;
  kernel->most_threads = 1;
  for (const char *at = bound + 8; at < brace && !strchr (".{", *at); at++)
    if (g_ascii_isdigit (*at) && !g_ascii_isdigit (at[-1]))
      kernel->most_threads *= (guint) g_ascii_strtoull (at, NULL, 10);
}

static void
read_directive (Reader *r, const char *statement)
{
  g_auto (GStrv) raw = g_strsplit_set (statement, " \t\n", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  for (guint i = 0; raw[i]; i++)
    if (*raw[i])
      g_ptr_array_add (words, raw[i]);
  g_ptr_array_add (words, NULL);
  char **w = (char **) words->pdata;
  if (g_str_equal (w[0], ".reg"))
    declare_registers (r, w);
  else if (g_str_equal (w[0], ".shared"))
    declare_shared (r, w);
  else if (!g_str_equal (w[0], ".pragma"))
    unknown ("this directive", statement);
}

void
kernel_read (Kernel *kernel)
{
  g_autofree char *body = g_steal_pointer (&kernel->body);
  kernel->code = g_array_new (FALSE, FALSE, sizeof (Instruction));
  kernel->constants = g_array_new (FALSE, FALSE, sizeof (guint64));
  kernel->parameters = g_array_new (FALSE, FALSE, sizeof (Parameter));
  Reader r = { kernel,
               g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
               g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
               g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
               g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
               g_ptr_array_new_with_free_func (g_free) };
  const char *open = strchr (body, '(');
  const char *close = strchr (open, ')');
  const char *brace = strchr (close, '{');
  read_parameters (&r, open, close);
  read_bounds (kernel, close, brace);
  /* Vector operands keep their braces away from us: they are delimiters there, too. */
  for (const char *at = brace + 1; *at;)
    {
      at += strspn (at, " \t\n{}");
      gsize length = strcspn (at, ";:");
      if (!at[length])
        break;
      g_autofree char *statement = g_strstrip (g_strndup (at, length));
      if (at[length] == ':')
        g_hash_table_insert (r.labels, g_strdup (statement),
                             GUINT_TO_POINTER (kernel->code->len + 1));
      else if (statement[0] == '.')
        read_directive (&r, statement);
      else
        read_instruction (&r, statement);
      at += length + 1;
    }
  read_instruction (&r, "ret"); /* where it ends without one */
  finish_kernel (&r);
}
