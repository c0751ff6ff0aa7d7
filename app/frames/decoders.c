/* SPDX-License-Identifier: MIT */
/* A list of what is allowed, by the name of a plugin or the beginning of a part's name. */
#include "frames/decoders.h"
#include <gst/gst.h>

static gboolean
is_allowed (const char *plugin, const char *name)
{
  /* containers, then codecs, in software */
  static const char *const plugins[] = { "isomp4",
                                         "matroska",
                                         "ogg",
                                         "avi",
                                         "theora",
                                         "vpx",
                                         "jpeg",
                                         "openh264",
                                         "dav1d",
                                         "aom",
                                         "rsdav1d",
                                         "de265",
                                         "videoparsersbad",
                                         "mpeg2dec",
                                         "mpegtsdemux",
                                         "mpegpsdemux",
                                         "flv",
                                         "asf" };
  for (guint i = 0; i < G_N_ELEMENTS (plugins); i++)
    if (g_strcmp0 (plugin, plugins[i]) == 0)
      return TRUE;
  return g_strcmp0 (plugin, "libav") == 0 && g_str_has_prefix (name, "avdec_");
}

void
frames_allow_decoders (void)
{
  GList *all = gst_element_factory_list_get_elements (
      GST_ELEMENT_FACTORY_TYPE_DECODABLE | GST_ELEMENT_FACTORY_TYPE_MEDIA_ANY, GST_RANK_MARGINAL);
  for (GList *l = all; l; l = l->next)
    {
      GstPluginFeature *feature = l->data;
      if (!is_allowed (gst_plugin_feature_get_plugin_name (feature),
                       gst_plugin_feature_get_name (feature)))
        gst_plugin_feature_set_rank (feature, GST_RANK_NONE);
    }
  gst_plugin_feature_list_free (all);
}
