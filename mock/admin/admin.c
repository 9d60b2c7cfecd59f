/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes, and what every call must keep to. */
#include "mock/admin/admin.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "mock/admin/handlers.h"
#include "mock/loading.h"
#include "mock/verify/request_filter.h"

#include <string.h>
#include <strings.h>

#define REQUEST_FILTERS                                                                            \
    "operation+ provider+ state+ status+ method+ path+ resource+ fault+ callback+ unmatched "      \
    "since "                                                                                       \
    "session"

#define FAULT_MEMBERS                                                                              \
    "plan faults summary rules fault with match requests every probability times for clock"

const struct admin_route admin_routes[] = {
    {"GET", "/", "this list", admin_index, NULL, NULL, 0},
    {"GET", "/health", "the process answers", admin_health, NULL, NULL, ADMIN_OPEN},
    {"GET", "/ready", "everything is loaded; 503 while it stops", admin_ready, NULL, NULL,
     ADMIN_OPEN},
    {"GET", "/dashboard", "a page that shows the session and steers it", admin_dashboard, NULL,
     NULL, ADMIN_OPEN},
    {"GET", "/dashboard/{file}", "what the page is made of", admin_dashboard_file, NULL, NULL,
     ADMIN_OPEN},
    {"GET", "/version", "version, providers, seed, clock", admin_version, NULL, NULL, 0},
    {"GET", "/requests", "what was asked and answered, oldest first; the newest `limit` of them",
     admin_requests, NULL, REQUEST_FILTERS " limit order bodies", 0},
    {"DELETE", "/requests", "forgets what was asked; numbers go on", admin_requests_clear, NULL,
     NULL, 0},
    {"GET", "/requests/count", "how many requests fit the filters", admin_requests_count, NULL,
     REQUEST_FILTERS, 0},
    {"GET", "/requests/unmatched", "requests that fit no operation, with the nearest ones",
     admin_requests_unmatched, NULL, "limit", 0},
    {"GET", "/requests/{number}", "one exchange (X-Dryrun-Exchange) with headers and bodies",
     admin_request, NULL, "session", 0},
    {"POST", "/verify", "whether requests came as they should: 200, or 417 and a diff",
     admin_verify, FILTER_WORDS " " FILTER_PARTS " session times in_order exact never", NULL, 0},
    {"GET", "/near-misses", "what was refused and why, newest first", admin_near_misses, NULL,
     "limit", 0},
    {"GET", "/resources", "the resources of the session", admin_resources, NULL,
     "provider kind state limit", 0},
    {"GET", "/resources/{id}", "one resource: state, body, outcome, timers", admin_resource, NULL,
     "provider kind", 0},
    {"GET", "/resources/{id}/history", "its moves, and the exchanges that touched it",
     admin_history, NULL, "provider kind", 0},
    {"GET", "/resources/{id}/picture", "its machine as SVG, painted with the way that it has gone",
     admin_picture, NULL, "provider kind", 0},
    {"GET", "/clock", "what time it is, and what comes next", admin_clock, NULL, NULL, 0},
    {"POST", "/clock/advance", "moves time: by a duration, to an instant, until idle",
     admin_advance, "by to until_idle within limit", NULL, 0},
    {"POST", "/clock/freeze", "time stands still, whatever the clock, until it is thawed",
     admin_freeze, "", NULL, 0},
    {"POST", "/clock/thaw", "time goes on from where it stood", admin_thaw, "", NULL, 0},
    {"POST", "/clock/sleep", "answers when this much time of the session has passed", admin_sleep,
     "for", NULL, 0},
    {"POST", "/wait",
     "answers when a resource is in a state, so many requests came, or all is quiet", admin_wait,
     "until within", NULL, 0},
    {"GET", "/outcomes", "outcomes that there are, that are forced, signals waited for",
     admin_outcomes, NULL, NULL, 0},
    {"POST", "/outcomes", "forces an outcome on the next resources", admin_force,
     "provider machine outcome times", NULL, 0},
    {"POST", "/outcomes/signal", "lets outcomes go on and fires timers that wait for a signal",
     admin_signal, "signal id provider data", NULL, 0},
    {"DELETE", "/outcomes", "forces none any more", admin_unforce, NULL, NULL, 0},
    {"GET", "/faults", "the session's faults and what they did; kinds and plans that there are",
     admin_faults, NULL, NULL, 0},
    {"POST", "/faults", "adds a fault, or those of a plan", admin_add_faults, FAULT_MEMBERS, "all",
     ADMIN_OWN_WORDS},
    {"PUT", "/faults", "the same in place of all that are set", admin_replace_faults, FAULT_MEMBERS,
     "all", ADMIN_OWN_WORDS},
    {"DELETE", "/faults", "removes them all", admin_clear_faults, NULL, "all", 0},
    {"DELETE", "/faults/{id}", "removes one", admin_remove_fault, NULL, NULL, 0},
    {"GET", "/sessions", "the sessions that there are", admin_sessions, NULL, NULL, 0},
    {"POST", "/sessions", "declares a session: how it is made, each time that it is",
     admin_session_new, "name seed participants clock epoch step outcomes expires_after", NULL, 0},
    {"DELETE", "/sessions", "forgets all sessions but the default one", admin_sessions_delete, NULL,
     NULL, 0},
    {"GET", "/sessions/{name}", "one session; ~ is the default one", admin_session, NULL, NULL, 0},
    {"POST", "/sessions/{name}/reset", "a session begins anew, as it was declared",
     admin_session_reset, "", NULL, 0},
    {"DELETE", "/sessions/{name}", "forgets a session", admin_session_delete, NULL, NULL, 0},
    {"PUT", "/participants", "how many exchanges must wait before time passes", admin_participants,
     "participants", NULL, 0},
    {"POST", "/reset", "the session begins anew", admin_reset, "", "all", 0},
    {"GET", "/providers", "what is played: generation, when it was loaded, why it was not",
     admin_providers, NULL, NULL, 0},
    {"POST", "/reload", "loads again the documents that have changed", admin_reload, "", NULL, 0},
    {"GET", "/state", "the session, or all, as one JSON text to be imported later",
     admin_state_export, NULL, "all", 0},
    {"PUT", "/state", "the session, or all, becomes what an exported text says", admin_state_import,
     ADMIN_OWN_BODY, "all", 0},
    {"POST", "/state", "the same", admin_state_import, ADMIN_OWN_BODY, "all", 0},
    {"GET", "/lifecycles", "machines, states, moves and rows of every provider", admin_lifecycles,
     NULL, "provider", 0},
    {"GET", "/metrics", "counters for Prometheus, or as JSON", admin_metrics, NULL, "format", 0},
};
const size_t admin_route_count = sizeof admin_routes / sizeof *admin_routes;

/* ---- which route ---- */

enum { SEGMENTS_MAX = 8 };

/* The segments between slashes, still encoded; a slash at the end counts for nothing. */
static size_t split(struct str path, struct str segments[static SEGMENTS_MAX])
{
    size_t count = 0, at = 0;
    while (at < path.len && count < SEGMENTS_MAX) {
        size_t from = ++at;
        while (at < path.len && path.ptr[at] != '/')
            at++;
        if (at > from)
            segments[count++] = (struct str){path.ptr + from, at - from};
    }
    return count;
}

static bool fits(struct admin_call *call, const struct admin_route *route,
                 const struct str *segments, size_t count)
{
    struct str wanted[SEGMENTS_MAX];
    size_t values = 0;
    if (split(str_from(route->path), wanted) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (wanted[i].ptr[0] == '{')
            call->values[values++] = url_decode(call->arena, segments[i], false, NULL);
        else if (!str_equal(wanted[i], segments[i]))
            return false;
    }
    return !values || call->values[0];
}

/* The route's path with what was sent in the place of its {names}. */
static const char *filled(struct admin_call *call, const struct admin_route *route,
                          const struct str *segments, size_t count)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    struct str wanted[SEGMENTS_MAX];
    size_t wanted_count = split(str_from(route->path), wanted);
    for (size_t i = 0; i < wanted_count; i++) {
        struct str segment = i < count && wanted[i].ptr[0] == '{' ? segments[i] : wanted[i];
        strbuf_addch(&text, '/');
        strbuf_add(&text, segment.ptr, segment.len);
    }
    const char *path = arena_strndup(call->arena, text.buf, text.len);
    strbuf_release(&text);
    return path;
}

static void refuse_unknown(struct admin_call *call, const struct str *segments, size_t count)
{
    struct arena *arena = call->arena;
    cJSON *members = tree_object(arena), *routes = tree_array(arena);
    struct admin_names paths = {0};
    for (size_t i = 0; i < admin_route_count; i++) {
        vec_push_arena(arena, &paths, filled(call, &admin_routes[i], segments, count));
        tree_append(routes,
                    tree_string(arena, arena_printf(arena, "%s /__admin%s", admin_routes[i].method,
                                                    admin_routes[i].path)));
    }
    const char *path = arena_strndup(arena, call->exchange->path.ptr, call->exchange->path.len);
    const char *near = text_nearest_of(path, paths.items, paths.count);
    tree_set_string(arena, members, "detail",
                    arena_printf(arena, "there is no /__admin%s%s%s%s", path,
                                 near ? ", did you mean '/__admin" : "", near ? near : "",
                                 near ? "'?" : ""));
    tree_set(arena, members, "routes", routes);
    admin_refuse(call, 404, "the admin API has no such route", members);
}

static void refuse_method(struct admin_call *call, const char *allow)
{
    struct http_response response;
    cJSON *body = tree_object(call->arena);
    tree_set_string(call->arena, body, "type", "about:blank");
    tree_set_string(call->arena, body, "title", "not with this method");
    tree_set(call->arena, body, "status", tree_integer(call->arena, 405));
    tree_set_string(call->arena, body, "detail", arena_printf(call->arena, "use %s", allow));
    admin_response_init(call, &response, 405);
    http_response_header(&response, "Allow", allow);
    http_response_header(&response, "Content-Type", "application/problem+json");
    json_print(body, JSON_PRETTY, &response.text);
    strbuf_addch(&response.text, '\n');
    exchange_send(call->exchange, &response);
    http_response_release(&response);
}

/* A literal path stands before the one with {names} that would fit it, too. */
static bool find_route(struct admin_call *call)
{
    struct str segments[SEGMENTS_MAX];
    struct strbuf allow = STRBUF_INIT(LIMIT_MESSAGE);
    const char *method = call->exchange->request->method, *known = NULL;
    size_t count = split(call->exchange->path, segments);
    for (size_t i = 0; i < admin_route_count && !call->route; i++) {
        const struct admin_route *route = &admin_routes[i];
        if ((known && !text_is(known, route->path)) || !fits(call, route, segments, count))
            continue;
        known = route->path;
        strbuf_addf(&allow, "%s%s", allow.len ? ", " : "", route->method);
        if (text_is(route->method, text_is(method, "HEAD") ? "GET" : method))
            call->route = route;
    }
    if (!known)
        refuse_unknown(call, segments, count);
    else if (!call->route)
        refuse_method(call, allow.buf);
    strbuf_release(&allow);
    return call->route != NULL;
}

/* ---- what was sent ---- */

static bool is_second(const struct url_pairs *query, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (str_equal(query->items[i].name, query->items[index].name))
            return true;
    return false;
}

/* The table says so with a '+' behind the name. */
static bool may_repeat(const char *queries, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = queries; (at = strstr(at, name)); at++)
        if ((at == queries || at[-1] == ' ') && at[len] == '+')
            return true;
    return false;
}

static void read_query(struct admin_call *call)
{
    struct admin_names known = admin_words(call, call->route->queries);
    struct str bad = {0};
    if (url_split_query(call->arena, call->exchange->request->query, &call->query, &bad))
        admin_problem(call, "the query is badly encoded: '%.*s'", (int)bad.len, bad.ptr);
    for (size_t i = 0; i < call->query.count; i++) {
        struct str name = call->query.items[i].name;
        const char *given = arena_strndup(call->arena, name.ptr, name.len);
        if (!admin_has_name(&known, given))
            admin_problem(call, "unknown query parameter '%s'%s", given,
                          admin_hint(call, given, known.items, known.count));
        else if (is_second(&call->query, i) && !may_repeat(call->route->queries, given))
            admin_problem(call, "query '%s' is given twice", given);
    }
}

void admin_check_members(struct admin_call *call)
{
    struct admin_names known = admin_words(call, call->route->members);
    const cJSON *member;
    cJSON_ArrayForEach (member, call->body)
        if (!admin_has_name(&known, member->string))
            admin_problem(call, "unknown member '%s'%s", member->string,
                          admin_hint(call, member->string, known.items, known.count));
}

static bool is_json(const char *content_type)
{
    size_t len = strcspn(content_type, "; \t");
    return (len == 16 && strncasecmp(content_type, "application/json", len) == 0) ||
           (len > 5 && strncasecmp(content_type + len - 5, "+json", 5) == 0);
}

/* False: it was answered. */
static bool read_body(struct admin_call *call)
{
    const struct http_request *request = call->exchange->request;
    const char *content_type = http_request_header(request, "Content-Type");
    struct error err = {0};
    call->body = tree_object(call->arena);
    if (text_is(call->route->method, "GET") || text_is(call->route->method, "DELETE"))
        return true;
    if (content_type ? !is_json(content_type) : request->body_len > 0) {
        cJSON *members = tree_object(call->arena);
        tree_set_string(call->arena, members, "detail",
                        arena_printf(call->arena, "send Content-Type: application/json, not '%s'",
                                     content_type ? content_type : ""));
        return admin_refuse(call, 415, "the admin API speaks JSON only", members), false;
    }
    if (!request->body_len || text_is(call->route->members, ADMIN_OWN_BODY))
        return true;
    call->body = json_parse(call->arena, request->body, request->body_len, NULL, &err);
    if (!call->body)
        admin_problem(call, "the body is no JSON: %s", err.text);
    else if (!cJSON_IsObject(call->body))
        admin_problem(call, "the body is %s, not an object", tree_type_name(call->body));
    else if (!(call->route->flags & ADMIN_OWN_WORDS))
        admin_check_members(call);
    return true;
}

/* A handler that reads members or parameters looks for what else is wrong, and refuses all of it.
 */
static bool finds_more(const struct admin_call *call)
{
    const struct admin_route *route = call->route;
    return cJSON_IsObject(call->body) && ((route->members && *route->members) || route->queries);
}

void admin_handle(struct exchange *exchange)
{
    struct admin_call call = {
        .exchange = exchange,
        .mock = exchange->mock,
        .world = exchange->world,
        .arena = exchange->arena,
        .problems = tree_array(exchange->arena),
    };
    if (!find_route(&call))
        return;
    if (!(call.route->flags & ADMIN_OPEN) && !admin_may_call(&call))
        return;
    if (!(call.route->flags & ADMIN_OPEN))
        loading_furnish_all(call.mock, call.world); /* also what nobody has asked for yet */
    if (!read_body(&call))
        return;
    read_query(&call);
    if (finds_more(&call) || !admin_refuse_problems(&call))
        call.route->run(&call);
}
