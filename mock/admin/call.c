/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/admin/call.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/expr/time_form.h"

#include <stdlib.h>

/* ---- answers ---- */

/* The session's own time, like everything else that the session says. */
void admin_response_init(struct admin_call *call, struct http_response *response, int status)
{
    char date[INSTANT_TEXT];
    instant_http_date(world_ask_now(call->world), date);
    http_response_init(response, status);
    http_response_header(response, "Date", date);
}

static void send(struct admin_call *call, int status, const char *media_type, const cJSON *body)
{
    struct http_response response;
    admin_response_init(call, &response, status);
    http_response_header(&response, "Content-Type", media_type);
    http_response_header(&response, "Cache-Control", "no-store");
    json_print(body, JSON_PRETTY, &response.text);
    strbuf_addch(&response.text, '\n');
    exchange_send(call->exchange, &response);
    http_response_release(&response);
}

void admin_reply(struct admin_call *call, int status, const cJSON *body)
{
    send(call, status, "application/json", body);
}

void admin_reply_text(struct admin_call *call, int status, const char *media_type,
                      const struct strbuf *text)
{
    struct http_response response;
    admin_response_init(call, &response, status);
    http_response_header(&response, "Content-Type", media_type);
    http_response_borrow(&response, text->buf, text->len, NULL, NULL);
    exchange_send(call->exchange, &response);
    http_response_release(&response);
}

void admin_refuse(struct admin_call *call, int status, const char *title, const cJSON *members)
{
    struct arena *arena = call->arena;
    cJSON *body = tree_object(arena);
    const cJSON *member;
    tree_set_string(arena, body, "type", "about:blank");
    tree_set_string(arena, body, "title", title);
    tree_set(arena, body, "status", tree_integer(arena, status));
    cJSON_ArrayForEach (member, members)
        tree_set(arena, body, member->string, tree_copy(arena, member));
    send(call, status, "application/problem+json", body);
}

/* Asked for by name, and JSON is not. */
bool admin_wants_text(const struct admin_call *call)
{
    const char *accept = http_request_header(call->exchange->request, "Accept");
    return accept && strstr(accept, "text/plain") && !strstr(accept, "json");
}

/* ---- problems ---- */

void admin_problem(struct admin_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tree_append(call->problems, tree_string(call->arena, arena_vprintf(call->arena, format, args)));
    va_end(args);
}

bool admin_refuse_problems(struct admin_call *call)
{
    if (!tree_count(call->problems))
        return false;
    cJSON *members = tree_object(call->arena);
    tree_set_string(call->arena, members, "detail", tree_text(tree_at(call->problems, 0)));
    tree_set(call->arena, members, "problems", tree_copy(call->arena, call->problems));
    admin_refuse(call, 400, "the request is not right", members);
    return true;
}

const char *admin_hint(struct admin_call *call, const char *given, const char *const *known,
                       size_t count)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const char *near = text_nearest_of(given, known, count);
    if (near)
        strbuf_addf(&text, ", did you mean '%s'?", near);
    for (size_t i = 0; !near && i < count && i < 20; i++)
        strbuf_addf(&text, "%s'%s'", i ? ", " : "; there is ", known[i]);
    const char *hint = arena_strndup(call->arena, text.buf, text.len);
    strbuf_release(&text);
    return hint;
}

/* ---- query and body ---- */

const char *admin_query(const struct admin_call *call, const char *name)
{
    const struct str *value = url_find(&call->query, name);
    return value ? arena_strndup(call->arena, value->ptr, value->len) : NULL;
}

bool admin_query_flag(struct admin_call *call, const char *name)
{
    const char *value = admin_query(call, name);
    if (!value || text_is(value, "false"))
        return false;
    if (!*value || text_is(value, "true"))
        return true;
    admin_problem(call, "query '%s' is true or false, not '%s'", name, value);
    return false;
}

size_t admin_query_limit(struct admin_call *call)
{
    const char *value = admin_query(call, "limit");
    char *end = NULL;
    if (!value)
        return ADMIN_LIMIT;
    long limit = strtol(value, &end, 10);
    if (!*value || *end || limit < 0 || limit > ADMIN_LIMIT_MAX) {
        admin_problem(call, "query 'limit' is a number from 0 to %d, not '%s'", ADMIN_LIMIT_MAX,
                      value);
        return ADMIN_LIMIT;
    }
    return (size_t)limit;
}

const char *admin_member_text(struct admin_call *call, const char *name)
{
    const cJSON *member = tree_get(call->body, name);
    if (!member)
        return NULL;
    if (!cJSON_IsString(member) || !*member->valuestring) {
        admin_problem(call, "member '%s' is a text, not %s", name,
                      cJSON_IsString(member) ? "an empty one" : json_text(call->arena, member));
        return NULL;
    }
    return member->valuestring;
}

bool admin_member_integer(struct admin_call *call, const char *name, int64_t least, int64_t *value)
{
    const cJSON *member = tree_get(call->body, name);
    if (!member)
        return false;
    if (cJSON_IsNumber(member) && tree_as_int64(member, value) && *value >= least &&
        *value <= INT32_MAX)
        return true;
    admin_problem(call, "member '%s' is a whole number from %lld on, not %s", name,
                  (long long)least, json_text(call->arena, member));
    return false;
}

bool admin_member_duration(struct admin_call *call, const char *name, nanos *value)
{
    const cJSON *member = tree_get(call->body, name);
    if (!member)
        return false;
    if (duration_read(member, value) == 0 && *value >= 0)
        return true;
    admin_problem(call, "member '%s' is a duration such as \"90s\" or a number of seconds, not %s",
                  name, json_text(call->arena, member));
    return false;
}

/* ---- what answers are made of ---- */

void admin_set_instant(struct arena *arena, cJSON *object, const char *name, nanos instant)
{
    char text[INSTANT_TEXT];
    instant_rfc3339(instant, instant % NANOS_PER_MS ? 9 : 3, text);
    tree_set_string(arena, object, name, text);
}

void admin_set_duration(struct arena *arena, cJSON *object, const char *name, nanos duration)
{
    char text[INSTANT_TEXT];
    duration_iso8601(duration, text);
    tree_set_string(arena, object, name, text);
}

void admin_set_integer(struct arena *arena, cJSON *object, const char *name, int64_t value)
{
    tree_set(arena, object, name, tree_integer(arena, value));
}

void admin_set_bool(struct arena *arena, cJSON *object, const char *name, bool value)
{
    tree_set(arena, object, name, tree_bool(arena, value));
}

void admin_set_text(struct arena *arena, cJSON *object, const char *name, const char *text)
{
    if (text)
        tree_set_string(arena, object, name, text);
}

void admin_look(struct admin_call *call)
{
    world_lock(call->world);
    world_catch_up(call->world);
}

/* ---- names ---- */

struct admin_names admin_words(struct admin_call *call, const char *text)
{
    struct admin_names names = {0};
    while (text && *text) {
        size_t len = strcspn(text, " ");
        vec_push_arena(call->arena, &names,
                       arena_strndup(call->arena, text, len - (len && text[len - 1] == '+')));
        text += len + strspn(text + len, " ");
    }
    return names;
}

bool admin_has_name(const struct admin_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_is(names->items[i], name))
            return true;
    return false;
}

static void add_name(struct admin_call *call, struct admin_names *names, const char *name)
{
    if (!admin_has_name(names, name))
        vec_push_arena(call->arena, names, name);
}

struct admin_names admin_operation_names(struct admin_call *call)
{
    struct admin_names names = {0};
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct provider *provider = call->mock->played[i]->provider;
        for (size_t j = 0; j < provider->operation_count; j++)
            add_name(call, &names, provider->operations[j].name);
    }
    return names;
}

struct admin_names admin_state_names(struct admin_call *call)
{
    struct admin_names names = {0};
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct lifecycle *lifecycle = call->mock->played[i]->provider->lifecycle;
        for (size_t j = 0; j < lifecycle->machine_count; j++)
            for (size_t k = 0; k < lifecycle->machines[j].state_count; k++)
                add_name(call, &names, lifecycle->machines[j].states[k].name);
    }
    return names;
}

struct admin_names admin_kind_names(struct admin_call *call)
{
    struct admin_names names = {0};
    for (size_t i = 0; i < call->mock->played_count; i++) {
        const struct provider *provider = call->mock->played[i]->provider;
        for (size_t j = 0; j < provider->kind_count; j++)
            add_name(call, &names, provider->kinds[j].name);
    }
    return names;
}

bool admin_check_provider(struct admin_call *call, const char *provider)
{
    struct admin_names names = {0};
    if (!provider || mock_provider(call->mock, provider))
        return true;
    for (size_t i = 0; i < call->mock->played_count; i++)
        add_name(call, &names, call->mock->played[i]->provider->name);
    admin_problem(call, "no provider '%s' is played%s", provider,
                  admin_hint(call, provider, names.items, names.count));
    return false;
}
