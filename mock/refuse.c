/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/refuse.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "mock/shown.h"
#include "mock/world_view.h"

static void bind_missing(struct exchange *exchange, const struct taking *taking)
{
    struct arena *arena = exchange->arena;
    cJSON *missing = tree_object(arena);
    const struct machine *machine = taking->participant->machine;
    const struct kind *kind = provider_kind_for(exchange->played->provider, machine);
    tree_set_string(arena, missing, "machine", machine->name);
    tree_set_string(arena, missing, "label", kind ? kind->label : machine->name);
    tree_set_string(arena, missing, "id", taking->id ? taking->id : "");
    play_bind(&exchange->play, "missing", missing);
}

static const struct wording *wording_of(const struct exchange *exchange,
                                        const struct refusal *refusal)
{
    const struct provider *provider = exchange->played->provider;
    return &provider->service.wordings[refusal - provider->lifecycle->refusals];
}

/* $error: name and status first, so that the members may read them. */
static void bind_error(struct exchange *exchange, const struct refusal *refusal,
                       const struct wording *wording)
{
    struct play *play = &exchange->play;
    struct arena *arena = exchange->arena;
    cJSON *error = tree_object(arena);
    tree_set_string(arena, error, "name", refusal->name);
    tree_set(arena, error, "status", tree_integer(arena, exchange->status));
    play_bind(play, "error", error);
    for (size_t i = 0; i < wording->members.count; i++) {
        cJSON *value = template_eval(wording->members.items[i].value, &play->eval);
        if (value)
            pointer_set(arena, error, wording->members.items[i].at, value, NULL);
    }
}

static void word(struct exchange *exchange, const struct refusal *refusal, int status)
{
    struct play *play = &exchange->play;
    const struct service *service = &exchange->played->provider->service;
    const struct wording *wording = wording_of(exchange, refusal);
    exchange->status = status ? status : refusal->status;
    bind_error(exchange, refusal, wording);
    const struct template *body = wording->body ? wording->body : service->error_body;
    exchange->reply = template_eval(body, &play->eval);
    exchange->media_type = service->error_media_type;
    for (size_t i = 0; i < wording->headers.count; i++) {
        const char *value = template_text(wording->headers.items[i].value, &play->eval);
        if (value)
            exchange_header(exchange, wording->headers.items[i].name, value);
    }
}

/* What would have been accepted: the states in which some row of this operation accepts. */
static state_set accepting_states(const struct taking *taking)
{
    state_set accepting = 0;
    for (size_t i = 0; i < taking->participant->rows.count; i++) {
        const struct row *row = taking->participant->rows.items[i];
        if (!row->error && !row->each)
            accepting |= row->tests.in;
    }
    return accepting & ~STATE_BIT(STATE_ABSENT);
}

static void remark_refusal(struct exchange *exchange, const struct refused *refused)
{
    const struct taking *taking = refused->taking;
    const char *name = exchange->operation->name;
    if (!taking) {
        exchange->remark = arena_printf(exchange->arena, "%s was refused by a rule: %s", name,
                                        refused->refusal->name);
        return;
    }
    const struct machine *machine = taking->participant->machine;
    if (!taking->resource) {
        exchange->remark = arena_printf(exchange->arena, "%s: there is no %s '%s'", name,
                                        machine->name, taking->id ? taking->id : "");
        return;
    }
    state_set accepting = accepting_states(taking);
    const char *what =
        accepting & STATE_BIT(taking->resource->state)
            ? "and a condition of the row holds"
            : arena_printf(exchange->arena, "it is accepted in %s",
                           accepting ? state_set_text(exchange->arena, machine, accepting)
                                     : "no state");
    exchange->remark = arena_printf(exchange->arena, "%s was refused (%s): %s '%s' is %s, %s", name,
                                    refused->refusal->name, machine->name, taking->resource->id,
                                    machine->states[taking->resource->state].name, what);
}

/* $problem of a refusal by rows: what a person would want to know. */
static void bind_reason(struct exchange *exchange, const struct refused *refused)
{
    const struct taking *taking = refused->taking;
    const char *text = refused->row ? refused->row->note : NULL;
    if (!text && taking && taking->resource) {
        const struct machine *machine = taking->participant->machine;
        text = arena_printf(exchange->arena, "the %s is %s", machine->name,
                            machine->states[taking->resource->state].name);
    }
    if (!text && taking)
        text = arena_printf(exchange->arena, "there is no such %s",
                            taking->participant->machine->name);
    cJSON *problem = tree_object(exchange->arena);
    tree_set_string(exchange->arena, problem, "message",
                    text ? text : "the request breaks a rule of this operation");
    play_bind(&exchange->play, "problem", problem);
}

void refuse(struct exchange *exchange, const struct refused *refused)
{
    const struct refusal *refusal = refused->refusal;
    if (!refusal)
        refusal = exchange->played->provider->lifecycle->missing;
    if (refused->taking && !refused->taking->resource)
        bind_missing(exchange, refused->taking);
    remark_refusal(exchange, &(struct refused){refusal, refused->row, refused->taking});
    if (refused->row)
        exchange->rule = refused->row->where;
    else if (refused->taking)
        exchange->rule = refused->taking->participant->machine->where;
    if (refused->taking && refused->taking->resource) {
        const struct machine *machine = refused->taking->participant->machine;
        exchange->state = machine->states[refused->taking->resource->state].label;
    }
    if (!scope_find(&exchange->play.eval, STR_LITERAL("problem")))
        bind_reason(exchange, refused);
    word(exchange, refusal, refused->row ? refused->row->status : 0);
}

static void bind_problems(struct exchange *exchange, const struct problems *problems,
                          const char *message)
{
    struct arena *arena = exchange->arena;
    cJSON *all = problems ? problems_json(arena, problems) : tree_array(arena);
    cJSON *first;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (problems && problems->count) {
        problem_print(&problems->items[0], &text);
        first = tree_copy(arena, all->child);
        tree_set_string(arena, first, "message", text.buf);
        strbuf_clear(&text);
        problems_list(problems, &text);
        exchange->remark = arena_strndup(arena, text.buf, text.len);
    } else {
        first = tree_object(arena);
        tree_set_string(arena, first, "message", message);
        exchange->remark = message;
    }
    strbuf_release(&text);
    play_bind(&exchange->play, "problem", first);
    play_bind(&exchange->play, "problems", all);
}

/* A document may be of several services: where this operation does not know the service's error, it
 * may document another for the same failure. */
static bool is_foreign_to(const struct exchange *exchange, const struct refusal *refusal)
{
    return exchange->operation &&
           !operation_response(exchange->operation->operation, refusal->status);
}

void refuse_failure(struct exchange *exchange, enum failure failure, int status,
                    const struct problems *problems, const char *message)
{
    const struct provider *provider = exchange->played->provider;
    bind_problems(exchange, problems, message);
    if ((provider->is_bare || is_foreign_to(exchange, provider->service.failures[failure])) &&
        shown_refusal(exchange, failure))
        return;
    word(exchange, provider->service.failures[failure], status);
}

/* ---- what faults want ---- */

/* It says something, and nothing of what a row would have found. */
static bool can_word(const struct exchange *exchange, const struct refusal *refusal)
{
    static const char *const roots[] = {"request", "problem", "problems", "error",
                                        "variant", "now",     "tables",   NULL};
    const struct wording *wording = wording_of(exchange, refusal);
    bool can =
        wording->body ? uses_only(template_uses(wording->body), roots) : wording->members.count > 0;
    for (size_t i = 0; can && i < wording->members.count; i++)
        can = uses_only(template_uses(wording->members.items[i].value), roots);
    return can;
}

static const struct refusal *of_pipeline(const struct exchange *exchange, int status)
{
    const struct service *service = &exchange->played->provider->service;
    for (size_t i = 0; i < FAILURES; i++)
        if (service->failures[i]->status == status)
            return service->failures[i];
    return NULL;
}

static const struct refusal *of_catalogue(const struct exchange *exchange, int status)
{
    const struct lifecycle *lifecycle = exchange->played->provider->lifecycle;
    for (size_t i = 0; i < lifecycle->refusal_count; i++)
        if (lifecycle->refusals[i].status == status && can_word(exchange, &lifecycle->refusals[i]))
            return &lifecycle->refusals[i];
    return NULL;
}

/* Too much to do is told alike with 429 and 503; else the first digit says who is to blame. */
static const struct refusal *nearest_refusal(const struct exchange *exchange, int status)
{
    const struct service *service = &exchange->played->provider->service;
    const struct refusal *busy = service->failures[FAILURE_BUSY];
    if ((status == 429 || status == 503) && (busy->status == 429 || busy->status == 503))
        return busy;
    return service->failures[status < 500 ? FAILURE_INVALID : FAILURE_CRASH];
}

void refuse_named(struct exchange *exchange, const struct refusal *refusal, int status,
                  const char *message)
{
    bind_problems(exchange, NULL, message);
    word(exchange, refusal, status);
}

void refuse_status(struct exchange *exchange, int status, const char *message)
{
    bind_problems(exchange, NULL, message);
    if (exchange->played->provider->is_bare && shown_status(exchange, status))
        return;
    const struct refusal *refusal = of_pipeline(exchange, status);
    if (!refusal)
        refusal = of_catalogue(exchange, status);
    word(exchange, refusal ? refusal : nearest_refusal(exchange, status), status);
}
