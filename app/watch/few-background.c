/* SPDX-License-Identifier: MIT */
/* One request to the portal at a time. */
#include "watch/few-background.h"
#include <glib/gi18n.h>

static const char NAME[] = "org.freedesktop.portal.Desktop";
static const char OBJECT[] = "/org/freedesktop/portal/desktop";
static const char TOKEN[] = "fewshot_watch";

struct _FewBackground
{
  GObject parent;
  FewBackgroundState state;
  gboolean asked, wanted; /* of login: in the request, and since */
  GDBusConnection *bus;
  guint answer; /* subscription; 0: none */
};

G_DEFINE_FINAL_TYPE (FewBackground, few_background, G_TYPE_OBJECT)

static guint changed_signal;

static void
settle (FewBackground *self, FewBackgroundState state)
{
  if (self->answer)
    g_dbus_connection_signal_unsubscribe (self->bus, self->answer);
  self->answer = 0;
  self->state = state;
  if (self->wanted != self->asked && state != FEW_BACKGROUND_NONE)
    few_background_ask (self, self->bus, self->wanted);
  g_signal_emit (self, changed_signal, 0);
}

static void
answered_cb (GDBusConnection *bus G_GNUC_UNUSED, const char *sender G_GNUC_UNUSED,
             const char *path G_GNUC_UNUSED, const char *interface G_GNUC_UNUSED,
             const char *signal G_GNUC_UNUSED, GVariant *parameters, gpointer user)
{
  FewBackground *self = user;
  guint32 response = 1;
  gboolean background = FALSE;
  g_autoptr (GVariant) results = NULL;
  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  g_variant_lookup (results, "background", "b", &background);
  settle (self, response == 0 && background ? FEW_BACKGROUND_ALLOWED : FEW_BACKGROUND_DENIED);
}

/* The portal names its request after who asks and the token, so that no answer is missed. */
static void
listen (FewBackground *self)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (self->bus) + 1);
  g_strdelimit (sender, ".", '_');
  g_autofree char *path = g_strdup_printf ("%s/request/%s/%s", OBJECT, sender, TOKEN);
  self->answer = g_dbus_connection_signal_subscribe (
      self->bus, NAME, "org.freedesktop.portal.Request", "Response", path, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, answered_cb, self, NULL);
}

static void
asked_cb (GObject *bus, GAsyncResult *result, gpointer user)
{
  g_autoptr (FewBackground) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  if (answer || self->state != FEW_BACKGROUND_ASKING)
    return;
  g_debug ("no background portal: %s", error->message);
  settle (self, FEW_BACKGROUND_NONE);
}

void
few_background_ask (FewBackground *self, GDBusConnection *bus, gboolean login)
{
  g_return_if_fail (FEW_IS_BACKGROUND (self));
  self->wanted = login; /* while it is asked: after the answer */
  if (self->state == FEW_BACKGROUND_ASKING)
    return;
  if (!bus || !g_dbus_connection_get_unique_name (bus))
    {
      settle (self, FEW_BACKGROUND_NONE);
      return;
    }
  static const char *const command[] = { "fewshot", "--background", NULL };
  GVariantBuilder options;
  g_set_object (&self->bus, bus);
  self->asked = login;
  self->state = FEW_BACKGROUND_ASKING;
  listen (self);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (TOKEN));
  g_variant_builder_add (&options, "{sv}", "reason",
                         g_variant_new_string (_ ("Classify new pictures of watched folders")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (login));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_dbus_connection_call (bus, NAME, OBJECT, "org.freedesktop.portal.Background",
                          "RequestBackground", g_variant_new ("(sa{sv})", "", &options),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, asked_cb,
                          g_object_ref (self));
}

FewBackgroundState
few_background_get_state (FewBackground *self)
{
  g_return_val_if_fail (FEW_IS_BACKGROUND (self), FEW_BACKGROUND_UNKNOWN);
  return self->state;
}

static void
few_background_dispose (GObject *object)
{
  FewBackground *self = FEW_BACKGROUND (object);
  if (self->answer)
    g_dbus_connection_signal_unsubscribe (self->bus, self->answer);
  self->answer = 0;
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (few_background_parent_class)->dispose (object);
}

static void
few_background_class_init (FewBackgroundClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_background_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
few_background_init (FewBackground *self)
{
}

FewBackground *
few_background_new (void)
{
  return g_object_new (FEW_TYPE_BACKGROUND, NULL);
}
