/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/vec.h"
#include "core/data/json.h"
#include "mock/verify/verify.h"

#define STEP_WORDS FILTER_WORDS " " FILTER_PARTS

/* A whole number, or { at_least, at_most }. */
static void read_times(struct admin_call *call, const cJSON *times, const char *where,
                       struct expected *expected)
{
    const char *path = *where ? arena_printf(call->arena, "%s.times", where) : "times";
    const cJSON *least = tree_get(times, "at_least"), *most = tree_get(times, "at_most");
    bool is_right = true;
    expected->least = 0;
    expected->most = VERIFY_MANY;
    if (cJSON_IsObject(times)) {
        request_filter_check_members(call, times, path, "at_least at_most");
        is_right = (!least || tree_as_int64(least, &expected->least)) &&
                   (!most || tree_as_int64(most, &expected->most)) && (least || most);
    } else {
        is_right = tree_as_int64(times, &expected->least);
        expected->most = expected->least;
    }
    if (!is_right || expected->least < 0 || expected->least > VERIFY_MANY || expected->most < 0 ||
        expected->most > VERIFY_MANY)
        admin_problem(call,
                      "member '%s' is how many: a whole number, or { at_least, at_most }, not %s",
                      path, json_text(call->arena, times));
    else if (expected->most < expected->least)
        admin_problem(call, "member '%s' is never met: at least %lld and at most %lld", path,
                      (long long)expected->least, (long long)expected->most);
}

static void read_expected(struct admin_call *call, const cJSON *node, const char *where,
                          struct expected *expected)
{
    struct strbuf words = STRBUF_INIT(LIMIT_MESSAGE);
    request_filter_read_object(call, node, where, &expected->filter);
    request_filter_describe(&expected->filter, &words);
    expected->words = arena_strndup(call->arena, words.buf, words.len);
    strbuf_release(&words);
}

/* "cancelRun" is short for { operation: cancelRun }. */
static const cJSON *spelled_out(struct admin_call *call, const cJSON *node)
{
    if (!cJSON_IsString(node))
        return node;
    cJSON *object = tree_object(call->arena);
    tree_set_string(call->arena, object, "operation", node->valuestring);
    return object;
}

static void read_one(struct admin_call *call, const cJSON *node, const char *where, bool is_step,
                     struct expected_list *list)
{
    struct expected expected = {.least = 1, .most = 1};
    const cJSON *object = spelled_out(call, node), *times = tree_get(object, "times");
    if (!cJSON_IsObject(object)) {
        admin_problem(call, "%s: name an operation, or say in an object which requests, not %s",
                      where, json_text(call->arena, node));
        return;
    }
    request_filter_check_members(call, object, where, is_step ? STEP_WORDS " times" : STEP_WORDS);
    read_expected(call, object, where, &expected);
    if (is_step && times)
        read_times(call, times, where, &expected);
    vec_push_arena(call->arena, list, expected);
}

static void read_list(struct admin_call *call, const char *name, bool is_step,
                      struct expected_list *list)
{
    const cJSON *node = tree_get(call->body, name), *item;
    size_t i = 0;
    if (tree_count(node) > VERIFY_STEPS_MAX) {
        admin_problem(call, "member '%s' has %zu items, at most %d are held against the journal",
                      name, tree_count(node), VERIFY_STEPS_MAX);
        return;
    }
    if (cJSON_IsArray(node) && (node->child || !is_step)) {
        cJSON_ArrayForEach (item, node)
            read_one(call, item, arena_printf(call->arena, "%s[%zu]", name, i++), is_step, list);
    } else if (node && !is_step) {
        read_one(call, node, name, false, list);
    } else if (node) {
        admin_problem(call, "member '%s' is a list of operations or objects, not %s", name,
                      json_text(call->arena, node));
    }
}

/* In a sequence with others between, a step takes so many; an upper bound would say nothing. */
static void check_steps(struct admin_call *call, const struct verification *wanted)
{
    for (size_t i = 0; i < wanted->steps.count && !wanted->is_exact; i++) {
        const struct expected *step = &wanted->steps.items[i];
        if (step->most != step->least && step->most != VERIFY_MANY)
            admin_problem(
                call, "in_order[%zu].times: 'at_most' needs 'exact', else others may come between",
                i);
    }
}

void verify_read(struct admin_call *call, struct verification *wanted)
{
    const cJSON *times = tree_get(call->body, "times"), *exact = tree_get(call->body, "exact");
    const cJSON *order = tree_get(call->body, "in_order");
    *wanted = (struct verification){.whole = {.least = 1, .most = VERIFY_MANY}};
    wanted->session = admin_member_text(call, "session");
    read_expected(call, call->body, "", &wanted->whole);
    read_list(call, "in_order", true, &wanted->steps);
    read_list(call, "never", false, &wanted->never);
    wanted->is_ordered = order != NULL;
    wanted->is_counted = times || (!order && !tree_get(call->body, "never"));
    wanted->is_exact = tree_is_true(exact);
    if (times)
        read_times(call, times, "", &wanted->whole);
    if (exact && !cJSON_IsBool(exact))
        admin_problem(call, "member 'exact' is true or false, not %s",
                      json_text(call->arena, exact));
    else if (exact && !order)
        admin_problem(call, "member 'exact' goes with 'in_order'");
    check_steps(call, wanted);
}
