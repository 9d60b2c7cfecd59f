/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON-Schema-Test-Suite through our own reader: `suite DRAFT FOLDER... [-f]`, the folders below
 * tests/DRAFT ("." = the required files), -f = formats asserted. What does not pass must stand in
 * tests/data/schema/exceptions.json, and what stands there must not pass.
 */
#include "core/data/json.h"
#include "core/schema/schema.h"
#include "tests/unit/core/schema/shared.h"

#include <string.h>

struct suite {
    struct arena *arena;
    const char *root, *draft;
    enum schema_dialect dialect;
    bool formats;
    struct {
        struct {
            const char *uri;
            const cJSON *document;
        } items[128];
        size_t count;
    } remotes;
    const cJSON *exceptions;
    size_t cases, right, excepted, wrong;
};

static const cJSON *read_json(struct arena *arena, const char *path)
{
    struct error err;
    size_t len;
    const char *bytes = file_read(arena, path, FILE_MAX, &len, &err);
    const cJSON *tree = bytes ? json_parse(arena, bytes, len, path, &err) : NULL;

    if (!tree) {
        printf("%s: %s\n", path, err.text);
        exit(1);
    }
    return tree;
}

/* remotes/a/b.json is http://localhost:1234/a/b.json; folders of other drafts are left out. */
static void load_remotes(struct suite *suite, const char *folder, const char *uri, unsigned depth)
{
    struct error err;
    const char **names = file_list(suite->arena, folder, &err);

    for (; names && *names; names++) {
        const char *path = file_join(suite->arena, folder, *names);
        const char *at = arena_printf(suite->arena, "%s/%s", uri, *names);
        bool foreign = !depth && (text_starts_with(*names, "draft") || text_is(*names, "v1")) &&
                       !text_is(*names, suite->draft);

        if (file_is_directory(path)) {
            if (!foreign && depth < 4)
                load_remotes(suite, path, at, depth + 1);
        } else if (text_ends_with(*names, ".json") && suite->remotes.count < 128) {
            suite->remotes.items[suite->remotes.count].uri = at;
            suite->remotes.items[suite->remotes.count++].document = read_json(suite->arena, path);
        }
    }
}

static const cJSON *find_exception(const struct suite *suite, const char *file, const char *group,
                                   const char *test)
{
    const cJSON *row;

    cJSON_ArrayForEach (row, suite->exceptions) {
        if (text_is(tree_get_text(row, "draft"), suite->draft) &&
            text_is(tree_get_text(row, "file"), file) &&
            text_is(tree_get_text(row, "group"), group) &&
            text_is(tree_get_text(row, "test"), test))
            return row;
    }
    return NULL;
}

static void judge(struct suite *suite, const char *file, const char *group, const cJSON *test,
                  bool passed)
{
    const char *name = tree_get_text(test, "description");
    bool excepted = find_exception(suite, file, group, name) != NULL;

    suite->cases++;
    suite->right += passed;
    suite->excepted += !passed && excepted;
    if (passed != excepted)
        return;
    suite->wrong++;
    printf("%s: {\"draft\": \"%s\", \"file\": \"%s\", \"group\": \"%s\", \"test\": \"%s\"}\n",
           passed ? "passes unexpectedly" : "fails", suite->draft, file, group, name);
}

static const struct schema *compile(struct suite *suite, struct arena *arena, const cJSON *document)
{
    struct schema_set *set = schema_set_new(arena);
    struct findings findings = {0};
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const struct schema *schema = NULL;

    for (size_t i = 0; i < suite->remotes.count; i++)
        schema_set_add(set, suite->remotes.items[i].uri, suite->remotes.items[i].document,
                       suite->dialect, &findings);
    if (!schema_set_add(set, "file:///test.json", document, suite->dialect, &findings))
        schema = schema_compile(set, "file:///test.json", &findings);
    findings_print(&findings, &text);
    fputs(text.buf, stdout);
    strbuf_release(&text);
    findings_release(&findings);
    return schema;
}

/* Quick answer, report and reading again must agree. */
static bool agrees(const struct schema *schema, const cJSON *data, bool expected,
                   const struct schema_options *options, struct arena *arena)
{
    struct schema_report report;
    bool quick = schema_valid(schema, data, options, arena);
    bool full = schema_validate(schema, data, options, arena, &report);

    if (quick != full || full != (report.count == 0))
        printf("the quick answer and the report differ\n");
    return quick == expected && full == expected && full == (report.count == 0);
}

static void run_group(struct suite *suite, const char *file, const cJSON *group)
{
    struct arena *arena = arena_new();
    const char *name = tree_get_text(group, "description");
    const struct schema_options options = {.ignore_formats = !suite->formats};
    const struct schema *schema = compile(suite, arena, tree_get(group, "schema"));
    const cJSON *test;

    cJSON_ArrayForEach (test, tree_get(group, "tests")) {
        bool expected = tree_is_true(tree_get(test, "valid"));

        judge(suite, file, name, test,
              schema && agrees(schema, tree_get(test, "data"), expected, &options, arena));
    }
    arena_free(arena);
}

static void run_folder(struct suite *suite, const char *folder)
{
    struct error err;
    const char *base = file_join(suite->arena, suite->root, "tests");
    const char *path = file_join(suite->arena, file_join(suite->arena, base, suite->draft), folder);
    const char **names = file_list(suite->arena, path, &err);
    const cJSON *group;

    for (; names && *names; names++) {
        const char *file =
            text_is(folder, ".") ? *names : arena_printf(suite->arena, "%s/%s", folder, *names);

        if (!text_ends_with(*names, ".json"))
            continue;
        cJSON_ArrayForEach (group, read_json(suite->arena, file_join(suite->arena, path, *names)))
            run_group(suite, file, group);
    }
}

int main(int argc, char **argv)
{
    struct suite suite = {.arena = arena_new()};

    if (argc < 3)
        return EXIT_USAGE;
    suite.root = shared_folder(suite.arena, "json-schema-test-suite");
    suite.draft = argv[1];
    suite.dialect = text_is(suite.draft, "draft4") ? SCHEMA_DRAFT4 : SCHEMA_2020_12;
    suite.exceptions = read_json(suite.arena, SOURCE_DIR "/tests/data/schema/exceptions.json");
    suite.formats = text_is(argv[argc - 1], "-f");
    load_remotes(&suite, file_join(suite.arena, suite.root, "remotes"), "http://localhost:1234", 0);
    for (int i = 2; i < argc; i++)
        if (!text_is(argv[i], "-f"))
            run_folder(&suite, argv[i]);
    printf("%zu of %zu cases", suite.right, suite.cases);
    if (suite.excepted)
        printf(", %zu known exceptions", suite.excepted);
    printf("\n");
    arena_free(suite.arena);
    return suite.wrong || !suite.cases;
}
