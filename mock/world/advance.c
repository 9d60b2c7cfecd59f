/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/advance.h"

#include <time.h>

struct advance {
    struct world *world;
    const struct advance_terms *terms;
    uint64_t fired;
    nanos told; /* CLOCK_MONOTONIC when it was told last */
    bool is_stopped;
    bool is_impatient; /* somebody did not get on: no more waiting for those who were woken */
};

/* Gives the lock away for a moment, and says where it is when it is time for that. */
static void breathe(struct advance *advance)
{
    struct world *world = advance->world;
    const struct advance_terms *terms = advance->terms;
    nanos now = instant_monotonic_now();
    struct advance_state state = {
        .now = world->now,
        .fired = advance->fired,
        .arranged = queue_count_of(world->queue, EVENT_ARRANGED),
        .recurring = queue_count_of(world->queue, EVENT_RECURRING),
        .delivering = world->delivering,
    };
    world_breathe(world);
    if (!terms->tell || now - advance->told < ADVANCE_TELL)
        return;
    advance->told = now;
    world_unlock(world);
    advance->is_stopped |= !terms->tell(terms->data, &state);
    world_lock(world);
}

static void wait_a_little(struct world *world)
{
    nanos at = instant_monotonic_now() + ADVANCE_TELL;
    struct timespec until = {.tv_sec = (time_t)(at / NANOS_PER_SECOND),
                             .tv_nsec = (long)(at % NANOS_PER_SECOND)};
    pthread_cond_timedwait(&world->settled, &world->lock, &until);
}

/*
 * What has just happened is over, for everybody: webhooks have arrived (their time-outs bound it),
 * and who was woken has parked again or answered. One of these may not get on, because its client
 * does not read: then time goes on without it.
 */
static void settle(struct advance *advance)
{
    struct world *world = advance->world;
    nanos since = instant_monotonic_now();
    while (!world->is_closed && !advance->is_stopped &&
           (world->delivering || (world->parking.awake && !advance->is_impatient))) {
        wait_a_little(world);
        breathe(advance);
        if (world->delivering)
            since = instant_monotonic_now();
        advance->is_impatient |= instant_monotonic_now() - since > ADVANCE_PATIENCE;
    }
}

enum { GOES_ON = -1 };

/* Where it ends, if it does. */
static int find_end(const struct advance *advance)
{
    const struct world *world = advance->world;
    const struct advance_terms *terms = advance->terms;
    nanos due;
    if (world->is_closed)
        return ADVANCE_CLOSED;
    if (advance->is_stopped)
        return ADVANCE_STOPPED;
    if (terms->until_idle && !queue_count_of(world->queue, EVENT_ARRANGED))
        return queue_count_of(world->queue, EVENT_RECURRING) ? ADVANCE_RECURRING : ADVANCE_IDLE;
    if (!queue_next(world->queue, &due) || due > terms->until)
        return terms->until_idle ? ADVANCE_HORIZON : ADVANCE_REACHED;
    return terms->limit && advance->fired >= terms->limit ? ADVANCE_LIMIT : GOES_ON;
}

enum advance_end world_advance(struct world *world, const struct advance_terms *terms)
{
    struct advance advance = {.world = world, .terms = terms, .told = instant_monotonic_now()};
    int end;
    settle(&advance); /* what comes of what was before may be due on the way */
    while ((end = find_end(&advance)) == GOES_ON) {
        advance.fired += world_fire_next(world, terms->until, true);
        if (world->delivering || world->parking.awake)
            settle(&advance);
        if (advance.fired % WORLD_BREATH == 0)
            breathe(&advance);
    }
    if (end == ADVANCE_REACHED || end == ADVANCE_HORIZON)
        world_set_now(world, terms->until, true);
    return (enum advance_end)end;
}

int world_advance_to(struct world *world, nanos until, struct error *err)
{
    if (until < world->now)
        return fail(err, ERROR_INVALID, "time does not go back");
    world_advance(world, &(struct advance_terms){.until = until});
    return 0;
}
