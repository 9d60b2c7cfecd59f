/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that a session is at one moment, for its kept state (docs/STATE.md). Taken under the world's
 * lock as references and small copies, O(resources + what plays); printed without it. Texts are
 * counted, values of outcomes never change, and the memory of an outcome is counted, too.
 */
#pragma once

#include "core/base/vec.h"
#include "mock/live.h"
#include "mock/outcomes.h"

struct snap_event {
    const char *name; /* a copy */
    const struct kind_play *kind;
    struct text *view, *hidden, *data;
    nanos at;
};

struct snap_timer {
    const struct timer *timer;
    size_t item;
    const char *key; /* a copy; NULL */
    nanos due;
    uint64_t sequence; /* 0: spent */
};

/* A name of an outcome: a value, a resource by its serial, or nothing. */
struct snap_name {
    const char *name;
    const cJSON *value;
    uint64_t serial; /* 0: no resource */
};

struct snap_outcome {
    struct playing *playing; /* a reference: outcome, queue, values */
    enum playing_status status;
    nanos due;
    uint64_t sequence;
    const char *signal;
    uint64_t drawn;
    size_t queued; /* place among the outcomes with a queue text, from 1; 0: none */
    struct request_snapshot request;
    struct snap_name *names;
    size_t name_count;
    struct step_frame *frames;
    size_t frame_count;
};

struct snap_resource {
    uint64_t serial;
    nanos born, entered;
    struct text *view, *hidden;
    const char *id, *owner; /* copies */
    const struct kind_play *kind;
    uint32_t version, moves_dropped;
    uint8_t state;
    bool is_deleted; /* only outcomes and webhooks still know it */
    struct move_record *moves;
    size_t move_count;
    struct snap_timer *timers;
    size_t timer_count;
    struct snap_event *events;
    size_t event_count;
    uint64_t events_dropped;
    struct snap_outcome *outcome; /* NULL */
};

struct snap_call {
    const struct played *played;
    const struct webhook *webhook;
    uint64_t serial; /* of the resource */
    const char *url, *method, *body;
    struct http_header *headers;
    size_t header_count;
    int64_t tried;
    uint64_t number; /* in the journal */
    nanos due;
    uint64_t sequence; /* 0: it is on its way, or waits behind another */
};

struct snap_forced {
    const struct outcome *outcome;
    const char *provider;
    int64_t times;
};

struct snapshot {
    struct arena *arena;
    struct world *world; /* a reference: names in it live as long */
    uint64_t seed;
    enum clock_mode mode;
    bool is_frozen, is_untouched;
    nanos now;
    unsigned participants;
    uint64_t serial, requests, events;
    uint32_t sequence;
    int64_t counter;
    const char **providers;    /* that furnished it, NULL-terminated */
    VEC(struct snap_resource); /* in any order, and perhaps twice, until snapshot_sort */
    struct move_cause *causes; /* by number */
    size_t cause_count;
    struct snap_call *calls;
    size_t call_count;
    struct snap_forced *forced;
    size_t forced_count;
    struct draws *draws;
};

struct snapshot *snapshot_take(struct world *world); /* with the world's lock held */
/* The rest without it. By serial, each once. */
void snapshot_sort(struct snapshot *snapshot);
void snapshot_release(struct snapshot *snapshot);
