/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxy of `dryrun record`: what comes goes on to the target, what it answers comes back, as it
 * comes, and both go onto a tape.
 */
#pragma once

#include "cli/record_tape.h"
#include "core/net/http_client.h"
#include "core/net/http_server.h"

struct record_proxy;

struct record_proxy_options {
    const char *target; /* URL; what is asked for is added to it */
    struct http_client_options client;
    struct http_options server; /* `handle` and `data` are the proxy's */
    struct record_tape *tape;
};

struct record_proxy *record_proxy_start(const struct record_proxy_options *options,
                                        struct error *err);
struct http_server *record_proxy_server(struct record_proxy *proxy);
/* Ends what is under way: it is on the tape as broken off. NULL is fine. */
void record_proxy_stop(struct record_proxy *proxy);
