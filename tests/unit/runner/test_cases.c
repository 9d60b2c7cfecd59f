/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/data/arazzo/: each document carries its case in `x-case`: what a scripted server answers,
 * in order, and what must happen: `trace` (requests, waits, jumps), `result`, `reason` (a part of
 * it), `steps` (each with its result), `outputs`, `sent` (parts of the requests), `verdicts`
 * (rules), or `findings` where the document must not load. Traces are written by hand from the
 * section of the standard that `spec` names. Documents in parts/ are sources of others.
 *
 * A row of `server`: status, headers, body (JSON) or text or events [{ event, id, data }], delay
 * (ms), again (answers all that follow), hook { at, body, headers }: before it answers it calls the
 * URL at that JSON Pointer of the request's body.
 */
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/data/pointer.h"
#include "core/net/http_server.h"
#include "core/net/sse.h"
#include "core/net/url.h"
#include "runner/play/play.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DATA SOURCE_DIR "/tests/data/arazzo"

enum { REQUESTS_MAX = 2200, CASES_AT_LEAST = 80 };

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

static void add_headers(struct http_response *response, const cJSON *headers)
{
    for (const cJSON *item = headers ? headers->child : NULL; item; item = item->next)
        http_response_header(response, item->string, tree_text(item));
}

/* The service calls back, and waits until that was answered. */
static void call_hook(struct arena *arena, const cJSON *hook, const struct http_request *request)
{
    struct error err;
    const cJSON *body = json_parse(arena, request->body, request->body_len, NULL, &err);
    const cJSON *url = pointer_get(body, tree_get_text(hook, "at"));
    struct http_header headers[] = {{"Content-Type", "application/json"}, {"X-Event", "done"}};
    const char *text = json_text(arena, tree_get(hook, "body"));
    const char *method = tree_get_text(hook, "method");
    struct http_call call = {.method = method ? method : "POST",
                             .url = tree_text(url),
                             .headers = headers,
                             .header_count = 2,
                             .body = text,
                             .body_len = strlen(text),
                             .total_ms = 5000};
    struct http_client *client = http_client_new(NULL);
    struct http_reply reply;
    http_reply_init(&reply);
    if (url)
        http_client_call(client, &call, &reply);
    http_reply_release(&reply);
    http_client_free(client);
}

/* Event by event; stays open until the client leaves, when the row says so. */
static void stream(struct http_exchange *exchange, const cJSON *row, struct http_response *response)
{
    struct arena *arena = arena_new();
    http_response_header(response, "Content-Type", "text/event-stream");
    http_stream_begin(exchange, response);
    for (const cJSON *event = tree_get(row, "events")->child; event; event = event->next) {
        struct strbuf text = STRBUF_INIT(LIMIT_BODY);
        const cJSON *data = tree_get(event, "data");
        const char *written = tree_text(data) ? tree_text(data) : json_text(arena, data);
        sse_write(&text, tree_get_text(event, "event"), tree_get_text(event, "id"), written,
                  strlen(written));
        if (http_stream_write(exchange, text.buf, text.len))
            event = NULL;
        strbuf_release(&text);
        if (!event)
            break;
    }
    if (tree_is_true(tree_get(row, "open")))
        http_exchange_wait(exchange, -1, 5000);
    http_stream_end(exchange);
    arena_free(arena);
}

static void answer(struct http_exchange *exchange, void *data)
{
    struct arena *arena = arena_new();
    const struct http_request *request = http_exchange_request(exchange);
    const cJSON *row = text_starts_with(request->path, "/__admin") ? NULL : next_answer(data);
    const cJSON *body = tree_get(row, "body");
    struct http_response response;
    int64_t status = 404, delay = 0;
    tree_as_int64(tree_get(row, "status"), &status);
    if (tree_get(row, "delay") && tree_as_int64(tree_get(row, "delay"), &delay))
        usleep((useconds_t)(delay * 1000));
    if (tree_get(row, "hook"))
        call_hook(arena, tree_get(row, "hook"), request);
    for (const cJSON *hook = tree_get(row, "hooks") ? tree_get(row, "hooks")->child : NULL; hook;
         hook = hook->next)
        call_hook(arena, hook, request);
    http_response_init(&response, (int)status);
    add_headers(&response, tree_get(row, "headers"));
    if (tree_get(row, "events")) {
        stream(exchange, row, &response);
    } else {
        if (body && !tree_get(tree_get(row, "headers"), "Content-Type"))
            http_response_header(&response, "Content-Type", "application/json");
        if (tree_get_text(row, "text"))
            strbuf_adds(&response.text, tree_get_text(row, "text"));
        else if (body)
            json_print(body, JSON_COMPACT, &response.text);
        http_respond(exchange, &response);
    }
    http_response_release(&response);
    arena_free(arena);
}

static void sleep_not(void *data, nanos duration)
{
    (void)data;
    (void)duration;
}

/* ---- comparing ---- */

/* Of one case: what went wrong, for a person to read. */
struct checked_case {
    struct arena *arena;
    const char *file;
    bool failed;
};

static void complain(struct checked_case *checked, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void complain(struct checked_case *checked, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("%s: %s\n", checked->file, arena_vprintf(checked->arena, format, args));
    va_end(args);
    checked->failed = true;
}

/* Lines only wanted with '-', only found with '+', side by side where both go on. */
static void print_diff(const cJSON *wanted, const char *const *found, size_t count)
{
    const cJSON *item = wanted ? wanted->child : NULL;
    for (size_t i = 0; item || i < count;) {
        const char *line = i < count ? found[i] : NULL;
        if (item && line && text_is(tree_text(item), line)) {
            printf("      %s\n", line);
            item = item->next;
            i++;
            continue;
        }
        bool comes_later = false;
        for (const cJSON *later = item ? item->next : NULL; later && line; later = later->next)
            comes_later = comes_later || text_is(tree_text(later), line);
        if (item)
            printf("    - %s\n", tree_text(item));
        if (line && !comes_later)
            printf("    + %s\n", line);
        item = item ? item->next : NULL;
        i += line && !comes_later;
    }
}

static void expect_list(struct checked_case *checked, const char *what, const cJSON *wanted,
                        const char *const *found, size_t count)
{
    size_t i = 0;
    bool is_same = true;
    for (const cJSON *item = wanted ? wanted->child : NULL; item; item = item->next, i++)
        is_same = is_same && i < count && text_is(tree_text(item), found[i]);
    if (is_same && i == count)
        return;
    complain(checked, "the %s are others (- wanted, + found):", what);
    print_diff(wanted, found, count);
}

static const char *sent_header(const struct sent_request *sent, const char *name)
{
    for (size_t i = 0; i < sent->headers.count; i++)
        if (text_is_any_case(sent->headers.items[i].name, name))
            return sent->headers.items[i].value;
    return "";
}

static void expect_sent(struct checked_case *checked, const cJSON *wanted,
                        const struct played_workflow *played)
{
    const struct sent_request *all[REQUESTS_MAX];
    size_t count = 0, i = 0;
    for (size_t s = 0; s < played->steps.count; s++)
        for (size_t a = 0; a < played->steps.items[s]->attempts.count && count < REQUESTS_MAX; a++)
            all[count++] = &played->steps.items[s]->attempts.items[a]->sent;
    for (const cJSON *item = wanted ? wanted->child : NULL; item; item = item->next, i++) {
        const cJSON *headers = tree_get(item, "headers"), *body = tree_get(item, "body");
        if (i >= count) {
            complain(checked, "request %zu was not sent", i + 1);
            return;
        }
        const char *text = all[i]->body.ptr ? all[i]->body.ptr : "";
        if (body && !text_is(text, tree_text(body)))
            complain(checked, "request %zu: the body is\n    - %s\n    + %s", i + 1,
                     tree_text(body), text);
        for (const cJSON *one = headers ? headers->child : NULL; one; one = one->next)
            if (!text_is(sent_header(all[i], one->string), tree_text(one)))
                complain(checked, "request %zu: expected %s: '%s' but it was '%s'", i + 1,
                         one->string, tree_text(one), sent_header(all[i], one->string));
    }
}

static void expect_steps(struct checked_case *checked, const cJSON *wanted,
                         const struct played_workflow *played)
{
    const char **lines = arena_alloc(checked->arena, (played->steps.count + 1) * sizeof *lines);
    for (size_t i = 0; i < played->steps.count; i++)
        lines[i] = arena_printf(checked->arena, "%s %s", played->steps.items[i]->step->id,
                                played_names[played->steps.items[i]->result]);
    if (wanted)
        expect_list(checked, "steps", wanted, lines, played->steps.count);
}

/* What the monitor says of the lifecycle has tests of its own. */
static bool is_of_document(const char *rule)
{
    static const char *const rules[] = {"status", "header", "body",    "event",
                                        "error",  "http",   "callback"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (text_is(rules[i], rule))
            return true;
    return false;
}

static void expect_run(struct checked_case *checked, const cJSON *wanted,
                       const struct run_result *result)
{
    struct arena *arena = checked->arena;
    const struct played_workflow *played = result->workflows.items[0];
    const char **rules = arena_alloc(arena, (result->verdicts.count + 1) * sizeof *rules);
    const char *reason = played->reason ? played->reason : "nothing";
    size_t count = 0;
    if (!text_is(tree_get_text(wanted, "result"), played_names[played->result]))
        complain(checked, "expected %s but it %s: %s", tree_get_text(wanted, "result"),
                 played_names[played->result], reason);
    if (tree_get(wanted, "trace"))
        expect_list(checked, "lines of the trace", tree_get(wanted, "trace"), played->trace.items,
                    played->trace.count);
    if (tree_get(wanted, "outputs") && !tree_equal(tree_get(wanted, "outputs"), played->outputs))
        complain(checked, "the outputs are\n    - %s\n    + %s",
                 json_text(arena, tree_get(wanted, "outputs")), json_text(arena, played->outputs));
    if (tree_get(wanted, "reason") && !strstr(reason, tree_get_text(wanted, "reason")))
        complain(checked, "the reason is\n    - %s\n    + %s", tree_get_text(wanted, "reason"),
                 reason);
    if (tree_get(wanted, "refused") &&
        !(result->refused && strstr(result->refused, tree_get_text(wanted, "refused"))))
        complain(checked, "it is refused with\n    - %s\n    + %s",
                 tree_get_text(wanted, "refused"), result->refused ? result->refused : "nothing");
    for (size_t i = 0; i < result->verdicts.count; i++)
        if (is_of_document(result->verdicts.items[i].rule))
            rules[count++] = arena_printf(arena, "%s: %s", result->verdicts.items[i].rule,
                                          result->verdicts.items[i].text);
    expect_list(checked, "verdicts", tree_get(wanted, "verdicts"), rules, count);
    expect_steps(checked, tree_get(wanted, "steps"), played);
    expect_sent(checked, tree_get(wanted, "sent"), played);
}

/* ---- a case ---- */

enum { PROVIDERS = 2 };
static const char *const provider_names[PROVIDERS] = {"things", "others"};

static void play_case(struct checked_case *checked, const struct provider *const *providers,
                      const struct arazzo *document, const cJSON *wanted)
{
    static const char *const prefixes[PROVIDERS] = {"", "/others"};
    struct scripted script = {.answers = tree_get(wanted, "server"),
                              .lock = PTHREAD_MUTEX_INITIALIZER};
    struct http_options server_options = {.threads = 4, .handle = answer, .data = &script};
    struct error err = {0};
    struct http_server *server = http_server_start(&server_options, &err);
    struct secrets secrets = {.arena = checked->arena};
    struct target targets[PROVIDERS];
    assert_non_null(server);
    struct runner_options options = {
        .client = http_client_new(NULL), .secrets = &secrets, .sleep = sleep_not};
    const char *inputs[8] = {tree_get_text(wanted, "input")};
    size_t count = 0;
    for (const cJSON *item = tree_get(wanted, "inputs") ? tree_get(wanted, "inputs")->child : NULL;
         item && count < 7; item = item->next)
        inputs[count++] = tree_text(item);
    options.inputs = inputs;
    struct runner *runner = runner_new(checked->arena, &options);
    for (size_t i = 0; i < PROVIDERS; i++) {
        const struct target_sought sought = {
            .url = arena_printf(checked->arena, "%s%s", http_server_url(server), prefixes[i]),
            .provider = providers[i]};
        assert_int_equal(target_find(checked->arena, options.client, &sought, &targets[i], &err),
                         0);
        if (tree_get_text(wanted, "elsewhere")) /* an address that is not ours */
            targets[i].base = tree_get_text(wanted, "elsewhere");
        runner_add_target(runner, &targets[i]);
    }
    runner_play(runner, document);
    expect_run(checked, wanted, runner_result(runner));
    runner_end(runner);
    http_client_free(options.client);
    http_server_stop(server);
}

static bool run_case(const char *file)
{
    struct checked_case checked = {.arena = arena_new(), .file = file};
    struct arena *arena = checked.arena;
    struct findings findings = {0};
    struct provider_options options = {.contracts_dir = DATA "/contracts"};
    const struct provider *providers[PROVIDERS];
    for (size_t i = 0; i < PROVIDERS; i++)
        providers[i] = provider_load(arena, provider_names[i], &options, &findings);
    const char *path = file_join(arena, DATA, file);
    if (findings.errors)
        fail_msg("%u: %s", findings.items[0].place.line, findings.items[0].text);
    const cJSON *wanted = tree_get(load_document(arena, path, &findings), "x-case");
    const struct arazzo *document = arazzo_load(arena, path, providers, PROVIDERS, &findings);
    if (!tree_get_text(wanted, "spec"))
        complain(&checked, "it has no x-case with a spec: %s",
                 findings.count ? findings.items[0].text : "nothing is wrong with its syntax");
    findings_sort(&findings);
    const char **texts = arena_alloc(arena, (findings.count + 1) * sizeof *texts);
    for (size_t i = 0; i < findings.count; i++)
        texts[i] = arena_printf(
            arena, "%u:%u: %s%s", findings.items[i].place.line, findings.items[i].place.column,
            findings.items[i].is_warning ? "warning: " : "", findings.items[i].text);
    expect_list(&checked, "findings", tree_get(wanted, "findings"), texts, findings.count);
    if (document && tree_get(wanted, "result"))
        play_case(&checked, providers, document, wanted);
    else if (!document && tree_get(wanted, "result"))
        complain(&checked, "it was not loaded");
    findings_release(&findings);
    arena_free(arena);
    return !checked.failed;
}

/* ARAZZO_CASE=NAME plays one of them alone. */
static void every_document_is_played_as_the_standard_says(void **state)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const char **files = file_list(arena, DATA, &err), *only = getenv("ARAZZO_CASE");
    size_t count = 0, failed = 0;
    (void)state;
    assert_non_null(files);
    for (size_t i = 0; files[i]; i++)
        if (text_ends_with(files[i], ".arazzo.yaml") && (!only || strstr(files[i], only))) {
            failed += !run_case(files[i]);
            count++;
        }
    arena_free(arena);
    printf("arazzo: %zu cases, %zu failed\n", count, failed);
    assert_int_equal(failed, 0);
    assert_true(only || count >= CASES_AT_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_is_played_as_the_standard_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
