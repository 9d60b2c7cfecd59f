/* SPDX-License-Identifier: Apache-2.0 */
/* $time, $duration, $cron. Instants are 64-bit nanoseconds, never doubles. */
#include "core/expr/functions_internal.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/expr/cron.h"

/* A parameter as an instant; false when it is nothing, null or no instant (a problem then). */
static bool read_instant(const struct call *call, size_t parameter, struct eval *eval,
                         nanos *instant)
{
    const cJSON *value = call_value(call, parameter, eval);
    if (!value || cJSON_IsNull(value))
        return false;
    if (eval_instant(eval, value, instant) == 0)
        return true;
    eval_problem(eval, "'%s' takes an instant but met '%.100s'", call_function(call)->name,
                 json_text(eval->arena, value));
    return false;
}

enum { TIME_OF, TIME_PLUS, TIME_AS, TIME_ZONE };

/* A text without an offset is what the clocks of the zone show; false when there is no such zone.
 */
static bool read_local(const struct call *call, struct eval *eval, nanos *instant)
{
    const char *text = tree_text(call_value(call, TIME_OF, eval));
    const char *name = call_text(call, TIME_ZONE, eval);
    nanos told;
    if (!text || !name || text_is(name, "null") || instant_parse(text, false, &told) == 0 ||
        instant_parse(text, true, &told) < 0)
        return true;
    const struct zone *zone = zone_find(name);
    if (!zone) {
        eval_problem(eval, "unknown time zone '%s'", name);
        return false;
    }
    *instant = zone_instant(zone, zone_civil(zone_find("UTC"), told));
    return true;
}

const cJSON *eval_time(const struct call *call, struct eval *eval)
{
    nanos instant, plus = 0;
    enum time_form form = eval->time_form;
    if (!read_instant(call, TIME_OF, eval, &instant) || !read_local(call, eval, &instant))
        return NULL;
    const cJSON *added = call_value(call, TIME_PLUS, eval);
    if (call_has(call, TIME_PLUS) && !added)
        return NULL;
    if (added && duration_read(added, &plus) < 0)
        return eval_problem(eval, "plus of '$time' must be a duration but is '%.100s'",
                            value_text(eval->arena, added));
    if (__builtin_add_overflow(instant, plus, &instant))
        return eval_problem(eval, "'$time' leaves the range of instants");
    if (call_has(call, TIME_AS) && !time_form_find(call_text(call, TIME_AS, eval), &form))
        return eval_problem(eval, "unknown form of time");
    return time_form_node(form, instant, eval->arena);
}

enum { DURATION_FROM, DURATION_TO, DURATION_AS };

const cJSON *eval_duration(const struct call *call, struct eval *eval)
{
    nanos from, to, duration;
    if (!read_instant(call, DURATION_FROM, eval, &from) ||
        !read_instant(call, DURATION_TO, eval, &to))
        return NULL;
    if (__builtin_sub_overflow(to, from, &duration))
        return eval_problem(eval, "'$duration' leaves the range of durations");
    const char *as = call_name(call, DURATION_AS);
    if (text_is(as, "iso8601")) {
        char text[INSTANT_TEXT];
        duration_iso8601(duration, text);
        return tree_string(eval->arena, text);
    }
    if (text_is(as, "ns"))
        return tree_integer(eval->arena, duration);
    if (text_is(as, "ms"))
        return tree_integer(eval->arena, duration / NANOS_PER_MS);
    if (duration % NANOS_PER_SECOND == 0)
        return tree_integer(eval->arena, duration / NANOS_PER_SECOND);
    return tree_double(eval->arena, (double)duration / (double)NANOS_PER_SECOND);
}

enum { CRON_EXPRESSION, CRON_ZONE, CRON_AFTER };

const cJSON *eval_cron(const struct call *call, struct eval *eval)
{
    struct cron cron;
    struct error err;
    nanos after, next;
    const char *expression = call_text(call, CRON_EXPRESSION, eval);
    const char *name = call_text(call, CRON_ZONE, eval);
    if (!expression || !read_instant(call, CRON_AFTER, eval, &after))
        return NULL;
    if (cron_parse(expression, &cron, &err) < 0)
        return eval_problem(eval, "%s", err.text);
    const struct zone *zone = zone_find(name && !text_is(name, "null") ? name : "UTC");
    if (!zone)
        return eval_problem(eval, "unknown time zone '%s'", name);
    if (!cron_next(&cron, zone, after, &next))
        return NULL;
    return time_form_node(eval->time_form, next, eval->arena);
}
