/* SPDX-License-Identifier: Apache-2.0 */
/* A step's answers by one operation: those that polls saw again and again are one. */
#include "core/base/str.h"
#include "runner/drift/parts.h"

enum { TOO_MANY_REQUESTS = 429 }; /* on the way it proves nothing */

/* Requests that only look are another operation's, unless it is the same one. */
static bool belongs(const struct attempt *attempt, const struct unit *unit,
                    const struct provider_operation *operation, bool by_look)
{
    const struct arazzo_step *by = unit->step->until.by;
    bool is_look = by && by->operation != unit->step->operation && attempt->seen &&
                   attempt->seen->operation == operation && by_look;
    bool is_of_look = by && by->operation != unit->step->operation && attempt->seen &&
                      attempt->seen->operation == by->operation;
    return by_look ? is_look : !is_of_look;
}

static struct look *find_look(struct looks *looks, const char *key)
{
    struct look *look;
    vec_foreach (look, looks)
        if (text_is(look->key, key))
            return look;
    return NULL;
}

struct looks looks_of(struct arena *arena, const struct unit *unit,
                      const struct provider_operation *operation, bool by_look)
{
    struct looks looks = {0};
    for (size_t i = 0; i < unit->attempts.count; i++) {
        const struct attempt *attempt = unit->attempts.items[i];
        if (!attempt->seen || !belongs(attempt, unit, operation, by_look))
            continue;
        int status = attempt->seen->response->status;
        const char *key = arena_printf(arena, "%d %s", status, states_shown(arena, attempt->seen));
        struct look *look = find_look(&looks, key);
        if (!look) {
            struct look made = {.status = status, .key = key};
            vec_push_arena(arena, &looks, made);
            look = &looks.items[looks.count - 1];
        }
        vec_push_arena(arena, &look->attempts, attempt);
    }
    return looks;
}

const struct attempt *looks_last(const struct unit *unit,
                                 const struct provider_operation *operation, bool by_look)
{
    const struct attempt *last = NULL;
    for (size_t i = 0; i < unit->attempts.count; i++)
        if (belongs(unit->attempts.items[i], unit, operation, by_look))
            last = unit->attempts.items[i];
    return last;
}

const char *looks_statuses(struct arena *arena, const struct unit *unit,
                           const struct provider_operation *operation, bool by_look)
{
    const char *text = NULL, *last = NULL;
    for (size_t i = 0; i < unit->attempts.count; i++) {
        const struct attempt *attempt = unit->attempts.items[i];
        if (!belongs(attempt, unit, operation, by_look))
            continue;
        bool is_last = i + 1 == unit->attempts.count;
        int status = attempt->seen ? attempt->seen->response->status : 0;
        const char *now = status ? arena_printf(arena, "%d", status) : "no answer";
        if ((status == TOO_MANY_REQUESTS && !is_last) || text_is(now, last))
            continue;
        text = text ? arena_printf(arena, "%s, %s", text, now) : now;
        last = now;
    }
    return text;
}

bool is_made_of_schema(const struct seen *seen)
{
    return header_find(&seen->response->headers, "X-Dryrun-Example") != NULL;
}
