/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape that answers: a server whose answers were recorded (docs/TAPES.md). It knows the documents
 * only to tell operations and the values of their paths; no world, no lifecycle.
 */
#pragma once

#include "core/net/http_server.h"
#include "core/provider/provider.h"
#include "core/tape/har.h"

struct tape_player;

struct tape_player_options {
    const struct har *har;
    const struct provider *const *providers; /* whose paths are operations; may be none */
    size_t provider_count;
    int64_t scale;            /* pauses of streams are so much shorter; 0 = none at all */
    struct http_options http; /* `handle` and `data` are the player's */
};

/* What it points at must live as long. NULL and `err`: it cannot listen. */
struct tape_player *tape_player_start(const struct tape_player_options *options, struct error *err);
struct http_server *tape_player_server(struct tape_player *player);
void tape_player_stop(struct tape_player *player); /* NULL is fine */
