/* SPDX-License-Identifier: MIT */
/* The schema, wherever it is, and what the person chose in it. */
#include <config.h>
#include "base/few-settings.h"
#include "common/paths.h"
#include <adwaita.h>

static const char SCHEMA[] = "io.github.fewshot.Fewshot";

GSettings *
few_settings (void)
{
  static GSettings *settings;
  if (settings)
    return settings;
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      installed ? g_settings_schema_source_lookup (installed, SCHEMA, TRUE) : NULL;
  if (!schema && *FEW_TREE_SCHEMAS)
    {
      g_autoptr (GSettingsSchemaSource) built =
          g_settings_schema_source_new_from_directory (FEW_TREE_SCHEMAS, installed, FALSE, NULL);
      schema = built ? g_settings_schema_source_lookup (built, SCHEMA, TRUE) : NULL;
    }
  if (!schema)
    g_error ("The settings schema %s is missing: the installation is not complete.", SCHEMA);
  settings = g_settings_new_full (schema, NULL, NULL);
  return settings;
}

char *
few_settings_model (void)
{
  g_autofree char *model = g_settings_get_string (few_settings (), "model");
  return *model && g_file_test (model, G_FILE_TEST_EXISTS) ? g_steal_pointer (&model)
                                                           : few_pocket_folder ();
}

char *
few_settings_device (void)
{
  g_autofree char *precision = g_settings_get_string (few_settings (), "precision");
  g_autofree char *device = g_settings_get_string (few_settings (), "device");
  gboolean gpu = g_str_has_prefix (device, "cuda:");
  gboolean cpu = g_str_equal (device, "cpu");
  /* the processor's best is f32 already, a GPU's fast is f16 already */
  if (g_str_equal (precision, "recommended") || (cpu && g_str_equal (precision, "f32"))
      || (gpu && g_str_equal (precision, "fast")))
    return g_steal_pointer (&device);
  return g_strdup_printf ("%s:%s", device, precision);
}

static void
style_changed_cb (GSettings *settings)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[g_settings_get_enum (settings, "style")]);
}

void
few_settings_apply_style (void)
{
  g_signal_connect (few_settings (), "changed::style", G_CALLBACK (style_changed_cb), NULL);
  style_changed_cb (few_settings ());
}

void
few_settings_keep_size (GtkWindow *window)
{
  int width, height; /* both: GTK 4.8 writes through either */
  g_return_if_fail (GTK_IS_WINDOW (window));
  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_boolean (few_settings (), "maximized", gtk_window_is_maximized (window));
  g_settings_set_int (few_settings (), "width", MAX (width, 360));
  g_settings_set_int (few_settings (), "height", MAX (height, 420));
}

void
few_settings_restore_size (GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  gtk_window_set_default_size (window, g_settings_get_int (few_settings (), "width"),
                               g_settings_get_int (few_settings (), "height"));
  if (g_settings_get_boolean (few_settings (), "maximized"))
    gtk_window_maximize (window);
}
