/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots as one JSON text (docs/STATE.md), handed on in pieces: never the whole in memory. */
#pragma once

#include "core/base/strbuf.h"
#include "mock/keep/snapshot.h"
#include "mock/world/session.h"

#define STATE_FORMAT "1.0"

struct state_writer {
    int (*write)(void *data, const char *bytes, size_t len); /* 0, or -1: nothing more is wanted */
    void *data;
    /* private */
    struct strbuf text;
    size_t sessions;
    bool has_failed;
};

/* `write` and `data` are set. Then each session, then the end: 0, or -1 when a write failed. */
void state_write_begin(struct state_writer *writer);
/* `terms`: how it was declared; NULL: it was not. The snapshot is sorted; NULL: it is not used. */
void state_write_session(struct state_writer *writer, const struct session_item *item,
                         struct snapshot *snapshot);
/* The same of a session as it is now; without any lock held. */
void state_write_now(struct state_writer *writer, const struct session_item *item);
int state_write_end(struct state_writer *writer);
