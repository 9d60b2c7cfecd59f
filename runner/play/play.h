/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays the workflows of Arazzo documents against targets and judges every exchange. Each workflow
 * that nobody else uses is begun by itself, on our mock in a session of its own. One thread.
 */
#pragma once

#include "runner/play/target.h"
#include "runner/result.h"
#include "runner/secrets.h"

struct runner;
struct pace;

struct runner_options {
    const char *const *inputs;         /* "name=value"; ends by NULL; may be NULL */
    const struct http_header *headers; /* sent with every request */
    size_t header_count;
    struct http_client *client;
    struct secrets *secrets;
    struct pace *pace; /* NULL: as fast as it goes */
    nanos timeout;     /* of one request; 0: 30 s */
    bool is_strict, fail_fast;
    bool is_own_mock; /* this process's mock: its sessions are new */
    bool forgets;     /* exchanges that neither broke nor failed anything: no report shows all */
    /* Instead of waiting (tests); NULL: target_sleep. */
    void (*sleep)(void *data, nanos duration);
    /* After every step, for progress; may be NULL. */
    void (*progress)(void *data, const struct played_workflow *workflow,
                     const struct played_step *step);
    void *data;
};

/* All it makes lives in the arena; `options` must live as long. */
struct runner *runner_new(struct arena *arena, const struct runner_options *options);
void runner_add_target(struct runner *runner, const struct target *target);
/* Plays all of a document. 0, or -1 when there is no use in going on (target gone, fail_fast). */
int runner_play(struct runner *runner, const struct arazzo *document);
/* Ends what listens; the results stay. */
void runner_end(struct runner *runner);
/* What has become of all that was played so far. */
struct run_result *runner_result(struct runner *runner);
