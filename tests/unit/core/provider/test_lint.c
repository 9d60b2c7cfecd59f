/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of providers with edits, and exactly what lint says about each: tests/data/lint. */
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/data/load.h"
#include "core/provider/provider.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const parts[][2] = {
    {"contracts", "openapi.yaml"},  {"contracts", "lifecycle.yaml"}, {"fixtures", "service.yaml"},
    {"fixtures", "resources.yaml"}, {"fixtures", "outcomes.yaml"},
};
enum { PARTS = sizeof parts / sizeof *parts };

struct sandbox {
    struct arena *arena;
    char root[64];
    const char *paths[PARTS];
};

static void make_copy(struct sandbox *copy)
{
    static const char *const folders[] = {"contracts", "contracts/jobs", "fixtures",
                                          "fixtures/jobs"};
    struct error err = {0};
    size_t i, len;

    copy->arena = arena_new();
    snprintf(copy->root, sizeof copy->root, "/tmp/dryrun-lint-XXXXXX");
    assert_non_null(mkdtemp(copy->root));
    for (i = 0; i < sizeof folders / sizeof *folders; i++)
        assert_int_equal(0, mkdir(file_join(copy->arena, copy->root, folders[i]), 0700));
    for (i = 0; i < PARTS; i++) {
        const char *from = arena_printf(copy->arena, SOURCE_DIR "/tests/data/lint/%s/jobs/%s",
                                        parts[i][0], parts[i][1]);
        const char *text = file_read(copy->arena, from, LIMIT_DOCUMENT, &len, &err);

        copy->paths[i] =
            arena_printf(copy->arena, "%s/%s/jobs/%s", copy->root, parts[i][0], parts[i][1]);
        assert_non_null(text);
        assert_int_equal(0, file_write(copy->paths[i], text, len, &err));
    }
}

static void drop_copy(struct sandbox *copy)
{
    static const char *const folders[] = {"contracts/jobs", "contracts", "fixtures/jobs",
                                          "fixtures", ""};
    size_t i;

    for (i = 0; i < PARTS; i++)
        unlink(copy->paths[i]);
    for (i = 0; i < sizeof folders / sizeof *folders; i++)
        rmdir(file_join(copy->arena, copy->root, folders[i]));
    arena_free(copy->arena);
}

static void edit(struct sandbox *copy, const cJSON *one)
{
    const char *file = tree_get_text(one, "file"), *old = tree_get_text(one, "replace");
    const char *text, *at;
    struct error err = {0};
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t i, len;

    for (i = 0; i < PARTS && !text_is(parts[i][1], file); i++)
        ;
    assert_true(i < PARTS);
    text = file_read(copy->arena, copy->paths[i], LIMIT_DOCUMENT, &len, &err);
    assert_non_null(text);
    at = strstr(text, old);
    if (!at)
        fail_msg("'%s' is not in %s", old, file);
    strbuf_add(&out, text, (size_t)(at - text));
    strbuf_adds(&out, tree_get_text(one, "with"));
    strbuf_adds(&out, at + strlen(old));
    assert_int_equal(0, file_write(copy->paths[i], out.buf, out.len, &err));
    strbuf_release(&out);
}

/* What lint says, a line each, file names from the copy's root on. */
static void lint(struct sandbox *copy, struct strbuf *out)
{
    struct provider_options options = {
        .contracts_dir = arena_printf(copy->arena, "%s/contracts", copy->root),
        .fixtures_dir = arena_printf(copy->arena, "%s/fixtures", copy->root),
        .lint = true};
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct strbuf all = STRBUF_INIT(LIMIT_DOCUMENT);
    const char *at, *found;
    size_t root = strlen(copy->root);

    provider_load(arena, "jobs", &options, &findings);
    findings_sort(&findings);
    findings_print(&findings, &all);
    for (at = all.buf; (found = strstr(at, copy->root)); at = found + root + 1)
        strbuf_add(out, at, (size_t)(found - at));
    strbuf_adds(out, at);
    strbuf_release(&all);
    findings_release(&findings);
    arena_free(arena);
}

/* True when lint says just what is expected; prints both otherwise. */
static bool check(struct sandbox *copy, const cJSON *one)
{
    struct strbuf found = STRBUF_INIT(LIMIT_DOCUMENT), wanted = STRBUF_INIT(LIMIT_DOCUMENT);
    const cJSON *item;
    bool same;

    cJSON_ArrayForEach (item, tree_get(one, "expect"))
        strbuf_addf(&wanted, "%s\n", tree_text(item));
    lint(copy, &found);
    same = strcmp(found.buf, wanted.buf) == 0;
    if (!same)
        print_error("%s\n--- expected\n%s--- found\n%s", tree_get_text(one, "name"), wanted.buf,
                    found.buf);
    strbuf_release(&found);
    strbuf_release(&wanted);
    return same;
}

static const cJSON *load_cases(struct arena *arena, const char *name)
{
    struct findings findings = {0};
    const char *path = arena_printf(arena, SOURCE_DIR "/tests/data/lint/%s", name);
    const cJSON *cases = load_document(arena, path, &findings);

    assert_non_null(cases);
    assert_int_equal(0, findings.count);
    return cases;
}

static void every_broken_copy_gets_exactly_its_lines(void **state)
{
    struct arena *arena = arena_new();
    const cJSON *cases = load_cases(arena, "cases.yaml"), *one, *item;
    size_t wrong = 0, count = 0;

    (void)state;
    cJSON_ArrayForEach (one, cases) {
        struct sandbox copy;

        make_copy(&copy);
        cJSON_ArrayForEach (item, tree_get(one, "edits"))
            edit(&copy, item);
        wrong += !check(&copy, one);
        count++;
        drop_copy(&copy);
    }
    arena_free(arena);
    print_message("%zu broken copies\n", count);
    assert_true(count > 40);
    assert_int_equal(0, wrong);
}

static void a_newcomer_is_led_to_a_clean_provider(void **state)
{
    struct arena *arena = arena_new();
    const cJSON *cases = load_cases(arena, "newcomer.yaml"), *one, *item;
    struct sandbox copy;
    size_t wrong = 0;

    (void)state;
    make_copy(&copy);
    cJSON_ArrayForEach (one, cases) {
        cJSON_ArrayForEach (item, tree_get(one, "edits"))
            edit(&copy, item);
        wrong += !check(&copy, one);
    }
    assert_int_equal(0, wrong);
    assert_int_equal(0, tree_count(tree_get(tree_at(cases, tree_count(cases) - 1), "expect")));
    drop_copy(&copy);
    arena_free(arena);
}

static void assert_clean(const char *contracts, const char *fixtures)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const char **names = provider_list(arena, contracts, &err);
    size_t i, errors = 0;

    assert_non_null(names);
    assert_non_null(names[0]);
    for (i = 0; names[i]; i++) {
        struct provider_options options = {
            .contracts_dir = contracts, .fixtures_dir = fixtures, .lint = true};
        struct findings findings = {0};
        struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);

        assert_non_null(provider_load(arena, names[i], &options, &findings));
        findings_print(&findings, &out);
        if (findings.errors)
            print_error("%s", out.buf);
        errors += findings.errors;
        strbuf_release(&out);
        findings_release(&findings);
    }
    arena_free(arena);
    assert_int_equal(0, errors);
}

static void the_engines_providers_are_clean(void **state)
{
    (void)state;
    assert_clean(SOURCE_DIR "/tests/data/engine/contracts",
                 SOURCE_DIR "/tests/data/engine/fixtures");
}

static void what_we_ship_is_clean(void **state)
{
    (void)state;
    assert_clean(SOURCE_DIR "/contracts", SOURCE_DIR "/fixtures");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_copy_gets_exactly_its_lines),
        cmocka_unit_test(a_newcomer_is_led_to_a_clean_provider),
        cmocka_unit_test(the_engines_providers_are_clean),
        cmocka_unit_test(what_we_ship_is_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
