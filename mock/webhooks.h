/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks: worded when they happen, sent by the outbox. Those of one resource arrive in order: the
 * next one waits until the tries of the one before are over. Tries follow the callback's policy on
 * the world's clock; while one is on its way the session's time stands still. Targets beyond
 * loopback are refused unless they were allowed.
 */
#pragma once

#include "mock/outbox.h"

/* Words the call now (with the world's lock held) and hands it over. */
void webhook_send(struct play *play, const struct pending_call *call);
/* One of a kept state; calls of one resource in the order in which they go. */
struct kept_call {
    const struct played *played;
    const struct webhook *webhook;
    struct resource *resource;
    const char *url, *method, *body;
    const struct http_header *headers;
    size_t header_count;
    int64_t tried;
    uint64_t number; /* in the journal */
    nanos due;       /* of the next try, when there is a sequence; else it goes at once */
    uint64_t sequence;
};
void webhook_restore(struct world *world, const struct kept_call *kept);
/* The world has become a session: what goes at once goes. With its lock. */
void webhooks_resume(struct world *world);
/* It never became one. */
void webhooks_forget(struct world *world);
/* The outbox that they go through. */
struct outbox *webhooks_new(struct mock *mock);
