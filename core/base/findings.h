/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that is wrong with some documents, in the order found, each as
 * `file:line:column: what is wrong, what was expected (did you mean ...)`. Loading goes on after a
 * finding and fails once, at the end. Owns its texts; findings_release frees them.
 */
#pragma once

#include "core/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct place {
    const char *file;      /* as the user named it; NULL = no place is known */
    unsigned line, column; /* from 1; 0 = unknown */
};

struct finding {
    struct place place; /* the file name is the findings' own copy */
    char *text;
    bool is_warning;
};

struct findings {
    struct finding *items;
    size_t count, cap;
    size_t errors; /* those that are no warnings */
};

void findings_release(struct findings *findings);
void findings_add(struct findings *findings, struct place place, const char *format, ...)
    __attribute__((cold, format(printf, 3, 4)));
void findings_warn(struct findings *findings, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Sorted by file, line, column (stable), without those that say the same at the same place. */
void findings_sort(struct findings *findings);
void findings_print(const struct findings *findings, struct strbuf *out); /* a line each */
/* Sorted and printed to standard error, those without a place as lines of the log; nothing when
 * there are none. */
void findings_tell(struct findings *findings);
void place_print(struct place place, struct strbuf *out); /* file:line:column */
