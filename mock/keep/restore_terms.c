/* SPDX-License-Identifier: Apache-2.0 */
/* How a session was declared. */
#include "mock/keep/restore_parts.h"
#include "mock/world/session_terms.h"

enum { SEED, CLOCK, EPOCH, STEP, PARTICIPANTS, EXPIRES, OUTCOMES, MEMBERS };
static const char *const member_names[MEMBERS] = {
    "seed", "clock", "epoch", "step", "participants", "expires_after", "outcomes"};

static void read_duration(struct reading *reading, struct str piece, nanos *out)
{
    const char *text = read_text(reading, reading->scratch, piece);
    if (text && (duration_parse(text, out) || *out < 0))
        reading_problem(reading, piece.ptr, "'%.60s' is no duration such as 90s or PT2M", text);
}

static void read_clock(struct reading *reading, const struct str *values,
                       struct session_terms *terms)
{
    struct error err = {0};
    const char *clock = read_text(reading, reading->scratch, values[CLOCK]);
    if (!clock)
        return;
    terms->has_clock = true;
    terms->clock = (struct clock_settings){.scale = 1, .epoch = CLOCK_EPOCH};
    if (clock_parse(clock, &terms->clock, &err))
        reading_problem(reading, values[CLOCK].ptr, "%s", err.text);
    read_instant(reading, values[EPOCH], &terms->clock.epoch);
    read_duration(reading, values[STEP], &terms->clock.step);
}

static void read_outcome_names(struct reading *reading, struct str piece,
                               struct session_terms *terms)
{
    struct {
        VEC(const char *);
    } names = {0};
    struct error err = {0};
    struct json_walk walk;
    struct str item;
    if (!read_items(reading, piece, &walk))
        return;
    while (read_next(reading, &walk, &item)) {
        const char *name = read_text(reading, terms->arena, item);
        if (name && !mock_outcome_named(reading->mock, name, &err))
            reading_problem(reading, item.ptr, "%s", err.text);
        if (name)
            vec_push_arena(terms->arena, &names, name);
    }
    terms->outcomes = names.items;
    terms->outcome_count = names.count;
}

struct session_terms *restore_terms(struct reading *reading, struct str piece)
{
    struct str values[MEMBERS];
    int64_t seed = -1, participants = 0;
    if (!piece.ptr || !read_members(reading, piece, member_names, MEMBERS, values))
        return NULL;
    struct session_terms *terms = session_terms_new();
    read_integer(reading, values[SEED], 0, INT64_MAX, &seed);
    read_integer(reading, values[PARTICIPANTS], 1, 10000, &participants);
    read_duration(reading, values[EXPIRES], &terms->expires_after);
    read_clock(reading, values, terms);
    read_outcome_names(reading, values[OUTCOMES], terms);
    terms->has_seed = seed >= 0;
    terms->seed = (uint64_t)seed;
    terms->participants = (unsigned)participants;
    return terms;
}
