/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of the way there and back: slow, broken and refused before the service says a word. */
#include "core/base/draw.h"
#include "core/base/str.h"
#include "mock/faults/act.h"

#include <math.h>

/* ---- delay ---- */

static const char *const distributions[] = {"fixed", "uniform", "normal", "lognormal", NULL};
enum distribution { SPREAD_NONE, SPREAD_UNIFORM, SPREAD_NORMAL, SPREAD_LOGNORMAL };

static const struct fault_parameter delay_parameters[] = {
    {.name = "time",
     .type = FAULT_DURATION,
     .fallback = "1s",
     .help = "how long; the mean or median of a distribution"},
    {.name = "distribution",
     .type = FAULT_CHOICE,
     .choices = distributions,
     .fallback = "fixed",
     .help = "uniform: time +- spread; normal: spread is the deviation; lognormal: sigma"},
    {.name = "spread", .type = FAULT_DURATION, .fallback = "0s", .help = "of uniform and normal"},
    {.name = "sigma",
     .type = FAULT_NUMBER,
     .most = 10,
     .fallback = "0.5",
     .help = "of lognormal: deviation of the logarithm"},
    {.name = "most", .type = FAULT_DURATION, .fallback = "60s", .help = "never longer"},
    {0},
};

/* Box and Muller: two uniform draws make a normal one. */
static double draw_normal(struct draw *draw)
{
    const double two_pi = 6.283185307179586;
    double first = 1 - draw_unit(draw);
    return sqrt(-2 * log(first)) * cos(two_pi * draw_unit(draw));
}

static nanos draw_delay(const struct fault_hit *hit)
{
    struct draw draw = draw_from(hit->key);
    double time = (double)fault_integer(hit, "time"), most = (double)fault_integer(hit, "most");
    double spread = (double)fault_integer(hit, "spread");
    switch ((enum distribution)fault_integer(hit, "distribution")) {
    case SPREAD_NONE:
        break;
    case SPREAD_UNIFORM:
        time += spread * (2 * draw_unit(&draw) - 1);
        break;
    case SPREAD_NORMAL:
        time += spread * draw_normal(&draw);
        break;
    case SPREAD_LOGNORMAL:
        time *= exp(fault_number(hit, "sigma") * draw_normal(&draw));
        break;
    }
    return (nanos)fmin(fmax(time, 0), most);
}

static bool delay(struct exchange *exchange, struct fault_hit *hit)
{
    if (fault_pause(exchange, hit, draw_delay(hit)))
        return false;
    http_close_quietly(exchange->http); /* nobody is there */
    return true;
}

/* ---- status ---- */

static const struct fault_parameter status_parameters[] = {
    {.name = "status",
     .type = FAULT_INTEGER,
     .least = 400,
     .most = 599,
     .fallback = "503",
     .help = "answered instead, in the service's own error shape"},
    {.name = "retry_after", .type = FAULT_DURATION, .help = "Retry-After, in whole seconds"},
    {.name = "message",
     .type = FAULT_TEXT,
     .fallback = "a fault was asked for",
     .help = "what the error says, where the service's errors have a text"},
    {0},
};

static bool answer_status_fault(struct exchange *exchange, struct fault_hit *hit)
{
    if (fault_is_given(hit, "retry_after"))
        exchange_header(
            exchange, "Retry-After",
            arena_printf(exchange->arena, "%lld",
                         (long long)((fault_integer(hit, "retry_after") + NANOS_PER_SECOND - 1) /
                                     NANOS_PER_SECOND)));
    fault_refuse(exchange, (int)fault_integer(hit, "status"), fault_text(hit, "message"));
    return true;
}

const struct fault_kind wire_faults[] = {
    {.name = "delay",
     .summary = "the request is taken up late",
     .group = FAULT_OF_WIRE,
     .parameters = delay_parameters,
     .before = delay},
    {.name = "status",
     .summary = "an error of the service; nothing has happened",
     .group = FAULT_OF_WIRE,
     .parameters = status_parameters,
     .before = answer_status_fault},
    {0},
};
