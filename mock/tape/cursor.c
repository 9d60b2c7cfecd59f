/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's way through the tape. What changes something is answered in the order recorded; a
 * read moves on with every call, but never past a change of the same resource that the client has
 * not made yet, and never back behind one that it has.
 */
#include "mock/tape/cursor.h"

#include "core/base/mem.h"
#include "core/base/str.h"

struct tape_cursor {
    const struct tape_book *book;
    struct arena *arena;
    bool *served;        /* by answer */
    struct map *ids;     /* the client's id -> the tape's */
    struct map *adopted; /* the tape's id -> the client's */
};

struct tape_cursor *tape_cursor_new(const struct tape_book *book)
{
    struct tape_cursor *cursor = mem_alloc(sizeof *cursor);
    cursor->book = book;
    cursor->arena = arena_new();
    cursor->served = arena_alloc(cursor->arena, book->answers.count + 1);
    cursor->ids = map_new();
    cursor->adopted = map_new();
    return cursor;
}

void tape_cursor_free(struct tape_cursor *cursor)
{
    if (!cursor)
        return;
    map_free(cursor->ids);
    map_free(cursor->adopted);
    arena_free(cursor->arena);
    mem_free(cursor);
}

const struct map *tape_cursor_names(const struct tape_cursor *cursor)
{
    return cursor->adopted;
}

/* ---- ids ---- */

static struct str recorded_id(const struct tape_cursor *cursor, struct str value)
{
    const char *known = map_get_n(cursor->ids, value.ptr, value.len);
    return known ? str_from(known) : value;
}

/* The tape knows this value as an id of some path: it is nobody else's name. */
static bool is_on_tape(const struct tape_cursor *cursor, struct str value)
{
    const struct taped_answer *answer;
    vec_foreach (answer, &cursor->book->answers)
        for (size_t i = 0; i < answer->request.value_count; i++)
            if (str_equal(answer->request.values[i], value))
                return true;
    return false;
}

static bool may_adopt(const struct tape_cursor *cursor, const struct taped_answer *answer, size_t i,
                      struct str value)
{
    struct str recorded = answer->request.values[i];
    return answer->is_chosen[i] && !map_get_n(cursor->ids, value.ptr, value.len) &&
           !map_get_n(cursor->adopted, recorded.ptr, recorded.len) && !is_on_tape(cursor, value);
}

/* Values of the path: the tape's, or names that the client chose for them. */
static bool fits(const struct tape_cursor *cursor, const struct taped_answer *answer,
                 const struct tape_request *request, bool adopts)
{
    if (!text_is(answer->request.operation, request->operation) ||
        answer->request.value_count != request->value_count)
        return false;
    for (size_t i = 0; i < request->value_count; i++)
        if (!str_equal(recorded_id(cursor, request->values[i]), answer->request.values[i]) &&
            !(adopts && may_adopt(cursor, answer, i, request->values[i])))
            return false;
    return true;
}

static void adopt(struct tape_cursor *cursor, const struct taped_answer *answer,
                  const struct tape_request *request)
{
    for (size_t i = 0; i < request->value_count; i++) {
        struct str own = request->values[i], recorded = answer->request.values[i];
        if (str_equal(recorded_id(cursor, own), recorded))
            continue;
        map_put_n(cursor->ids, own.ptr, own.len,
                  arena_strndup(cursor->arena, recorded.ptr, recorded.len));
        map_put_n(cursor->adopted, recorded.ptr, recorded.len,
                  arena_strndup(cursor->arena, own.ptr, own.len));
    }
}

/* ---- what resembles the request most ---- */

enum { LIKE_QUERY = 2, LIKE_BODY = 1 };

static int likeness(const struct taped_answer *answer, const struct tape_request *request)
{
    return (text_is(answer->request.query, request->query) ? LIKE_QUERY : 0) +
           (!request->is_safe && answer->request.body == request->body ? LIKE_BODY : 0);
}

/* ---- where the client is ---- */

/* Behind the change before it, if the client made that one, and ahead of the one after it. */
static bool is_now(const struct tape_cursor *cursor, const struct taped_answer *answer)
{
    return (answer->change_before < 0 || cursor->served[answer->change_before]) &&
           (answer->change_after < 0 || !cursor->served[answer->change_after]);
}

/* Candidates are the answers with this likeness. Reads: the next that may be shown now, else the
 * last such; else, as changes do: the next, else the last of all. */
static size_t choose(const struct tape_cursor *cursor, const bool *candidates, bool is_safe)
{
    size_t count = cursor->book->answers.count, next = count, last = count, now = count;
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i])
            continue;
        last = i;
        if (next == count && !cursor->served[i])
            next = i;
        if (is_safe && (now == count || cursor->served[now]) &&
            is_now(cursor, &cursor->book->answers.items[i]))
            now = i;
    }
    if (now < count)
        return now;
    return next < count ? next : last;
}

static size_t mark_candidates(const struct tape_cursor *cursor, const struct tape_request *request,
                              bool adopts, bool *candidates)
{
    const struct tape_book *book = cursor->book;
    int most = -1;
    size_t found = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < book->answers.count; i++) {
            const struct taped_answer *answer = &book->answers.items[i];
            if (!fits(cursor, answer, request, adopts))
                continue;
            int like = likeness(answer, request);
            most = like > most ? like : most;
            candidates[i] = pass && like == most;
            found += candidates[i];
        }
    return found;
}

const struct taped_answer *tape_cursor_pick(struct tape_cursor *cursor,
                                            const struct tape_request *request, bool *again)
{
    size_t count = cursor->book->answers.count;
    bool *candidates = mem_alloc(count + 1);
    const struct taped_answer *answer = NULL;
    if (mark_candidates(cursor, request, false, candidates) ||
        mark_candidates(cursor, request, true, candidates)) {
        size_t index = choose(cursor, candidates, request->is_safe);
        answer = &cursor->book->answers.items[index];
        adopt(cursor, answer, request);
        *again = cursor->served[index];
        cursor->served[index] = true;
    }
    mem_free(candidates);
    return answer;
}
