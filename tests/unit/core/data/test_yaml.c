/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each tests/data/yaml/NAME.yaml has either NAME.json, the same value in JSON, or NAME.findings,
 * what is said about it.
 */
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/data/yaml.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <unistd.h>

#define FOLDER SOURCE_DIR "/tests/data/yaml"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *said(struct findings *findings)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    findings_print(findings, &text);
    const char *copy = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return copy;
}

static char *read_sibling(const char *name, const char *ending, size_t *len)
{
    char *path = arena_printf(arena, FOLDER "/%.*s%s", (int)(strlen(name) - 5), name, ending);
    return file_exists(path) ? file_read(arena, path, LIMIT_DOCUMENT, len, NULL) : NULL;
}

static void check_file(const char *name)
{
    size_t len = 0, json_len = 0, findings_len = 0;
    char *bytes = read_sibling(name, ".yaml", &len);
    char *json = read_sibling(name, ".json", &json_len);
    char *expected = read_sibling(name, ".findings", &findings_len);
    assert_non_null(bytes);
    assert_true((json != NULL) != (expected != NULL));
    char *exact = mem_alloc(len); /* so that a read beyond its end is seen by the sanitizer */
    memcpy(exact, bytes, len);
    struct findings findings = {0};
    const cJSON *node = yaml_parse(arena, exact, len, name, &findings);
    mem_free(exact);
    const char *text = said(&findings);
    findings_release(&findings);
    if (expected) {
        assert_string_equal(text, expected);
        assert_null(node);
        return;
    }
    assert_string_equal(text, "");
    struct error err = {0};
    const cJSON *wanted = json_parse(arena, json, json_len, NULL, &err);
    assert_string_equal(err.text, "");
    assert_string_equal(json_text(arena, node), json_text(arena, wanted));
}

static void every_file_means_what_is_written_beside_it(void **state)
{
    (void)state;
    size_t count = 0;
    for (const char **name = file_list(arena, FOLDER, NULL); *name; name++) {
        if (!text_ends_with(*name, ".yaml"))
            continue;
        check_file(*name);
        count++;
    }
    printf("%zu of %zu files\n", count, count);
    assert_true(count >= 15);
}

static void nodes_know_where_they_and_their_keys_stood(void **state)
{
    (void)state;
    const char *text = "a:\n  - x\n  - \xC3\xA9: {b: 1}\nlong key:\n    value\n";
    struct findings findings = {0};
    const cJSON *root = yaml_parse(arena, text, strlen(text), "f.yaml", &findings);
    assert_non_null(root);
    const cJSON *b = tree_get(tree_get(tree_at(tree_get(root, "a"), 1), "\xC3\xA9"), "b");
    assert_string_equal(tree_place(b).file, "f.yaml");
    assert_int_equal(tree_place(b).line, 3);
    assert_int_equal(tree_place(b).column, 12);
    assert_int_equal(tree_key_place(b).column, 9);
    assert_int_equal(tree_place(tree_get(root, "long key")).line, 5);
    assert_int_equal(tree_key_place(tree_get(root, "long key")).line, 4);
}

static void a_document_is_read_by_the_ending_of_its_name(void **state)
{
    (void)state;
    struct findings findings = {0};
    assert_non_null(load_document(arena, FOLDER "/scalars.yaml", &findings));
    assert_non_null(load_document(arena, FOLDER "/scalars.json", &findings));
    assert_int_equal(findings.count, 0);
    assert_null(load_document(arena, FOLDER "/none.yaml", &findings));
    assert_int_equal(findings.count, 1);
    assert_null(load_document(arena, FOLDER "/old_booleans.yaml", &findings));
    assert_int_equal(findings.count, 7);
    findings_release(&findings);
}

static void faults_of_json_files_have_their_place(void **state)
{
    (void)state;
    char *path = arena_printf(arena, "%s/dryrun-test-load-%d.json", P_tmpdir, (int)getpid());
    assert_int_equal(file_write(path, "{\n \"a\": 01}", 11, NULL), 0);
    struct findings findings = {0};
    assert_null(load_document(arena, path, &findings));
    remove(path);
    assert_string_equal(said(&findings), arena_printf(arena, "%s:2:7: no JSON number\n", path));
    findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_means_what_is_written_beside_it),
        cmocka_unit_test(nodes_know_where_they_and_their_keys_stood),
        cmocka_unit_test(a_document_is_read_by_the_ending_of_its_name),
        cmocka_unit_test(faults_of_json_files_have_their_place),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
