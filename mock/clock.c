/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/clock.h"

#include "core/base/str.h"

#include <assert.h>

static int parse_scale(const char *digits, int64_t *scale)
{
    int64_t value = 0;
    if (!*digits)
        return -1;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9')
            return -1;
        value = value * 10 + (*digits - '0');
        if (value > CLOCK_SCALE_MAX)
            return -1;
    }
    *scale = value;
    return value ? 0 : -1;
}

int clock_parse(const char *text, struct clock_settings *settings, struct error *err)
{
    if (text_is(text, "real")) {
        settings->mode = MODE_REAL;
        settings->scale = 1;
        return 0;
    }
    if (text_is(text, "virtual")) {
        settings->mode = MODE_VIRTUAL;
        settings->scale = 1;
        return 0;
    }
    static const char prefix[] = "scaled:";
    if (text && text_starts_with(text, prefix)) {
        settings->mode = MODE_SCALED;
        if (parse_scale(text + sizeof prefix - 1, &settings->scale) == 0)
            return 0;
        return fail(err, ERROR_INVALID, "the factor in '%s' is no number from 1 to %d", text,
                    CLOCK_SCALE_MAX);
    }
    return fail(err, ERROR_INVALID, "unknown clock '%s': it is real, scaled:N or virtual",
                text ? text : "");
}

void clock_init(struct clock *clock, const struct clock_settings *settings)
{
    *clock = (struct clock){.settings = *settings};
    if (settings->mode != MODE_SCALED)
        clock->settings.scale = 1;
    assert(clock->settings.scale >= 1 && clock->settings.scale <= CLOCK_SCALE_MAX);
    clock->began_monotonic = instant_monotonic_now();
    clock->began = settings->mode == MODE_VIRTUAL ? settings->epoch : instant_real_now();
    clock->virtual_now = clock->began;
}

nanos clock_now(const struct clock *clock)
{
    if (clock->settings.mode == MODE_VIRTUAL)
        return clock->virtual_now;
    nanos passed = instant_monotonic_now() - clock->began_monotonic, now;
    /* At the greatest scale a nanosecond count lasts 2.5 hours of real time: then time stands
     * still. */
    if (__builtin_mul_overflow(passed, clock->settings.scale, &now) ||
        __builtin_add_overflow(now, clock->began, &now))
        return INT64_MAX - 1;
    return now;
}

void clock_set(struct clock *clock, nanos instant)
{
    assert(clock->settings.mode == MODE_VIRTUAL && instant >= clock->virtual_now);
    clock->virtual_now = instant;
}

nanos clock_monotonic_at(const struct clock *clock, nanos instant)
{
    assert(clock->settings.mode != MODE_VIRTUAL);
    if (instant <= clock->began)
        return clock->began_monotonic;
    nanos scale = clock->settings.scale, passed = instant - clock->began, at;
    /* Rounded up: when that moment has come, the world's time has, too. */
    if (__builtin_add_overflow(passed / scale + (passed % scale != 0), clock->began_monotonic, &at))
        return INT64_MAX - 1;
    return at;
}
