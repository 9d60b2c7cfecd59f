/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made texts ($generate, ids): literal text with {uuid4} {hex:12} {alnum:22} {digits:6}
 * {base64url:16} {counter}. Drawn from the given draw, so that the same key gives the same text.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/draw.h"
#include "core/base/error.h"

#include <stdbool.h>

struct generator;

/* NULL and `err` for an unknown form or a length that is missing or beyond 1..1024. */
const struct generator *generator_compile(struct arena *arena, const char *pattern,
                                          struct error *err);
bool generator_counts(const struct generator *generator); /* has {counter} */
/* In the arena. `counter` stands for {counter}. */
const char *generator_text(const struct generator *generator, struct draw *draw, int64_t counter,
                           struct arena *arena);
