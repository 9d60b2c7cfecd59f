/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets out of a tape: each becomes a token that is the same wherever it stands (HMAC with a key
 * of the tape's own, which is kept nowhere), in URLs, headers, bodies and streams, as it is,
 * percent- encoded, JSON-escaped or in base64. So what was equal stays equal, and nobody can read
 * it.
 *
 * What is secret: credentials in headers (Authorization, cookies, keys), and what stands under a
 * secret's name in a query, a form or a JSON body. First learn from all entries, then replace.
 */
#pragma once

#include "core/base/error.h"
#include "core/tape/har.h"

struct tokens;

/* `names` beside the usual ones (password, client_secret, access_token ...), any case. */
struct tokens *tokens_new(struct arena *arena, const char *const *names, size_t name_count,
                          struct error *err);
/* True when something was learned that replaces more than before. */
bool tokens_learn(struct tokens *tokens, const struct har_entry *entry);
/* The entry as it may be written; in `arena`. */
struct har_entry tokens_replace(const struct tokens *tokens, struct arena *arena,
                                const struct har_entry *entry);
