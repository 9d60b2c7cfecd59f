/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/data/arazzo/: each document carries its case in `x-case`: what a scripted server answers,
 * in order, and what must happen: `trace` (requests, waits, jumps), `result`, `outputs`, `sent`
 * (parts of the requests), `verdicts` (rules), or `findings` where the document must not load.
 * Traces are written by hand from the section of the standard that `spec` names.
 */
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/net/http_server.h"
#include "core/net/url.h"
#include "runner/play.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define DATA SOURCE_DIR "/tests/data/arazzo"

enum { REQUESTS_MAX = 2200 };

struct scripted {
    const cJSON *answers;
    size_t count;
    pthread_mutex_t lock;
};

/* ---- the scripted server: knows nothing but its list ---- */

static const cJSON *next_answer(struct scripted *script)
{
    pthread_mutex_lock(&script->lock);
    size_t total = tree_count(script->answers), index = script->count++;
    pthread_mutex_unlock(&script->lock);
    if (total && index >= total &&
        tree_is_true(tree_get(tree_at(script->answers, total - 1), "again")))
        index = total - 1;
    return tree_at(script->answers, index);
}

static void answer(struct http_exchange *exchange, void *data)
{
    struct arena *arena = arena_new();
    const cJSON *row = text_starts_with(http_exchange_request(exchange)->path, "/__admin")
                           ? NULL
                           : next_answer(data);
    const cJSON *headers = tree_get(row, "headers"), *body = tree_get(row, "body");
    struct http_response response;
    int64_t status = 404, delay = 0;
    tree_as_int64(tree_get(row, "status"), &status);
    if (tree_get(row, "delay") && tree_as_int64(tree_get(row, "delay"), &delay))
        usleep((useconds_t)(delay * 1000));
    http_response_init(&response, (int)status);
    for (const cJSON *item = headers ? headers->child : NULL; item; item = item->next)
        http_response_header(&response, item->string, tree_text(item));
    if (body && !tree_get(headers, "Content-Type"))
        http_response_header(&response, "Content-Type", "application/json");
    if (tree_get_text(row, "text"))
        strbuf_adds(&response.text, tree_get_text(row, "text"));
    else if (body)
        json_print(body, JSON_COMPACT, &response.text);
    http_respond(exchange, &response);
    http_response_release(&response);
    arena_free(arena);
}

static void sleep_not(void *data, nanos duration)
{
    (void)data;
    (void)duration;
}

/* ---- comparing ---- */

static void expect_list(const char *file, const char *what, const cJSON *wanted,
                        const char *const *found, size_t count)
{
    size_t i = 0;
    for (const cJSON *item = wanted ? wanted->child : NULL; item; item = item->next, i++)
        if (i >= count || !text_is(tree_text(item), found[i]))
            fail_msg("%s: %s %zu: expected '%s' but found '%s'", file, what, i + 1, tree_text(item),
                     i < count ? found[i] : "nothing");
    if (i < count)
        fail_msg("%s: %s %zu: did not expect '%s'", file, what, i + 1, found[i]);
}

static const char *sent_header(const struct sent_request *sent, const char *name)
{
    for (size_t i = 0; i < sent->headers.count; i++)
        if (text_is_any_case(sent->headers.items[i].name, name))
            return sent->headers.items[i].value;
    return "";
}

static void expect_sent(const char *file, const cJSON *wanted, const struct played_workflow *played)
{
    const struct sent_request *all[REQUESTS_MAX];
    size_t count = 0, i = 0;
    for (size_t s = 0; s < played->steps.count; s++)
        for (size_t a = 0; a < played->steps.items[s]->attempts.count; a++)
            all[count++] = &played->steps.items[s]->attempts.items[a]->sent;
    for (const cJSON *item = wanted ? wanted->child : NULL; item; item = item->next, i++) {
        const cJSON *headers = tree_get(item, "headers");
        assert_true(i < count);
        if (tree_get(item, "body"))
            assert_string_equal(all[i]->body.ptr ? all[i]->body.ptr : "",
                                tree_get_text(item, "body"));
        for (const cJSON *one = headers ? headers->child : NULL; one; one = one->next)
            if (!text_is(sent_header(all[i], one->string), tree_text(one)))
                fail_msg("%s: request %zu: expected %s: '%s' but it was '%s'", file, i + 1,
                         one->string, tree_text(one), sent_header(all[i], one->string));
    }
}

/* What the monitor says of the lifecycle has tests of its own. */
static bool is_of_document(const char *rule)
{
    static const char *const rules[] = {"status", "header", "body", "event", "error", "http"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (text_is(rules[i], rule))
            return true;
    return false;
}

static void expect_run(struct arena *arena, const char *file, const cJSON *wanted,
                       const struct run_result *result)
{
    const struct played_workflow *played = result->workflows.items[0];
    const char **rules = arena_alloc(arena, (result->verdicts.count + 1) * sizeof *rules);
    size_t count = 0;
    if (!text_is(tree_get_text(wanted, "result"), played_names[played->result]))
        fail_msg("%s: expected %s but it %s: %s", file, tree_get_text(wanted, "result"),
                 played_names[played->result], played->reason ? played->reason : "");
    if (tree_get(wanted, "trace"))
        expect_list(file, "line", tree_get(wanted, "trace"), played->trace.items,
                    played->trace.count);
    if (tree_get(wanted, "outputs") && !tree_equal(tree_get(wanted, "outputs"), played->outputs))
        fail_msg("%s: outputs are %s", file, json_text(arena, played->outputs));
    if (tree_get(wanted, "reason") &&
        !(played->reason && strstr(played->reason, tree_get_text(wanted, "reason"))))
        fail_msg("%s: the reason is '%s'", file, played->reason ? played->reason : "nothing");
    for (size_t i = 0; i < result->verdicts.count; i++)
        if (is_of_document(result->verdicts.items[i].rule))
            rules[count++] = arena_printf(arena, "%s: %s", result->verdicts.items[i].rule,
                                          result->verdicts.items[i].text);
    expect_list(file, "verdict", tree_get(wanted, "verdicts"), rules, count);
    expect_sent(file, tree_get(wanted, "sent"), played);
}

/* ---- a case ---- */

static void play_case(struct arena *arena, const char *file, const struct provider *provider,
                      const struct arazzo *document, const cJSON *wanted)
{
    struct scripted script = {.answers = tree_get(wanted, "server"),
                              .lock = PTHREAD_MUTEX_INITIALIZER};
    struct http_options server_options = {.threads = 4, .handle = answer, .data = &script};
    struct error err = {0};
    struct http_server *server = http_server_start(&server_options, &err);
    struct secrets secrets = {.arena = arena};
    struct target target;
    assert_non_null(server);
    struct runner_options options = {
        .client = http_client_new(NULL), .secrets = &secrets, .sleep = sleep_not};
    const char *inputs[] = {tree_get_text(wanted, "input"), NULL};
    options.inputs = inputs;
    assert_int_equal(
        target_find(arena, options.client, http_server_url(server), provider, &target, &err), 0);
    struct runner *runner = runner_new(arena, &options);
    runner_add_target(runner, &target);
    runner_play(runner, document);
    expect_run(arena, file, wanted, runner_result(runner));
    http_client_free(options.client);
    http_server_stop(server);
}

static void run_case(const char *file)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct provider_options options = {.contracts_dir = DATA "/contracts"};
    const struct provider *provider = provider_load(arena, "things", &options, &findings);
    const char *path = file_join(arena, DATA, file);
    assert_int_equal(findings.errors, 0);
    const cJSON *wanted = tree_get(load_document(arena, path, &findings), "x-case");
    const struct arazzo *document = arazzo_load(arena, path, &provider, 1, &findings);
    if (!tree_get_text(wanted, "spec"))
        fail_msg("%s: it has no x-case with a spec: %s", file,
                 findings.count ? findings.items[0].text : "nothing is wrong with its syntax");
    findings_sort(&findings);
    const char **texts = arena_alloc(arena, (findings.count + 1) * sizeof *texts);
    for (size_t i = 0; i < findings.count; i++)
        texts[i] = arena_printf(arena, "%u:%u: %s", findings.items[i].place.line,
                                findings.items[i].place.column, findings.items[i].text);
    expect_list(file, "finding", tree_get(wanted, "findings"), texts, findings.count);
    if (document)
        play_case(arena, file, provider, document, wanted);
    findings_release(&findings);
    arena_free(arena);
}

static void every_document_is_played_as_the_standard_says(void **state)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const char **files = file_list(arena, DATA, &err);
    size_t count = 0;
    (void)state;
    assert_non_null(files);
    for (size_t i = 0; files[i]; i++)
        if (text_ends_with(files[i], ".arazzo.yaml")) {
            run_case(files[i]);
            count++;
        }
    arena_free(arena);
    printf("arazzo: %zu cases\n", count);
    assert_true(count >= 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_is_played_as_the_standard_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
