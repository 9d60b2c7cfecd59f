/* SPDX-License-Identifier: Apache-2.0 */
/* The journal as the admin API shows and filters it. */
#pragma once

#include "mock/admin_call.h"

struct request_filter {
    const char *operation, *method, *resource, *provider;
    const char *state;           /* NULL = any */
    const char *machine;         /* of "machine=STATE"; NULL = any */
    int status_low, status_high; /* 0 = any */
};

/*
 * From the query parameters; names that no provider knows are problems, so that a misspelt name
 * does not count 0. `from` is what the members are read with.
 */
void request_filter_read(struct admin_call *call, struct request_filter *filter,
                         const char *(*member)(struct admin_call *call, const char *name));
bool request_filter_fits(const struct journal_record *record, void *filter);

enum { RECORD_SHORT, RECORD_WITH_BODIES };
cJSON *request_json(struct arena *arena, const struct journal_record *record, int form);
