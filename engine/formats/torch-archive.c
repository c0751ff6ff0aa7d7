/* SPDX-License-Identifier: MIT */
#include "formats/torch-archive.h"
#include "base/error.h"
#include "formats/pickle.h"
#include "formats/zip.h"
#include <string.h>

enum { MAX_DEPTH = 32, MAX_TENSORS = 100000, MAX_VISITS = 1000000 };
static const gsize MAX_PICKLE = 64u << 20;

struct FewTorchArchive
{
  GMappedFile *map;
  GPtrArray *tensors; /* FewTensor */
};

void
few_torch_archive_free (FewTorchArchive *archive)
{
  g_ptr_array_unref (archive->tensors);
  g_clear_pointer (&archive->map, g_mapped_file_unref);
  g_free (archive);
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
  tensor.data = entry->data + begin;
  g_ptr_array_add (walk->archive->tensors, g_memdup2 (&tensor, sizeof tensor));
  return TRUE;
}

/* Every tensor below a dict or module; other values (training flags, epochs) are passed over. */
static gboolean
collect (Walk *walk, const FewPickleValue *container, const char *prefix, guint depth,
         GError **error)
{
  for (guint i = 0; i + 1 < container->items->len; i += 2)
    {
      const FewPickleValue *key = container->items->pdata[i];
      const FewPickleValue *value = container->items->pdata[i + 1];
      if (depth > MAX_DEPTH || ++walk->visits > MAX_VISITS)
        {
          few_fail (error, FORMAT, "%s nests its tensors too deeply.", walk->shown);
          return FALSE;
        }
      if (key->kind != FEW_PICKLE_STRING)
        continue;
      g_autofree char *name =
          *prefix ? g_strdup_printf ("%s.%s", prefix, key->text) : g_strdup (key->text);
      gboolean nested = value->kind == FEW_PICKLE_DICT || value->kind == FEW_PICKLE_OBJECT;
      if (value->kind == FEW_PICKLE_TENSOR
              ? !add_tensor (walk, name, value, error)
              : nested && !collect (walk, value, name, depth + 1, error))
        return FALSE;
    }
  return TRUE;
}

static const FewPickleValue *
member (const FewPickleValue *dict, const char *name)
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

static gboolean
read_archive (FewTorchArchive *archive, const char *shown, GError **error)
{
  const guint8 *data = (const guint8 *) g_mapped_file_get_contents (archive->map);
  g_autoptr (FewZip) zip =
      few_zip_parse (data, g_mapped_file_get_length (archive->map), shown, error);
  if (!zip)
    return FALSE;
  const FewZipEntry *listing = few_zip_find_suffix (zip, "/data.pkl");
  if (!listing || listing->size > MAX_PICKLE)
    {
      few_fail (error, FORMAT, "%s is a zip archive without PyTorch's list of tensors (data.pkl).",
                shown);
      return FALSE;
    }
  g_autofree char *root = g_strndup (listing->name, strlen (listing->name) - strlen ("data.pkl"));
  g_autofree char *order_name = g_strconcat (root, "byteorder", NULL);
  const FewZipEntry *order = few_zip_find (zip, order_name);
  if (order && !(order->size == 6 && memcmp (order->data, "little", 6) == 0))
    {
      few_fail (error, UNSUPPORTED,
                "%s was written on a big-endian machine; save it again on a common one.", shown);
      return FALSE;
    }
  g_autoptr (FewPickle) pickle = few_pickle_parse (listing->data, listing->size, shown, error);
  if (!pickle)
    return FALSE;
  const FewPickleValue *top = few_pickle_root (pickle);
  if (top->kind != FEW_PICKLE_DICT && top->kind != FEW_PICKLE_OBJECT)
    {
      few_fail (error, FORMAT, "%s does not hold a model.", shown);
      return FALSE;
    }
  const FewPickleValue *inner = member (top, "state_dict");
  Walk walk = { archive, zip, root, shown, 0 };
  if (!collect (&walk, inner ? inner : top, "", 0, error))
    return FALSE;
  for (guint i = 0; i < archive->tensors->len; i++)
    {
      FewTensor *tensor = archive->tensors->pdata[i];
      if (g_str_has_prefix (tensor->name, "module.")) /* DistributedDataParallel's wrapper */
        memmove (tensor->name, tensor->name + strlen ("module."),
                 strlen (tensor->name + strlen ("module.")) + 1);
    }
  return TRUE;
}

FewTorchArchive *
few_torch_archive_open (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (FewTorchArchive) archive = g_new0 (FewTorchArchive, 1);
  archive->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) few_tensor_free);
  g_autoptr (GError) local = NULL;
  archive->map = g_mapped_file_new (path, FALSE, &local);
  if (!archive->map)
    {
      few_fail (error, INPUT, "%s cannot be opened: %s", shown, local->message);
      return NULL;
    }
  return read_archive (archive, shown, error) ? g_steal_pointer (&archive) : NULL;
}
