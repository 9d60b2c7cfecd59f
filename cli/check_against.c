/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_against.h"

#include "core/base/str.h"

int against_begin(struct against *against, const struct check_side *left,
                  const struct runner_options *options, struct findings *findings,
                  struct error *err)
{
    const struct check_settings *settings = left->settings;
    against->options = *options;
    against->options.is_own_mock = !settings->against.count;
    /* What is meant for one service is not sent to another; a mock of ours keeps it to itself. */
    if (settings->against.count || settings->against_headers.count) {
        against->options.headers = settings->against_headers.items;
        against->options.header_count = settings->against_headers.count;
    }
    against->side = *left;
    against->side.mock = NULL;
    against->side.dirs = &settings->dirs;
    against->side.urls = &settings->against;
    against->side.option = "--against";
    against->side.runner = runner_new(left->arena, &against->options);
    return check_side_add(&against->side, findings, err);
}

/* ---- what a side is called ---- */

/* Without whoever logs in there. */
static const char *plain_url(struct arena *arena, const char *text)
{
    const char *scheme = strstr(text, "://"), *equals = strchr(text, '=');
    const char *url = equals && equals < scheme ? equals + 1 : text;
    const char *host = scheme + 3, *end = host + strcspn(host, "/?#"), *at = end;
    while (at > host && at[-1] != '@')
        at--;
    return arena_printf(arena, "%.*s%s", (int)(host - url), url, at);
}

static const char *host_of(struct arena *arena, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    return arena_strndup(arena, host, strcspn(host, "/?#"));
}

static void name_side(const struct check_side *side, struct drift_side *out)
{
    struct arena *arena = side->arena;
    out->name = "mock";
    out->where =
        arena_printf(arena, "playing %s and %s", side->dirs->contracts, side->dirs->fixtures);
    for (size_t i = 0; i < side->urls->count; i++) {
        const char *url = plain_url(arena, side->urls->items[i]);
        out->name = i ? side->option + strlen("--") : host_of(arena, url);
        out->where = i ? arena_printf(arena, "%s, %s", out->where, url) : url;
    }
}

static void name_sides(const struct check_side *left, const struct check_side *right,
                       struct drift_side sides[DRIFT_SIDES])
{
    name_side(left, &sides[DRIFT_LEFT]);
    name_side(right, &sides[DRIFT_RIGHT]);
    if (!text_is(sides[DRIFT_LEFT].name, sides[DRIFT_RIGHT].name))
        return;
    if (left->mock) {
        sides[DRIFT_RIGHT].name = "installed mock";
        return;
    }
    sides[DRIFT_LEFT].name = sides[DRIFT_LEFT].where;
    sides[DRIFT_RIGHT].name = sides[DRIFT_RIGHT].where;
}

struct drift *against_play(struct against *against, const struct check_side *left,
                           const struct jobs *jobs, struct http_client *(*new_client)(void *data),
                           void *data)
{
    struct check_side *right = &against->side;
    struct drift_side sides[DRIFT_SIDES];
    const struct run_result *first = runner_result(left->runner);
    name_sides(left, right, sides);
    if (!first->unreachable && !first->refused)
        jobs_play(right->runner, jobs, left->settings->threads, new_client, data);
    runner_end(right->runner);
    sides[DRIFT_LEFT].result = first;
    sides[DRIFT_RIGHT].result = runner_result(right->runner);
    return drift_compare(left->arena, sides, &left->settings->ignored);
}

void against_end(struct against *against)
{
    mock_free(against->side.mock);
}
