/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/problem.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/router.h"
#include "core/data/json.h"
#include "mock/mock.h"
#include "mock/respond.h"

static void send_json(struct exchange *exchange, int status, const char *media_type,
                      const cJSON *body)
{
    struct http_response response;
    char date[INSTANT_TEXT];
    const cJSON *header;
    http_response_init(&response, status);
    instant_http_date(exchange->answered_at, date);
    http_response_header(&response, "Date", date);
    http_response_header(&response, "Content-Type", media_type);
    cJSON_ArrayForEach (header, exchange->headers)
        http_response_header(&response, header->string, header->valuestring);
    if (exchange->remark)
        http_response_headerf(&response, "X-Dryrun-Remark", "%.*s", REMARK_SHOWN, exchange->remark);
    json_print(body, JSON_COMPACT, &response.text);
    strbuf_addch(&response.text, '\n');
    exchange_send(exchange, &response);
    http_response_release(&response);
}

static void look_at_clock(struct exchange *exchange)
{
    if (!exchange->world) {
        exchange->answered_at = mock_now(exchange->mock);
        return;
    }
    exchange->answered_at = world_ask_now(exchange->world);
}

/* In the journal before the client can ask for it there. */
static void record_unmatched(struct exchange *exchange, int status, const char *title)
{
    struct journal_record record = {
        .number = exchange->number,
        .world_time = exchange->answered_at,
        .real_time = exchange->came,
        .method = exchange->request->method,
        .target = exchange->target,
        .status = status,
        .session = exchange->world->name,
        .remark = exchange->remark ? exchange->remark : title,
        .is_unmatched = true,
    };
    journal_add(exchange->world->journal, &record);
    mock_log(exchange->mock, &record);
}

void problem_answer(struct exchange *exchange, int status, const char *title, const cJSON *members)
{
    struct arena *arena = exchange->arena;
    cJSON *body = tree_object(arena);
    tree_set_string(arena, body, "type", "about:blank");
    tree_set_string(arena, body, "title", title);
    tree_set(arena, body, "status", tree_integer(arena, status));
    tree_set_string(arena, body, "instance", exchange->request->path);
    const cJSON *member;
    cJSON_ArrayForEach (member, members)
        tree_set(arena, body, member->string, tree_copy(arena, member));
    look_at_clock(exchange);
    bool recorded = exchange->world && exchange->is_unmatched;
    if (recorded)
        record_unmatched(exchange, status, title);
    send_json(exchange, status, "application/problem+json", body);
    if (!recorded)
        return;
    world_begin(exchange->world); /* whoever waits for requests looks again */
    world_unlock_to_answer(exchange->world);
    world_end(exchange->world);
}

/* Which providers there are, and the operations of any that are near. */
void problem_no_provider(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    const struct mock *mock = exchange->mock;
    cJSON *members = tree_object(arena), *providers = tree_array(arena), *near = tree_array(arena);
    const char *remark = "no service is mounted there, but at";
    for (size_t i = 0; i < mock->played_count; i++) {
        struct route_near nearest;
        const char *name = mock->played[i]->provider->name;
        tree_append(providers, tree_string(arena, arena_printf(arena, "/%s", name)));
        remark = arena_printf(arena, "%s%s /%s", remark, i ? "," : "", name);
        if (router_nearest(mock->played[i]->router, arena, exchange->request->method,
                           exchange->path, &nearest, 1))
            tree_append(
                near,
                tree_string(arena,
                            arena_printf(arena, "%s /%s%s%s: %s", nearest.operation->method, name,
                                         nearest.prefix, nearest.operation->path, nearest.reason)));
    }
    tree_set(arena, members, "providers", providers);
    tree_set(arena, members, "nearest", near);
    exchange->remark = remark;
    problem_answer(exchange, 404, "no service is mounted there", members);
}
