/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One breach of the document's schema in a body that keeps it otherwise. Our own validator has the
 * last word: a place where the breach breaks nothing is passed by.
 */
#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "mock/faults/life.h"

#include <stdio.h>

enum { PLACES_MAX = 400, TRIES_MAX = 400, LONG_TEXT = 100000 };

/* Stands in a text where bytes that are no UTF-8 will stand. */
static const char mark[] = "\xEE\x80\x80\xEE\x80\x81";
static const char no_utf8[] = "\xFF\xFE\xC3\x28\x80\xFF";

struct spot {
    const char *at; /* JSON Pointer */
    const cJSON *value;
};

struct mutation {
    struct exchange *exchange;
    struct arena *arena;
    const struct schema *schema; /* NULL: nothing is documented */
    cJSON *body;
    struct {
        VEC(struct spot);
    } spots;
    unsigned tries;
};

/* ---- breaches ---- */

/* What stands there instead; NULL: this breach has no sense there. */
typedef cJSON *breach_make(struct arena *arena, const cJSON *value);

static cJSON *make_type(struct arena *arena, const cJSON *value)
{
    if (cJSON_IsString(value))
        return tree_integer(arena, 12345);
    if (cJSON_IsNumber(value) || cJSON_IsBool(value))
        return tree_string(arena, "not what it was");
    if (cJSON_IsNull(value))
        return NULL;
    return tree_string(arena, cJSON_IsArray(value) ? "[]" : "{}");
}

static cJSON *make_enum(struct arena *arena, const cJSON *value)
{
    return cJSON_IsString(value) ? tree_string(arena, "NEVER_HEARD_OF") : NULL;
}

static cJSON *make_null(struct arena *arena, const cJSON *value)
{
    return cJSON_IsNull(value) ? NULL : tree_null(arena);
}

static cJSON *make_extra(struct arena *arena, const cJSON *value)
{
    if (!cJSON_IsObject(value))
        return NULL;
    cJSON *copy = tree_copy(arena, value);
    tree_set_string(arena, copy, "x_unheard_of", "an extra member");
    return copy;
}

static cJSON *make_number(struct arena *arena, const cJSON *value)
{
    if (!cJSON_IsNumber(value))
        return NULL;
    return tree_number(arena, tree_is_integer(value) ? "100000000000000000000" : "1e400");
}

static cJSON *make_length(struct arena *arena, const cJSON *value)
{
    if (!cJSON_IsString(value))
        return NULL;
    char *text = arena_alloc(arena, LONG_TEXT + 1);
    memset(text, 'x', LONG_TEXT);
    return tree_string(arena, text);
}

static cJSON *make_encoding(struct arena *arena, const cJSON *value)
{
    return cJSON_IsString(value) ? tree_string(arena, mark) : NULL;
}

static cJSON *make_array(struct arena *arena, const cJSON *value)
{
    if (!cJSON_IsObject(value))
        return NULL;
    cJSON *array = tree_array(arena);
    tree_append(array, tree_copy(arena, value));
    return array;
}

static cJSON *make_format(struct arena *arena, const cJSON *value)
{
    return cJSON_IsString(value) ? tree_string(arena, "neither here nor there") : NULL;
}

/* `keywords`: what the validator must complain of, so that the breach is the one that was asked
 * for; NULL = whatever. */
static const struct breach {
    const char *name;
    breach_make *make; /* NULL: the member goes */
    const char *keywords;
    bool breaks_json; /* whatever the schema says */
    bool is_worth_it; /* hurts clients also where the schema has no bound */
} breaches[] = {
    {"drop", NULL, " required dependentRequired ", false, false},
    {"type", make_type, NULL, false, false},
    {"enum", make_enum, " enum const ", false, false},
    {"null", make_null, NULL, false, false},
    {"extra", make_extra, " additionalProperties unevaluatedProperties ", false, false},
    {"number", make_number, " maximum exclusiveMaximum format ", false, true},
    {"length", make_length, " maxLength ", false, true},
    {"encoding", make_encoding, NULL, true, false},
    {"array", make_array, NULL, false, false},
    {"format", make_format, " format pattern ", false, false},
};
enum { BREACHES = sizeof breaches / sizeof *breaches };

static const char *const breach_names[] = {"drop",  "type",   "enum",   "null",
                                           "extra", "number", "length", "encoding",
                                           "array", "format", NULL};

const struct fault_parameter mutation_parameters[] = {
    {.name = "breach",
     .type = FAULT_CHOICE,
     .choices = breach_names,
     .help = "a required member missing; another type; an unknown value of an enum; null; a member "
             "too many; too large a number; too long a text; no UTF-8; an array for an object; a "
             "broken format. Without it one is drawn"},
    {.name = "at", .type = FAULT_TEXT, .help = "JSON Pointer; without it a place is drawn"},
    {0},
};

/* ---- places ---- */

static void add_spots(struct mutation *mutation, const cJSON *value, const char *at, int depth)
{
    struct spot spot = {at, value};
    const cJSON *item;
    size_t index = 0;
    if (mutation->spots.count >= PLACES_MAX || depth > TREE_DEPTH_MAX)
        return;
    vec_push_arena(mutation->arena, &mutation->spots, spot);
    cJSON_ArrayForEach (item, value) {
        struct strbuf pointer = STRBUF_INIT(LIMIT_MESSAGE);
        strbuf_adds(&pointer, at);
        if (item->string)
            pointer_add_token(item->string, &pointer);
        else
            strbuf_addf(&pointer, "/%zu", index);
        index++;
        add_spots(mutation, item, arena_strndup(mutation->arena, pointer.buf, pointer.len),
                  depth + 1);
        strbuf_release(&pointer);
    }
}

static void shuffle(struct spot *spots, size_t count, struct draw *draw)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)draw_below(draw, i);
        struct spot spot = spots[i - 1];
        spots[i - 1] = spots[other];
        spots[other] = spot;
    }
}

/* ---- trying ---- */

static bool complains_of(const struct schema_error *error, const char *keywords)
{
    for (; error; error = error->next) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, " %s ", error->keyword);
        if (strstr(keywords, wanted) || complains_of(error->causes, keywords))
            return true;
    }
    return false;
}

static bool breaks(struct mutation *mutation, const struct breach *breach, const cJSON *body)
{
    const struct schema_options options = {.direction = SCHEMA_RESPONSE, .max_errors = 20};
    struct schema_report report;
    if (breach->breaks_json)
        return true;
    if (!mutation->schema ||
        schema_validate(mutation->schema, body, &options, mutation->arena, &report))
        return false;
    return !breach->keywords || complains_of(report.first, breach->keywords);
}

/* The body with the breach there; NULL: it has no sense there. */
static cJSON *broken(struct mutation *mutation, const struct breach *breach,
                     const struct spot *spot)
{
    struct arena *arena = mutation->arena;
    if (!breach->make && (!*spot->at || !spot->value->string))
        return NULL;
    cJSON *value = breach->make ? breach->make(arena, spot->value) : NULL;
    if (breach->make && (!value || !*spot->at))
        return value;
    cJSON *body = tree_copy(arena, mutation->body);
    if (!breach->make)
        pointer_remove(body, spot->at);
    else if (pointer_set(arena, body, spot->at, value, NULL))
        return NULL;
    return body;
}

struct found {
    const struct breach *breach;
    const char *at;
    cJSON *body;
    bool is_unbounded;
};

static bool try_all(struct mutation *mutation, const struct breach *breach, const char *at,
                    struct found *found)
{
    for (size_t i = 0; i < mutation->spots.count && mutation->tries < TRIES_MAX; i++) {
        const struct spot *spot = &mutation->spots.items[i];
        cJSON *body = at && !text_is(at, spot->at) ? NULL : broken(mutation, breach, spot);
        if (!body)
            continue;
        mutation->tries++;
        bool is_broken = breaks(mutation, breach, body);
        if (!is_broken && (found->body || !breach->is_worth_it))
            continue;
        *found = (struct found){breach, spot->at, body, !is_broken};
        if (is_broken)
            return true;
    }
    return false;
}

/* The first of a drawn order that breaks something. */
static bool find(struct mutation *mutation, const struct fault_hit *hit, struct found *found)
{
    struct draw draw = draw_from(hit->key);
    const char *at = fault_text(hit, "at");
    shuffle(mutation->spots.items, mutation->spots.count, &draw);
    if (fault_is_given(hit, "breach"))
        return try_all(mutation, &breaches[fault_integer(hit, "breach")], at, found) || found->body;
    size_t first = (size_t)draw_below(&draw, BREACHES), step = draw_below(&draw, 2) ? 3 : 7;
    for (size_t i = 0; i < BREACHES; i++) /* both steps visit all ten */
        if (try_all(mutation, &breaches[(first + i * step) % BREACHES], at, found))
            return true;
    return false;
}

/* ---- the fault ---- */

static struct text *with_bad_bytes(struct text *text)
{
    char *at = strstr(text->bytes, mark);
    if (at)
        memcpy(at, no_utf8, sizeof no_utf8 - 1);
    return text;
}

struct text *mutate(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    struct mutation mutation = {.exchange = exchange, .arena = exchange->arena};
    struct found found = {0};
    mutation.schema = answer_schema(exchange);
    mutation.body = answer_tree(exchange, body);
    if (!mutation.body) {
        fault_withdraw(hit, "the answer has no JSON body");
        return body;
    }
    add_spots(&mutation, mutation.body, "", 0);
    if (!find(&mutation, hit, &found)) {
        fault_withdraw(hit, "no place of the body breaks the schema by it");
        if (!exchange->remark)
            exchange->remark = "schema_mutation: no place of the body breaks the schema by it";
        return body;
    }
    hit->note = arena_printf(exchange->arena, "breach=%s; at=%s%s", found.breach->name, found.at,
                             found.is_unbounded ? "; the schema has no bound there" : "");
    return with_bad_bytes(answer_text(found.body, body));
}
