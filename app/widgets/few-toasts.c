/* SPDX-License-Identifier: MIT */
/* Toasts that show the whole of a long sentence, at whatever width the window has. */
#include "widgets/few-toasts.h"
#include <glib/gi18n.h>
#include <string.h>

/* Where a window has its overlay. */
#define OVERLAY "few-toasts"

enum { WAY_IN = 700 }; /* ms, of which libadwaita takes 500 at most */

enum { LEAST_CHARS = 16, MOST_CHARS = 80 };

/* In bold letters, with what is around it. */
static int
measure_button (GtkWidget *label, const char *words)
{
  enum { AROUND = 44 };
  int width;
  g_autofree char *bold = g_strdup_printf ("<b>%s</b>", words);
  g_autoptr (PangoLayout) line = gtk_widget_create_pango_layout (label, NULL);
  pango_layout_set_markup_with_accel (line, bold, -1, '_', NULL);
  pango_layout_get_pixel_size (line, &width, NULL);
  return width + AROUND;
}

/* How many characters of a title fit beside a button of these words (NULL: none), at the width that
 * the window has. */
static int
count_chars (AdwToastOverlay *toasts, GtkWidget *label, const char *button, int *char_width)
{
  enum { BESIDE_TITLE = 110 };
  PangoFontMetrics *metrics =
      pango_context_get_metrics (gtk_widget_get_pango_context (label), NULL, NULL);
  int width = gtk_widget_get_width (GTK_WIDGET (toasts)) - BESIDE_TITLE;
  if (button)
    width -= measure_button (label, button);
  *char_width = MAX (PANGO_PIXELS (pango_font_metrics_get_approximate_char_width (metrics)), 1);
  pango_font_metrics_unref (metrics);
  return MIN (width / *char_width, MOST_CHARS);
}

static void take_back_cb (AdwToastOverlay *toasts);

/* Where letters are large or the window is narrow. */
static GtkWidget *
stand_button_below (AdwToastOverlay *toasts, GtkWidget *title, const char *words)
{
  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  GtkWidget *button = gtk_button_new_with_mnemonic (words);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect_object (button, "clicked", G_CALLBACK (take_back_cb), toasts, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), button);
  g_object_unref (title); /* the box has it */
  return box;
}

/* A toast's own title is one line and cuts what is longer: an error would lose what to do. NULL
 * when `text` fits. A toast is as high as its contents at their natural width, so that this must
 * be what the window has room for. *button: its words, or NULL, which it becomes where the title
 * has it. */
static GtkWidget *
create_wrapped_title (AdwToastOverlay *toasts, const char *text, const char **button)
{
  GtkWidget *label = g_object_ref_sink (gtk_label_new (text));
  gtk_widget_add_css_class (label, "heading");
  g_autoptr (PangoLayout) line = gtk_widget_create_pango_layout (label, text);
  int char_width;
  int chars = count_chars (toasts, label, *button, &char_width);
  const char *below = chars < LEAST_CHARS ? *button : NULL;
  if (below)
    chars = count_chars (toasts, label, NULL, &char_width);
  chars = MAX (chars, LEAST_CHARS);
  int needed;
  pango_layout_get_pixel_size (line, &needed, NULL);
  if (needed <= chars * char_width && !below)
    {
      g_object_unref (label);
      return NULL;
    }
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), chars);
  if (!below)
    return label;
  *button = NULL;
  return stand_button_below (toasts, label, below);
}

/* What an overlay says, one thing at a time. */
typedef struct
{
  AdwToastOverlay *overlay; /* that it is a part of */
  AdwToast *toast; /* in view; NULL: none */
  gint64 since; /* the frame that it came into view with; 0: none yet */
  char *undo; /* what its button does, as a detailed action; "" */
  guint64 step, said_at; /* of the history: now, and when the toast came */
  GSimpleAction *say; /* whose state is whether Ctrl+Z takes back what the toast says; or NULL */
  guint timer; /* until it goes */
  char *next, *next_undo; /* to be said; NULL: nothing */
  guint idle; /* says it, once what led to it is over */
} Speaker;

static void
speaker_free (gpointer data)
{
  Speaker *speaker = data;
  g_clear_handle_id (&speaker->timer, g_source_remove);
  g_clear_handle_id (&speaker->idle, g_source_remove);
  g_clear_object (&speaker->toast);
  g_clear_object (&speaker->say);
  g_free (speaker->undo);
  g_free (speaker->next);
  g_free (speaker->next_undo);
  g_free (speaker);
}

static Speaker *
get_speaker (AdwToastOverlay *toasts)
{
  static const char key[] = "few-speaker";
  Speaker *speaker = g_object_get_data (G_OBJECT (toasts), key);
  if (!speaker)
    {
      speaker = g_new0 (Speaker, 1);
      speaker->overlay = toasts;
      g_object_set_data_full (G_OBJECT (toasts), key, speaker, speaker_free);
    }
  return speaker;
}

/* ---- what Ctrl+Z takes back */

/* The history does not know of it, and is where it was when the toast came. */
static gboolean
can_take_back (const Speaker *speaker)
{
  const char *undo = speaker->undo;
  return undo && *undo && !g_str_has_prefix (undo, FEW_TOASTS_UNDO_STEP)
         && !g_str_has_prefix (undo, FEW_TOASTS_SHOW_FILE) && speaker->said_at == speaker->step;
}

static void
tell_whether (Speaker *speaker)
{
  if (speaker->say)
    g_simple_action_set_state (speaker->say, g_variant_new_boolean (can_take_back (speaker)));
}

static void
set_undo (Speaker *speaker, const char *undo)
{
  g_autofree char *old = speaker->undo;
  speaker->undo = g_strdup (undo);
  speaker->said_at = speaker->step;
  tell_whether (speaker);
}

/* ---- room */

/* A toast that is narrow beside the page lies above the bar at its end, where no control is. With
 * large letters, or in a small window, it is as wide as the page and would lie on what is needed:
 * the page then ends above it, as far as it can. */
static void
make_room (Speaker *speaker)
{
  GtkWidget *toasts = GTK_WIDGET (speaker->overlay);
  GtkWidget *child = adw_toast_overlay_get_child (speaker->overlay);
  GtkWidget *toast = gtk_widget_get_last_child (toasts);
  int width = gtk_widget_get_width (toasts);
  int least, wanted, natural;
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &least, NULL, NULL, NULL);
  least -= gtk_widget_get_margin_bottom (child);
  gtk_widget_measure (toast, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  if (natural <= width / 2)
    {
      gtk_widget_remove_css_class (toast, "low");
      gtk_widget_set_margin_bottom (child, 0);
      return;
    }
  gtk_widget_add_css_class (toast, "low");
  gtk_widget_measure (toast, GTK_ORIENTATION_VERTICAL, MIN (natural, width), NULL, &wanted, NULL,
                      NULL);
  int room = MAX (gtk_widget_get_height (toasts) - least, 0);
  gtk_widget_set_margin_bottom (child, MIN (wanted, room));
}

static void
take_room_back (Speaker *speaker)
{
  GtkWidget *child = adw_toast_overlay_get_child (speaker->overlay);
  if (child)
    gtk_widget_set_margin_bottom (child, 0);
}

/* ---- a toast */

static void
dismissed_cb (AdwToastOverlay *toasts, AdwToast *toast)
{
  Speaker *speaker = get_speaker (toasts);
  if (speaker->toast != toast)
    return;
  take_room_back (speaker);
  g_clear_object (&speaker->toast);
  set_undo (speaker, NULL);
  g_clear_handle_id (&speaker->timer, g_source_remove);
}

static gboolean time_is_up_cb (gpointer user);

/* One that stands below the title. */
static void
hide_button (GtkWidget *title)
{
  GtkWidget *last = title ? gtk_widget_get_last_child (title) : NULL;
  if (GTK_IS_BUTTON (last))
    gtk_widget_set_visible (last, FALSE);
}

/* Milliseconds that the toast is still on its way in, which begins with a frame. */
static gint64
measure_way_in (const Speaker *speaker)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (speaker->overlay));
  if (!clock)
    return 0;
  gint64 gone = speaker->since ? gdk_frame_clock_get_frame_time (clock) - speaker->since : 0;
  return WAY_IN - gone / 1000;
}

/* One that is still on its way in cannot go yet: libadwaita 1.2 forgets, with the toast, whom the
 * end of that movement is to be told to. */
static void
dismiss (Speaker *speaker)
{
  g_autoptr (AdwToast) toast = speaker->toast ? g_object_ref (speaker->toast) : NULL;
  gint64 left = measure_way_in (speaker);
  if (!toast)
    return;
  if (left <= 0)
    {
      adw_toast_dismiss (toast);
      return;
    }
  adw_toast_set_button_label (toast, NULL);
  hide_button (adw_toast_get_custom_title (toast));
  set_undo (speaker, NULL);
  g_clear_handle_id (&speaker->timer, g_source_remove);
  speaker->timer = g_timeout_add ((guint) left, time_is_up_cb, speaker);
}

/* Not by the toast's own action: its button has the name before it has the step, and GTK warns. */
static void
activate (AdwToastOverlay *toasts, const char *action)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  if (action && g_action_parse_detailed_name (action, &name, &target, NULL))
    gtk_widget_activate_action_variant (GTK_WIDGET (toasts), name, target);
}

static void
undo_cb (AdwToastOverlay *toasts)
{
  activate (toasts, get_speaker (toasts)->undo);
}

/* It goes with its toast, as libadwaita's own does; what it does may have a toast of its own. */
static void
take_back_cb (AdwToastOverlay *toasts)
{
  Speaker *speaker = get_speaker (toasts);
  g_autofree char *undo = g_strdup (speaker->undo);
  set_undo (speaker, NULL);
  dismiss (speaker);
  activate (toasts, undo);
}

static gboolean
time_is_up_cb (gpointer user)
{
  Speaker *speaker = user;
  speaker->timer = 0;
  dismiss (speaker);
  return G_SOURCE_REMOVE;
}

/* NULL: no button. */
static const char *
choose_label (const char *action)
{
  if (!*action)
    return NULL;
  return g_str_has_prefix (action, FEW_TOASTS_SHOW_FILE) ? _ ("_Show in Files") : _ ("_Undo");
}

static void
fill_toast (Speaker *speaker, const char *text, const char *undo)
{
  enum { SECONDS = 5, SECONDS_TO_READ = 12 };
  const char *button = choose_label (undo);
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_autoptr (GtkWidget) title = create_wrapped_title (speaker->overlay, text, &button);
  adw_toast_set_title (speaker->toast, escaped);
  adw_toast_set_custom_title (speaker->toast, title);
  adw_toast_set_button_label (speaker->toast, button);
  set_undo (speaker, undo);
  g_clear_handle_id (&speaker->timer, g_source_remove);
  speaker->timer =
      g_timeout_add_seconds (title ? SECONDS_TO_READ : SECONDS, time_is_up_cb, speaker);
}

/* libadwaita gives the button that closes a toast an icon and no name. */
static void
name_close_button (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "circular"))
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Close this message"), -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    name_close_button (child);
}

static void
swallow_cb (GtkGesture *guard)
{
  gtk_gesture_set_state (guard, GTK_EVENT_SEQUENCE_CLAIMED);
}

static gboolean
take_guard_away_cb (gpointer user)
{
  GtkEventController *guard = user;
  GtkWidget *toast = gtk_event_controller_get_widget (guard);
  if (toast)
    gtk_widget_remove_controller (toast, guard);
  return G_SOURCE_REMOVE;
}

/* A click while it is on its way in would make it go, see dismiss. */
static void
guard_toast (GtkWidget *toast)
{
  GtkEventController *guard = GTK_EVENT_CONTROLLER (gtk_gesture_click_new ());
  gtk_event_controller_set_propagation_phase (guard, GTK_PHASE_CAPTURE);
  g_signal_connect (guard, "pressed", G_CALLBACK (swallow_cb), NULL);
  gtk_widget_add_controller (toast, guard);
  g_timeout_add_full (G_PRIORITY_DEFAULT, WAY_IN, take_guard_away_cb, g_object_ref (guard),
                      g_object_unref);
}

static gboolean
first_frame_cb (GtkWidget *toasts G_GNUC_UNUSED, GdkFrameClock *clock, gpointer user)
{
  Speaker *speaker = user;
  speaker->since = gdk_frame_clock_get_frame_time (clock);
  return G_SOURCE_REMOVE;
}

/* The overlay's last child is the newest toast. */
static void
show_toast (Speaker *speaker)
{
  speaker->since = 0;
  gtk_widget_add_tick_callback (GTK_WIDGET (speaker->overlay), first_frame_cb, speaker, NULL);
  adw_toast_overlay_add_toast (speaker->overlay, g_object_ref (speaker->toast));
  GtkWidget *toast = gtk_widget_get_last_child (GTK_WIDGET (speaker->overlay));
  name_close_button (toast);
  guard_toast (toast);
}

/* What happened last is what counts: a toast that is still there says it from now on. */
static gboolean
speak_cb (gpointer user)
{
  Speaker *speaker = user;
  g_autofree char *text = g_steal_pointer (&speaker->next);
  g_autofree char *undo = g_steal_pointer (&speaker->next_undo);
  speaker->idle = 0;
  if (speaker->toast)
    {
      fill_toast (speaker, text, undo);
      make_room (speaker);
      return G_SOURCE_REMOVE;
    }
  speaker->toast = adw_toast_new ("");
  adw_toast_set_timeout (speaker->toast, 0); /* its time begins anew with each text */
  fill_toast (speaker, text, undo);
  g_signal_connect_object (speaker->toast, "dismissed", G_CALLBACK (dismissed_cb), speaker->overlay,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (speaker->toast, "button-clicked", G_CALLBACK (undo_cb), speaker->overlay,
                           G_CONNECT_SWAPPED);
  show_toast (speaker);
  make_room (speaker);
  return G_SOURCE_REMOVE;
}

static gboolean
tick_cb (GtkWidget *toasts, GdkFrameClock *clock G_GNUC_UNUSED, gpointer user)
{
  Speaker *speaker = user;
  if (gtk_widget_get_width (toasts) == 0)
    return G_SOURCE_CONTINUE;
  if (speaker->next && !speaker->idle)
    speaker->idle = g_idle_add (speak_cb, speaker);
  return G_SOURCE_REMOVE;
}

static void
say_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AdwToastOverlay *toasts = user;
  Speaker *speaker = get_speaker (toasts);
  gboolean waits = speaker->next != NULL;
  g_free (speaker->next);
  g_free (speaker->next_undo);
  g_variant_get (parameter, "(ss)", &speaker->next, &speaker->next_undo);
  if (waits)
    return;
  if (gtk_widget_get_width (GTK_WIDGET (toasts)) > 0)
    speaker->idle = g_idle_add (speak_cb, speaker);
  else /* not shown yet */
    gtk_widget_add_tick_callback (GTK_WIDGET (toasts), tick_cb, speaker, NULL);
}

void
few_toasts_install (GActionMap *window, AdwToastOverlay *toasts)
{
  static const GActionEntry entries[] = { { "say", say_cb, "(ss)", "false" } };
  g_return_if_fail (G_IS_ACTION_MAP (window));
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (toasts));
  g_action_map_add_action_entries (window, entries, G_N_ELEMENTS (entries), toasts);
  g_object_set_data_full (G_OBJECT (window), OVERLAY, g_object_ref (toasts), g_object_unref);
  get_speaker (toasts)->say =
      G_SIMPLE_ACTION (g_object_ref (g_action_map_lookup_action (window, "say")));
}

void
few_toasts_fit (AdwToastOverlay *toasts)
{
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (toasts));
  Speaker *speaker = get_speaker (toasts);
  if (speaker->toast)
    make_room (speaker);
}

void
few_toasts_settle (AdwToastOverlay *toasts, guint64 step)
{
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (toasts));
  Speaker *speaker = get_speaker (toasts);
  g_autofree char *possible = few_toasts_print_undo (step);
  speaker->step = step;
  tell_whether (speaker);
  if (speaker->undo && g_str_has_prefix (speaker->undo, FEW_TOASTS_UNDO_STEP)
      && !g_str_equal (speaker->undo, possible))
    dismiss (speaker);
}

static AdwToastOverlay *
get_overlay (GtkWindow *window)
{
  return window ? g_object_get_data (G_OBJECT (window), OVERLAY) : NULL;
}

/* What it would do may have been made impossible meanwhile. */
static gboolean
is_enabled (GtkWindow *window, const char *undo)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  return g_str_has_prefix (undo, "win.")
         && g_action_parse_detailed_name (undo, &name, &target, NULL)
         && g_action_group_get_action_enabled (G_ACTION_GROUP (window), name + strlen ("win."));
}

gboolean
few_toasts_can_take_back (GtkWindow *window)
{
  AdwToastOverlay *toasts = get_overlay (window);
  return toasts && can_take_back (get_speaker (toasts))
         && is_enabled (window, get_speaker (toasts)->undo);
}

gboolean
few_toasts_take_back (GtkWindow *window)
{
  if (!few_toasts_can_take_back (window))
    return FALSE;
  take_back_cb (get_overlay (window));
  return TRUE;
}
