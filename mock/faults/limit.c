/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests within a budget a window. The window begins with the first request in it, and the next
 * one when it is over. Headers tell what is left, in the styles that are met in the field.
 */
#include "mock/faults/limit.h"

#include "core/base/map.h"
#include "core/base/mem.h"

enum { CREDENTIALS_MAX = 4096 }; /* further ones share a budget */

static const char *const scopes[] = {"session", "credential", NULL};
enum { SCOPE_SESSION, SCOPE_CREDENTIAL };
static const char *const styles[] = {"x-epoch",  "x-seconds", "draft", "policy",
                                     "requests", "none",      NULL};
static const char *const waits[] = {"seconds", "milliseconds", "date", "none", NULL};
enum wait_style { WAIT_SECONDS, WAIT_MILLISECONDS, WAIT_DATE, WAIT_UNTOLD };

const struct fault_parameter limit_parameters[] = {
    {.name = "budget", .type = FAULT_INTEGER, .fallback = "10", .help = "requests a window"},
    {.name = "window", .type = FAULT_DURATION, .fallback = "60s", .help = "how long it is"},
    {.name = "scope",
     .type = FAULT_CHOICE,
     .choices = scopes,
     .fallback = "session",
     .help = "whose requests share a budget"},
    {.name = "headers",
     .type = FAULT_CHOICE,
     .choices = styles,
     .fallback = "x-epoch",
     .help = "X-RateLimit-* with an epoch or with seconds, RateLimit-*, RateLimit and "
             "RateLimit-Policy, x-ratelimit-*-requests"},
    {.name = "retry_after",
     .type = FAULT_CHOICE,
     .choices = waits,
     .fallback = "seconds",
     .help = "Retry-After in seconds or as a date, or retry-after-ms"},
    {.name = "status",
     .type = FAULT_INTEGER,
     .least = 400,
     .most = 599,
     .fallback = "429",
     .help = "answered beyond the budget"},
    {.name = "error", .type = FAULT_ERROR, .help = "of the service, for what is beyond it"},
    {0},
};

/* What is told of a window. */
struct allowance {
    int64_t budget, left;
    nanos window, ends_in, now; /* now: of the world, as in Date */
};

/* ---- headers ---- */

static void add(struct exchange *exchange, const char *name, int64_t value)
{
    exchange_header(exchange, name, arena_printf(exchange->arena, "%lld", (long long)value));
}

static int64_t whole_seconds(nanos length)
{
    return (length + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND;
}

static void tell_x(struct exchange *exchange, const struct allowance *is, int64_t resets)
{
    add(exchange, "X-RateLimit-Limit", is->budget);
    add(exchange, "X-RateLimit-Remaining", is->left);
    add(exchange, "X-RateLimit-Reset", resets);
}

static void tell_x_epoch(struct exchange *exchange, const struct allowance *is)
{
    tell_x(exchange, is, whole_seconds(is->now + is->ends_in));
}

static void tell_x_seconds(struct exchange *exchange, const struct allowance *is)
{
    tell_x(exchange, is, whole_seconds(is->ends_in));
}

/* draft-ietf-httpapi-ratelimit-headers, up to 06 */
static void tell_draft(struct exchange *exchange, const struct allowance *is)
{
    add(exchange, "RateLimit-Limit", is->budget);
    add(exchange, "RateLimit-Remaining", is->left);
    add(exchange, "RateLimit-Reset", whole_seconds(is->ends_in));
}

/* the same draft, from 08 on */
static void tell_policy(struct exchange *exchange, const struct allowance *is)
{
    struct arena *arena = exchange->arena;
    exchange_header(exchange, "RateLimit-Policy",
                    arena_printf(arena, "\"default\";q=%lld;w=%lld", (long long)is->budget,
                                 (long long)whole_seconds(is->window)));
    exchange_header(exchange, "RateLimit",
                    arena_printf(arena, "\"default\";r=%lld;t=%lld", (long long)is->left,
                                 (long long)whole_seconds(is->ends_in)));
}

static void tell_requests(struct exchange *exchange, const struct allowance *is)
{
    add(exchange, "x-ratelimit-limit-requests", is->budget);
    add(exchange, "x-ratelimit-remaining-requests", is->left);
    exchange_header(exchange, "x-ratelimit-reset-requests",
                    arena_printf(exchange->arena, "%lldms",
                                 (long long)((is->ends_in + NANOS_PER_MS - 1) / NANOS_PER_MS)));
}

static void tell(struct exchange *exchange, const struct fault_hit *hit, const struct allowance *is)
{
    static void (*const rows[])(struct exchange *, const struct allowance *) = {
        tell_x_epoch, tell_x_seconds, tell_draft, tell_policy, tell_requests, NULL};
    if (rows[fault_integer(hit, "headers")])
        rows[fault_integer(hit, "headers")](exchange, is);
}

static void tell_wait(struct exchange *exchange, const struct fault_hit *hit,
                      const struct allowance *is)
{
    char date[INSTANT_TEXT];
    switch ((enum wait_style)fault_integer(hit, "retry_after")) {
    case WAIT_SECONDS:
        add(exchange, "Retry-After", whole_seconds(is->ends_in));
        break;
    case WAIT_MILLISECONDS:
        add(exchange, "retry-after-ms", (is->ends_in + NANOS_PER_MS - 1) / NANOS_PER_MS);
        break;
    case WAIT_DATE:
        instant_http_date(whole_seconds(is->now + is->ends_in) * NANOS_PER_SECOND, date);
        exchange_header(exchange, "Retry-After", arena_strdup(exchange->arena, date));
        break;
    case WAIT_UNTOLD:
        break;
    }
}

/* ---- counting ---- */

/* With the set's lock. */
static struct fault_memory *memory_of(const struct exchange *exchange, const struct fault_hit *hit)
{
    struct fault_rule *rule = hit->rule;
    const char *credential = exchange->credential ? exchange->credential : "";
    if (fault_integer(hit, "scope") == SCOPE_SESSION)
        return &rule->memory;
    if (!rule->memories)
        rule->memories = map_new();
    struct fault_memory *memory = map_get(rule->memories, credential);
    if (!memory && map_count(rule->memories) >= CREDENTIALS_MAX)
        return &rule->memory;
    if (!memory) {
        memory = mem_alloc(sizeof *memory);
        *memory = (struct fault_memory){0};
        map_put(rule->memories, credential, memory);
    }
    return memory;
}

/* Takes one of the budget; false: there was none left. */
static bool take(const struct exchange *exchange, const struct fault_hit *hit,
                 struct allowance *allowance)
{
    nanos now = hit->fault->is_of_world_time ? allowance->now : instant_monotonic_now();
    pthread_mutex_lock(&hit->set->lock);
    struct fault_memory *memory = memory_of(exchange, hit);
    if (!memory->used || now - memory->window >= allowance->window)
        *memory = (struct fault_memory){now, 0};
    bool has_one = (int64_t)memory->used < allowance->budget;
    memory->used += has_one;
    allowance->left = allowance->budget - (int64_t)memory->used;
    allowance->ends_in = memory->window + allowance->window - now;
    pthread_mutex_unlock(&hit->set->lock);
    return has_one;
}

bool limit_rate(struct exchange *exchange, struct fault_hit *hit)
{
    struct allowance allowance = {
        .budget = fault_integer(hit, "budget"),
        .window = fault_integer(hit, "window"),
        .now = world_ask_now(exchange->world),
    };
    allowance.ends_in = allowance.window; /* of a header, for this request alone: it is spent */
    bool may_pass = hit->rule && take(exchange, hit, &allowance);
    tell(exchange, hit, &allowance);
    if (may_pass)
        return false;
    tell_wait(exchange, hit, &allowance);
    fault_refuse(exchange, fault_text(hit, "error"), (int)fault_integer(hit, "status"),
                 arena_printf(exchange->arena, "rate limit exceeded: %lld requests in %lld s",
                              (long long)allowance.budget,
                              (long long)whole_seconds(allowance.window)));
    return true;
}
