/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that do not do what their answer says, or whose answer nobody gets. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "mock/answer.h"
#include "mock/faults/life.h"
#include "mock/pretence.h"
#include "mock/rehearsal.h"

#include <stdlib.h>

/* ---- the answer is lost ---- */

static const char *const losses[] = {"reset", "close", "hang", "502", "503", "504", NULL};
enum loss { LOSS_RESET, LOSS_CLOSE, LOSS_HANG };
enum { HANG_MS = 60000 };

const struct fault_parameter lost_parameters[] = {
    {.name = "how",
     .type = FAULT_CHOICE,
     .choices = losses,
     .fallback = "reset",
     .help = "the connection is reset, closed or kept silent (60 s at most), or a gateway answers"},
    {0},
};

/* What stands between client and service has answered; of the service nothing is left. */
static struct text *answer_of_gateway(struct exchange *exchange, int status)
{
    const char *reason = http_reason(status);
    exchange->status = status;
    exchange->headers = NULL;
    exchange->media_type = "text/html";
    return text_copy(arena_printf(exchange->arena,
                                  "<html><head><title>%d %s</title></head><body><center><h1>%d "
                                  "%s</h1></center></body></html>\n",
                                  status, reason, status, reason));
}

struct text *lose_response(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    const char *how = fault_text(hit, "how");
    hit->note = arena_printf(exchange->arena, "how=%s; lost=%d", how, exchange->status);
    if (fault_integer(hit, "how") <= LOSS_HANG)
        return body;
    text_unref(body);
    return answer_of_gateway(exchange, (int)strtol(how, NULL, 10));
}

static void hang(struct http_exchange *http)
{
    if (http_park_begin(http))
        return; /* too many wait already */
    http_exchange_wait(http, -1, HANG_MS);
    http_park_end(http);
}

bool send_nothing(struct exchange *exchange, struct fault_hit *hit, struct http_response *response)
{
    (void)response;
    switch (fault_integer(hit, "how")) {
    case LOSS_RESET:
        exchange_over(exchange);
        http_close_abruptly(exchange->http);
        return true;
    case LOSS_HANG:
        hang(exchange->http);
        /* fall through */
    case LOSS_CLOSE:
        http_close_quietly(exchange->http);
        return true;
    default:
        return false;
    }
}

/* ---- nothing happens ---- */

static bool ends_or_takes(const struct machine *machine, int from, int to)
{
    bool is_end = to == STATE_ABSENT || (machine->terminal & STATE_BIT(to));
    return (machine->open & STATE_BIT(from)) && (is_end || !(machine->waits & STATE_BIT(from)));
}

/* Ends what is open, or takes what runs elsewhere: a cancel, whatever it is called. */
static bool cancels(const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->taking_count; i++) {
        const struct taking *taking = &exchange->takings[i];
        if (taking->resource && taking->to != STATE_NONE && taking->to != taking->resource->state &&
            ends_or_takes(taking->participant->machine, taking->resource->state, taking->to))
            return true;
    }
    for (size_t i = 0; i < exchange->target_count; i++) {
        const struct target *target = &exchange->targets[i];
        if (target->to != STATE_NONE &&
            ends_or_takes(play_machine(&exchange->play, target->resource), target->resource->state,
                          target->to))
            return true;
    }
    return false;
}

void ignore_cancel(struct exchange *exchange, struct fault_hit *hit)
{
    bool is_named = hit->fault->match.operations.count > 0;
    if (exchange->operation->is_played && (is_named || cancels(exchange)))
        rehearsal_begin(&exchange->play);
    else
        fault_withdraw(hit, "it ends nothing that is open");
}

void ignore_update(struct exchange *exchange, struct fault_hit *hit)
{
    if (exchange->operation->is_played)
        rehearsal_begin(&exchange->play);
    else
        fault_withdraw(hit, "it changes nothing");
}

/* What other faults show is kept by then, too: only what the request itself changed counts. */
void end_ignoring(struct exchange *exchange, struct fault_hit *hit)
{
    if (!rehearsal_has_changed(&exchange->play))
        fault_withdraw(hit, "it changes nothing");
}

/* ---- two for one ---- */

static const char *const occasions[] = {"auto", "first", "retry", NULL};
enum occasion { OCCASION_AUTO, OCCASION_FIRST, OCCASION_RETRY };

const struct fault_parameter double_parameters[] = {
    {.name = "when",
     .type = FAULT_CHOICE,
     .choices = occasions,
     .fallback = "auto",
     .help = "at the first request, or at a retry that the service would answer with the first's; "
             "auto: at the retry where the service knows one, else at the first"},
    {0},
};

void start_twice(struct exchange *exchange, struct fault_hit *hit)
{
    if (!exchange->operation->is_played) {
        fault_withdraw(hit, "it starts nothing");
        return;
    }
    struct pretence *pretence = exchange_pretence(exchange);
    enum occasion when = (enum occasion)fault_integer(hit, "when");
    pretence->starts_twice |= when != OCCASION_RETRY;
    pretence->unless_known = when == OCCASION_AUTO;
    pretence->forgets_repeats |= when != OCCASION_FIRST;
}

void tell_twin(struct exchange *exchange, struct fault_hit *hit)
{
    const struct resource *twin = exchange->pretence->twin;
    if (twin)
        hit->note = arena_printf(exchange->arena, "twin=%s", twin->id);
    else
        fault_withdraw(hit,
                       exchange->made ? "a retry is what makes the second" : "it starts nothing");
}

/* ---- nothing moves on ---- */

const struct fault_parameter stuck_parameters[] = {
    {.name = "time",
     .type = FAULT_DURATION,
     .fallback = "1h",
     .help = "of the session, before it goes on as it would have"},
    {0},
};

/* Outcomes begin after the answer was made: by then it is forgotten which. */
void note_started(struct exchange *exchange, struct fault_hit *hit)
{
    (void)hit;
    struct pretence *pretence = exchange_pretence(exchange);
    const struct play *play = &exchange->play;
    for (size_t i = 0; i < play->starts.count; i++)
        vec_push_arena(exchange->arena, &pretence->started, play->starts.items[i].resource);
    struct resource *subject = answer_subject(exchange);
    if (!pretence->started.count && subject)
        vec_push_arena(exchange->arena, &pretence->started, subject);
}

void stick(struct exchange *exchange, struct fault_hit *hit)
{
    const struct pretence *pretence = exchange->pretence;
    for (size_t i = 0; pretence && i < pretence->started.count; i++) {
        const struct resource *resource = pretence->started.items[i];
        if (!resource->is_deleted && outcome_postpone(resource, fault_integer(hit, "time")))
            hit->note = arena_printf(exchange->arena, "id=%s", resource->id);
    }
    if (!hit->note)
        fault_withdraw(hit, "nothing would have moved on");
}
