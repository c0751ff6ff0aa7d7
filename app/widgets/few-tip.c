/* SPDX-License-Identifier: MIT */
/* The text stays with the widget. */
#include "widgets/few-tip.h"

static gboolean
query_cb (GtkWidget *widget G_GNUC_UNUSED, int x G_GNUC_UNUSED, int y G_GNUC_UNUSED,
          gboolean keyboard G_GNUC_UNUSED, GtkTooltip *tooltip, gpointer text)
{
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
text_free_cb (gpointer text, GClosure *closure G_GNUC_UNUSED)
{
  g_free (text);
}

void
few_tip_set (GtkWidget *widget, const char *text)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && text != NULL);
  g_signal_handlers_disconnect_matched (widget, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, query_cb, NULL);
  g_signal_connect_data (widget, "query-tooltip", G_CALLBACK (query_cb), g_strdup (text),
                         text_free_cb, 0);
  gtk_widget_set_has_tooltip (widget, TRUE);
}
