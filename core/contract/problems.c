/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/problems.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/data/utf8.h"

enum { SHOWN_MAX = 200 }; /* bytes of an expected or found value */

/* Without a last character that was cut in two. */
static size_t whole_characters(const char *text, size_t len)
{
    size_t start = len;
    while (start && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (!start || !((unsigned char)text[start - 1] & 0x80))
        return len;
    start--;
    return utf8_length(text + start, text + len) ? len : start;
}

/* Compact JSON, cut when long. */
static const char *show_value(struct arena *arena, const cJSON *value)
{
    if (!value)
        return NULL;
    struct strbuf text = STRBUF_INIT(SHOWN_MAX);
    json_print(value, JSON_COMPACT, &text);
    size_t len = text.overflowed ? whole_characters(text.buf, text.len) : text.len;
    const char *shown =
        arena_printf(arena, "%.*s%s", (int)len, text.buf, text.overflowed ? "..." : "");
    strbuf_release(&text);
    return shown;
}

void problem_add(struct arena *arena, struct problems *problems, struct problem problem)
{
    if (problems->count >= PROBLEMS_MAX) {
        problems->more = true;
        return;
    }
    problem.name = arena_strdup(arena, problem.name);
    problem.pointer = problem.pointer ? arena_strdup(arena, problem.pointer) : "";
    problem.message = arena_strdup(arena, problem.message);
    problem.expected = arena_strdup(arena, problem.expected);
    problem.found = arena_strdup(arena, problem.found);
    vec_push_arena(arena, problems, problem);
}

void problems_add_report(struct arena *arena, struct problems *problems, const char *in,
                         const char *name, const struct problem_source *source)
{
    const struct schema_report *report = source->report;
    for (const struct schema_error *error = report->first; error; error = error->next)
        problem_add(arena, problems,
                    (struct problem){
                        .in = in,
                        .name = name,
                        .pointer = error->instance,
                        .keyword = error->keyword,
                        .message = error->text,
                        .expected = show_value(
                            arena, source->contract && *error->keyword
                                       ? contract_node(source->contract, error->keyword_location)
                                       : NULL),
                        .found = show_value(arena, pointer_get(source->value, error->instance)),
                        .place = error->place});
    if (report->more)
        problems->more = true;
}

void problem_print(const struct problem *problem, struct strbuf *out)
{
    strbuf_adds(out, problem->in);
    if (problem->name)
        strbuf_addf(out, " '%s'", problem->name);
    if (*problem->pointer)
        strbuf_addf(out, " at '%s'", problem->pointer);
    strbuf_addf(out, ": %s", problem->message);
}

static bool was_said(const struct problems *problems, size_t index)
{
    const struct problem *all = problems->items, *one = &all[index];
    for (size_t i = 0; i < index; i++)
        if (text_is(all[i].in, one->in) && text_is(all[i].message, one->message) &&
            text_is(all[i].pointer, one->pointer) &&
            text_is(all[i].name ? all[i].name : "", one->name ? one->name : ""))
            return true;
    return false;
}

void problems_list(const struct problems *problems, struct strbuf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (was_said(problems, i))
            continue;
        strbuf_adds(out, i ? "; " : "");
        problem_print(&problems->items[i], out);
    }
    strbuf_adds(out, problems->more ? "; and more" : "");
}

static void set_text(struct arena *arena, cJSON *object, const char *key, const char *text)
{
    if (text)
        tree_set_string(arena, object, key, text);
}

cJSON *problems_json(struct arena *arena, const struct problems *problems)
{
    cJSON *list = tree_array(arena);
    const struct problem *problem;
    vec_foreach (problem, problems) {
        cJSON *item = tree_object(arena);
        set_text(arena, item, "in", problem->in);
        set_text(arena, item, "name", problem->name);
        set_text(arena, item, "pointer", *problem->pointer ? problem->pointer : NULL);
        set_text(arena, item, "keyword", problem->keyword);
        set_text(arena, item, "message", problem->message);
        set_text(arena, item, "expected", problem->expected);
        set_text(arena, item, "found", problem->found);
        tree_append(list, item);
    }
    return list;
}
