/* SPDX-License-Identifier: MIT */
/* Which parts of GStreamer may see a stranger's file. */
#pragma once

/* Takes all others out of the choice: playlists, which would fetch from the network, subtitles,
 * formats that nobody films in, decoders of the hardware, whose pictures are elsewhere. */
void frames_allow_decoders (void);
