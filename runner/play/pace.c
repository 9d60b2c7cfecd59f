/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/pace.h"

#include <pthread.h>
#include <time.h>

struct pace {
    pthread_mutex_t lock;
    nanos apart;
    nanos next; /* the earliest instant of the next one, on the monotonic clock */
};

static void destroy_pace(void *data)
{
    pthread_mutex_destroy(&((struct pace *)data)->lock);
}

struct pace *pace_new(struct arena *arena, int64_t per_second)
{
    struct pace *pace;
    if (per_second <= 0)
        return NULL;
    pace = arena_alloc(arena, sizeof *pace);
    pthread_mutex_init(&pace->lock, NULL);
    arena_defer(arena, destroy_pace, pace);
    pace->apart = NANOS_PER_SECOND / per_second;
    return pace;
}

void pace_wait(struct pace *pace)
{
    nanos now = instant_monotonic_now(), turn;
    if (!pace)
        return;
    pthread_mutex_lock(&pace->lock);
    turn = pace->next > now ? pace->next : now;
    pace->next = turn + pace->apart;
    pthread_mutex_unlock(&pace->lock);
    if (turn == now)
        return;
    struct timespec left = {(time_t)((turn - now) / NANOS_PER_SECOND),
                            (long)((turn - now) % NANOS_PER_SECOND)};
    while (nanosleep(&left, &left))
        continue;
}
