/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `dryrun check`, read into what runner and mock take. */
#pragma once

#include "cli/data_dirs.h"
#include "cli/only_failed.h"
#include "core/base/options.h"
#include "core/net/http_client.h"
#include "mock/world/clock.h"
#include "runner/monitor/monitor.h"
#include "runner/reports/reports.h"

extern const struct option_table check_tables[];
extern const size_t check_table_count;

struct wanted_report {
    const struct reporter *reporter;
    const char *file; /* NULL: standard output */
};

/* --min-coverage */
struct coverage_floor {
    enum coverage_kind kind;
    double percent;
};

struct check_settings {
    struct data_dirs dirs;      /* what the judge holds */
    struct data_dirs mock_dirs; /* what the mock plays */
    const char **providers;
    size_t provider_count;
    struct texts scenarios, targets, inputs;
    struct http_headers {
        VEC(struct http_header);
    } headers, against_headers;
    bool is_drift;        /* --against was given */
    struct texts against; /* its URLs; none: a mock in this process */
    struct texts ignored; /* --ignore */
    struct {
        VEC(struct wanted_report);
    } reports;
    struct {
        VEC(struct coverage_floor);
    } floors;
    const char *tape; /* judged instead of anything that answers; NULL */
    struct clock_settings clock;
    struct http_client_options client;
    struct secrets secrets;
    struct only_failed *only_failed; /* NULL: all */
    size_t threads;
    int64_t max_rate; /* requests a second; 0: no limit */
    bool is_dry;
    const char *har; /* NULL: none is wanted */
    uint64_t seed;
    nanos timeout;
    bool is_strict, fail_fast, shows_unmet;
};

/* All in the arena. 0, or -1 and `err`. */
int check_options_read(struct arena *arena, const struct options *options,
                       struct check_settings *settings, struct error *err);
