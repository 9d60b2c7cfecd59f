/* SPDX-License-Identifier: Apache-2.0 */
/* The tape as operations. */
#include "mock/tape/cursor.h"

#include "core/data/json.h"
#include "core/net/url.h"

static bool is_safe(const char *method)
{
    return text_is(method, "GET") || text_is(method, "HEAD") || text_is(method, "OPTIONS");
}

/* The shortest base behind which some document has this path. */
static bool match_path(const struct tape_book *book, const char *method, const char *path,
                       struct route_match *match, size_t *base)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < len; i++)
        for (size_t j = 0; path[i] == '/' && j < book->router_count; j++)
            if (router_match(book->routers[j], method, (struct str){path + i, len - i}, match)) {
                *base = i;
                return true;
            }
    return false;
}

void tape_request_read(const struct tape_book *book, struct arena *arena, const char *method,
                       const char *path, struct tape_request *out)
{
    struct route_match match;
    size_t base = 0;
    *out = (struct tape_request){.is_safe = is_safe(method), .query = ""};
    if (!match_path(book, method, path, &match, &base)) {
        out->operation = arena_printf(arena, "%s %s", method, path);
        return;
    }
    out->operation =
        arena_printf(arena, "%s %.*s%s", method, (int)base, path, match.operation->path);
    for (size_t i = 0; i < match.value_count && i < TAPE_VALUES_MAX; i++) {
        size_t len = 0;
        const char *value = url_decode(arena, match.values[i].raw, false, &len);
        out->values[i] = value ? (struct str){value, len} : match.values[i].raw;
        out->value_count = i + 1;
    }
}

uint64_t tape_body_hash(struct str body)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const cJSON *tree = body.len ? json_parse(arena, body.ptr, body.len, NULL, &err) : NULL;
    if (body.len && !tree)
        tree = tree_string_n(arena, body.ptr, body.len);
    uint64_t hash = tree ? tree_hash(tree) : 0;
    arena_free(arena);
    return hash;
}

static bool contains(struct str bytes, struct str text)
{
    const char *at = bytes.ptr, *end = bytes.ptr + bytes.len;
    while (text.len && (size_t)(end - at) >= text.len &&
           (at = memchr(at, text.ptr[0], (size_t)(end - at) - text.len + 1))) {
        if (memcmp(at, text.ptr, text.len) == 0)
            return true;
        at++;
    }
    return false;
}

/* Some answer before gave it: then it is no choice of the client's. */
static bool was_given(const struct tape_book *book, struct str value)
{
    for (size_t i = 0; i < book->answers.count; i++)
        if (contains(book->answers.items[i].entry->body, value))
            return true;
    return false;
}

static bool shares_value(const struct tape_request *a, const struct tape_request *b)
{
    for (size_t i = 0; i < a->value_count; i++)
        for (size_t j = 0; j < b->value_count; j++)
            if (str_equal(a->values[i], b->values[j]))
                return true;
    return false;
}

/* A read of one resource shows its changes; a read of many may show any. */
static void link_changes(struct tape_book *book, size_t index)
{
    struct taped_answer *read = &book->answers.items[index];
    ptrdiff_t count = (ptrdiff_t)book->answers.count;
    read->change_before = read->change_after = -1;
    for (ptrdiff_t i = 0; i < count && read->change_after < 0; i++) {
        const struct tape_request *other = &book->answers.items[i].request;
        if (other->is_safe || (read->request.value_count && !shares_value(other, &read->request)))
            continue;
        if (i < (ptrdiff_t)index)
            read->change_before = i;
        else if (i > (ptrdiff_t)index)
            read->change_after = i;
    }
}

void tape_book_read(struct tape_book *book, const struct har *har)
{
    const struct har_entry *entry;
    vec_foreach (entry, &har->entries) {
        struct taped_answer answer = {.entry = entry};
        const char *host = strstr(entry->url, "://");
        const char *path = host ? strpbrk(host + 3, "/?#") : NULL;
        size_t len = path ? strcspn(path, "?#") : 0;
        const char *raw = len ? arena_strndup(book->arena, path, len) : "/";
        tape_request_read(book, book->arena, entry->method, raw, &answer.request);
        if (path && path[len] == '?')
            answer.request.query =
                arena_strndup(book->arena, path + len + 1, strcspn(path + len + 1, "#"));
        answer.request.body = tape_body_hash(entry->request_body);
        for (size_t i = 0; i < answer.request.value_count; i++)
            answer.is_chosen[i] = !was_given(book, answer.request.values[i]);
        vec_push_arena(book->arena, &book->answers, answer);
    }
    for (size_t i = 0; i < book->answers.count; i++)
        link_changes(book, i);
}
