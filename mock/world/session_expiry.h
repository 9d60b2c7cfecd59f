/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that forgets idle sessions: begun when the first one may expire, asleep until one may.
 */
#pragma once

#include "core/base/instant.h"

struct expiry;
struct sessions;

struct expiry *expiry_new(struct sessions *sessions);
void expiry_free(struct expiry *expiry); /* waits for the thread; NULL is fine */
/* At this CLOCK_MONOTONIC one may expire; INT64_MAX says nothing. */
void expiry_expect(struct expiry *expiry, nanos at);
