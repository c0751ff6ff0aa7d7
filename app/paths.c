#include "config.h"
#include "paths.h"

char *
few_pocket_folder (void)
{
  const char *forced = g_getenv ("FEWSHOT_POCKET");
  const char *const places[] = { forced ? forced : "", FEW_PKGDATADIR "/pocket", FEW_SOURCE_DATA "/pocket" };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *config = g_build_filename (places[i], "open_clip_config.json", NULL);
      if (*places[i] && g_file_test (config, G_FILE_TEST_EXISTS))
        return g_strdup (places[i]);
    }
  return NULL;
}

char *
few_model_folder (const char *name)
{
  char *pocket = g_str_equal (name, "pocket") ? few_pocket_folder () : NULL;
  return pocket ? pocket : g_strdup (name);
}
