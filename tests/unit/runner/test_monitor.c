/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor over exchanges written by hand (tests/data/monitor): each case is a list of requests
 * and answers of a one-page service, and the exact verdicts.
 */
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/json.h"
#include "core/data/load.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/monitor.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const nanos EPOCH = 1700000000 * NANOS_PER_SECOND; /* 2023-11-14T22:13:20Z */
static const char data_dir[] = "tests/data/monitor";

struct story {
    struct arena *arena;
    const struct provider *provider;
    const cJSON *file;
    struct monitor *monitor;
    struct verdicts verdicts;
    uint64_t order, number, calls;
    nanos clock;
};

static const char *verdict_line(struct arena *arena, const struct verdict *verdict)
{
    static const char *const kinds[] = {"violation", "deviation", "note"};

    return arena_printf(arena, "%s %s: %s", kinds[verdict->kind], verdict->rule, verdict->text);
}

struct collecting {
    struct arena *arena;
    struct observed_list *list;
};

static void collect(void *data, const char *name, const struct schema *schema, const cJSON *value,
                    const char *pointer)
{
    struct collecting *collecting = data;
    struct observed observed = {name, value, arena_strdup(collecting->arena, pointer)};

    (void)schema;
    vec_push_arena(collecting->arena, collecting->list, observed);
}

/* `shows` is laid over the file's `view`; null takes a member away. */
static const cJSON *answer_of(const struct story *story, const cJSON *step)
{
    const cJSON *shows = tree_get(step, "shows"), *list = tree_get(step, "lists"), *one;
    const cJSON *view = tree_get(story->file, "view");
    cJSON *page;

    if (tree_get(step, "stream"))
        return NULL;

    if (shows)
        return merge_patch(story->arena, view, shows);
    if (!list)
        return tree_get(step, "answer");
    page = tree_get(step, "page")
               ? merge_patch(story->arena, tree_get(story->file, "page"), tree_get(step, "page"))
               : tree_copy(story->arena, tree_get(story->file, "page"));
    cJSON_ArrayForEach (one, list)
        tree_append((cJSON *)pointer_get(page, tree_get_text(story->file, "items")),
                    merge_patch(story->arena, view, one));
    return page;
}

static state_set refusals_of(const struct story *story, const struct seen *seen)
{
    const struct lifecycle *lifecycle = story->provider->lifecycle;
    state_set set = 0;

    for (size_t i = 0; i < lifecycle->refusal_count; i++) {
        const struct refusal *refusal = &lifecycle->refusals[i];

        if (refusal->status == seen->response->status &&
            (!refusal->schema || schema_valid(refusal->schema, seen->answer, NULL, story->arena)))
            set |= STATE_BIT(i);
    }
    return set;
}

static void check_answer(const struct story *story, const cJSON *step, struct seen *seen)
{
    static const struct header_field json[] = {{"Content-Type", "application/json"}};
    static const struct header_field problem[] = {{"Content-Type", "application/problem+json"}};
    const cJSON *status = tree_get(step, "status");
    struct raw_response *raw = arena_alloc(story->arena, sizeof *raw);
    struct checked_response *checked = arena_alloc(story->arena, sizeof *checked);
    struct collecting collecting = {story->arena, &seen->observed};

    raw->status = status ? status->valueint : 200;
    raw->headers.items = raw->status < 400 ? json : problem;
    raw->headers.count = 1;
    raw->is_stream = tree_get(step, "events") || tree_get(step, "stream");
    seen->answer = answer_of(story, step);
    if (seen->answer)
        raw->body = str_from(json_text(story->arena, seen->answer));
    response_check(story->arena, seen->operation->operation, raw, collect, &collecting, checked);
    seen->response = raw;
    seen->checked = checked;
    seen->answer = checked->body;
    seen->is_documented = checked->documented != NULL;
    if (raw->status >= 400)
        seen->refusals = refusals_of(story, seen);
}

/* Events are views of one component schema: `events: { Run: [ {state: ..}, .. ] }`. */
static void add_events(struct story *story, const cJSON *step, struct seen *seen)
{
    const cJSON *by_schema, *event;
    const cJSON *view = tree_get(story->file, "view");

    cJSON_ArrayForEach (by_schema, tree_get(step, "events"))
        cJSON_ArrayForEach (event, by_schema) {
            struct seen_event made = {.data = merge_patch(story->arena, view, event)};
            struct observed observed = {by_schema->string, made.data, ""};

            vec_push_arena(story->arena, &made.observed, observed);
            vec_push_arena(story->arena, &seen->events, made);
        }
}

/* As they come: `stream: [ { event: talk.waiting, id: 3, schema: Talk, data: .. } ]`; `shows`
 * instead of `data` is laid over the file's `view`. */
static void add_stream(struct story *story, const cJSON *step, struct seen *seen)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(step, "stream")) {
        const cJSON *shows = tree_get(item, "shows"), *id = tree_get(item, "id");
        struct seen_event made = {
            .event = tree_get_text(item, "event"),
            .id = id ? value_text(story->arena, id) : NULL,
            .data = shows ? merge_patch(story->arena, tree_get(story->file, "view"), shows)
                          : tree_get(item, "data")};
        struct observed observed = {tree_get_text(item, "schema"), made.data, ""};

        if (observed.schema)
            vec_push_arena(story->arena, &made.observed, observed);
        vec_push_arena(story->arena, &seen->events, made);
    }
}

/* A link that an answer gave: no operation fits it. */
static bool follows_link(struct story *story, const cJSON *step, struct seen *seen)
{
    struct raw_response *raw = arena_alloc(story->arena, sizeof *raw);

    if (!tree_get(step, "follow"))
        return false;
    seen->method = "GET";
    seen->url = tree_get_text(step, "follow");
    raw->status = tree_get(step, "status") ? tree_get(step, "status")->valueint : 200;
    seen->response = raw;
    return true;
}

/* A call of the service: `hear: CALLBACK`, with `schema` and `shows`. */
static void hear(struct story *story, const cJSON *step)
{
    struct heard *heard = arena_alloc(story->arena, sizeof *heard);
    struct observed observed = {tree_get_text(step, "schema"), NULL, ""};

    heard->callback = tree_get_text(step, "hear");
    heard->to = "here";
    heard->body = observed.value =
        merge_patch(story->arena, tree_get(story->file, "view"), tree_get(step, "shows"));
    heard->number = ++story->calls;
    vec_push_arena(story->arena, &heard->observed, observed);
    monitor_webhook(story->monitor, heard, &story->verdicts);
}

static void see(struct story *story, const cJSON *step)
{
    struct seen *seen = arena_alloc(story->arena, sizeof *seen);
    const char *name = tree_get_text(step, "do");
    const char *after = tree_get_text(step, "after"), *takes = tree_get_text(step, "takes");
    const cJSON *sent = tree_get(step, "sent_order");
    nanos pause = 0;

    seen->provider = story->provider;
    if (!follows_link(story, step, seen)) {
        seen->operation = provider_operation_named(story->provider, name);
        if (!seen->operation)
            fail_msg("no operation '%s'", name);
        seen->method = seen->operation->operation->method;
        seen->url = tree_get(step, "url") ? tree_get_text(step, "url") : "http://127.0.0.1/";
    }
    seen->is_cut = tree_is_true(tree_get(step, "cut"));
    seen->path = tree_get(step, "path");
    seen->query = tree_get(step, "query");
    seen->header = tree_get(step, "header");
    seen->body = seen->sent = tree_get(step, "body");
    if (after && duration_parse(after, &pause))
        fail_msg("'%s' is no duration", after);
    seen->sent_at = story->clock += pause;
    if (takes && duration_parse(takes, &pause))
        fail_msg("'%s' is no duration", takes);
    seen->answered_at = story->clock += takes ? pause : 0;
    seen->sent_order = ++story->order;
    if (sent)
        seen->sent_order = (uint64_t)sent->valueint;
    seen->answered_order = ++story->order;
    seen->others_in_flight = tree_is_true(tree_get(step, "others_in_flight"));
    seen->number = ++story->number;
    if (seen->operation)
        check_answer(story, step, seen);
    add_events(story, step, seen);
    add_stream(story, step, seen);
    monitor_see(story->monitor, seen, &story->verdicts);
}

static unsigned report(const struct story *story, const cJSON *test)
{
    const cJSON *expected = tree_get(test, "expect");
    unsigned wrong = 0;
    size_t count =
        story->verdicts.count > tree_count(expected) ? story->verdicts.count : tree_count(expected);

    for (size_t i = 0; i < count; i++) {
        const char *want = tree_text(tree_at(expected, i));
        const char *got = i < story->verdicts.count
                              ? verdict_line(story->arena, &story->verdicts.items[i])
                              : NULL;

        if (text_is(want, got))
            continue;
        print_error("%s: verdict %zu\n  expected: %s\n  found:    %s\n",
                    tree_get_text(test, "name"), i + 1, want ? want : "none", got ? got : "none");
        wrong++;
    }
    return wrong;
}

static bool play(struct arena *arena, const struct provider *provider, const cJSON *file,
                 const cJSON *test)
{
    struct story story = {.arena = arena, .provider = provider, .file = file, .clock = EPOCH};
    struct monitor_options options = {.is_virtual = !text_is(tree_get_text(test, "clock"), "real"),
                                      .is_alone = tree_is_true(tree_get(test, "alone"))};
    const cJSON *step;

    story.verdicts.arena = arena;
    story.monitor = monitor_new(arena, provider, &options);
    cJSON_ArrayForEach (step, tree_get(test, "exchanges"))
        if (tree_get(step, "hear"))
            hear(&story, step);
        else if (tree_get(step, "silence"))
            monitor_silence(story.monitor, &story.verdicts);
        else
            see(&story, step);
    return report(&story, test) == 0;
}

static unsigned play_file(const char *name, unsigned *count)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    const cJSON *file =
        load_document(arena, arena_printf(arena, "%s/%s", data_dir, name), &findings);
    struct provider_options options = {.contracts_dir = tree_get_text(file, "contracts")};
    const struct provider *provider =
        file ? provider_load(arena, tree_get_text(file, "provider"), &options, &findings) : NULL;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const cJSON *test;
    unsigned wrong = 0;

    findings_print(&findings, &text);
    if (!provider || findings.errors)
        fail_msg("%s: %s", name, text.buf);
    cJSON_ArrayForEach (test, tree_get(file, "cases")) {
        wrong += !play(arena, provider, file, test);
        ++*count;
    }
    strbuf_release(&text);
    findings_release(&findings);
    arena_free(arena);
    return wrong;
}

static void every_story_gets_its_verdicts(void **state)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const char **names = file_list(arena, data_dir, &err);
    unsigned count = 0, wrong = 0;

    (void)state;
    if (!names)
        fail_msg("%s", err.text);
    for (size_t i = 0; names[i]; i++)
        if (text_ends_with(names[i], ".yaml"))
            wrong += play_file(names[i], &count);
    arena_free(arena);
    print_message("%u cases\n", count);
    assert_true(count >= 70);
    assert_int_equal(0, wrong);
}

static void what_was_met_is_counted(void **state)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct provider_options options = {.contracts_dir = "tests/data/engine/contracts"};
    const struct provider *provider = provider_load(arena, "cancels", &options, &findings);
    struct coverage *all = coverage_new(arena, provider), *one = coverage_new(arena, provider);
    struct strbuf line = STRBUF_INIT(LIMIT_MESSAGE);

    (void)state;
    coverage_meet(one, COVERAGE_CELLS, "run cancelRun ", "PENDING");
    coverage_meet(one, COVERAGE_CELLS, "run cancelRun ", "NOWHERE");
    coverage_meet(one, COVERAGE_OPERATIONS, "getRun");
    coverage_add(all, one);
    coverage_add(all, one);
    assert_int_equal(1, coverage_met(all, COVERAGE_CELLS));
    assert_int_equal(25, coverage_declared(all, COVERAGE_CELLS)); /* 3 by 8 states, one birth */
    coverage_line(all, &line);
    assert_string_equal("operations 1 of 5, answers 0 of 22, states 0 of 7, moves 0 of 13, "
                        "cells 1 of 25, members 0 of 19",
                        line.buf);
    strbuf_release(&line);
    findings_release(&findings);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_story_gets_its_verdicts),
        cmocka_unit_test(what_was_met_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
