/* SPDX-License-Identifier: Apache-2.0 */
/* A schema from its text, for the tests of this folder. */
#pragma once

#include "core/data/json.h"
#include "core/schema/schema.h"
#include "tests/unit/cmocka_all.h"

static struct arena *arena;
static struct findings findings;

static inline int set_up(void **state)
{
    (void)state;
    arena = arena_new();
    findings = (struct findings){0};
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    findings_release(&findings);
    arena_free(arena);
    return 0;
}

static inline const cJSON *parse(const char *text)
{
    struct error err = {0};
    const cJSON *tree = json_parse(arena, text, strlen(text), "test.json", &err);

    if (!tree)
        fail_msg("%s", err.text);
    return tree;
}

/* NULL when it does not compile; then `findings` has what was said. */
static inline const struct schema *compile_in(struct schema_set *set, const char *text,
                                              enum schema_dialect dialect)
{
    if (schema_set_add(set, "test.json", parse(text), dialect, &findings))
        return NULL;
    return schema_compile(set, "test.json", &findings);
}

static inline const struct schema *compile(const char *text, enum schema_dialect dialect)
{
    const struct schema *schema = compile_in(schema_set_new(arena), text, dialect);

    if (!schema)
        fail_msg("%s", findings.count ? findings.items[0].text : "no findings");
    return schema;
}

/* All findings, a line each without their places. */
static inline const char *said(void)
{
    const char *text = "";

    for (size_t i = 0; i < findings.count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "\n" : "", findings.items[i].text);
    return text;
}
