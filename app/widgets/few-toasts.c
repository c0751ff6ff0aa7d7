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

/* The toast in view; it is an overlay's own. */
typedef struct
{
  AdwToast *toast; /* NULL: none */
  char *undo;      /* what its button does, as a detailed action; "" */
} Newest;

static void
newest_clear (Newest *newest)
{
  g_clear_object (&newest->toast);
  g_clear_pointer (&newest->undo, g_free);
}

static void
newest_free (gpointer data)
{
  newest_clear (data);
  g_free (data);
}

static Newest *
get_newest (AdwToastOverlay *toasts)
{
  static const char key[] = "few-newest-toast";
  Newest *newest = g_object_get_data (G_OBJECT (toasts), key);
  if (!newest)
    {
      newest = g_new0 (Newest, 1);
      g_object_set_data_full (G_OBJECT (toasts), key, newest, newest_free);
    }
  return newest;
}

static void
dismiss_newest (AdwToastOverlay *toasts)
{
  Newest *newest = get_newest (toasts);
  g_autoptr (AdwToast) toast = g_steal_pointer (&newest->toast);
  newest_clear (newest);
  if (toast)
    adw_toast_dismiss (toast);
}

static void
dismissed_cb (AdwToastOverlay *toasts, AdwToast *toast)
{
  Newest *newest = get_newest (toasts);
  if (newest->toast == toast)
    newest_clear (newest);
}

/* What happened last is what counts: it takes the place of what was said before. */
static void
show_toast (AdwToastOverlay *toasts, const char *text, const char *undo)
{
  enum { SECONDS = 5, SECONDS_TO_READ = 12 };
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_autoptr (GtkWidget) title = create_wrapped_title (toasts, text, *undo != '\0');
  AdwToast *toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, title ? SECONDS_TO_READ : SECONDS);
  if (title)
    adw_toast_set_custom_title (toast, title);
  if (*undo)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_detailed_action_name (toast, undo);
    }
  dismiss_newest (toasts);
  *get_newest (toasts) = (Newest) { g_object_ref (toast), g_strdup (undo) };
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (dismissed_cb), toasts,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (toasts, toast);
}

static gboolean
tick_cb (GtkWidget *toasts, GdkFrameClock *clock G_GNUC_UNUSED, gpointer text)
{
  if (gtk_widget_get_width (toasts) == 0)
    return G_SOURCE_CONTINUE;
  show_toast (ADW_TOAST_OVERLAY (toasts), text, "");
  return G_SOURCE_REMOVE;
}

static void
say_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AdwToastOverlay *toasts = user;
  const char *text, *undo;
  g_variant_get (parameter, "(&s&s)", &text, &undo);
  if (gtk_widget_get_width (GTK_WIDGET (toasts)) > 0)
    show_toast (toasts, text, undo);
  else /* not shown yet, so that there is nothing to undo */
    gtk_widget_add_tick_callback (GTK_WIDGET (toasts), tick_cb, g_strdup (text), g_free);
}

void
few_toasts_install (GActionMap *window, AdwToastOverlay *toasts)
{
  static const GActionEntry entries[] = { { "say", say_cb, "(ss)" } };
  g_return_if_fail (G_IS_ACTION_MAP (window));
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (toasts));
  g_action_map_add_action_entries (window, entries, G_N_ELEMENTS (entries), toasts);
}

static char *
print_undo (guint64 step)
{
  return g_action_print_detailed_name ("win.undo-step", g_variant_new_uint64 (step));
}

void
few_toasts_settle (AdwToastOverlay *toasts, guint64 step)
{
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (toasts));
  const char *undo = get_newest (toasts)->undo;
  g_autofree char *possible = print_undo (step);
  if (undo && g_str_has_prefix (undo, "win.undo-step") && !g_str_equal (undo, possible))
    dismiss_newest (toasts);
}

void
few_toasts_say_with_undo (GtkWindow *window, const char *text, const char *undo)
{
  g_return_if_fail (text && undo);
  if (window)
    g_action_group_activate_action (G_ACTION_GROUP (window), "say",
                                    g_variant_new ("(ss)", text, undo));
}

void
few_toasts_say (GtkWindow *window, const char *text)
{
  few_toasts_say_with_undo (window, text, "");
}

void
few_toasts_say_undoable (GtkWindow *window, const char *text, guint64 step)
{
  g_autofree char *undo = print_undo (step);
  few_toasts_say_with_undo (window, text, undo);
}
