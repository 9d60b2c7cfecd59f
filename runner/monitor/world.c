/* SPDX-License-Identifier: Apache-2.0 */
/* Names and queries as an outsider knows them: the request in full, resources as far as they were
 * shown, everything else unknown. */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

const char *looking_id(struct looking *looking, const struct machine *machine, const cJSON *value,
                       const char *id)
{
    const struct link *link;
    const char *owner;

    if (machine->within < 0)
        return id;
    link = &machine->links[machine->within];
    owner = value ? tree_text(pointer_get(value, link->at)) : NULL;
    for (size_t i = 0; !owner && i < looking->taking_count; i++)
        if (looking->takings[i].belief &&
            looking->takings[i].participant->machine->index == link->machine)
            owner = looking->takings[i].belief->id;
    return owner ? arena_printf(looking->arena, "%s/%s", owner, id) : NULL;
}

const cJSON *looking_members(struct looking *looking, const struct belief *belief, int state)
{
    bool partial;
    const cJSON *members = belief_members(belief, state, looking->moment, looking->arena, &partial);
    cJSON *copy;

    if (!partial || unknown_is_partial(members))
        return members;
    copy = tree_copy(looking->arena, members);
    unknown_mark_partial(copy);
    return copy;
}

/* ---- the request and the answer ---- */

static const cJSON *header_named(struct arena *arena, const cJSON *headers, struct str name)
{
    const char *text = arena_strndup(arena, name.ptr, name.len);
    const cJSON *header;

    cJSON_ArrayForEach (header, headers)
        if (text_is_any_case(header->string, text))
            return header;
    return NULL;
}

static const cJSON *member_named(struct arena *arena, const cJSON *object, struct str name)
{
    return name.len ? tree_get(object, arena_strndup(arena, name.ptr, name.len)) : object;
}

static const cJSON *give_http(void *data, enum http_part part, struct str name, struct eval *eval)
{
    const struct seen *seen = ((struct looking *)data)->seen;

    switch (part) {
    case HTTP_URL:
        return tree_string(eval->arena, seen->url);
    case HTTP_METHOD:
        return tree_string(eval->arena, seen->method);
    case HTTP_STATUS:
        return tree_integer(eval->arena, seen->response->status);
    case HTTP_REQUEST_HEADER:
        return name.len ? header_named(eval->arena, seen->header, name) : seen->header;
    case HTTP_REQUEST_QUERY:
        return member_named(eval->arena, seen->query, name);
    case HTTP_REQUEST_PATH:
        return member_named(eval->arena, seen->path, name);
    case HTTP_REQUEST_BODY:
        return seen->body;
    case HTTP_REQUEST_SENT:
        return seen->sent;
    case HTTP_RESPONSE_BODY:
        return seen->answer;
    default:
        return NULL;
    }
}

/* ---- resources by name ---- */

static const cJSON *value_of(struct looking *looking, const struct belief *belief)
{
    int state = STATE_NONE;
    state_set states;

    if (belief == looking->subject && looking->subject_value)
        return looking->subject_value;
    states = belief_states(looking->monitor->beliefs, belief, looking->moment);
    if (states == STATE_BIT(STATE_ABSENT))
        return NULL;
    if (state_set_count(states) == 1)
        state = state_set_first(states);
    return looking_members(looking, belief, state);
}

/* Where a link of the resource leads: false when it has no such link. */
static bool follow_link(struct looking *looking, const struct belief *from, struct str name,
                        const cJSON **value)
{
    const struct machine *machine = from->machine;

    for (size_t i = 0; i < machine->link_count; i++) {
        const struct link *link = &machine->links[i];
        const cJSON *id;
        const struct belief *to;

        if (!str_is(name, link->name))
            continue;
        id = from == looking->subject && looking->subject_value
                 ? seen_pointer(looking->subject_value, link->at)
                 : belief_last(from, link->at);
        *value = expr_is_unknown(id) ? expr_unknown() : NULL;
        if (*value || !cJSON_IsString(id))
            return true;
        to = beliefs_find(looking->monitor->beliefs,
                          &looking->monitor->provider->lifecycle->machines[link->machine],
                          id->valuestring);
        *value = to ? value_of(looking, to) : expr_unknown();
        return true;
    }
    return false;
}

static bool resolve_resource(struct looking *looking, const struct belief *belief, struct str name,
                             const cJSON **value)
{
    if (str_is(name, belief->machine->name)) {
        *value = value_of(looking, belief);
        return true;
    }
    return follow_link(looking, belief, name, value);
}

static bool resolve(void *data, struct str name, struct eval *eval, const cJSON **value)
{
    struct looking *looking = data;
    const struct provider *provider = looking->monitor->provider;

    (void)eval;
    if (str_is(name, "tables")) {
        *value = provider->tables;
        return true;
    }
    if (str_is(name, "variant")) {
        *value = provider->lifecycle->variant_values;
        return true;
    }
    if (str_is(name, "now") && looking->moment->is_virtual)
        return false; /* it is the eval's */
    if (looking->subject && str_is(name, "resource")) {
        *value = value_of(looking, looking->subject);
        return true;
    }
    if (looking->subject && resolve_resource(looking, looking->subject, name, value))
        return true;
    for (size_t i = 0; i < looking->taking_count; i++)
        if (looking->takings[i].belief &&
            resolve_resource(looking, looking->takings[i].belief, name, value))
            return true;
    *value = expr_unknown();
    return true;
}

/* ---- queries ---- */

static enum truth fits(struct looking *looking, const struct query *query,
                       const struct belief *belief, struct eval *eval)
{
    state_set states = belief_states(looking->monitor->beliefs, belief, looking->moment);
    int state = state_set_count(states) == 1 ? state_set_first(states) : STATE_NONE;

    return query_fits(query, states, looking_members(looking, belief, state), false, eval);
}

static enum truth links_to(const struct query *query, const struct belief *belief, const char *id)
{
    const cJSON *at = belief_last(belief, belief->machine->links[query->link].at);

    if (expr_is_unknown(at))
        return TRUTH_UNKNOWN;
    return text_is(tree_text(at), id) ? TRUTH_TRUE : TRUTH_FALSE;
}

/* All that links to it is known: it was made before our eyes, nobody else acts in this world, and
 * what could link to it is born by requests alone, whose answers showed it. */
static bool is_known_whole(const struct looking *looking, const struct query *query, const char *of)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    const struct machine *machine = &lifecycle->machines[query->machine];
    const struct belief *owner;

    if (!looking->monitor->is_alone || !of || query->of_machine < 0 || query->link < 0 ||
        !machine->is_told || looking->monitor->is_dim[query->machine] || looking->before.is_loose)
        return false;
    owner = beliefs_find(looking->monitor->beliefs, &lifecycle->machines[query->of_machine], of);
    return owner && owner->made_by;
}

/* That some resource fits can be known; that none does only of one that is named, or where all that
 * there is was seen. */
static enum truth exists(void *data, const struct query *query, struct eval *eval)
{
    struct looking *looking = data;
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    const struct machine *machine = &lifecycle->machines[query->machine];
    const struct beliefs *beliefs = looking->monitor->beliefs;
    const char *of = query->of ? query_of_id(lifecycle, query, eval) : NULL;
    bool is_open = false;

    if (query->id) {
        const char *id = query_id(query, eval);
        const struct belief *belief = id ? beliefs_find(beliefs, machine, id) : NULL;

        if (!id)
            return expr_is_unknown(template_value(query->id, eval)) ? TRUTH_UNKNOWN : TRUTH_FALSE;
        return belief ? fits(looking, query, belief, eval) : TRUTH_UNKNOWN;
    }
    if (query->ids || (query->of && !of))
        return TRUTH_UNKNOWN;
    for (size_t i = 0; i < beliefs_count(beliefs); i++) {
        const struct belief *belief = beliefs_at(beliefs, i);
        enum truth truth;

        if (belief->machine != machine || (of && query->link < 0))
            continue;
        truth = of ? links_to(query, belief, of) : TRUTH_TRUE;
        if (truth != TRUTH_FALSE)
            truth = truth_and(truth, fits(looking, query, belief, eval));
        if (truth == TRUTH_TRUE)
            return TRUTH_TRUE;
        is_open |= truth == TRUTH_UNKNOWN;
    }
    return is_open || !is_known_whole(looking, query, of) ? TRUTH_UNKNOWN : TRUTH_FALSE;
}

/* Others may have made a younger one, unless all that there is was seen. */
static enum truth last(void *data, const struct query *query, struct eval *eval)
{
    struct looking *looking = data;
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    const struct beliefs *beliefs = looking->monitor->beliefs;
    const char *of = query->of ? query_of_id(lifecycle, query, eval) : NULL;
    const struct belief *youngest = NULL;

    if (query->id || query->ids || !is_known_whole(looking, query, of))
        return TRUTH_UNKNOWN;
    for (size_t i = 0; i < beliefs_count(beliefs); i++) {
        const struct belief *belief = beliefs_at(beliefs, i);
        enum truth truth =
            belief->machine->index == query->machine ? links_to(query, belief, of) : TRUTH_FALSE;

        if (truth == TRUTH_FALSE || belief->states == STATE_BIT(STATE_ABSENT))
            continue;
        if (truth == TRUTH_UNKNOWN || belief->states & STATE_BIT(STATE_ABSENT))
            return TRUTH_UNKNOWN;
        if (!youngest || belief->made > youngest->made)
            youngest = belief;
    }
    return youngest ? fits(looking, query, youngest, eval) : TRUTH_FALSE;
}

/* ---- one exchange ---- */

/* Bit 63 stands for an error that the catalogue does not have. */
static state_set refusals_of(const struct seen *seen)
{
    if (seen->response->status < 400 || seen->refusals)
        return seen->refusals;
    return STATE_BIT(STATES_MAX - 1);
}

void looking_init(struct looking *looking, struct monitor *monitor, const struct seen *seen,
                  struct verdicts *out)
{
    bool is_loose = seen->others_in_flight || seen->sent_order < monitor->last_answered;
    /* the first answer of a world tells its time; that of its request is the same, unless it waits
     */
    bool is_at_once = monitor->is_virtual && seen->sent_at > seen->answered_at && seen->operation &&
                      !seen->operation->wait && !seen->operation->stream &&
                      !seen->response->is_stream;

    *looking = (struct looking){.monitor = monitor, .seen = seen, .out = out};
    looking->arena = monitor->scratch;
    looking->before =
        (struct moment){monitor->is_virtual, is_loose, seen->sent_at, monitor->changes};
    if (is_at_once)
        looking->before.at = seen->answered_at;
    looking->after = looking->before;
    looking->after.at = seen->answered_at;
    looking->events = looking->after;
    looking->events.at = INT64_MIN;
    looking->events.is_virtual = false;
    looking->moment = &looking->before;
    looking->scope = (struct scope){.resolve = resolve, .http = give_http, .data = looking};
    looking->eval = (struct eval){.arena = looking->arena,
                                  .scope = &looking->scope,
                                  .now = seen->sent_at,
                                  .hooks = monitor->provider->hooks};
    looking->world = (struct world_view){.data = looking, .exists = exists, .last = last};
    looking->answer = (struct answer_seen){seen->response->status, refusals_of(seen),
                                           seen->operation ? seen->operation->success_status : 200};
    if (seen->operation && looking->answer.status == seen->operation->timeout_status)
        looking->answer.success_status = looking->answer.status;
}
