/* SPDX-License-Identifier: MIT */
/* Kinds of characters as the tokenizers library knows them for BERT: by the tables of Unicode 8. */
#pragma once
#include <glib.h>

/* Marks that take no room (Mn) */
gboolean few_bert_is_mark (gunichar c);
/* Of Unicode, and all of ASCII that is neither letter, digit nor control */
gboolean few_bert_is_punctuation (gunichar c);
/* Control, format and private characters, but for tab and line ends */
gboolean few_bert_is_control (gunichar c);
/* In the blocks of Chinese characters; neither kana nor Hangul. */
gboolean few_bert_is_chinese (gunichar c);
