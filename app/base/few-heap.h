/* SPDX-License-Identifier: MIT */
/* The C library keeps what was freed for later. After large work most of it is not needed later:
 * 40 MB with 10,000 pictures. */
#pragma once

/* Once, before there are threads: they share two heaps instead of having one each. */
void few_heap_begin (void);
/* Returns what is free to the system, from a thread of its own. */
void few_heap_give_back (void);
