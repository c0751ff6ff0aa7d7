/* SPDX-License-Identifier: MIT */
/* An open table of indices into entries, which lie one behind the other, as their texts do. */
#include "text/symbols.h"
#include <string.h>

typedef struct
{
  guint64 hash;
  guint32 start, length;
  gint32 id;
} Entry;

/* Half of the hash is here, too: most that are not meant are passed over without a look at them. */
typedef struct
{
  guint32 hash;
  guint32 entry; /* its index + 1; 0: free */
} Slot;

struct FewSymbols
{
  GArray *entries; /* Entry */
  GByteArray *texts;
  Slot *slots;
  guint32 n_slots; /* a power of two, more than the entries */
  GArray *by_id; /* guint32: an entry's index + 1 */
  guint longest;
};

FewSymbols *
few_symbols_new (void)
{
  FewSymbols *symbols = g_new0 (FewSymbols, 1);
  symbols->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  symbols->texts = g_byte_array_new ();
  symbols->by_id = g_array_new (FALSE, TRUE, sizeof (guint32));
  symbols->n_slots = 1024;
  symbols->slots = g_new0 (Slot, symbols->n_slots);
  return symbols;
}

void
few_symbols_free (FewSymbols *symbols)
{
  g_array_unref (symbols->entries);
  g_byte_array_unref (symbols->texts);
  g_array_unref (symbols->by_id);
  g_free (symbols->slots);
  g_free (symbols);
}

static const Entry *
entry_at (const FewSymbols *symbols, guint32 index)
{
  return &g_array_index (symbols->entries, Entry, index);
}

static guint32
first_slot (const FewSymbols *symbols, guint64 hash)
{
  return (guint32) (hash ^ hash >> 29) & (symbols->n_slots - 1);
}

/* The slot that holds the text, or the free one where it would go. */
static guint32
find_slot (const FewSymbols *symbols, const char *text, gsize n, guint64 hash)
{
  guint32 slot = first_slot (symbols, hash);
  for (; symbols->slots[slot].entry; slot = (slot + 1) & (symbols->n_slots - 1))
    {
      if (symbols->slots[slot].hash != (guint32) (hash >> 32))
        continue;
      const Entry *entry = entry_at (symbols, symbols->slots[slot].entry - 1);
      if (entry->hash == hash && entry->length == n
          && memcmp (symbols->texts->data + entry->start, text, n) == 0)
        break;
    }
  return slot;
}

static void
grow (FewSymbols *symbols)
{
  g_free (symbols->slots);
  symbols->n_slots *= 4;
  symbols->slots = g_new0 (Slot, symbols->n_slots);
  for (guint32 i = 0; i < symbols->entries->len; i++)
    {
      guint64 hash = entry_at (symbols, i)->hash;
      guint32 slot = first_slot (symbols, hash);
      while (symbols->slots[slot].entry)
        slot = (slot + 1) & (symbols->n_slots - 1);
      symbols->slots[slot] = (Slot) { (guint32) (hash >> 32), i + 1 };
    }
}

guint64
few_symbols_hash_text (const char *text, gsize n)
{
  guint64 hash = FEW_SYMBOLS_SEED;
  for (gsize i = 0; i < n; i++)
    hash = few_symbols_hash (hash, text[i]);
  return hash;
}

gboolean
few_symbols_add (FewSymbols *symbols, const char *text, gsize n, gint32 id)
{
  if (symbols->entries->len >= FEW_MAX_SYMBOLS || n > FEW_MAX_SYMBOL_BYTES || id < 0
      || id >= 2 * FEW_MAX_SYMBOLS || symbols->texts->len > G_MAXINT32)
    return FALSE;
  if (symbols->entries->len >= symbols->n_slots / 2)
    grow (symbols);
  guint64 hash = few_symbols_hash_text (text, n);
  guint32 slot = find_slot (symbols, text, n, hash);
  if (!symbols->slots[slot].entry)
    {
      Entry entry = { hash, symbols->texts->len, (guint32) n, id };
      g_byte_array_append (symbols->texts, (const guint8 *) text, (guint) n);
      g_array_append_val (symbols->entries, entry);
      symbols->slots[slot] = (Slot) { (guint32) (hash >> 32), symbols->entries->len };
    }
  g_array_index (symbols->entries, Entry, symbols->slots[slot].entry - 1).id = id;
  symbols->longest = MAX (symbols->longest, (guint) n);
  if ((guint) id >= symbols->by_id->len)
    g_array_set_size (symbols->by_id, (guint) id + 1);
  g_array_index (symbols->by_id, guint32, id) = symbols->slots[slot].entry;
  return TRUE;
}

gint32
few_symbols_find_hashed (const FewSymbols *symbols, const char *text, gsize n, guint64 hash)
{
  guint32 slot = find_slot (symbols, text, n, hash);
  return symbols->slots[slot].entry ? entry_at (symbols, symbols->slots[slot].entry - 1)->id : -1;
}

gint32
few_symbols_find (const FewSymbols *symbols, const char *text, gsize n)
{
  return few_symbols_find_hashed (symbols, text, n, few_symbols_hash_text (text, n));
}

guint
few_symbols_count (const FewSymbols *symbols)
{
  return symbols->entries->len;
}

guint
few_symbols_longest (const FewSymbols *symbols)
{
  return symbols->longest;
}

guint
few_symbols_end (const FewSymbols *symbols)
{
  return symbols->by_id->len;
}

const char *
few_symbols_text (const FewSymbols *symbols, gint32 id, gsize *n)
{
  if (id < 0 || (guint) id >= symbols->by_id->len)
    return NULL;
  guint32 index = g_array_index (symbols->by_id, guint32, id);
  if (index == 0)
    return NULL;
  const Entry *entry = entry_at (symbols, index - 1);
  *n = entry->length;
  return (const char *) symbols->texts->data + entry->start;
}

guint64
few_symbols_hash_of (const FewSymbols *symbols, gint32 id)
{
  return entry_at (symbols, g_array_index (symbols->by_id, guint32, id) - 1)->hash;
}
