/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/tape/player.h"

#include "core/base/mem.h"
#include "core/data/json.h"
#include "core/tape/forms.h"
#include "mock/tape/cursor.h"

#include <pthread.h>

enum { CLIENTS_MAX = 10000 };

struct tape_player {
    struct tape_player_options options;
    struct arena *arena;
    struct tape_book book;
    struct http_server *server;
    pthread_mutex_t lock;
    struct map *cursors; /* by session; by `lock` */
};

/* What a request gets. */
struct picked {
    const struct taped_answer *answer;
    bool again;
    struct forms *names; /* the client's for the tape's ids; NULL = the same */
    bool is_full;        /* too many sessions */
};

/* ---- which answer ---- */

static struct tape_cursor *find_cursor(struct tape_player *player, const char *session)
{
    struct tape_cursor *cursor = map_get(player->cursors, session);
    if (!cursor && map_count(player->cursors) < CLIENTS_MAX) {
        cursor = tape_cursor_new(&player->book);
        map_put(player->cursors, session, cursor);
    }
    return cursor;
}

static struct picked pick(struct tape_player *player, struct arena *arena,
                          const struct http_request *request)
{
    struct tape_request asked;
    struct picked picked = {0};
    const char *session = http_request_header(request, "X-Dryrun-Session");
    tape_request_read(&player->book, arena, request->method, request->path, &asked);
    asked.query = request->query ? request->query : "";
    asked.body = tape_body_hash((struct str){request->body, request->body_len});
    pthread_mutex_lock(&player->lock);
    struct tape_cursor *cursor = find_cursor(player, session ? session : "");
    picked.is_full = !cursor;
    if (cursor) {
        picked.answer = tape_cursor_pick(cursor, &asked, &picked.again);
        const struct map_entry *name = map_first(tape_cursor_names(cursor));
        for (; name; name = name->next) {
            picked.names = picked.names ? picked.names : forms_new(arena);
            forms_add_text(picked.names, name->key, arena_strdup(arena, name->value));
        }
    }
    pthread_mutex_unlock(&player->lock);
    return picked;
}

/* ---- answering ---- */

static void refuse(struct http_exchange *exchange, int status, const char *detail)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct arena *arena = http_exchange_arena(exchange);
    struct http_response response;
    cJSON *problem = tree_object(arena);
    tree_set_string(arena, problem, "title", http_reason(status));
    tree_add(problem, "status", tree_integer(arena, status));
    tree_set_string(arena, problem, "detail",
                    arena_printf(arena, "%s: %s %s", detail, request->method, request->path));
    http_response_init(&response, status);
    http_response_header(&response, "Content-Type", "application/problem+json");
    http_response_header(&response, "X-Dryrun-Tape", "none");
    json_print(problem, JSON_COMPACT, &response.text);
    http_respond(exchange, &response);
    http_response_release(&response);
}

static void fill_head(struct arena *arena, const struct picked *picked,
                      struct http_response *response)
{
    const struct har_entry *entry = picked->answer->entry;
    const struct http_header *header;
    http_response_init(response, entry->status);
    vec_foreach (header, &entry->given) {
        struct str value = str_from(header->value);
        if (picked->names)
            value = forms_replace(picked->names, arena, value, NULL, 0);
        http_response_header(response, header->name, arena_strndup(arena, value.ptr, value.len));
    }
    http_response_headerf(response, "X-Dryrun-Tape", "entries[%zu]%s", entry->index,
                          picked->again ? "; again" : "");
}

/* 0, or -1: the client has left, or the server stops. */
static int pause_until(struct http_exchange *exchange, nanos moment)
{
    nanos left = moment - instant_monotonic_now();
    if (left <= 0)
        return 0;
    int ms = (int)(left / NANOS_PER_MS < 1 ? 1 : left / NANOS_PER_MS);
    return http_exchange_wait(exchange, -1, ms) == HTTP_TIMED_OUT ? 0 : -1;
}

static void send_pieces(struct tape_player *player, struct http_exchange *exchange,
                        const struct har_entry *entry, struct str body, const size_t *ends)
{
    nanos began = instant_monotonic_now();
    int64_t scale = player->options.scale;
    size_t from = 0;
    for (size_t i = 0; i < entry->chunks.count; i++) {
        if (scale && pause_until(exchange, began + entry->chunks.items[i].at / scale))
            return;
        if (ends[i] > from && http_stream_write(exchange, body.ptr + from, ends[i] - from))
            return;
        from = ends[i];
    }
    if (entry->error)
        http_close_abruptly(exchange); /* as it did then */
    else
        http_stream_end(exchange);
}

static void send_answer(struct tape_player *player, struct http_exchange *exchange,
                        const struct picked *picked)
{
    struct arena *arena = http_exchange_arena(exchange);
    const struct har_entry *entry = picked->answer->entry;
    size_t *ends = arena_alloc(arena, (entry->chunks.count + 1) * sizeof *ends), at = 0;
    struct str body = entry->body;
    struct http_response response;
    for (size_t i = 0; i < entry->chunks.count; i++)
        ends[i] = at += entry->chunks.items[i].len;
    if (picked->names)
        body = forms_replace(picked->names, arena, body, ends, entry->chunks.count);
    fill_head(arena, picked, &response);
    if (!entry->chunks.count) {
        http_response_borrow(&response, body.len ? body.ptr : "", body.len, NULL, NULL);
        http_respond(exchange, &response);
    } else if (http_park_begin(exchange)) {
        refuse(exchange, 503, "too many streams at once");
    } else if (http_stream_begin(exchange, &response) == 0) {
        send_pieces(player, exchange, entry, body, ends);
    }
    http_response_release(&response);
}

static void handle(struct http_exchange *exchange, void *data)
{
    struct tape_player *player = data;
    struct picked picked =
        pick(player, http_exchange_arena(exchange), http_exchange_request(exchange));
    if (picked.is_full)
        refuse(exchange, 503, "too many sessions play this tape");
    else if (!picked.answer)
        refuse(exchange, 404, "the tape has no exchange like this");
    else if (!picked.answer->entry->status)
        http_close_quietly(exchange); /* none came then */
    else
        send_answer(player, exchange, &picked);
}

/* ---- the whole ---- */

static void read_tape(struct tape_player *player)
{
    const struct tape_player_options *options = &player->options;
    struct findings ignored = {0}; /* said when the providers were loaded */
    struct router **routers =
        arena_alloc(player->arena, (options->provider_count + 1) * sizeof(struct router *));
    for (size_t i = 0; i < options->provider_count; i++) {
        routers[i] = router_new(player->arena);
        router_add_contract(routers[i], options->providers[i]->contract, NULL, 0, &ignored);
    }
    findings_release(&ignored);
    player->book = (struct tape_book){
        .arena = player->arena, .routers = routers, .router_count = options->provider_count};
    tape_book_read(&player->book, options->har);
}

struct tape_player *tape_player_start(const struct tape_player_options *options, struct error *err)
{
    struct tape_player *player = mem_alloc(sizeof *player);
    player->options = *options;
    player->options.http.handle = handle;
    player->options.http.data = player;
    player->arena = arena_new();
    player->cursors = map_new();
    pthread_mutex_init(&player->lock, NULL);
    read_tape(player);
    player->server = http_server_start(&player->options.http, err);
    if (player->server)
        return player;
    tape_player_stop(player);
    return NULL;
}

struct http_server *tape_player_server(struct tape_player *player)
{
    return player->server;
}

void tape_player_stop(struct tape_player *player)
{
    if (!player)
        return;
    http_server_stop(player->server);
    for (const struct map_entry *at = map_first(player->cursors); at; at = at->next)
        tape_cursor_free(at->value);
    map_free(player->cursors);
    arena_free(player->arena);
    pthread_mutex_destroy(&player->lock);
    mem_free(player);
}
