/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads again what has changed: by POST /__admin/reload, or when the watch sees it. Atomic for each
 * provider: a generation is published when all of its documents are right, else the old one stays.
 */
#pragma once

#include "mock/mock.h"

enum reload_result {
    RELOAD_LOADED,
    RELOAD_UNCHANGED,
    RELOAD_FAILED,  /* the old one stays; findings say why */
    RELOAD_REMOVED, /* its documents are gone, and it was not asked for by name */
    RELOAD_WAITING, /* nobody has asked for it yet: it is read when somebody does */
};

/* One provider that was looked at. */
struct reloaded {
    const char *name;
    enum reload_result result;
    unsigned generation;
    size_t index;
    nanos took; /* of real time, sessions included */
};

/*
 * Looks at all and moves every session on; blocks while another does. Findings of what failed are
 * printed on standard error (again only when `is_asked` or when the files have changed since) and
 * kept. The rows are in the arena.
 */
struct reloaded *reload(struct mock *mock, bool is_asked, struct arena *arena, size_t *count);
const char *reload_result_name(enum reload_result result);
