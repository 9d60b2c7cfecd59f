/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the exchanges of a recording are, and the scenario that does them again. */
#include "core/data/json.h"
#include "runner/tape/find.h"
#include "runner/tape/scenario.h"
#include "tests/unit/cmocka_all.h"

#define RUN "9d3c1f00-0000-4000-8000-000000000000"
#define SHOWN(state)                                                                               \
    "{\"run_id\":\"" RUN "\",\"state\":\"" state "\",\"title\":\"t\",\"created_at\":"              \
    "\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\",\"executions\":1}"

static struct arena *arena;
static const struct provider *provider;

static int load(void **state)
{
    const struct provider_options options = {.contracts_dir = "tests/data/engine/contracts"};
    struct findings findings = {0};
    (void)state;
    arena = arena_new();
    provider = provider_load(arena, "cancels", &options, &findings);
    assert_int_equal(findings.errors, 0);
    findings_release(&findings);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void add(struct har *har, const char *method, const char *url, const char *sent,
                const char *body)
{
    struct har_entry entry = {.method = method,
                              .url = url,
                              .version = "HTTP/1.1",
                              .request_body = str_from(sent),
                              .status = 200,
                              .body = str_from(body),
                              .has_body = true,
                              .index = har->entries.count};
    struct http_header type = {"Content-Type", "application/json"};
    vec_push_arena(arena, &entry.given, type);
    if (*sent)
        vec_push_arena(arena, &entry.sent, type);
    vec_push_arena(arena, &har->entries, entry);
}

static void services_are_found_by_the_paths_of_their_documents(void **state)
{
    struct har har = {.file = "t.har"};
    const struct tape_options options = {.providers = &provider, .provider_count = 1};
    struct tape_path path;
    (void)state;
    add(&har, "GET", "https://a.example/api/v1/runs/" RUN, "", SHOWN("QUEUED"));
    add(&har, "GET", "https://a.example/api/v1/runs?limit=2", "", "{}");
    add(&har, "GET", "https://b.example/runs", "", "{}");
    add(&har, "GET", "https://a.example/api/v1/pictures/1", "", "{}");
    struct tape_services services = tape_find(arena, &har, &options);
    const struct tape_service *one = tape_whose(&services, &har.entries.items[0], &path);
    assert_non_null(one);
    assert_string_equal(one->target->base, "https://a.example/api/v1");
    assert_true(str_is(path.path, "/runs/" RUN) && !path.query.len);
    assert_ptr_equal(tape_whose(&services, &har.entries.items[1], &path), one);
    assert_true(str_is(path.path, "/runs") && str_is(path.query, "limit=2"));
    const struct tape_service *other = tape_whose(&services, &har.entries.items[2], &path);
    assert_true(other && other != one);
    assert_string_equal(other->target->base, "https://b.example");
}

static void a_prefix_says_whose_what_begins_so_is(void **state)
{
    struct har har = {.file = "t.har"};
    static const char *const prefixes[] = {"cancels=https://a.example/v2"};
    const struct tape_options options = {&provider, 1, prefixes, 1};
    struct tape_path path;
    (void)state;
    add(&har, "GET", "https://a.example/v2/runs", "", "{}");
    add(&har, "GET", "https://a.example/v1/runs", "", "{}");
    struct tape_services services = tape_find(arena, &har, &options);
    assert_non_null(tape_whose(&services, &har.entries.items[0], &path));
    assert_true(str_is(path.path, "/runs"));
    assert_null(tape_whose(&services, &har.entries.items[1], &path));
}

static void a_scenario_threads_ids_and_folds_looks(void **state)
{
    struct har har = {.file = "t.har"};
    struct secrets secrets = {.arena = arena};
    const struct runner_options how = {.secrets = &secrets};
    const struct tape_options options = {.providers = &provider, .provider_count = 1};
    struct tape_summary summary;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    struct error err = {0};
    (void)state;
    add(&har, "POST", "https://a.example/api/v1/runs", "{\"prompt\":\"Write\"}", SHOWN("QUEUED"));
    add(&har, "GET", "https://a.example/api/v1/runs/" RUN, "", SHOWN("QUEUED"));
    add(&har, "GET", "https://a.example/api/v1/runs/" RUN, "", SHOWN("PENDING"));
    add(&har, "GET", "https://nobody.example/", "", "{}");
    struct runner *runner = runner_new(arena, &how);
    runner_judge_tape(runner, &har, &options, &summary);
    assert_int_equal(summary.judged, 3);
    assert_int_equal(summary.foreign, 1);
    assert_string_equal(summary.foreign_url, "https://nobody.example/");
    assert_int_equal(tape_scenario(arena, runner_result(runner), &text), 2);
    const cJSON *document = json_parse(arena, text.buf, text.len, NULL, &err);
    const cJSON *steps = tree_get(tree_at(tree_get(document, "workflows"), 0), "steps");
    assert_int_equal(tree_count(steps), 2);
    assert_string_equal(tree_get_text(tree_at(steps, 0), "operationId"),
                        "$sourceDescriptions.cancels.createRun");
    assert_string_equal(tree_get_text(tree_at(steps, 1), "operationId"),
                        "$sourceDescriptions.cancels.getRun");
    assert_null(strstr(json_text(arena, tree_at(steps, 1)), RUN)); /* it comes from the first */
    assert_non_null(strstr(json_text(arena, tree_at(steps, 1)), "PENDING"));
    runner_end(runner);
    strbuf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_found_by_the_paths_of_their_documents),
        cmocka_unit_test(a_prefix_says_whose_what_begins_so_is),
        cmocka_unit_test(a_scenario_threads_ids_and_folds_looks),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
