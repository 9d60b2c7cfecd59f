/* SPDX-License-Identifier: Apache-2.0 */
/* One `dryrun check` at work, for cmd_check.c and check_told.c. */
#pragma once

#include "cli/check_against.h"
#include "cli/check_options.h"
#include "cli/check_targets.h"

struct check {
    struct arena *arena;
    const struct check_settings *settings;
    struct findings findings;
    const struct provider **providers;
    struct check_side side; /* who is judged */
    struct against against; /* --against: who it is compared with */
    struct http_client *client;
    struct runner_options options;
    struct runner *runner;
    struct jobs jobs; /* what is played, in order */
    struct report_context context;
    struct error err;
};

/* ---- check_told.c ---- */

int check_complain(const struct error *err); /* its exit code */
/* check->err: nobody is there to be judged. What others read says so, too, for a report that is
 * missing tells nothing; who looks at the terminal has the error. The exit code. */
int check_tell_absent(struct check *check);

/* Everything that was asked for; of `drift` instead of what was judged unless it is NULL. 0, or the
 * exit code. */
int check_write_reports(struct check *check, const struct drift *drift);
/* --unmet: a line each, for people and scripts. */
void check_print_unmet(const struct run_result *result);
/* By the unreachable.yaml beside each openapi.yaml, where there is one. */
void check_excuse_unreachable(struct check *check);
/* --min-coverage: false when something falls short of it. */
bool check_has_enough(const struct check *check);
