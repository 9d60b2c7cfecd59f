/* SPDX-License-Identifier: Apache-2.0 */
/* Who is played by `dryrun check`: a mock in this process, or services elsewhere. */
#pragma once

#include "cli/check_options.h"
#include "mock/mock.h"
#include "runner/play/play.h"

struct check_side {
    struct arena *arena;
    const struct check_settings *settings;
    const struct provider *const *providers; /* as the judge holds them */
    const struct data_dirs *dirs;            /* what a mock in this process plays */
    const struct texts *urls;                /* URL or PROVIDER=URL; none: a mock in this process */
    const char *option;                      /* that gives them: "--target" */
    struct http_client *client;
    struct runner *runner; /* gets the targets */
    struct mock *mock;     /* that was started; whoever has the side frees it */
};

/* The URL for a provider; NULL when none of PROVIDER=URL is its own. */
const char *check_target_url(const struct texts *urls, const char *provider);
/* 0, or -1 and `err`, or findings. */
int check_side_add(struct check_side *side, struct findings *findings, struct error *err);
