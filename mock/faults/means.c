/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of faults do with an exchange: wait, word an error of the service, end it. */
#include "mock/faults/act.h"
#include "mock/pipeline.h"
#include "mock/refuse.h"
#include "mock/respond.h"
#include "mock/state.h"

static bool wait_for_wake(void *data, int fd)
{
    return http_exchange_wait(data, fd, -1) == HTTP_WOKEN;
}

/* Behind the answer the exchange still counts where time is granted: it must not count twice. */
static bool counts_already(const struct exchange *exchange)
{
    return exchange->in_world && exchange->world->clock.settings.mode == MODE_VIRTUAL;
}

static bool park_until(struct exchange *exchange, nanos length)
{
    struct world *world = exchange->world;
    struct park_terms terms = {
        .watch = WATCH_NOTHING,
        .wait = wait_for_wake,
        .wait_data = exchange->http,
    };
    if (__builtin_add_overflow(world_now(world), length, &terms.until))
        terms.until = HORIZON_NONE - 1;
    return world_park(world, &terms) == WAKE_TIME;
}

static bool wait_on_wire(struct exchange *exchange, nanos length)
{
    const nanos until = instant_monotonic_now() + length;
    enum http_wake wake = HTTP_TIMED_OUT;
    for (nanos left = length; left > 0 && wake == HTTP_TIMED_OUT;
         left = until - instant_monotonic_now()) {
        nanos ms = (left + NANOS_PER_MS - 1) / NANOS_PER_MS;
        wake = http_exchange_wait(exchange->http, -1, ms > INT32_MAX ? INT32_MAX : (int)ms);
    }
    return wake == HTTP_TIMED_OUT;
}

bool fault_pause(struct exchange *exchange, const struct fault_hit *hit, nanos length)
{
    bool is_over = true;
    if (length <= 0)
        return true;
    if (http_park_begin(exchange->http)) {
        exchange->remark = "no place is left to wait in (--threads): the connection was closed";
        return false;
    }
    bool counts = counts_already(exchange);
    if (counts)
        world_lock(exchange->world);
    else
        world_begin(exchange->world);
    if (hit->fault->is_of_world_time)
        is_over = park_until(exchange, length);
    world_unlock(exchange->world);
    if (!hit->fault->is_of_world_time)
        is_over = wait_on_wire(exchange, length);
    if (!counts)
        world_end(exchange->world);
    http_park_end(exchange->http);
    return is_over;
}

bool fault_pause_in_play(struct exchange *exchange, const struct fault_hit *hit, nanos length)
{
    bool is_over;
    if (hit->fault->is_of_world_time) {
        is_over = park_until(exchange, length);
    } else {
        world_unlock(exchange->world);
        is_over = wait_on_wire(exchange, length);
        world_lock(exchange->world);
    }
    play_renew(&exchange->play);
    exchange->play.eval.now = world_now(exchange->world);
    return is_over && !world_is_closed(exchange->world);
}

struct text *fault_needs_body(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    (void)exchange;
    if (!body || !body->len)
        fault_withdraw(hit, "the answer has no body");
    return body;
}

bool fault_is_applied(const struct fault_hit *hit)
{
    return fault_integer(hit, "effect") == CHOSEN_APPLIED;
}

/* ---- errors of the service, and none ---- */

/* In a play. What the row has put into headers before stays, whatever the service would say. */
static void word(struct exchange *exchange, const char *named, int status, const char *message)
{
    const cJSON *own = exchange->headers ? tree_copy(exchange->arena, exchange->headers) : NULL;
    const cJSON *header;
    const struct refusal *refusal =
        named ? lifecycle_refusal(exchange->played->provider->lifecycle, named) : NULL;
    if (!status && !refusal)
        status = 503;
    if (!message)
        message = http_reason(status ? status : refusal->status);
    if (refusal)
        refuse_named(exchange, refusal, status, message);
    else
        refuse_status(exchange, status, message);
    cJSON_ArrayForEach (header, own)
        exchange_header(exchange, header->string, header->valuestring);
}

void fault_refuse(struct exchange *exchange, const char *named, int status, const char *message)
{
    if (!pipeline_enter(exchange))
        return;
    word(exchange, named, status, message);
    respond(exchange);
}

struct text *fault_reword(struct exchange *exchange, struct text *body, const char *named,
                          int status, const char *message)
{
    text_unref(body);
    text_unref(exchange->reply_text);
    exchange->reply_text = NULL;
    exchange_drop_items(exchange);
    world_lock(exchange->world);
    play_begin(&exchange->play, exchange->world, state_unit_of(exchange->world, exchange->played),
               exchange->arena, 0);
    word(exchange, named, status, message);
    play_end(&exchange->play);
    world_unlock(exchange->world);
    return exchange_body(exchange);
}

void fault_respond(struct exchange *exchange)
{
    world_begin(exchange->world); /* whoever waits for requests looks again at its end */
    world_unlock(exchange->world);
    respond(exchange);
    world_end(exchange->world);
}

void fault_unanswered(struct exchange *exchange)
{
    exchange->answered = true;
    exchange->status = 0;
    fault_respond(exchange);
}

void fault_leave(struct exchange *exchange)
{
    if (!exchange->answered && !exchange->in_world)
        fault_unanswered(exchange);
    http_close_quietly(exchange->http);
}

void fault_send_last(struct exchange *exchange, const struct strbuf *bytes)
{
    exchange_over(exchange);
    http_raw_write(exchange->http, bytes->buf, bytes->len);
}
