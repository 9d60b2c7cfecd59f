/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Examples of every component schema of real services, and of every schema of the suite: each one
 * either validates or has a reason. Files whose documents must all have one are given with '!'.
 */
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/schema/schema.h"
#include "tests/unit/core/schema/shared.h"

#include <string.h>

struct tally {
    size_t asked, made, reasons, wrong;
};

enum { KEYS = 3 };

static const unsigned flag_rows[] = {0, SCHEMA_EXAMPLE_OPTIONAL,
                                     SCHEMA_EXAMPLE_OPTIONAL | SCHEMA_EXAMPLE_REQUEST,
                                     SCHEMA_EXAMPLE_OPTIONAL | SCHEMA_EXAMPLE_RESPONSE};

static bool is_right(const struct schema *schema, unsigned flags, const cJSON *made,
                     struct arena *arena)
{
    struct schema_options options = {0};

    if (flags & SCHEMA_EXAMPLE_REQUEST)
        options.direction = SCHEMA_REQUEST;
    if (flags & SCHEMA_EXAMPLE_RESPONSE)
        options.direction = SCHEMA_RESPONSE;
    return schema_valid(schema, made, &options, arena);
}

/* The same key gives the same text; every example validates. */
static void try_schema(const struct schema *schema, const char *what, struct tally *tally)
{
    struct arena *arena = arena_new();
    bool made_all = true;

    tally->asked++;
    for (size_t f = 0; f < sizeof flag_rows / sizeof *flag_rows; f++) {
        for (uint64_t key = 0; key < KEYS; key++) {
            struct error err = {0};
            const cJSON *made = schema_example(schema, arena, key, flag_rows[f], &err);
            const cJSON *again = schema_example(schema, arena, key, flag_rows[f], NULL);

            if (made && (!is_right(schema, flag_rows[f], made, arena) || !again ||
                         !text_is(json_text(arena, made), json_text(arena, again)))) {
                tally->wrong++;
                printf("wrong example of %s: %s\n", what, json_text(arena, made));
            }
            if (!made && !*err.text)
                tally->wrong++;
            if (!made && made_all && getenv("VERBOSE"))
                printf("%s: %s\n", what, err.text);
            made_all &= made != NULL;
        }
    }
    tally->made += made_all;
    tally->reasons += !made_all;
    arena_free(arena);
}

static void try_openapi(const char *path, struct tally *tally)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const cJSON *document = load_document(arena, path, &findings), *schema;
    struct schema_set *set = schema_set_new(arena);

    if (document)
        schema_set_add(set, path, document, SCHEMA_OAS31, &findings);
    cJSON_ArrayForEach (schema, tree_get(tree_get(document, "components"), "schemas")) {
        const char *pointer = arena_printf(arena, "/components/schemas/%s", schema->string);
        const struct schema *compiled = schema_compile_at(set, path, pointer, &findings);

        if (compiled)
            try_schema(compiled, pointer, tally);
        else
            tally->wrong++;
    }
    findings_print(&findings, &text);
    fputs(text.buf, stdout);
    strbuf_release(&text);
    findings_release(&findings);
    arena_free(arena);
}

static void try_group(const cJSON *group, struct tally *tally)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct schema_set *set = schema_set_new(arena);
    const struct schema *schema = NULL;

    if (!schema_set_add(set, "file:///test.json", tree_get(group, "schema"), SCHEMA_2020_12,
                        &findings))
        schema = schema_compile(set, "file:///test.json", &findings);
    if (schema) /* those that need documents of the suite's server are left out */
        try_schema(schema, tree_get_text(group, "description"), tally);
    findings_release(&findings);
    arena_free(arena);
}

static void try_suite(const char *folder, struct tally *tally)
{
    struct arena *arena = arena_new();
    struct error err;
    const char **names = file_list(arena, folder, &err);

    for (; names && *names; names++) {
        struct findings findings = {0};
        const cJSON *group;

        if (!text_ends_with(*names, ".json"))
            continue;
        cJSON_ArrayForEach (group,
                            load_document(arena, file_join(arena, folder, *names), &findings))
            try_group(group, tally);
        findings_release(&findings);
    }
    arena_free(arena);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    const char *reference = shared_folder(arena, "reference");
    const char *suite = shared_folder(arena, "json-schema-test-suite/tests/draft2020-12");
    struct tally all = {0};
    bool failed = false;

    for (int i = 1; i < argc; i++) {
        bool total = argv[i][0] == '!';
        struct tally tally = {0};

        if (text_is(argv[i], "suite"))
            try_suite(suite, &tally);
        else
            try_openapi(file_join(arena, reference, argv[i] + total), &tally);
        printf("%s: %zu of %zu schemas have examples, %zu have a reason\n", argv[i], tally.made,
               tally.asked, tally.reasons);
        failed |= tally.wrong || !tally.asked || (total && tally.made != tally.asked);
        all.asked += tally.asked;
        all.made += tally.made + tally.reasons;
        all.wrong += tally.wrong;
    }
    printf("%zu of %zu cases\n", all.made - all.wrong, all.asked);
    arena_free(arena);
    return failed;
}
