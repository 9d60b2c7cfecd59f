/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/restore_parts.h"

#include "core/data/json.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- what is wrong, and where ---- */

static struct place place_of(const struct reading *reading, const char *at)
{
    struct place place = {reading->file, 1, 1};
    for (const char *c = reading->whole.ptr; c < at; c++) {
        place.column++;
        if (*c == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

static const char *worded(struct reading *reading, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static const char *worded(struct reading *reading, const char *format, va_list args)
{
    return arena_vprintf(reading->arena, format, args);
}

void reading_problem(struct reading *reading, const char *at, const char *format, ...)
{
    va_list args;
    if (reading->findings->errors > READING_PROBLEMS_MAX)
        return;
    va_start(args, format);
    const char *text = worded(reading, format, args);
    va_end(args);
    findings_add(reading->findings, place_of(reading, at), "%s",
                 reading->findings->errors == READING_PROBLEMS_MAX
                     ? "and more that is not told: mend these first"
                     : text);
}

void reading_remark(struct reading *reading, const char *at, const char *format, ...)
{
    va_list args;
    size_t remarks = reading->findings->count - reading->findings->errors;
    if (remarks > READING_PROBLEMS_MAX)
        return;
    va_start(args, format);
    const char *text = worded(reading, format, args);
    va_end(args);
    findings_warn(reading->findings, place_of(reading, at), "%s",
                  remarks == READING_PROBLEMS_MAX ? "and more that is not told" : text);
}

bool reading_first_time(struct reading *reading, const char *what)
{
    if (map_get(reading->told, what))
        return false;
    map_put(reading->told, what, reading);
    return true;
}

/* ---- objects and arrays ---- */

static void take_member(struct reading *reading, const char *const *names, size_t count,
                        struct str *values, struct str name, struct str value)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_is(name, names[i]))
            continue;
        if (values[i].ptr)
            reading_problem(reading, name.ptr, "duplicate key '%s'", names[i]);
        values[i] = value;
        return;
    }
    const char *given = arena_strndup(reading->arena, name.ptr, name.len < 80 ? name.len : 80);
    const char *near = text_nearest_of(given, names, count);
    reading_problem(reading, name.ptr, "unknown member '%s'%s%s%s", given,
                    near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

bool read_members(struct reading *reading, struct str piece, const char *const *names, size_t count,
                  struct str *values)
{
    struct json_walk walk;
    struct str name, value;
    memset(values, 0, count * sizeof *values);
    if (!json_walk_begin(&walk, piece, '{')) {
        reading_problem(reading, piece.ptr, "an object is expected here");
        return false;
    }
    while (json_walk_next(&walk, &name, &value))
        take_member(reading, names, count, values, name, value);
    if (walk.wrong)
        reading_problem(reading, walk.at, "%s", walk.wrong);
    return !walk.wrong;
}

bool read_items(struct reading *reading, struct str piece, struct json_walk *walk)
{
    if (!piece.ptr)
        return false;
    if (json_walk_begin(walk, piece, '['))
        return true;
    reading_problem(reading, piece.ptr, "an array is expected here");
    return false;
}

bool read_next(struct reading *reading, struct json_walk *walk, struct str *item)
{
    struct str name;
    if (json_walk_next(walk, &name, item))
        return true;
    if (walk->wrong)
        reading_problem(reading, walk->at, "%s", walk->wrong);
    return false;
}

/* ---- values ---- */

cJSON *read_tree(struct reading *reading, struct arena *arena, struct str piece)
{
    struct error err = {0};
    if (!piece.ptr)
        return NULL;
    cJSON *tree = json_parse(arena, piece.ptr, piece.len, NULL, &err);
    if (!tree)
        reading_problem(reading, piece.ptr, "no JSON, %s from here", err.text);
    return tree;
}

const char *read_text(struct reading *reading, struct arena *arena, struct str piece)
{
    const cJSON *tree = read_tree(reading, arena, piece);
    if (tree && !cJSON_IsString(tree))
        reading_problem(reading, piece.ptr, "a text is expected here, not %s",
                        tree_type_name(tree));
    return tree_text(tree);
}

void read_integer(struct reading *reading, struct str piece, int64_t least, int64_t most,
                  int64_t *out)
{
    int64_t value;
    const cJSON *tree = read_tree(reading, reading->scratch, piece);
    if (!tree)
        return;
    if (!tree_as_int64(tree, &value) || value < least || value > most)
        reading_problem(reading, piece.ptr, "an integer from %lld to %lld is expected here",
                        (long long)least, (long long)most);
    else
        *out = value;
}

void read_instant(struct reading *reading, struct str piece, nanos *out)
{
    const char *text = read_text(reading, reading->scratch, piece);
    if (text && instant_parse(text, false, out))
        reading_problem(reading, piece.ptr, "'%.60s' is no instant such as 2026-01-01T00:00:00Z",
                        text);
}

void read_flag(struct reading *reading, struct str piece, bool *out)
{
    const cJSON *tree = read_tree(reading, reading->scratch, piece);
    if (tree && !cJSON_IsBool(tree))
        reading_problem(reading, piece.ptr, "true or false is expected here");
    else if (tree)
        *out = cJSON_IsTrue(tree);
}

static bool hex_value(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    size_t len = strlen(text);
    for (const char *c = text; *c; c++) {
        int digit = *c >= '0' && *c <= '9' ? *c - '0' : *c >= 'a' && *c <= 'f' ? *c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    *out = value;
    return len == 16;
}

void read_hex(struct reading *reading, struct str piece, uint64_t *out)
{
    const char *text = read_text(reading, reading->scratch, piece);
    if (text && !hex_value(text, out))
        reading_problem(reading, piece.ptr, "16 hexadecimal digits are expected here");
}
