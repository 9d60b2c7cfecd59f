/* SPDX-License-Identifier: Apache-2.0 */
/* The answer `wait`: blocks until a resource is in one of some states, or its time is over. */
#include "core/expr/template.h"
#include "core/expr/time_form.h"
#include "mock/long_answer.h"
#include "mock/refuse.h"

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
