/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests a rule applies to: one row a rule, asked by a row of requests. */
#include "core/data/yaml.h"
#include "mock/faults/set.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

enum { REQUESTS_MAX = 64 };

/* What asks: a letter each, so that a row says who came, and the answer who was hit. */
static const struct fault_subject subjects[] = {
    ['a'] =
        {.provider = "one", .operation = "start", .method = "POST", .path = "/runs", .session = ""},
    ['b'] = {.provider = "one",
             .operation = "look",
             .method = "GET",
             .path = "/runs/7",
             .session = "ci-3"},
    ['c'] = {.provider = "two",
             .operation = "start",
             .method = "POST",
             .path = "/v1/runs",
             .session = "ci-4"},
    ['d'] =
        {.provider = "two", .operation = NULL, .method = "GET", .path = "/nothing", .session = ""},
};

static const struct {
    const char *name, *rule, *asks, *hits; /* hits: x or . for each that asks */
} rows[] = {
    {"without_anything_it_is_always", "{}", "abcd", "xxxx"},
    {"provider", "{ match: { provider: one } }", "abcd", "xx.."},
    {"providers", "{ match: { provider: [ two, three ] } }", "abcd", "..xx"},
    {"operation", "{ match: { operation: start } }", "abcd", "x.x."},
    {"operation_by_wildcard", "{ match: { operation: 'l*k' } }", "abcd", ".x.."},
    {"what_is_not_known_fits_only_who_does_not_ask", "{ match: { operation: '*' } }", "abcd",
     "xxx."},
    {"method_in_any_case", "{ match: { method: post } }", "abcd", "x.x."},
    {"path", "{ match: { path: '/runs*' } }", "abcd", "xx.."},
    {"session", "{ match: { session: 'ci-*' } }", "abcd", ".xx."},
    {"the_default_session", "{ match: { session: '' } }", "abcd", "x..x"},
    {"all_must_fit", "{ match: { provider: one, method: GET } }", "abcd", ".x.."},
    {"state_without_states", "{ match: { state: open } }", "abcd", "...."},
    {"header_without_request", "{ match: { header: { X-A: '*' } } }", "abcd", "...."},
    {"the_nth", "{ requests: 3 }", "aaaaa", "..x.."},
    {"the_nth_as_a_text", "{ requests: '3' }", "aaaaa", "..x.."},
    {"from_to", "{ requests: 2-4 }", "aaaaaa", ".xxx.."},
    {"from_on", "{ requests: 4- }", "aaaaaa", "...xxx"},
    {"only_those_that_match_are_counted", "{ requests: 2, match: { provider: two } }", "acabdcc",
     "....x.."},
    {"every", "{ every: 2 }", "aaaaaa", ".x.x.x"},
    {"every_one", "{ every: 1 }", "aaa", "xxx"},
    {"every_counts_from_the_first_of_them", "{ every: 2, requests: 3-7 }", "aaaaaaaaa",
     "...x.x..."},
    {"times", "{ times: 2 }", "aaaa", "xx.."},
    {"times_of_every", "{ every: 3, times: 1 }", "aaaaaaa", "..x...."},
    {"times_of_those_that_match", "{ times: 1, match: { provider: two } }", "abcdc", "..x.."},
    {"never_by_chance", "{ probability: 0 }", "aaaaaaaa", "........"},
    {"always_by_chance", "{ probability: 1 }", "aaaaaaaa", "xxxxxxxx"},
};

static struct fault_plan *plan_of(struct arena *arena, const char *members)
{
    char text[512];
    struct findings findings = {0};
    /* the fault goes in front of whatever the row has */
    int len = snprintf(text, sizeof text, "{ fault: reset%s%s", strlen(members) > 2 ? ", " : "",
                       members + 1);
    assert_true(len < (int)sizeof text);
    const cJSON *document = yaml_parse(arena, text, strlen(text), "rule", &findings);
    struct fault_plan *plan = document ? fault_plan_read(document, "", &findings) : NULL;
    for (size_t i = 0; i < findings.count; i++)
        print_error("%s: %s\n", text, findings.items[i].text);
    findings_release(&findings);
    assert_non_null(plan);
    return plan;
}

static uint64_t key_of(void *data)
{
    return *(uint64_t *)data;
}

static bool is_hit(struct fault_set *set, char who, uint64_t key, nanos world_now)
{
    struct arena *arena = arena_new();
    struct fault_subject subject = subjects[(unsigned char)who];
    struct fault_hit *hits;
    subject.key = key_of;
    subject.key_data = &key;
    subject.world_now = world_now;
    size_t count = fault_set_choose(set, &subject, ~0U, arena, &hits);
    arena_free(arena);
    return count > 0;
}

static void each_rule_hits_whom_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct fault_plan *plan = plan_of(arena, rows[i].rule);
        struct fault_set set;
        char hits[REQUESTS_MAX] = "";
        fault_set_init(&set);
        fault_set_add(&set, plan, 0);
        for (size_t j = 0; rows[i].asks[j]; j++)
            hits[j] = is_hit(&set, rows[i].asks[j], j, 0) ? 'x' : '.';
        if (strcmp(hits, rows[i].hits) != 0)
            fail_msg("%s: %s, not %s", rows[i].name, hits, rows[i].hits);
        fault_set_release(&set);
        fault_plan_unref(plan);
        arena_free(arena);
    }
}

static size_t hits_of(const char *rule, uint64_t from, size_t count)
{
    struct arena *arena = arena_new();
    struct fault_plan *plan = plan_of(arena, rule);
    struct fault_set set;
    size_t hits = 0;
    fault_set_init(&set);
    fault_set_add(&set, plan, 0);
    for (uint64_t key = from; key < from + count; key++)
        hits += is_hit(&set, 'a', key * 2654435761U, 0);
    fault_set_release(&set);
    fault_plan_unref(plan);
    arena_free(arena);
    return hits;
}

static void chance_is_as_often_as_it_says_and_the_same_for_the_same_keys(void **state)
{
    (void)state;
    size_t tenth = hits_of("{ probability: 0.1 }", 0, 10000);
    assert_in_range(tenth, 850, 1150);
    assert_int_equal(hits_of("{ probability: 0.1 }", 0, 10000), tenth);
    assert_in_range(hits_of("{ probability: 0.9 }", 0, 10000), 8850, 9150);
}

static void a_rule_of_world_time_is_over_by_the_worlds_clock(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fault_plan *plan = plan_of(arena, "{ for: 10s, clock: world }");
    struct fault_set set;
    const nanos began = 5 * NANOS_PER_SECOND;
    fault_set_init(&set);
    fault_set_add(&set, plan, began);
    assert_true(is_hit(&set, 'a', 1, began));
    assert_true(is_hit(&set, 'a', 1, began + 10 * NANOS_PER_SECOND - 1));
    assert_false(is_hit(&set, 'a', 1, began + 10 * NANOS_PER_SECOND));
    fault_set_release(&set);
    fault_plan_unref(plan);
    arena_free(arena);
}

static void what_was_chosen_lives_on_when_its_rule_is_removed(void **state)
{
    (void)state;
    struct arena *arena = arena_new(), *request = arena_new();
    struct fault_plan *plan = plan_of(arena, "{}");
    struct fault_set set;
    struct fault_hit *hits;
    fault_set_init(&set);
    fault_set_add(&set, plan, 0);
    fault_set_add_once(&set, plan, 0); /* it is there */
    fault_plan_unref(plan);
    assert_int_equal(set.count, 1);
    assert_int_equal(fault_set_choose(&set, &subjects['a'], ~0U, request, &hits), 1);
    assert_int_equal(fault_set_remove(&set, 2), 0);
    assert_int_equal(fault_set_remove(&set, 1), 1);
    assert_string_equal(hits[0].fault->kind->name, "reset");
    assert_int_equal(fault_integer(&hits[0], "effect"), CHOSEN_NONE);
    arena_free(request);
    assert_int_equal(fault_set_choose(&set, &subjects['a'], ~0U, arena, &hits), 0);
    fault_set_release(&set);
    arena_free(arena);
}

static void rules_of_groups_that_are_not_asked_for_are_not_counted(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fault_plan *plan = plan_of(arena, "{ times: 1 }");
    struct fault_set set;
    struct fault_hit *hits;
    fault_set_init(&set);
    fault_set_add(&set, plan, 0);
    assert_int_equal(fault_set_choose(&set, &subjects['a'], 1U << FAULT_OF_STREAM, arena, &hits),
                     0);
    assert_int_equal(fault_set_choose(&set, &subjects['a'], 1U << FAULT_OF_WIRE, arena, &hits), 1);
    assert_int_equal(fault_set_choose(&set, &subjects['a'], 1U << FAULT_OF_WIRE, arena, &hits), 0);
    arena_free(arena);
    fault_set_release(&set);
    fault_plan_unref(plan);
}

static const struct {
    const char *header;
    size_t count;     /* of faults; 0: it is wrong */
    const char *says; /* the message, in part */
} headers[] = {
    {"reset", 1, NULL},
    {" reset , delay = 20ms ;distribution=uniform", 2, NULL},
    {"raw_bytes=\"a;b,c\";effect=applied", 1, NULL},
    {",,reset,", 1, NULL},
    {"wrong_length;none", 1, NULL},
    {"", 0, NULL},
    {"rest", 0, "did you mean 'reset'?"},
    {"unannounced_close=3", 0, "takes no parameters"},
    {"delay;tiem=3s", 0, "did you mean 'time'?"},
    {"delay=3s;distribution=flat", 0, "one of fixed, uniform, normal, lognormal, not 'flat'"},
    {"status=399", 0, "from 400 to 599"},
    {"status=503.5", 0, "an integer"},
    {"delay=-1s", 0, "a duration"},
    {"raw_bytes;base64=a", 0, "base64"},
    {"wrong_length;none=maybe", 0, "true or false"},
};

static void headers_are_read_as_they_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct error err = {0};
        struct fault_plan *plan = fault_plan_of_header(headers[i].header, &err);
        if (!headers[i].says) {
            assert_non_null(plan);
            assert_int_equal(plan->count, headers[i].count);
        } else {
            assert_null(plan);
            if (!strstr(err.text, headers[i].says))
                fail_msg("%s: %s", headers[i].header, err.text);
        }
        fault_plan_unref(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_hits_whom_it_says),
        cmocka_unit_test(chance_is_as_often_as_it_says_and_the_same_for_the_same_keys),
        cmocka_unit_test(a_rule_of_world_time_is_over_by_the_worlds_clock),
        cmocka_unit_test(what_was_chosen_lives_on_when_its_rule_is_removed),
        cmocka_unit_test(rules_of_groups_that_are_not_asked_for_are_not_counted),
        cmocka_unit_test(headers_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
