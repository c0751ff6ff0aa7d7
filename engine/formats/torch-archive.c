/* SPDX-License-Identifier: MIT */
/* torch.save's archives: a zip of a pickle and its storages. */
#include "formats/torch-archive.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/pickle.h"
#include "formats/zip.h"
#include <string.h>

enum { MAX_DEPTH = 32, MAX_TENSORS = 100000, MAX_VISITS = 1000000, MAX_NAME = 1024 };
static const gsize MAX_PICKLE = 64u << 20;
static const guint64 MAX_FILE = G_GUINT64_CONSTANT (1) << 42; /* 4 TB */

struct FewTorchArchive
{
  FewFile *file;
  GPtrArray *tensors; /* FewTensor */
};

void
few_torch_archive_free (FewTorchArchive *archive)
{
  g_ptr_array_unref (archive->tensors);
  g_clear_pointer (&archive->file, few_file_free);
  g_free (archive);
}

FewFile *
few_torch_archive_file (const FewTorchArchive *archive)
{
  return archive->file;
}

guint
few_torch_archive_count (const FewTorchArchive *archive)
{
  return archive->tensors->len;
}

const FewTensor *
few_torch_archive_nth (const FewTorchArchive *archive, guint i)
{
  return archive->tensors->pdata[i];
}

typedef struct
{
  FewTorchArchive *archive;
  const FewZip *zip;
  const char *root; /* "archive/" */
  const char *shown;
  const FewPickleValue *keys[MAX_DEPTH]; /* from the top to where the walk is */
  guint visits;
} Walk;

static gboolean
add_tensor (Walk *walk, const char *name, const FewPickleValue *value, GError **error)
{
  const FewPickleValue *storage = value->items->pdata[0];
  const FewPickleValue *offset = value->items->pdata[1];
  GPtrArray *sizes = ((const FewPickleValue *) value->items->pdata[2])->items;
  GPtrArray *strides = ((const FewPickleValue *) value->items->pdata[3])->items;
  g_autofree char *entry_name = g_strconcat (walk->root, "data/", storage->text, NULL);
  const FewZipEntry *entry = few_zip_find (walk->zip, entry_name);
  FewTensor tensor = { .dtype = storage->dtype, .n_dims = sizes->len };
  gboolean sane = entry && sizes->len <= FEW_MAX_DIMS && strides->len == sizes->len
                  && storage->number >= 0 && offset->number >= 0;
  gsize run = 1;
  for (guint i = sizes->len; sane && i-- > 0;)
    {
      const FewPickleValue *size = sizes->pdata[i];
      const FewPickleValue *stride = strides->pdata[i];
      sane = size->kind == FEW_PICKLE_INT && stride->kind == FEW_PICKLE_INT && size->number >= 0;
      tensor.dims[i] = sane ? (gsize) size->number : 0;
      if (sane && tensor.dims[i] > 1 && (gsize) stride->number != run)
        {
          few_fail (error, UNSUPPORTED,
                    "%s: tensor “%s” is not stored in order; save it after .contiguous().",
                    walk->shown, name);
          return FALSE;
        }
      sane = sane && g_size_checked_mul (&run, run, tensor.dims[i]);
    }
  gsize begin = 0;
  sane = sane && few_tensor_measure (&tensor, storage->element_bytes)
         && g_size_checked_mul (&begin, (gsize) offset->number, storage->element_bytes)
         && begin <= entry->size && tensor.size <= entry->size - begin;
  if (!sane)
    {
      few_fail (error, FORMAT,
                "%s: tensor “%s” lies outside the bytes that the archive holds for it; the file is "
                "damaged.",
                walk->shown, name);
      return FALSE;
    }
  if (walk->archive->tensors->len >= MAX_TENSORS)
    {
      few_fail (error, LIMIT, "%s lists more than %d tensors.", walk->shown, MAX_TENSORS);
      return FALSE;
    }
  tensor.name = g_strdup (name);
  tensor.dtype_name = g_strdup (storage->dtype_name);
  tensor.file = walk->archive->file;
  tensor.offset = entry->offset + begin;
  g_ptr_array_add (walk->archive->tensors, g_memdup2 (&tensor, sizeof tensor));
  return TRUE;
}

/* Names are joined for tensors alone, and only as long as a tensor's name can be. */
static char *
join_names (const Walk *walk, guint depth)
{
  gsize length = 0;
  for (guint i = 0; i <= depth; i++)
    length += walk->keys[i]->length + 1;
  if (length > MAX_NAME)
    return NULL;
  GString *name = g_string_sized_new (length);
  for (guint i = 0; i <= depth; i++)
    g_string_append_printf (name, "%s%s", i ? "." : "", walk->keys[i]->text);
  return g_string_free (name, FALSE);
}

/* Every tensor below a dict or module; other values (training flags, epochs) are passed over. */
static gboolean
collect_tensors (Walk *walk, const FewPickleValue *container, guint depth, GError **error)
{
  for (guint i = 0; i + 1 < container->items->len; i += 2)
    {
      const FewPickleValue *key = container->items->pdata[i];
      const FewPickleValue *value = container->items->pdata[i + 1];
      if (depth >= MAX_DEPTH || ++walk->visits > MAX_VISITS)
        {
          few_fail (error, FORMAT, "%s nests its tensors too deeply.", walk->shown);
          return FALSE;
        }
      if (key->kind != FEW_PICKLE_STRING)
        continue;
      walk->keys[depth] = key;
      gboolean nested = value->kind == FEW_PICKLE_DICT || value->kind == FEW_PICKLE_OBJECT;
      if (nested && !collect_tensors (walk, value, depth + 1, error))
        return FALSE;
      if (value->kind != FEW_PICKLE_TENSOR)
        continue;
      g_autofree char *name = join_names (walk, depth);
      if (!name)
        {
          few_fail (error, LIMIT, "%s holds a tensor whose name is longer than %d bytes.",
                    walk->shown, MAX_NAME);
          return FALSE;
        }
      if (!add_tensor (walk, name, value, error))
        return FALSE;
    }
  return TRUE;
}

static const FewPickleValue *
find_member (const FewPickleValue *dict, const char *name)
{
  for (guint i = 0; i + 1 < dict->items->len; i += 2)
    {
      const FewPickleValue *key = dict->items->pdata[i];
      const FewPickleValue *value = dict->items->pdata[i + 1];
      if (key->kind == FEW_PICKLE_STRING && g_str_equal (key->text, name)
          && (value->kind == FEW_PICKLE_DICT || value->kind == FEW_PICKLE_OBJECT))
        return value;
    }
  return NULL;
}

/* “byteorder” is “little”, or is not there: archives before PyTorch 2.1 have none. */
static gboolean
check_byte_order (const FewTorchArchive *archive, const FewZip *zip, const char *root,
                  GError **error)
{
  g_autofree char *name = g_strconcat (root, "byteorder", NULL);
  const FewZipEntry *entry = few_zip_find (zip, name);
  char order[6] = { 0 };
  if (!entry
      || (entry->size == sizeof order
          && few_file_read_at (archive->file, order, sizeof order, entry->offset, NULL)
          && memcmp (order, "little", sizeof order) == 0))
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s was written on a big-endian machine; save it again on a common one.",
            few_file_shown (archive->file));
  return FALSE;
}

static FewPickle *
read_pickle (const FewTorchArchive *archive, const FewZipEntry *listing, GError **error)
{
  const char *shown = few_file_shown (archive->file);
  if (!listing || listing->size > MAX_PICKLE)
    {
      few_fail (error, FORMAT, "%s is a zip archive without PyTorch's list of tensors (data.pkl).",
                shown);
      return NULL;
    }
  g_autofree guint8 *bytes = few_try_bytes (listing->size, shown, error);
  return bytes && few_file_read_at (archive->file, bytes, listing->size, listing->offset, error)
             ? few_pickle_parse (bytes, listing->size, shown, error)
             : NULL;
}

static gboolean
read_archive (FewTorchArchive *archive, GError **error)
{
  const char *shown = few_file_shown (archive->file);
  g_autoptr (FewZip) zip = few_zip_read (archive->file, error);
  const FewZipEntry *listing = zip ? few_zip_find_suffix (zip, "/data.pkl") : NULL;
  g_autoptr (FewPickle) pickle = zip ? read_pickle (archive, listing, error) : NULL;
  if (!pickle)
    return FALSE;
  g_autofree char *root = g_strndup (listing->name, strlen (listing->name) - strlen ("data.pkl"));
  if (!check_byte_order (archive, zip, root, error))
    return FALSE;
  const FewPickleValue *top = few_pickle_root (pickle);
  if (top->kind != FEW_PICKLE_DICT && top->kind != FEW_PICKLE_OBJECT)
    {
      few_fail (error, FORMAT, "%s does not hold a model.", shown);
      return FALSE;
    }
  const FewPickleValue *inner = find_member (top, "state_dict");
  Walk walk = { .archive = archive, .zip = zip, .root = root, .shown = shown };
  return collect_tensors (&walk, inner ? inner : top, 0, error);
}

FewTorchArchive *
few_torch_archive_open (const char *path, GError **error)
{
  g_autoptr (FewTorchArchive) archive = g_new0 (FewTorchArchive, 1);
  archive->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) few_tensor_free);
  archive->file = few_file_open (path, MAX_FILE, error);
  return archive->file && read_archive (archive, error) ? g_steal_pointer (&archive) : NULL;
}
