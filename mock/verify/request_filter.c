/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what somebody asks for. What fits: request_fits.c. */
#include "mock/verify/request_filter.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "mock/faults/kind.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_PATTERN_MAX = 1000 };

/* Where the words stand: in an object, or (NULL) in the query of the call. */
struct word_source {
    struct admin_call *call;
    const cJSON *object;
    const char *where; /* "in_order[1]", or "" */
};

static void problem(const struct word_source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void problem(const struct word_source *source, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(source->call->arena, format, args);
    va_end(args);
    admin_problem(source->call, "%s%s%s", source->where, *source->where ? ": " : "", text);
}

static void add_scalar(const struct word_source *source, const char *name, const cJSON *value,
                       struct admin_names *values)
{
    struct arena *arena = source->call->arena;
    if (cJSON_IsString(value))
        vec_push_arena(arena, values, value->valuestring);
    else if (cJSON_IsNumber(value) || cJSON_IsBool(value))
        vec_push_arena(arena, values, json_text(arena, value));
    else
        problem(source, "member '%s' is a text or a list of texts, not %s", name,
                json_text(arena, value));
}

/* All that was given under a name. */
static struct admin_names values_of(const struct word_source *source, const char *name)
{
    struct admin_names values = {0};
    const struct url_pairs *query = &source->call->query;
    const cJSON *member = tree_get(source->object, name), *item;
    if (!source->object) {
        for (size_t i = 0; i < query->count; i++)
            if (str_is(query->items[i].name, name))
                vec_push_arena(source->call->arena, &values,
                               arena_strndup(source->call->arena, query->items[i].value.ptr,
                                             query->items[i].value.len));
    } else if (cJSON_IsArray(member)) {
        cJSON_ArrayForEach (item, member)
            add_scalar(source, name, item, &values);
    } else if (member) {
        add_scalar(source, name, member, &values);
    }
    return values;
}

/* The one value, or NULL. */
static const char *value_of(const struct word_source *source, const char *name)
{
    struct admin_names values = values_of(source, name);
    if (values.count > 1 && source->object) /* of a query it was told */
        problem(source, "'%s' is given once, not %zu times", name, values.count);
    return values.count == 1 ? values.items[0] : NULL;
}

static const char *hint(const struct word_source *source, const char *given,
                        const struct admin_names *known)
{
    return admin_hint(source->call, given, known->items, known->count);
}

/* ---- names ---- */

static struct admin_names provider_names(struct admin_call *call)
{
    struct admin_names names = {0};
    for (size_t i = 0; i < call->mock->played_count; i++)
        vec_push_arena(call->arena, &names, call->mock->played[i]->provider->name);
    return names;
}

static void read_providers(const struct word_source *source, struct request_filter *filter)
{
    struct admin_names known = provider_names(source->call);
    filter->providers = values_of(source, "provider");
    for (size_t i = 0; i < filter->providers.count; i++)
        if (!admin_has_name(&known, filter->providers.items[i]))
            problem(source, "no provider '%s' is played%s", filter->providers.items[i],
                    hint(source, filter->providers.items[i], &known));
}

/* One of the providers asked for has it; where none is named any may. */
static bool some_provider_has(const struct word_source *source, const struct request_filter *filter,
                              const char *operation)
{
    const struct mock *mock = source->call->mock;
    for (size_t i = 0; i < mock->played_count; i++) {
        const struct provider *provider = mock->played[i]->provider;
        if ((!filter->providers.count || admin_has_name(&filter->providers, provider->name)) &&
            provider_operation_named(provider, operation))
            return true;
    }
    return false;
}

static void read_operations(const struct word_source *source, struct request_filter *filter)
{
    struct admin_names known = admin_operation_names(source->call);
    filter->operations = values_of(source, "operation");
    for (size_t i = 0; i < filter->operations.count; i++) {
        const char *name = filter->operations.items[i];
        if (!admin_has_name(&known, name))
            problem(source, "no provider has an operation '%s'%s", name,
                    hint(source, name, &known));
        else if (!some_provider_has(source, filter, name))
            problem(source, "provider '%s' has no operation '%s'",
                    filter->providers.count ? filter->providers.items[0] : "", name);
    }
}

static void read_methods(const struct word_source *source, struct request_filter *filter)
{
    static const char *const known[] = {"GET",  "POST",    "PUT",   "PATCH",  "DELETE",
                                        "HEAD", "OPTIONS", "TRACE", "CONNECT"};
    enum { COUNT = sizeof known / sizeof *known };
    filter->methods = values_of(source, "method");
    for (size_t i = 0; i < filter->methods.count; i++) {
        char *method = arena_strdup(source->call->arena, filter->methods.items[i]);
        bool found = false;
        for (char *at = method; *at; at++)
            *at = (char)toupper((unsigned char)*at);
        for (size_t j = 0; j < COUNT && !found; j++)
            found = text_is(known[j], method);
        if (!found)
            problem(source, "'%s' is no method%s", filter->methods.items[i],
                    admin_hint(source->call, method, known, COUNT));
        filter->methods.items[i] = method;
    }
}

/* ---- states ---- */

static void add_states_of(struct admin_call *call, const char *machine, struct admin_names *states,
                          struct admin_names *machines)
{
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct lifecycle *lifecycle = call->mock->played[i]->provider->lifecycle;
        for (size_t j = 0; j < lifecycle->machine_count; j++) {
            const struct machine *one = &lifecycle->machines[j];
            if (!admin_has_name(machines, one->name))
                vec_push_arena(call->arena, machines, one->name);
            for (size_t k = 0; text_is(one->name, machine) && k < one->state_count; k++)
                vec_push_arena(call->arena, states, one->states[k].name);
        }
    }
}

static void check_state(const struct word_source *source, const struct wanted_state *wanted)
{
    struct admin_call *call = source->call;
    struct admin_names states = {0}, machines = {0};
    if (!wanted->machine) {
        states = admin_state_names(call);
        if (!admin_has_name(&states, wanted->state))
            problem(source, "no machine has a state '%s'%s", wanted->state,
                    hint(source, wanted->state, &states));
        return;
    }
    add_states_of(call, wanted->machine, &states, &machines);
    if (!states.count)
        problem(source, "there is no machine '%s'%s", wanted->machine,
                hint(source, wanted->machine, &machines));
    else if (!admin_has_name(&states, wanted->state))
        problem(source, "a %s has no state '%s'%s", wanted->machine, wanted->state,
                hint(source, wanted->state, &states));
}

static void read_states(const struct word_source *source, struct request_filter *filter)
{
    struct admin_names values = values_of(source, "state");
    for (size_t i = 0; i < values.count; i++) {
        const char *text = values.items[i], *equals = strchr(text, '=');
        struct wanted_state wanted = {.state = equals ? equals + 1 : text};
        if (equals)
            wanted.machine = arena_strndup(source->call->arena, text, (size_t)(equals - text));
        check_state(source, &wanted);
        vec_push_arena(source->call->arena, &filter->states, wanted);
    }
}

/* ---- status, path, since ---- */

static bool read_class(const char *text, struct wanted_status *status)
{
    if (strlen(text) != 3 || *text < '1' || *text > '5' || !text_is_any_case(text + 1, "xx"))
        return false;
    status->low = (*text - '0') * 100;
    status->high = status->low + 99;
    return true;
}

static void read_statuses(const struct word_source *source, struct request_filter *filter)
{
    struct admin_names values = values_of(source, "status");
    for (size_t i = 0; i < values.count; i++) {
        struct wanted_status status;
        char *end = NULL;
        if (!read_class(values.items[i], &status)) {
            long number = strtol(values.items[i], &end, 10);
            if (!*values.items[i] || *end || number < 100 || number > 599)
                problem(source, "'status' is a number such as 409 or a class such as 4xx, not '%s'",
                        values.items[i]);
            status.low = status.high = (int)number;
        }
        vec_push_arena(source->call->arena, &filter->statuses, status);
    }
}

static void read_paths(const struct word_source *source, struct request_filter *filter)
{
    filter->paths = values_of(source, "path");
    for (size_t i = 0; i < filter->paths.count; i++) {
        const char *path = filter->paths.items[i];
        if ((*path != '/' && *path != '*') || strchr(path, '?') || strlen(path) > PATH_PATTERN_MAX)
            problem(source,
                    "'path' is a path without its query (* fits one segment, ** any), "
                    "not '%s'",
                    path);
    }
}

static void read_since(const struct word_source *source, struct request_filter *filter)
{
    const char *text = value_of(source, "since");
    char *end = NULL;
    if (!text)
        return;
    if (*text && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 19) {
        filter->after = strtoull(text, &end, 10);
        return;
    }
    filter->has_since = true;
    if (instant_parse(text, false, &filter->since))
        problem(source,
                "'since' is the number of an exchange (those after it) or an instant such "
                "as 2026-01-01T00:00:00Z, not '%s'",
                text);
}

/* ---- webhooks, requests that fit nothing ---- */

static void read_callbacks(const struct word_source *source, struct request_filter *filter)
{
    struct admin_call *call = source->call;
    struct admin_names known = {0};
    filter->callbacks = values_of(source, "callback");
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct service *service = &call->mock->played[i]->provider->service;
        for (size_t j = 0; j < service->callback_count; j++)
            vec_push_arena(call->arena, &known, service->callbacks[j].name);
    }
    for (size_t i = 0; i < filter->callbacks.count; i++) {
        const char *name = filter->callbacks.items[i];
        if (!text_is(name, "*") && !admin_has_name(&known, name))
            problem(source, "no provider has a callback '%s'%s", name, hint(source, name, &known));
    }
    if (filter->callbacks.count)
        filter->side = SIDE_SENT;
}

static void read_faults(const struct word_source *source, struct request_filter *filter)
{
    struct admin_names known = {0};
    const struct fault_kind *kind = NULL;
    while ((kind = next_fault_kind(kind)))
        vec_push_arena(source->call->arena, &known, kind->name);
    filter->faults = values_of(source, "fault");
    for (size_t i = 0; i < filter->faults.count; i++) {
        const char *name = filter->faults.items[i];
        if (!text_is(name, "*") && !admin_has_name(&known, name))
            problem(source, "there is no fault '%s'%s", name, hint(source, name, &known));
    }
}

static void read_unmatched(const struct word_source *source, struct request_filter *filter)
{
    const char *text = value_of(source, "unmatched");
    if (!text)
        return;
    filter->is_about_match = true;
    filter->is_unmatched = !text_is(text, "false");
    if (!text_is(text, "true") && !text_is(text, "false"))
        problem(source, "'unmatched' is true or false, not '%s'", text);
}

static void read_words(const struct word_source *source, struct request_filter *filter)
{
    *filter = (struct request_filter){.resources = values_of(source, "resource")};
    read_providers(source, filter);
    read_operations(source, filter);
    read_methods(source, filter);
    read_states(source, filter);
    read_statuses(source, filter);
    read_paths(source, filter);
    read_since(source, filter);
    read_faults(source, filter);
    read_callbacks(source, filter);
    read_unmatched(source, filter);
}

void request_filter_read(struct admin_call *call, struct request_filter *filter)
{
    read_words(&(struct word_source){call, NULL, ""}, filter);
}

/* ---- match objects ---- */

/* Names of fields instead of pointers; what is not a text is given as the text it is on the wire.
 */
static const cJSON *by_field(struct arena *arena, const cJSON *fields, bool ignores_case)
{
    cJSON *match = tree_object(arena);
    const cJSON *field;
    cJSON_ArrayForEach (field, fields) {
        struct strbuf pointer = STRBUF_INIT(LIMIT_MESSAGE);
        char *name = arena_strdup(arena, field->string);
        for (char *at = name; ignores_case && *at; at++)
            *at = (char)tolower((unsigned char)*at);
        pointer_add_token(name, &pointer);
        bool is_plain = cJSON_IsNumber(field) || cJSON_IsBool(field);
        tree_set(arena, match, pointer.buf,
                 is_plain ? tree_string(arena, json_text(arena, field)) : tree_copy(arena, field));
        strbuf_release(&pointer);
    }
    return match;
}

static void compile_part(const struct word_source *source, const char *name, const cJSON *node,
                         struct request_filter *filter, struct wanted_part *part)
{
    struct findings findings = {0};
    struct arena *arena = source->call->arena;
    struct compiler compiler = {.arena = arena, .findings = &findings, .flags = COMPILER_LITERAL};
    const struct match *match = match_compile(&compiler, node);
    for (size_t i = 0; i < findings.count; i++)
        problem(source, "%s: %s", name, findings.items[i].text);
    findings_release(&findings);
    if (!match)
        return;
    if (!filter->eval) {
        filter->eval = arena_alloc(arena, sizeof *filter->eval);
        *filter->eval = (struct eval){.arena = arena, .sees_all = true};
    }
    part->match = match_bind(match, filter->eval);
    if (part->match->error)
        problem(source, "%s: %s", name, part->match->error);
}

static void read_part(const struct word_source *source, const char *name,
                      struct request_filter *filter, struct wanted_part *part)
{
    const cJSON *node = tree_get(source->object, name);
    bool is_headers = text_is(name, "headers");
    if (!node)
        return;
    part->written = node;
    if (!cJSON_IsObject(node))
        problem(source, "member '%s' is an object, not %s", name,
                json_text(source->call->arena, node));
    else if (is_headers || text_is(name, "query"))
        compile_part(source, name, by_field(source->call->arena, node, is_headers), filter, part);
    else
        compile_part(source, name, node, filter, part);
}

void request_filter_read_object(struct admin_call *call, const cJSON *object, const char *where,
                                struct request_filter *filter)
{
    struct word_source source = {call, object, where};
    read_words(&source, filter);
    read_part(&source, "headers", filter, &filter->headers);
    read_part(&source, "query", filter, &filter->query);
    read_part(&source, "body", filter, &filter->body);
    read_part(&source, "response", filter, &filter->response);
}

void request_filter_check_members(struct admin_call *call, const cJSON *object, const char *where,
                                  const char *words)
{
    struct admin_names known = admin_words(call, words);
    const cJSON *member;
    cJSON_ArrayForEach (member, object)
        if (!admin_has_name(&known, member->string))
            admin_problem(call, "unknown member '%s%s%s'%s", where, *where ? "." : "",
                          member->string,
                          admin_hint(call, member->string, known.items, known.count));
}
