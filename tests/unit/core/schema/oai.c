/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published schemas of OpenAPI and Arazzo, and the documents that come with them: every
 * document is accepted or refused as its folder says. The schemas themselves are held against their
 * metaschemas.
 */
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/schema/schema.h"
#include "tests/unit/core/schema/shared.h"

#include <string.h>

struct row {
    const char *schema; /* file below oai-schemas */
    const char *folder; /* of documents; NULL: only the schema is looked at */
    bool accepted;
    const char *unlike; /* one document of the folder that goes the other way */
    const char *metaschema;
    const char *named; /* only documents with this in their name; NULL: all */
};

#define META_2020 "https://json-schema.org/draft/2020-12/schema"
#define META_4    "http://json-schema.org/draft-04/schema"
#define ARAZZO    "arazzo."

static const struct row rows[] = {
    {"arazzo/1.0/schema.2025-10-15.json", "arazzo/1.0/fixtures/pass", true, NULL, META_2020, NULL},
    {"arazzo/1.0/schema.2025-10-15.json", "arazzo/1.0/fixtures/fail", false, NULL, META_2020, NULL},
    {"arazzo/1.0/schema.2025-10-15.json", "arazzo/examples/1.0.0", true, NULL, META_2020, ARAZZO},
    {"arazzo/1.1/schema.2026-04-15.json", "arazzo/1.1/fixtures/pass", true, NULL, META_2020, NULL},
    {"arazzo/1.1/schema.2026-04-15.json", "arazzo/1.1/fixtures/fail", false, NULL, META_2020, NULL},
    {"arazzo/1.1/schema.2026-04-15.json", "arazzo/examples/1.1.0", true, NULL, META_2020, ARAZZO},
    {"openapi/2.0/schema.2017-08-27.json", NULL, true, NULL, META_4, NULL},
    {"openapi/3.0/schema.2024-10-18.json", "openapi/3.0/fixtures/pass", true, NULL, META_4, NULL},
    {"openapi/3.1/schema.2025-11-23.json", "openapi/3.1/fixtures/pass", true, NULL, META_2020,
     NULL},
    {"openapi/3.1/schema.2025-11-23.json", "openapi/3.1/fixtures/fail", false, NULL, META_2020,
     NULL},
    {"openapi/3.1/schema-base.2025-11-23.json", "openapi/3.1/fixtures/pass", true,
     "json_schema_dialect.yaml", META_2020, NULL}, /* it names another dialect */
    {"openapi/3.1/schema-base.2025-11-23.json", "openapi/3.1/fixtures/fail", false, NULL, META_2020,
     NULL},
    {"openapi/3.2/schema.2025-11-23.json", NULL, true, NULL, META_2020, NULL},
    {"openapi/3.2/schema-base.2025-11-23.json", NULL, true, NULL, META_2020, NULL},
};

struct check {
    struct arena *arena;
    const char *root;
    struct schema_set *set;
    struct findings findings;
    size_t cases, right;
};

static const cJSON *read_document(struct check *check, const char *path)
{
    struct findings findings = {0};
    const cJSON *tree = load_document(check->arena, path, &findings);
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);

    findings_print(&findings, &text);
    fputs(text.buf, stdout);
    strbuf_release(&text);
    findings_release(&findings);
    return tree;
}

/* All schemas of a folder under the names that they give themselves. */
static void add_schemas(struct check *check, const char *folder)
{
    struct error err;
    const char *path = file_join(check->arena, check->root, folder);
    const char **names = file_list(check->arena, path, &err);

    for (; names && *names; names++) {
        const cJSON *document;

        if (!text_ends_with(*names, ".json"))
            continue;
        document = read_document(check, file_join(check->arena, path, *names));
        if (document)
            schema_set_add(check->set, arena_printf(check->arena, "%s/%s", folder, *names),
                           document, SCHEMA_2020_12, &check->findings);
    }
}

static void count(struct check *check, bool right, const char *what)
{
    check->cases++;
    check->right += right;
    if (!right)
        printf("not as listed: %s\n", what);
}

static void check_document(struct check *check, const struct row *row, const struct schema *schema,
                           const char *name)
{
    const char *path =
        file_join(check->arena, file_join(check->arena, check->root, row->folder), name);
    const cJSON *document = read_document(check, path);
    bool expected = text_is(name, row->unlike) ? !row->accepted : row->accepted;
    struct schema_report report = {NULL, 0, false};
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    bool valid =
        document && schema && schema_validate(schema, document, NULL, check->arena, &report);

    count(check, document && schema && valid == expected, path);
    if (expected && !valid) {
        schema_report_print(&report, &text);
        fputs(text.buf, stdout);
    }
    strbuf_release(&text);
}

static void check_row(struct check *check, const struct row *row)
{
    struct error err;
    const struct schema *schema = schema_compile(check->set, row->schema, &check->findings);
    const struct schema *meta = schema_compile(check->set, row->metaschema, &check->findings);
    const char **names;

    count(check, schema && meta && schema_valid(meta, schema_node(schema), NULL, check->arena),
          row->schema);
    if (!row->folder)
        return;
    names = file_list(check->arena, file_join(check->arena, check->root, row->folder), &err);
    for (; names && *names; names++)
        if (!row->named || strstr(*names, row->named))
            check_document(check, row, schema, *names);
}

int main(void)
{
    static const char *const folders[] = {"arazzo/1.0",  "arazzo/1.1",  "openapi/2.0",
                                          "openapi/3.0", "openapi/3.1", "openapi/3.2"};
    struct check check = {.arena = arena_new()};
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    bool right;

    check.root = shared_folder(check.arena, "oai-schemas");
    check.set = schema_set_new(check.arena);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        add_schemas(&check, folders[i]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&check, &rows[i]);
    findings_print(&check.findings, &text);
    printf("%s%zu of %zu cases\n", text.buf, check.right, check.cases);
    right = check.right == check.cases && check.cases && !check.findings.errors;
    strbuf_release(&text);
    findings_release(&check.findings);
    arena_free(check.arena);
    return !right;
}
