/* SPDX-License-Identifier: Apache-2.0 */
/* Polls folded: of answers that tell the same again, the first alone is kept. */
#pragma once

#include "core/tape/har.h"

/*
 * A GET that asks for the same URL and is answered as before (moments and durations in the body may
 * differ) goes, unless something else than a GET was sent to anybody meanwhile. `entries` are in
 * the order sent; those that stay move to the front. How many there are.
 */
size_t reduce_polls(const struct har_entry **entries, size_t count);
