/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lifecycle/formats.h"

#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/cron.h"
#include "core/expr/zone.h"
#include "core/lifecycle/format_texts.h"
#include "core/schema/schema.h"

#include <string.h>

const char *format_schema_text(const char *format)
{
    const struct format_text *row;

    for (row = format_texts; row->name; row++)
        if (text_is(row->name, format))
            return (const char *)row->text;
    return NULL;
}

/* ---- formats of texts ---- */

static bool is_cron(const cJSON *value)
{
    return cron_is_valid(value->valuestring);
}

/* At most every five minutes: what services with a minimum interval take. */
static bool is_calm_cron(const cJSON *value)
{
    struct cron cron;
    return cron_parse(value->valuestring, &cron, NULL) == 0 &&
           cron_shortest_pause(&cron) >= (nanos)5 * 60 * NANOS_PER_SECOND;
}

static const char *example_cron(struct arena *arena, uint64_t key)
{
    return arena_printf(arena, "%u %u * * *", (unsigned)(key % 60), (unsigned)(key / 60 % 24));
}

static bool is_zone(const cJSON *value)
{
    return zone_is_valid(value->valuestring);
}

static const char *example_zone(struct arena *arena, uint64_t key)
{
    (void)key;
    return arena_strdup(arena, "UTC");
}

static const struct schema_format text_formats[] = {
    {"cron", false, is_cron, example_cron},
    {"cron-5m", false, is_calm_cron, example_cron},
    {"time-zone", false, is_zone, example_zone},
};

const struct schema_format *formats_of_texts(size_t *count)
{
    *count = sizeof text_formats / sizeof *text_formats;
    return text_formats;
}

void formats_register(struct schema_set *set)
{
    size_t i;

    for (i = 0; i < sizeof text_formats / sizeof *text_formats; i++)
        schema_set_format(set, &text_formats[i]);
}

/* ---- checking a file ---- */

struct check {
    struct arena *arena;
    struct findings *findings;
    const cJSON *schema, *document;
};

/* "lifecycle#/$defs/machine/additionalProperties" gives the object that holds the keyword. */
static const cJSON *schema_around(const struct check *check, const char *location)
{
    const char *hash = location ? strchr(location, '#') : NULL;
    const char *slash = hash ? strrchr(hash, '/') : NULL;

    if (!slash)
        return NULL;
    return pointer_get(check->schema,
                       arena_strndup(check->arena, hash + 1, (size_t)(slash - hash - 1)));
}

static void report_unknown_key(const struct check *check, const cJSON *known, const cJSON *member)
{
    const char **names = arena_alloc(check->arena, (tree_count(known) + 1) * sizeof *names);
    const char *near;
    const cJSON *item;
    size_t count = 0;

    cJSON_ArrayForEach (item, known)
        names[count++] = item->string;
    near = text_nearest_of(member->string, names, count);
    if (near)
        findings_add(check->findings, tree_key_place(member),
                     "unknown key '%s' (did you mean '%s'?)", member->string, near);
    else
        findings_add(check->findings, tree_key_place(member), "unknown key '%s'", member->string);
}

/* The finding stands at the key. */
static bool report_unknown(const struct check *check, const struct schema_error *error)
{
    const cJSON *around = schema_around(check, error->keyword_location);
    const cJSON *known = tree_get(around, "properties");
    const cJSON *member = pointer_get(check->document, error->instance);

    if (strcmp(error->keyword, "additionalProperties") != 0 || !known || !member)
        return false;
    report_unknown_key(check, known, member);
    return true;
}

static void report_error(const struct check *check, const struct schema_error *error)
{
    const cJSON *value = pointer_get(check->document, error->instance);
    struct place place = value ? tree_place(value) : error->instance_place;

    if (report_unknown(check, error))
        return;
    if (!*error->instance)
        findings_add(check->findings, place, "%s", error->text);
    else
        findings_add(check->findings, place, "%s: %s", error->instance, error->text);
}

bool format_check(struct arena *arena, const char *format, const cJSON *document,
                  struct findings *findings)
{
    struct schema_set *set = schema_set_new(arena);
    const char *text = format_schema_text(format);
    struct schema_report report = {0};
    const struct schema_error *error;
    const struct schema *schema;
    struct error err = {0};
    cJSON *tree;

    formats_register(set);
    tree = json_parse(arena, text, strlen(text), format, &err);
    if (!tree || schema_set_add(set, format, tree, SCHEMA_2020_12, findings)) {
        findings_add(findings, (struct place){0}, "the format '%s' cannot be read: %s", format,
                     err.text);
        return false;
    }
    schema = schema_compile(set, format, findings);
    if (!schema)
        return false;
    if (schema_validate(schema, document, NULL, arena, &report))
        return true;
    for (error = report.first; error; error = error->next) {
        const struct check check = {arena, findings, tree, document};
        const struct schema_error *cause = error;

        while (cause->causes) /* the nearest branch says more than `anyOf` itself */
            cause = cause->causes;
        report_error(&check, cause);
    }
    return false;
}
