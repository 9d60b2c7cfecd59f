/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/clock.h"

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
    clock->base_monotonic = instant_monotonic_now();
    clock->began = settings->mode == MODE_VIRTUAL ? settings->epoch : instant_real_now();
    clock->base = clock->still = clock->began;
}

bool clock_runs(const struct clock *clock)
{
    return clock->settings.mode != MODE_VIRTUAL && !clock->is_frozen;
}

nanos clock_now(const struct clock *clock)
{
    if (!clock_runs(clock))
        return clock->still;
    nanos passed = instant_monotonic_now() - clock->base_monotonic, now;
    /* At the greatest scale a nanosecond count lasts 2.5 hours of real time: then time stands
     * still. */
    if (__builtin_mul_overflow(passed, clock->settings.scale, &now) ||
        __builtin_add_overflow(now, clock->base, &now))
        return INT64_MAX - 1;
    return now;
}

static void run_from(struct clock *clock, nanos instant)
{
    clock->base = instant;
    clock->base_monotonic = instant_monotonic_now();
}

void clock_resume(struct clock *clock, nanos instant)
{
    if (clock->settings.mode == MODE_REAL) {
        clock_set(clock, instant);
        return;
    }
    clock->began = clock->still = instant;
    run_from(clock, instant);
}

void clock_set(struct clock *clock, nanos instant)
{
    if (clock_now(clock) >= instant)
        return;
    if (clock_runs(clock))
        run_from(clock, instant);
    else
        clock->still = instant;
}

void clock_freeze(struct clock *clock)
{
    clock->still = clock_now(clock);
    clock->is_frozen = true;
}

void clock_thaw(struct clock *clock)
{
    if (clock->is_frozen)
        run_from(clock, clock->still);
    clock->is_frozen = false;
}

nanos clock_ahead(const struct clock *clock)
{
    return clock->settings.mode == MODE_REAL ? clock_now(clock) - instant_real_now() : 0;
}

nanos clock_monotonic_at(const struct clock *clock, nanos instant)
{
    if (!clock_runs(clock))
        return INT64_MAX;
    if (instant <= clock->base)
        return clock->base_monotonic;
    nanos scale = clock->settings.scale, passed = instant - clock->base, at;
    /* Rounded up: when that moment has come, the world's time has, too. */
    if (__builtin_add_overflow(passed / scale + (passed % scale != 0), clock->base_monotonic, &at))
        return INT64_MAX - 1;
    return at;
}
