/* SPDX-License-Identifier: Apache-2.0 */
/* The answer `wait`: blocks until a resource is in one of some states, or its time is over. */
#include "core/expr/template.h"
#include "core/expr/time_form.h"
#include "mock/long_answer.h"
#include "mock/refuse.h"
#include "mock/steps.h"

int long_begin(struct exchange *exchange)
{
    if (!http_park_begin(exchange->http))
        return 0;
    refuse_failure(exchange, FAILURE_BUSY, 503, NULL, "too many requests wait or stream already");
    exchange_header(exchange, "Retry-After", "1");
    return -1;
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

static nanos deadline(struct play *play, const struct wait *wait)
{
    nanos within = 0, until;
    const cJSON *length = template_value(wait->within, &play->eval);
    if (!length || duration_read(length, &within))
        return HORIZON_NONE;
    return __builtin_add_overflow(world_now(play->world), within, &until) ? HORIZON_NONE : until;
}

static void answer_timeout(struct exchange *exchange, const struct wait *wait)
{
    int64_t status;
    struct eval *eval = &exchange->play.eval;
    if (wait->timeout_status && tree_as_int64(template_value(wait->timeout_status, eval), &status))
        exchange->status = (int)status;
    exchange->reply = template_eval(wait->timeout_body, eval);
}

/* How the waiting ended. */
enum ending { ENDING_REACHED, ENDING_TIMEOUT, ENDING_GONE, ENDING_LEFT, ENDING_CLOSED };

static enum ending wait_for(struct exchange *exchange, const struct wait *wait,
                            struct resource *resource)
{
    struct play *play = &exchange->play;
    struct parked parked = {.exchange = exchange, .keepalive_ms = -1, .watched = resource};
    const struct machine *machine = play_machine(play, resource); /* whose states `until` names */
    nanos until = deadline(play, wait);
    for (;;) {
        if (resource->is_deleted)
            return wait->until & STATE_BIT(STATE_ABSENT) ? ENDING_REACHED : ENDING_GONE;
        if (play_is_in(play, resource, machine, wait->until))
            return ENDING_REACHED;
        if (world_now(play->world) >= until)
            return ENDING_TIMEOUT;
        enum wake wake = long_park(&parked, until, false);
        if (wake == WAKE_LEFT || wake == WAKE_CLOSED)
            return wake == WAKE_LEFT ? ENDING_LEFT : ENDING_CLOSED;
    }
}

/* Refused as a path is that names what is not there. */
static void answer_gone(struct exchange *exchange, const struct wait *wait,
                        struct resource *resource)
{
    const struct machine *machine = play_machine(&exchange->play, resource);
    struct taking gone = {.id = resource->id, .to = STATE_NONE};
    for (size_t i = 0; i < exchange->taking_count; i++)
        if (text_is(exchange->takings[i].participant->machine->name, machine->name))
            gone.participant = exchange->takings[i].participant;
    refuse(exchange, &(struct refused){wait->gone, NULL, gone.participant ? &gone : NULL});
}

void answer_wait(struct exchange *exchange, const struct answer *answer)
{
    struct play *play = &exchange->play;
    const struct wait *wait = &answer->wait;
    struct resource *resource = play_resource(play, template_value(wait->subject, &play->eval));
    if (!resource || long_begin(exchange))
        return;
    play_hold(play, resource);
    play_flush(play);
    enum ending ending = wait_for(exchange, wait, resource);
    http_park_end(exchange->http);
    answer_note_state(exchange, resource);
    switch (ending) {
    case ENDING_REACHED:
        answer_status(exchange, answer); /* it may depend on what was waited for */
        answer_reply(exchange, answer, resource);
        break;
    case ENDING_TIMEOUT:
        answer_timeout(exchange, wait);
        break;
    case ENDING_GONE:
        answer_gone(exchange, wait, resource);
        break;
    case ENDING_LEFT:
        long_left(exchange, &wait->left, resource);
        /* fall through */
    case ENDING_CLOSED:
        http_close_quietly(exchange->http);
        exchange->answered = true;
        break;
    }
}
