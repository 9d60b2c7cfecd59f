/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exec_seen.h"

#include "core/base/file.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/data/tree.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { PRINTED_MAX = 20 };

/* One operation and status; or one request that fits none. */
struct call {
    const char *provider, *operation; /* NULL: no operation fits */
    const char *method, *target;      /* of what fits none */
    const char *why;                  /* and what is near */
    int status;
    uint64_t count;
};

struct seen {
    pthread_mutex_t lock;
    struct arena *arena;
    struct map *calls; /* by what makes them different */
    uint64_t total, unmatched, dropped;
};

struct seen *seen_new(void)
{
    struct seen *seen = mem_alloc(sizeof *seen);
    pthread_mutex_init(&seen->lock, NULL);
    seen->arena = arena_new();
    seen->calls = map_new();
    return seen;
}

void seen_free(struct seen *seen)
{
    map_free(seen->calls);
    arena_free(seen->arena);
    pthread_mutex_destroy(&seen->lock);
    mem_free(seen);
}

/* "nearest: ..." of a remark; all of it when nothing is near. */
static const char *why_of(const struct journal_record *record)
{
    const char *near = record->remark ? strstr(record->remark, "nearest: ") : NULL;
    return near ? near : record->remark ? record->remark : "nothing is near";
}

static struct call *add_call(struct seen *seen, const char *key,
                             const struct journal_record *record)
{
    struct arena *arena = seen->arena;
    struct call *call = arena_alloc(arena, sizeof *call);
    call->provider = arena_strdup(arena, record->provider);
    call->operation = arena_strdup(arena, record->operation);
    call->status = record->status;
    if (record->is_unmatched) {
        call->method = arena_strdup(arena, record->method);
        call->target = arena_strdup(arena, record->target);
        call->why = arena_strdup(arena, why_of(record));
    }
    map_put(seen->calls, key, call);
    return call;
}

void seen_request(const struct journal_record *record, void *data)
{
    struct seen *seen = data;
    struct strbuf key = STRBUF_INIT(LIMIT_MESSAGE);
    if (record->is_unmatched)
        strbuf_addf(&key, "%d %s %s", record->status, record->method, record->target);
    else
        strbuf_addf(&key, "%d\n%s\n%s", record->status, record->provider ? record->provider : "",
                    record->operation ? record->operation : "");
    pthread_mutex_lock(&seen->lock);
    seen->total++;
    seen->unmatched += record->is_unmatched;
    struct call *call = map_get(seen->calls, key.buf);
    if (!call && map_count(seen->calls) < SEEN_MAX)
        call = add_call(seen, key.buf, record);
    if (call)
        call->count++;
    else
        seen->dropped++;
    pthread_mutex_unlock(&seen->lock);
    strbuf_release(&key);
}

uint64_t seen_unmatched(struct seen *seen)
{
    pthread_mutex_lock(&seen->lock);
    uint64_t unmatched = seen->unmatched;
    pthread_mutex_unlock(&seen->lock);
    return unmatched;
}

/* ---- for people ---- */

/* Only the nearest of what is near: the rest is in the report. */
static void add_line(const struct call *call, struct strbuf *out)
{
    const char *others = strstr(call->why, "), ");
    size_t len = others ? (size_t)(others + 1 - call->why) : strlen(call->why);
    strbuf_addf(out, "  %s %s", call->method, call->target);
    if (call->count > 1)
        strbuf_addf(out, " (%" PRIu64 " times)", call->count);
    strbuf_addf(out, " -> %d, %.*s\n", call->status, (int)len, call->why);
}

void seen_print(struct seen *seen)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    uint64_t printed = 0, told = 0;
    pthread_mutex_lock(&seen->lock);
    for (const struct map_entry *entry = map_first(seen->calls); entry; entry = entry->next) {
        const struct call *call = entry->value;
        if (!call->method || told == PRINTED_MAX)
            continue;
        add_line(call, &out);
        printed += call->count;
        told++;
    }
    if (seen->unmatched > printed)
        strbuf_addf(&out, "  and %" PRIu64 " more\n", seen->unmatched - printed);
    uint64_t unmatched = seen->unmatched;
    pthread_mutex_unlock(&seen->lock);
    if (unmatched)
        fprintf(stderr, "dryrun: %" PRIu64 " request%s no operation:\n%s", unmatched,
                unmatched == 1 ? " fits" : "s fit", out.buf);
    strbuf_release(&out);
}

/* ---- for programs ---- */

static void set_count(struct arena *arena, cJSON *object, const char *key, uint64_t count)
{
    tree_set(arena, object, key, tree_integer(arena, (int64_t)count));
}

static cJSON *call_json(struct arena *arena, const struct call *call)
{
    cJSON *json = tree_object(arena);
    if (call->method) {
        tree_set_string(arena, json, "method", call->method);
        tree_set_string(arena, json, "target", call->target);
        tree_set_string(arena, json, "why", call->why);
    } else {
        tree_set_string(arena, json, "provider", call->provider);
        tree_set_string(arena, json, "operation", call->operation);
    }
    tree_set(arena, json, "status", tree_integer(arena, call->status));
    set_count(arena, json, "count", call->count);
    return json;
}

static cJSON *seen_json(struct arena *arena, struct seen *seen, const struct seen_end *end)
{
    cJSON *json = tree_object(arena), *command = tree_array(arena);
    cJSON *calls = tree_array(arena), *unmatched = tree_array(arena);
    for (char *const *word = end->argv; *word; word++)
        tree_append(command, tree_string(arena, *word));
    tree_set(arena, json, "command", command);
    tree_set(arena, json, "exit_code", tree_integer(arena, end->exit_code));
    pthread_mutex_lock(&seen->lock);
    set_count(arena, json, "requests", seen->total);
    set_count(arena, json, "not_listed", seen->dropped);
    for (const struct map_entry *entry = map_first(seen->calls); entry; entry = entry->next) {
        const struct call *call = entry->value;
        tree_append(call->method ? unmatched : calls, call_json(arena, call));
    }
    pthread_mutex_unlock(&seen->lock);
    tree_set(arena, json, "calls", calls);
    tree_set(arena, json, "unmatched", unmatched);
    return json;
}

int seen_write(struct seen *seen, const struct seen_end *end, const char *file, struct error *err)
{
    struct arena *arena = arena_new();
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(seen_json(arena, seen, end), JSON_PRETTY, &text);
    if (!text.len || text.buf[text.len - 1] != '\n')
        strbuf_addch(&text, '\n');
    int failed = file_write(file, text.buf, text.len, err);
    strbuf_release(&text);
    arena_free(arena);
    return failed;
}
