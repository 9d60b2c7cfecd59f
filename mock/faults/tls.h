/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS faults: each is a listener of its own beside the mock's, with the same services behind it and
 * one thing that is wrong. Its certificate is made for this run.
 */
#pragma once

#include "core/base/arena.h"
#include "core/net/http_server.h"
#include "core/net/tls.h"

struct tls_fault {
    const char *name;    /* NULL ends the table */
    const char *summary; /* lower case, no full stop */
    struct tls_terms terms;
    bool is_trusted; /* clients can be told to trust the certificate, and see the fault alone */
    enum http_trouble trouble;
};
extern const struct tls_fault tls_faults[];
const struct tls_fault *tls_fault_find(const char *name, struct error *err);

struct tls_listener {
    const struct tls_fault *fault;
    struct http_server *server;
    const char *trust; /* the certificate's file; NULL = there is nothing to trust */
};

/* The first members are the owner's to fill. */
struct tls_listeners {
    struct arena *arena;
    const char *const *names; /* of the kinds wanted */
    size_t wanted;
    const char *prefix; /* files are called PREFIX + KIND + ".pem" */
    bool keeps_files;
    struct tls_listener *items;
    size_t count;
};

/* Opens a free port for each of the names; `http` is what the mock itself listens with. -1 and
 * `err`; what was opened is in `listeners`. */
int tls_faults_listen(struct tls_listeners *listeners, const struct http_options *http,
                      struct error *err);
/* Stops them, and removes their files unless they are kept. */
void tls_faults_stop(struct tls_listeners *listeners);
