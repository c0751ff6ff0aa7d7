/* SPDX-License-Identifier: MIT */
/* A window with pictures in it, for benchmarks. */
#pragma once
#include "shell/few-window.h"

/* A window of the application; its first frame was drawn. */
FewWindow *bench_open_window (void);
/* Of this thread, µs: what a turn takes on a machine that others use, too. */
gint64 bench_thread_time (void);
/* A window of the application on `n_classes` folders of `per_class` plain JPEGs; prints what the
 * import took. */
FewWindow *bench_window (guint n_classes, guint per_class);
/* Turns of the main loop: the longest, by this thread's own time and by the clock, µs, the sum of
 * the former, and how many were over BENCH_HOLD. What GTK draws in a turn is counted apart: without
 * a GPU, cairo draws whole windows in it. All 0 before the first. */
enum { BENCH_HOLD = 8000 };
typedef struct
{
  gint64 longest, wall, drawing, sum;
  guint held;
} BenchTurns;
/* One turn, if there is anything to do. */
void bench_turn (BenchTurns *turns);
void bench_turn_for (double seconds, BenchTurns *turns);
/* Scrolls a view so many pixels in that time; how many frames there were. */
guint bench_scroll (GtkWidget *grid, double distance, double seconds, BenchTurns *turns);
/* Shows the page, and prints what its coming and the second behind it hold. */
void bench_visit (FewWindow *window, const char *page);
void bench_print_turns (const char *what, const BenchTurns *turns);
/* The first widget below root of that type. */
GtkWidget *bench_find (GtkWidget *root, GType type);
/* Of the next run. */
void bench_set_epochs (FewSession *session, guint epochs);
long bench_resident_megabytes (void);
