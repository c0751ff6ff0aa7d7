/* SPDX-License-Identifier: MIT */
/* Toasts that show the whole of a long sentence, at whatever width the window has. */
#include "widgets/few-toasts.h"
#include <glib/gi18n.h>

/* How many characters of a title fit, at the width that the window has. */
static int
count_chars (AdwToastOverlay *toasts, GtkWidget *label, gboolean with_button, int *char_width)
{
  enum { BESIDE_TITLE = 110, BUTTON = 90, LEAST_CHARS = 24, MOST_CHARS = 80 };
  PangoFontMetrics *metrics =
      pango_context_get_metrics (gtk_widget_get_pango_context (label), NULL, NULL);
  int width = gtk_widget_get_width (GTK_WIDGET (toasts)) - BESIDE_TITLE;
  if (with_button)
    width -= BUTTON;
  *char_width = MAX (PANGO_PIXELS (pango_font_metrics_get_approximate_char_width (metrics)), 1);
  pango_font_metrics_unref (metrics);
  return CLAMP (width / *char_width, LEAST_CHARS, MOST_CHARS);
}

/* A toast's own title is one line and cuts what is longer: an error would lose what to do. NULL
 * when `text` fits. A toast is as high as its contents at their natural width, so that this must
 * be what the window has room for. */
static GtkWidget *
create_wrapped_title (AdwToastOverlay *toasts, const char *text, gboolean with_button)
{
  GtkWidget *label = g_object_ref_sink (gtk_label_new (text));
  gtk_widget_add_css_class (label, "heading");
  g_autoptr (PangoLayout) line = gtk_widget_create_pango_layout (label, text);
  int char_width;
  int chars = count_chars (toasts, label, with_button, &char_width);
  int needed;
  pango_layout_get_pixel_size (line, &needed, NULL);
  if (needed <= chars * char_width)
    {
      g_object_unref (label);
      return NULL;
    }
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), chars);
  return label;
}

static void
show_toast (AdwToastOverlay *toasts, const char *text, gboolean with_undo)
{
  enum { SECONDS = 5, SECONDS_TO_READ = 12 };
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_autoptr (GtkWidget) title = create_wrapped_title (toasts, text, with_undo);
  AdwToast *toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, title ? SECONDS_TO_READ : SECONDS);
  if (title)
    adw_toast_set_custom_title (toast, title);
  if (with_undo)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_action_name (toast, "win.undo");
    }
  adw_toast_overlay_add_toast (toasts, toast);
}

static gboolean
tick_cb (GtkWidget *toasts, GdkFrameClock *clock G_GNUC_UNUSED, gpointer text)
{
  if (gtk_widget_get_width (toasts) == 0)
    return G_SOURCE_CONTINUE;
  show_toast (ADW_TOAST_OVERLAY (toasts), text, FALSE);
  return G_SOURCE_REMOVE;
}

static void
say_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AdwToastOverlay *toasts = user;
  const char *text;
  gboolean with_undo;
  g_variant_get (parameter, "(&sb)", &text, &with_undo);
  if (gtk_widget_get_width (GTK_WIDGET (toasts)) > 0)
    show_toast (toasts, text, with_undo);
  else /* not shown yet, so that there is nothing to undo */
    gtk_widget_add_tick_callback (GTK_WIDGET (toasts), tick_cb, g_strdup (text), g_free);
}

void
few_toasts_install (GActionMap *window, AdwToastOverlay *toasts)
{
  static const GActionEntry entries[] = { { "say", say_cb, "(sb)" } };
  g_return_if_fail (G_IS_ACTION_MAP (window));
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (toasts));
  g_action_map_add_action_entries (window, entries, G_N_ELEMENTS (entries), toasts);
}

static void
activate_say (GtkWindow *window, const char *text, gboolean with_undo)
{
  if (window)
    g_action_group_activate_action (G_ACTION_GROUP (window), "say",
                                    g_variant_new ("(sb)", text, with_undo));
}

void
few_toasts_say (GtkWindow *window, const char *text)
{
  g_return_if_fail (text);
  activate_say (window, text, FALSE);
}

void
few_toasts_say_undoable (GtkWindow *window, const char *text)
{
  g_return_if_fail (text);
  activate_say (window, text, TRUE);
}
