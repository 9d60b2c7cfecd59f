/* SPDX-License-Identifier: Apache-2.0 */
/* Making errors, and showing them. */
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/schema/run.h"

#include <stdarg.h>

enum { BRIEF_MAX = 60, LIMIT_POINTER = 64 * 1024 };

const char *value_brief(struct arena *arena, const cJSON *value)
{
    const char *text;
    size_t len;

    if (cJSON_IsArray(value))
        return value->child ? "an array" : "an empty array";
    if (cJSON_IsObject(value))
        return value->child ? "an object" : "an empty object";
    if (!cJSON_IsString(value))
        return json_text(arena, value);
    text = value->valuestring;
    len = strlen(text);
    if (len <= BRIEF_MAX)
        return arena_printf(arena, "'%s'", text);
    for (len = BRIEF_MAX; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--;
    return arena_printf(arena, "'%.*s...'", (int)len, text);
}

static void add_pointer(const struct frame *frame, struct strbuf *out)
{
    const struct frame *path[RUN_DEPTH_MAX + 2];
    size_t count = 0;

    for (; frame; frame = frame->outer)
        if (frame->step != STEP_SAME && count < sizeof path / sizeof *path)
            path[count++] = frame;
    while (count--) {
        if (path[count]->step == STEP_MEMBER)
            pointer_add_token(path[count]->instance->string, out);
        else
            strbuf_addf(out, "/%ld", path[count]->step);
    }
}

const char *run_pointer(const struct run *run, const struct frame *frame)
{
    char room[256];
    struct strbuf text = strbuf_over(room, sizeof room, LIMIT_POINTER);
    const char *copy;

    if (!frame->outer)
        return "";
    add_pointer(frame, &text);
    copy = arena_strndup(run->arena, text.buf, text.len);
    strbuf_release(&text);
    return copy;
}

static struct schema_error *add_error(struct run *run, const struct rule *rule,
                                      const struct frame *frame, const struct schema *schema)
{
    struct schema_error *made;
    const cJSON *at = rule ? rule->value : schema->node;

    if (run->errors->count >= run->errors->max) {
        run->errors->more = true;
        return NULL;
    }
    made = arena_alloc(run->arena, sizeof *made);
    made->instance = run_pointer(run, frame);
    made->keyword = rule ? rule->keyword->name : "";
    made->keyword_location = arena_printf(run->arena, "%s#%s%s%s", schema->resource->document,
                                          schema->pointer, rule ? "/" : "", made->keyword);
    made->place = tree_place(at);
    made->instance_place = tree_place(frame->instance);
    *run->errors->end = made;
    run->errors->end = &made->next;
    run->errors->count++;
    return made;
}

bool run_fail(struct run *run, const struct rule *rule, const char *format, ...)
{
    struct schema_error *made;
    va_list args;

    if (!run->errors)
        return false;
    made = add_error(run, rule, run->frame, run->frame->schema);
    if (made) {
        va_start(args, format);
        made->text = arena_vprintf(run->arena, format, args);
        va_end(args);
    }
    return false;
}

bool run_fail_at(struct run *run, const struct rule *rule, const cJSON *child, long step,
                 const char *format, ...)
{
    struct frame frame = {run->frame->schema, child, run->frame, step};
    struct schema_error *made;
    va_list args;

    if (!run->errors)
        return false;
    made = add_error(run, rule, &frame, run->frame->schema);
    if (made) {
        va_start(args, format);
        made->text = arena_vprintf(run->arena, format, args);
        va_end(args);
    }
    return false;
}

void run_add_causes(struct run *run, struct schema_error *causes)
{
    struct schema_error *last = run->errors ? run->errors->first : NULL;

    while (last && last->next)
        last = last->next;
    if (last && !last->causes)
        last->causes = causes;
}

/* ---- showing ---- */

static void print_errors(const struct schema_error *error, unsigned depth, struct strbuf *out)
{
    for (; error; error = error->next) {
        strbuf_addf(out, "%*s%s: %s (", (int)(depth * 2), "",
                    *error->instance ? error->instance : "/", error->text);
        if (error->place.file)
            place_print(error->place, out);
        else
            strbuf_adds(out, error->keyword_location);
        strbuf_adds(out, ")\n");
        if (error->causes && depth < RUN_DEPTH_MAX)
            print_errors(error->causes, depth + 1, out);
    }
}

void schema_report_print(const struct schema_report *report, struct strbuf *out)
{
    print_errors(report->first, 0, out);
    if (report->more)
        strbuf_adds(out, "and more\n");
}

static cJSON *errors_json(struct arena *arena, const struct schema_error *error, unsigned depth)
{
    cJSON *list = tree_array(arena);

    for (; error; error = error->next) {
        cJSON *row = tree_object(arena);

        tree_set_string(arena, row, "instanceLocation", error->instance);
        tree_set_string(arena, row, "keyword", error->keyword);
        tree_set_string(arena, row, "absoluteKeywordLocation", error->keyword_location);
        tree_set_string(arena, row, "error", error->text);
        if (error->causes && depth < RUN_DEPTH_MAX)
            tree_set(arena, row, "causes", errors_json(arena, error->causes, depth + 1));
        tree_append(list, row);
    }
    return list;
}

cJSON *schema_report_json(struct arena *arena, const struct schema_report *report)
{
    return errors_json(arena, report->first, 0);
}

/* The innermost causes say most; the error above them gives the frame. */
static void add_findings(const struct schema_error *error, unsigned depth,
                         struct findings *findings)
{
    for (; error; error = error->next) {
        if (error->causes && depth < RUN_DEPTH_MAX)
            add_findings(error->causes, depth + 1, findings);
        else
            findings_add(findings, error->instance_place, "%s: %s",
                         *error->instance ? error->instance : "/", error->text);
    }
}

void schema_report_findings(const struct schema_report *report, struct findings *findings)
{
    add_findings(report->first, 0, findings);
}
