#include "cli.h"
#include <string.h>

static char *
json_list (const char *const *items, guint n)
{
  g_autoptr (JsonArray) array = json_array_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *shown = g_filename_display_name (items[i]);
      json_array_add_string_element (array, shown);
    }
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (node, array);
  return json_to_string (node, FALSE);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Every picture below a folder, in order. */
static gboolean
list_folder (const char *folder, GPtrArray *paths, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  if (!dir)
    return FALSE;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while ((name = g_dir_read_name (dir)))
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_name);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        {
          if (!list_folder (path, paths, error))
            return FALSE;
        }
      else if (few_is_picture_name (path))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  return TRUE;
}

int
cli_embed (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL, images = NULL, texts = NULL;
  g_autofree char *output = NULL, *folder = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "image", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &images, "A picture (repeatable)", "FILE" },
    { "image-dir", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Every picture below a folder", "FOLDER" },
    { "text", 0, 0, G_OPTION_ARG_STRING_ARRAY, &texts, "A text (repeatable)", "TEXT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "safetensors to write", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "MODEL (--image F… | --image-dir D | --text T…) --output F", entries, 1, &arguments, &status))
    return status;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  /* "--image a b c": what follows the model joins the kind that was named */
  g_autoptr (GPtrArray) all_texts = g_ptr_array_new ();
  for (char **s = texts; s && *s; s++)
    g_ptr_array_add (all_texts, *s);
  for (char **s = images; s && *s; s++)
    g_ptr_array_add (paths, g_strdup (*s));
  for (char **s = arguments + 1; *s; s++)
    {
      if (texts && !images)
        g_ptr_array_add (all_texts, *s);
      else
        g_ptr_array_add (paths, g_strdup (*s));
    }
  if (folder && !list_folder (folder, paths, &error))
    return cli_fail (error);
  if (!output || (paths->len == 0 && all_texts->len == 0))
    {
      g_printerr ("fewshot-cli embed: %s\n", output ? "there is nothing to embed: give --image, --image-dir or --text." : "--output is missing.");
      return output && folder ? CLI_FAILURE : CLI_USAGE;
    }
  g_autoptr (FewModel) model = cli_open_model (cli, arguments[0], &error);
  if (!model)
    return cli_fail (error);
  const FewModelInfo *info = few_model_info (model);
  gsize d = info->dim;
  g_autofree float *features = g_new (float, MAX (paths->len * d, 1)), *text_features = g_new (float, MAX (all_texts->len * d, 1));
  g_autofree guint8 *known = g_new0 (guint8, paths->len + 1);
  guint refused = 0, kept = 0;
  if (!cli_encode (cli, model, (const char *const *) paths->pdata, paths->len, features, known, &refused, NULL, &error)
      || !few_model_encode_texts (model, (const char *const *) all_texts->pdata, all_texts->len, text_features, cli->cancellable, &error))
    return cli_fail (error);
  g_autofree const char **names = g_new (const char *, paths->len + 1);
  for (guint i = 0; i < paths->len; i++)
    if (known[i])
      {
        memmove (features + kept * d, features + i * d, d * sizeof (float));
        names[kept++] = paths->pdata[i];
      }
  if (paths->len > 0 && kept == 0)
    {
      g_printerr ("fewshot-cli: every picture was refused.\n");
      return CLI_FAILURE;
    }
  FewNamedTensor tensors[2];
  guint n = 0;
  if (kept > 0)
    tensors[n++] = (FewNamedTensor){ "image_features", { kept, d }, 2, features, NULL };
  if (all_texts->len > 0)
    tensors[n++] = (FewNamedTensor){ "text_features", { all_texts->len, d }, 2, text_features, NULL };
  g_autofree char *images_json = json_list (names, kept), *texts_json = json_list ((const char *const *) all_texts->pdata, all_texts->len);
  const char *metadata[] = { "images", images_json, "texts", texts_json, "backbone", info->name, "backbone_sha256", info->sha256, NULL };
  if (!few_tensor_file_save (output, tensors, n, metadata, &error))
    return cli_fail (error);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "images", kept);
      cli_json_int (builder, "texts", all_texts->len);
      cli_json_int (builder, "refused", refused);
      cli_json_string (builder, "output", output);
      cli_json_end (builder);
    }
  return CLI_OK;
}
