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

/* For snapshot_outcome.c. */
void state_put_name(struct strbuf *text, const char *name); /* a comma where one is due */
void state_put_text(struct strbuf *text, const char *name, const char *value); /* NULL: nothing */
void state_put_number(struct strbuf *text, const char *name, int64_t value);
void state_put_count(struct strbuf *text, const char *name, uint64_t value); /* 0: nothing */
void state_put_flag(struct strbuf *text, const char *name, bool value);      /* false: nothing */
void state_put_instant(struct strbuf *text, const char *name, nanos instant);
void state_put_tree(struct strbuf *text, const char *name, const cJSON *tree); /* NULL: nothing */
void state_put_hex(struct strbuf *text, const char *name, uint64_t value);
void snapshot_put_outcome(struct strbuf *text, const struct snap_outcome *outcome);
/* Of the outcome and of the scripts that it is in: while it holds, its position means the same. */
uint64_t outcome_fingerprint(const struct outcome *outcome, const struct step_frame *frames,
                             size_t count);
/* The step that the frame below is in. */
const struct step *frame_parent(const struct step_frame *frames, size_t index);
