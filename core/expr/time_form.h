/* SPDX-License-Identifier: Apache-2.0 */
/* How a service writes instants: `time` of service.yaml, `as` of $time. */
#pragma once

#include "core/base/instant.h"
#include "core/data/tree.h"

#include <stdbool.h>

enum time_form {
    TIME_RFC3339, /* whole seconds, Z */
    TIME_RFC3339_MILLIS,
    TIME_RFC3339_MICROS,
    TIME_RFC3339_OFFSET, /* whole seconds, +00:00 */
    TIME_NAIVE_MICROS,   /* no zone designator */
    TIME_UNIX,           /* a number: whole seconds */
    TIME_UNIX_MILLIS,
    TIME_HTTP, /* RFC 9110 section 5.6.7 */
};

/* Ends by NULL; the index is the enum. */
extern const char *const time_form_names[];

bool time_form_find(const char *name, enum time_form *form);
cJSON *time_form_node(enum time_form form, nanos instant, struct arena *arena);
/*
 * Reads an instant in any of the forms; a number counts seconds, or milliseconds when `form` says
 * so. 0 or -1.
 */
int time_form_read(enum time_form form, const cJSON *node, nanos *instant);
/* A duration as duration_parse reads it, with a sign allowed ("-2h"), or a number of seconds. */
int duration_read(const cJSON *node, nanos *duration);
