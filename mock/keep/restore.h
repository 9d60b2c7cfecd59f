/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kept state (docs/STATE.md), read: worlds are built beside those that are played, and become
 * sessions all at once or not at all. Everything that is wrong is found before.
 */
#pragma once

#include "core/base/findings.h"
#include "core/base/str.h"
#include "mock/mock.h"

struct restore_options {
    const char *file;    /* for findings */
    const char *session; /* the only one of the text becomes this one; NULL: each its own name */
    bool all;            /* sessions that are not in the text go */
    bool check_links;    /* tell of links that lead nowhere, which services allow */
};

struct restored_session {
    const char *name;
    size_t resources, outcomes, timers, webhooks;
    size_t halted; /* outcomes that can not go on: what plays them has changed */
};

struct restored {
    struct restored_session *sessions; /* of each item */
    struct session_item *items;
    size_t count, cap;
    bool all;
    struct mock *mock;
    struct arena *arena;
};

/* NULL: there are errors among the findings. Its warnings are worth telling. */
struct restored *restore_read(struct mock *mock, struct str text,
                              const struct restore_options *options, struct findings *findings);
/* They become sessions; -1 and `err`: nothing has changed. Call restored_free afterwards. */
int restore_commit(struct restored *restored, struct error *err);
void restored_free(
    struct restored *restored); /* those that did not become sessions go; NULL is fine */
