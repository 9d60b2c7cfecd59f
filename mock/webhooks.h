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
/* The outbox that they go through. */
struct outbox *webhooks_new(struct mock *mock);
