/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is judged: a service somewhere, or a mock of ours (known by its /__admin/version), which has
 * sessions and may have a virtual clock.
 */
#pragma once

#include "core/net/http_client.h"
#include "core/provider/provider.h"
#include "runner/secrets.h"

struct router;

struct target {
    const struct provider *provider; /* as the judge holds it */
    const char *base;   /* what the operations' paths are added to; no slash at its end */
    const char *origin; /* of our mock: "http://127.0.0.1:8080"; NULL elsewhere */
    bool is_mock, is_virtual;
    struct router *router; /* paths as operations */
};

struct target_sought {
    const char *url;
    const struct provider *provider;
    nanos timeout; /* of its first answer; 0: 10 s, which is the most in any case */
};

/*
 * Asks the URL what it is. A mock of ours at its root (no path) plays the provider at
 * /NAME + the path of the contract's first server. 0, or -1 and `err` (ERROR_UNREACHABLE).
 */
int target_find(struct arena *arena, struct http_client *client, const struct target_sought *sought,
                struct target *out, struct error *err);
/* Of a mock in this process: nothing has to be asked. */
void target_of_mock(struct arena *arena, const char *origin, const char *base, bool is_virtual,
                    const struct provider *provider, struct target *out);

/* Of a tape: nobody is asked, and nothing is sent there. */
void target_of_tape(struct arena *arena, const char *base, const struct provider *provider,
                    struct target *out);

/* Lets this much of the session's time pass: on our mock's virtual clock at once, else really. 0,
 * or -1 and `err`. */
int target_sleep(const struct target *target, struct http_client *client, const char *session,
                 nanos duration, struct error *err);
/* Gives a signal to what waits for it in the session: `body` is that of outcomes/signal. */
int target_signal(const struct target *target, struct http_client *client, const char *session,
                  const char *body, struct error *err);
/* Forgets a session that may have been there before. */
void target_forget_session(const struct target *target, struct http_client *client,
                           const char *session);

/* A credential of no worth that our mock accepts; NULL when the operation needs none, or of a kind
 * that is not a header. */
bool target_credential(const struct operation *operation, struct http_header *out);
