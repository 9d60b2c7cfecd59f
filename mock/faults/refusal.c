/* SPDX-License-Identifier: Apache-2.0 */
/* Faults that are answers: errors in the service's own shape, redirects that lead nowhere. */
#include "core/base/str.h"
#include "mock/faults/act.h"
#include "mock/faults/limit.h"

/* ---- status ---- */

static const struct fault_parameter status_parameters[] = {
    {.name = "status",
     .type = FAULT_INTEGER,
     .least = 400,
     .most = 599,
     .help = "answered in the service's own error shape; 503 where no error is named"},
    {.name = "error", .type = FAULT_ERROR, .help = "which; its own status where none is given"},
    {.name = "retry_after", .type = FAULT_DURATION, .help = "Retry-After, in whole seconds"},
    {.name = "message",
     .type = FAULT_TEXT,
     .help = "what the error says, where the service's errors have a text of their own"},
    FAULT_EFFECT_PARAMETER,
    {0},
};

struct wanted {
    const char *error, *message;
    int status;
};

static struct wanted read_wanted(struct exchange *exchange, const struct fault_hit *hit)
{
    struct wanted wanted = {fault_text(hit, "error"), fault_text(hit, "message"), 0};
    if (fault_is_given(hit, "status"))
        wanted.status = (int)fault_integer(hit, "status");
    if (fault_is_given(hit, "retry_after"))
        exchange_header(
            exchange, "Retry-After",
            arena_printf(exchange->arena, "%lld",
                         (long long)((fault_integer(hit, "retry_after") + NANOS_PER_SECOND - 1) /
                                     NANOS_PER_SECOND)));
    return wanted;
}

static bool refuse_before(struct exchange *exchange, struct fault_hit *hit)
{
    if (fault_is_applied(hit))
        return false;
    struct wanted wanted = read_wanted(exchange, hit);
    fault_refuse(exchange, wanted.error, wanted.status, wanted.message);
    return true;
}

static struct text *refuse_behind(struct exchange *exchange, struct fault_hit *hit,
                                  struct text *body)
{
    if (!fault_is_applied(hit))
        return body;
    struct wanted wanted = read_wanted(exchange, hit);
    return fault_reword(exchange, body, wanted.error, wanted.status, wanted.message);
}

/* ---- redirects ---- */

static const char *const redirects[] = {"301", "302", "303", "307", "308", NULL};

static const struct fault_parameter redirect_parameters[] = {
    {.name = "status",
     .type = FAULT_CHOICE,
     .choices = redirects,
     .fallback = "307",
     .help = "307 and 308 keep the method and the body"},
    {.name = "to", .type = FAULT_TEXT, .help = "where; the same URL where none is given"},
    {0},
};

static bool redirect(struct exchange *exchange, struct fault_hit *hit)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    const char *to = fault_text(hit, "to");
    exchange->status = statuses[fault_integer(hit, "status")];
    exchange_header(exchange, "Location", to ? to : exchange->target);
    fault_respond(exchange);
    return true;
}

const struct fault_kind refusal_faults[] = {
    {.name = "status",
     .summary = "an error of the service, in its own shape",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_CHOSEN,
     .parameters = status_parameters,
     .before = refuse_before,
     .change = refuse_behind},
    {.name = "rate_limit",
     .summary = "so many requests in a time, then 429; every answer tells what is left",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_NONE,
     .parameters = limit_parameters,
     .before = limit_rate},
    {.name = "redirect_loop",
     .summary = "a redirect to the same URL, for ever",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_NONE,
     .parameters = redirect_parameters,
     .before = redirect},
    {0},
};
