/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real documents: those of the services (read from $DRYRUN_SHARED, else ../shared) and the fixtures
 * of the OpenAPI schemas. Absent: skipped. What loading and routing cost is printed.
 */
#include "core/base/file.h"
#include "core/base/instant.h"
#include "core/contract/router.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/cmocka_all.h"

static const char *shared;

static const struct reference {
    const char *file;
    size_t operations, schemas;
    int minor;
} references[] = {
    {"reference/warp/openapi.yaml", 31, 104, 0},
    {"reference/warp/openapi-2026-04-30.yaml", 30, 84, 0},
    {"reference/acp/openapi.json", 30, 42, 1},
    {"reference/letta/openapi.json", 302, 347, 1},
};

static void print_findings(const struct findings *findings)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    findings_print(findings, &text);
    if (text.len)
        print_message("%s\n", text.buf);
    strbuf_release(&text);
}

static void measure_routing(struct arena *arena, const struct contract *contract)
{
    enum { ROUNDS = 200 };
    struct findings findings = {0};
    struct router *router = router_new(arena);
    const struct operation *operation;
    size_t count = 0;
    assert_int_equal(router_add_contract(router, contract, NULL, 0, &findings), 0);
    nanos start = instant_monotonic_now();
    for (int i = 0; i < ROUNDS; i++)
        vec_foreach (operation, &contract->operations) {
            struct route_match match;
            assert_true(router_match(router, operation->method, str_from(operation->path), &match));
            assert_ptr_equal(match.operation, operation);
            count++;
        }
    print_message("  routing: %.0f ns a request\n",
                  (double)(instant_monotonic_now() - start) / (double)count);
    findings_release(&findings);
}

static void references_load_with_all_their_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const struct reference *reference = &references[i];
        struct arena *arena = arena_new();
        struct findings findings = {0};
        nanos start = instant_monotonic_now();
        struct contract *contract =
            contract_load(arena, file_join(arena, shared, reference->file), NULL, 0, &findings);
        nanos took = instant_monotonic_now() - start;
        print_findings(&findings);
        assert_non_null(contract);
        print_message("%s: %zu operations in %.1f ms, %zu KiB\n", reference->file,
                      contract->operations.count, (double)took / 1e6, arena_bytes(arena) / 1024);
        assert_int_equal(contract->operations.count, reference->operations);
        assert_int_equal(contract_component_count(contract), reference->schemas);
        assert_int_equal(contract->minor, reference->minor);
        measure_routing(arena, contract);
        findings_release(&findings);
        arena_free(arena);
    }
}

/* Right by the schema, wrong in what they mean: parameters that do not stand in their path, a
 * scheme that is not there, a reference to another site, a media type without a slash. */
static bool is_wrong_in_meaning(const char *name)
{
    return text_is(name, "operation-object-example.yaml") || text_is(name, "style-defaults.yaml") ||
           text_is(name, "security-scheme-object-examples.yaml");
}

static size_t load_folder(const char *folder, bool should_pass)
{
    struct arena *arena = arena_new();
    const char *directory = file_join(arena, shared, folder);
    struct error err;
    const char **names = file_list(arena, directory, &err);
    size_t wrong = 0;
    for (; names && *names; names++) {
        struct findings findings = {0};
        struct contract *contract =
            contract_load(arena, file_join(arena, directory, *names), NULL, 0, &findings);
        if (!contract == (should_pass && !is_wrong_in_meaning(*names))) {
            wrong++;
            print_message("%s: %s\n", *names, contract ? "loads" : "does not load");
            print_findings(&findings);
        }
        findings_release(&findings);
    }
    arena_free(arena);
    return wrong;
}

/* The same document, compiled late: no more findings, and every schema can be used. */
static void lazy_contracts_say_what_eager_ones_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        struct arena *arena = arena_new();
        struct findings findings = {0};
        const char *path = file_join(arena, shared, references[i].file);
        const struct contract_options options = {.is_lazy = true};
        nanos start = instant_monotonic_now();
        struct contract *contract = contract_load_with(arena, path, &options, &findings);
        print_message("%-40s lazily %.1f ms\n", references[i].file,
                      (double)(instant_monotonic_now() - start) / NANOS_PER_MS);
        assert_non_null(contract);
        assert_int_equal(contract_component_count(contract), references[i].schemas);
        const char *const *names = contract_component_names(contract);
        for (; *names; names++)
            assert_int_not_equal(schema_types(contract_component_schema(contract, *names)), 0);
        findings_release(&findings);
        arena_free(arena);
    }
}

static void fixtures_that_must_pass_load(void **state)
{
    (void)state;
    assert_int_equal(load_folder("oai-schemas/openapi/3.0/fixtures/pass", true), 0);
    assert_int_equal(load_folder("oai-schemas/openapi/3.1/fixtures/pass", true), 0);
}

static void fixtures_that_must_fail_do_not_load(void **state)
{
    (void)state;
    assert_int_equal(load_folder("oai-schemas/openapi/3.1/fixtures/fail", false), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_load_with_all_their_operations),
        cmocka_unit_test(lazy_contracts_say_what_eager_ones_say),
        cmocka_unit_test(fixtures_that_must_pass_load),
        cmocka_unit_test(fixtures_that_must_fail_do_not_load),
    };
    shared = getenv("DRYRUN_SHARED");
    if (!shared)
        shared = SOURCE_DIR "/../shared";
    if (!file_is_directory(shared)) {
        printf("skipped: no folder '%s' (set DRYRUN_SHARED)\n", shared);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
