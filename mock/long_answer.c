/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/long_answer.h"

#include "mock/refuse.h"
#include "mock/steps.h"

static int refuse_busy(struct exchange *exchange)
{
    refuse_failure(exchange, FAILURE_BUSY, 503, NULL, "too many requests wait or stream already");
    exchange_header(exchange, "Retry-After", "1");
    return -1;
}

int long_begin(struct exchange *exchange)
{
    return http_park_begin(exchange->http) ? refuse_busy(exchange) : 0;
}

int long_begin_away(struct exchange *exchange)
{
    return http_hand_over_begin(exchange->http) ? refuse_busy(exchange) : 0;
}

static bool wait_on_socket(void *data, int fd)
{
    struct parked *parked = data;
    for (;;) {
        enum http_wake wake = http_exchange_wait(parked->exchange->http, fd, parked->keepalive_ms);
        if (wake == HTTP_WOKEN)
            return true;
        if (wake != HTTP_TIMED_OUT)
            return false;
        if (http_stream_write(parked->exchange->http, parked->keepalive_text,
                              strlen(parked->keepalive_text)))
            return false;
    }
}

/* Time may pass up to the next move of what is watched, but not while that waits for a client. */
static nanos next_move(void *data)
{
    const struct parked *parked = data;
    if (parked->watched->is_deleted || (parked->waits & STATE_BIT(parked->watched->state)))
        return HORIZON_NONE;
    return outcome_next(parked->watched);
}

enum wake long_park(struct parked *parked, nanos until, bool grants_next_move)
{
    struct play *play = &parked->exchange->play;
    struct park_terms terms = {
        .watch = parked->watched->serial,
        .until = until,
        .horizon = grants_next_move ? next_move : NULL,
        .horizon_data = parked,
        .wait = wait_on_socket,
        .wait_data = parked,
    };
    enum wake wake = world_park(play->world, &terms);
    play_renew(play);
    play->eval.now = world_now(play->world);
    return wake;
}

static void wake_up(void *data)
{
    const struct parked *parked = data;
    http_wake(parked->exchange->http);
}

bool long_park_away(struct parked *parked)
{
    parked->terms = (struct park_terms){
        .watch = parked->watched->serial,
        .until = HORIZON_NONE,
        .horizon = next_move,
        .horizon_data = parked,
        .wait_data = parked,
        .chosen = wake_up,
    };
    parked->waiter = world_park_away(parked->exchange->play.world, &parked->terms);
    return parked->waiter != NULL;
}

bool long_return(struct parked *parked, bool has_left, enum wake *why)
{
    struct play *play = &parked->exchange->play;
    if (!park_return(parked->waiter, has_left, why))
        return false;
    parked->waiter = NULL;
    play_renew(play);
    play->eval.now = world_now(play->world);
    return true;
}

void long_left(struct exchange *exchange, const struct steps *left, struct resource *resource)
{
    struct play *play = &exchange->play;
    if (!left->count || resource->is_deleted)
        return;
    play->cause.kind = CAUSE_CLIENT;
    play->cause.name = "its client left";
    play->cause.place = NULL;
    steps_run_here(play, left, resource);
    play_settle(play);
}
