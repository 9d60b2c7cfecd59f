/* SPDX-License-Identifier: Apache-2.0 */
/* A schema, a NUL and an instance: validated both ways, visited, filled; examples must validate. */
#include "core/data/json.h"
#include "core/schema/schema.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see(void *data, const char *name, const struct schema *schema, const cJSON *value,
                const char *pointer)
{
    size_t *seen = data;

    (void)schema;
    (void)value;
    *seen += strlen(name) + strlen(pointer);
}

static void use(const struct schema *schema, const cJSON *instance, struct arena *arena)
{
    struct schema_options options = {.max_steps = 20000, .max_errors = 10};
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    struct schema_report report;
    size_t seen = 0;
    bool quick = schema_valid(schema, instance, &options, arena);

    if (quick != schema_validate(schema, instance, &options, arena, &report))
        abort();
    schema_report_print(&report, &text);
    strbuf_release(&text);
    if (quick) { /* within the limits then */
        schema_visit(schema, instance, false, arena, see, &seen);
        schema_fill_defaults(schema, arena, instance);
    }
}

static void make(const struct schema *schema, struct arena *arena)
{
    struct error err;
    cJSON *made = schema_example(schema, arena, 1, SCHEMA_EXAMPLE_OPTIONAL, &err);

    if (made && !schema_valid(schema, made, NULL, arena))
        abort();
}

static void run(const char *schema_text, size_t schema_len, const char *text, size_t len,
                enum schema_dialect dialect)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct schema_set *set = schema_set_new(arena);
    const cJSON *document = json_parse(arena, schema_text, schema_len, "schema", NULL);
    const cJSON *instance = json_parse(arena, text, len, NULL, NULL);
    const struct schema *schema = NULL;

    if (document && !schema_set_add(set, "file:///schema.json", document, dialect, &findings))
        schema = schema_compile(set, "file:///schema.json", &findings);
    if (schema && instance)
        use(schema, instance, arena);
    if (schema && schema_len < 300)
        make(schema, arena);
    findings_release(&findings);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum schema_dialect dialects[] = {SCHEMA_2020_12, SCHEMA_OAS31, SCHEMA_DRAFT4,
                                                   SCHEMA_OAS30};
    const uint8_t *cut = memchr(data, 0, size);
    size_t len = cut ? (size_t)(cut - data) : 0;

    if (!cut)
        return 0;
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        run((const char *)data, len, (const char *)cut + 1, size - len - 1, dialects[i]);
    return 0;
}
