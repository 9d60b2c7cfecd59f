/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema/example.h"

#include <math.h>

struct bounds {
    double low, high, step; /* -INFINITY, INFINITY, 0 where there is none */
};

static void narrow(struct bounds *bounds, const struct rule *rule)
{
    const char *keyword = rule->keyword->name;
    double value = rule->value->valuedouble;

    if (text_is(keyword, "minimum") || text_is(keyword, "exclusiveMinimum"))
        bounds->low = fmax(bounds->low, value);
    else if (text_is(keyword, "maximum") || text_is(keyword, "exclusiveMaximum"))
        bounds->high = fmin(bounds->high, value);
    else if (text_is(keyword, "multipleOf"))
        bounds->step = bounds->step > 0 && fmod(bounds->step, value) != 0
                           ? bounds->step * value
                           : fmax(bounds->step, value);
}

static cJSON *try_number(struct maker *maker, const struct parts *wanted, double value)
{
    if (!isfinite(value))
        return NULL;
    if (value == floor(value) && fabs(value) < 9e15)
        return example_accept(maker, wanted, tree_integer(maker->arena, (int64_t)value));
    return example_accept(maker, wanted, tree_double(maker->arena, value));
}

cJSON *make_number(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                   uint64_t key)
{
    struct bounds bounds = {-INFINITY, INFINITY, 0};
    struct draw draw = draw_from(key);
    double low, high, step;
    cJSON *made = NULL;

    for (size_t i = 0; i < parts->count; i++)
        for (size_t r = 0; r < parts->items[i]->rules.count; r++)
            narrow(&bounds, &parts->items[i]->rules.items[r]);
    step = bounds.step > 0 ? bounds.step : 1;
    low = isfinite(bounds.low) ? bounds.low : fmin(1, bounds.high);
    high = isfinite(bounds.high) ? bounds.high : fmax(low, 0) + 100 * step;
    {
        const double drawn = low + floor(draw_unit(&draw) * (fmin(high, low + 100 * step) - low));
        const double tries[] = {ceil(drawn / step) * step,
                                ceil(low / step) * step,
                                floor(low / step) * step + step,
                                floor(high / step) * step,
                                ceil(high / step) * step - step,
                                low,
                                high,
                                (low + high) / 2,
                                0,
                                1,
                                low + 0.5,
                                -1};

        for (size_t i = 0; i < sizeof tries / sizeof *tries && !made; i++)
            made = try_number(maker, wanted, tries[i]);
    }
    if (!made && (isfinite(bounds.low) || isfinite(bounds.high) || bounds.step > 0))
        say_why(maker, "no number for '%s'", parts->items[0]->pointer);
    return made;
}
