/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks: an outbox with one thread. Those of one resource arrive in order; tries follow the
 * callback's policy on the world's clock; while one is on its way the session's time stands still.
 * Targets beyond loopback are refused unless they were allowed.
 */
#pragma once

#include "mock/play.h"

struct outbox;

struct outbox *outbox_new(struct mock *mock);
void outbox_free(struct outbox *outbox); /* what is under way ends; the rest is dropped */

/* Words the call now (with the world's lock held) and hands it over. */
void webhook_send(struct play *play, const struct pending_call *call);
