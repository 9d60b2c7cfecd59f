/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/plan.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/yaml.h"
#include "core/expr/time_form.h"
#include "core/lifecycle/formats.h"

#include <stdlib.h>

struct reading {
    struct fault_plan *plan;
    struct arena *arena;
    struct findings *findings;
};

static struct fault_plan *plan_new(const char *name)
{
    struct arena *arena = arena_new();
    struct fault_plan *plan = arena_alloc(arena, sizeof *plan);
    plan->arena = arena;
    plan->name = arena_strdup(arena, name);
    atomic_init(&plan->references, 1);
    return plan;
}

struct fault_plan *fault_plan_ref(struct fault_plan *plan)
{
    if (plan)
        atomic_fetch_add_explicit(&plan->references, 1, memory_order_relaxed);
    return plan;
}

void fault_plan_unref(struct fault_plan *plan)
{
    if (plan && atomic_fetch_sub_explicit(&plan->references, 1, memory_order_acq_rel) == 1)
        arena_free(plan->arena);
}

/* ---- one rule ---- */

/* A text or a list of texts. */
static struct fault_globs read_globs(struct reading *reading, const cJSON *node)
{
    size_t count = cJSON_IsString(node) ? 1 : tree_count(node);
    const char **items = arena_alloc(reading->arena, (count + 1) * sizeof *items);
    const cJSON *item;
    size_t i = 0;
    if (cJSON_IsString(node))
        items[0] = node->valuestring;
    cJSON_ArrayForEach (item, node)
        items[i++] = tree_text(item) ? tree_text(item) : ""; /* which the schema refuses */
    return (struct fault_globs){items, count};
}

static void read_match(struct reading *reading, const cJSON *node, struct fault_match *match)
{
    const struct {
        const char *name;
        struct fault_globs *globs;
    } rows[] = {
        {"provider", &match->providers}, {"operation", &match->operations},
        {"state", &match->states},       {"session", &match->sessions},
        {"path", &match->paths},         {"method", &match->methods},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        *rows[i].globs = read_globs(reading, tree_get(node, rows[i].name));
    const cJSON *headers = tree_get(node, "header"), *header;
    struct fault_header *items =
        arena_alloc(reading->arena, (tree_count(headers) + 1) * sizeof *items);
    cJSON_ArrayForEach (header, headers)
        if (tree_text(header))
            items[match->header_count++] = (struct fault_header){header->string, tree_text(header)};
    match->headers = items;
}

/* 3, "3", "2-4", "3-" */
static void read_requests(struct reading *reading, const cJSON *node, struct fault *fault)
{
    int64_t number = 0;
    if (!cJSON_IsNumber(node) && !cJSON_IsString(node))
        return;
    if (cJSON_IsNumber(node)) {
        tree_as_int64(node, &number);
        fault->first = fault->last = (uint64_t)number;
        return;
    }
    char *end;
    fault->first = fault->last = strtoull(tree_text(node), &end, 10);
    if (*end == '-')
        fault->last = end[1] ? strtoull(end + 1, NULL, 10) : UINT64_MAX;
    if (!fault->first || fault->last < fault->first)
        findings_add(reading->findings, tree_place(node),
                     "requests '%s' are none: the first is 1, as in 1-3", tree_text(node));
}

static void read_parameters(struct reading *reading, const cJSON *node, struct fault *fault)
{
    struct fault_value *values = fault_values_new(reading->arena, fault->kind);
    const cJSON *item;
    cJSON_ArrayForEach (item, node) {
        struct error err = {0};
        const char *text =
            cJSON_IsString(item) ? item->valuestring : json_text(reading->arena, item);
        if (fault_value_read(fault->kind, item->string, text, values, &err))
            findings_add(reading->findings, tree_place(item), "%s", err.text);
    }
    fault->values = values;
}

static void read_rule(struct reading *reading, const cJSON *node, struct fault *fault)
{
    const char *name = tree_get_text(node, "fault");
    const cJSON *length = tree_get(node, "for"), *chance = tree_get(node, "probability");
    int64_t number = 0;
    if (!name)
        return; /* the schema says so */
    fault->kind = find_fault_kind(name);
    fault->text = json_text(reading->arena, node);
    fault->node = node;
    fault->probability = cJSON_IsNumber(chance) ? chance->valuedouble : 1;
    fault->is_of_world_time = text_is(tree_get_text(node, "clock"), "world");
    read_match(reading, tree_get(node, "match"), &fault->match);
    read_requests(reading, tree_get(node, "requests"), fault);
    if (tree_as_int64(tree_get(node, "every"), &number))
        fault->every = (uint64_t)number;
    if (tree_as_int64(tree_get(node, "times"), &number))
        fault->times = (uint64_t)number;
    if (length && (duration_read(length, &fault->lasts) || fault->lasts <= 0))
        findings_add(reading->findings, tree_place(length),
                     "'for' is a duration such as 30s, not %s", json_text(reading->arena, length));
    if (fault->kind) {
        read_parameters(reading, tree_get(node, "with"), fault);
        return;
    }
    const char *near = nearest_fault_kind(name);
    findings_add(reading->findings, tree_place(tree_get(node, "fault")), "no fault '%s' (%s%s%s)",
                 name, near ? "did you mean '" : "'dryrun list faults' has all", near ? near : "",
                 near ? "'?" : "");
}

/* ---- the whole ---- */

/* What stands beside `fault` instead of in its `with`: told in its own words, and not again. */
static void take_out_misplaced(struct reading *reading, cJSON *rule)
{
    const struct fault_kind *kind = find_fault_kind(tree_get_text(rule, "fault"));
    const struct fault_parameter *parameter = kind ? kind->parameters : NULL;
    for (; parameter && parameter->name; parameter++) {
        const cJSON *member = tree_get(rule, parameter->name);
        if (!member)
            continue;
        findings_add(reading->findings, tree_key_place(member),
                     "'%s' is a parameter of '%s': it belongs under 'with'", parameter->name,
                     kind->name);
        tree_remove(rule, parameter->name);
    }
}

static const cJSON *as_plan(struct arena *arena, const cJSON *document)
{
    if (!tree_get(document, "fault"))
        return document;
    cJSON *plan = tree_object(arena), *rules = tree_array(arena);
    tree_append(rules, tree_copy(arena, document));
    tree_set(arena, plan, "rules", rules);
    return plan;
}

struct fault_plan *fault_plan_read(const cJSON *document, const char *name,
                                   struct findings *findings)
{
    struct fault_plan *plan = plan_new(name);
    struct reading reading = {plan, plan->arena, findings};
    size_t errors = findings->errors;
    const cJSON *copy = as_plan(plan->arena, tree_copy(plan->arena, document));
    cJSON *rule;
    const cJSON *rules = tree_get(copy, "rules");
    cJSON_ArrayForEach (rule, rules)
        take_out_misplaced(&reading, rule);
    format_check(plan->arena, "faults", copy, findings); /* and on, to find the rest */
    plan->summary = tree_get_text(copy, "summary");
    plan->faults = arena_alloc(plan->arena, (tree_count(rules) + 1) * sizeof *plan->faults);
    cJSON_ArrayForEach (rule, rules)
        read_rule(&reading, rule, &plan->faults[plan->count++]);
    if (findings->errors == errors)
        return plan;
    fault_plan_unref(plan);
    return NULL;
}

struct fault_plan *fault_plan_load(const char *file, struct findings *findings, struct error *err)
{
    struct arena *arena = arena_new();
    struct fault_plan *plan = NULL;
    size_t len;
    char *bytes = file_read(arena, file, LIMIT_DOCUMENT, &len, err);
    cJSON *document = bytes ? yaml_parse(arena, bytes, len, file, findings) : NULL;
    if (document)
        plan = fault_plan_read(document, file, findings);
    arena_free(arena);
    return plan;
}

/* ---- the header ---- */

static const char *trimmed(struct arena *arena, const char *from, size_t len)
{
    while (len && (*from == ' ' || *from == '\t'))
        from++, len--;
    while (len && (from[len - 1] == ' ' || from[len - 1] == '\t'))
        len--;
    return arena_strndup(arena, from, len);
}

/* `NAME=VALUE`: the value, terminated, and the name cut there; NULL: there is no '='. */
static const char *cut_value(struct arena *arena, char *text)
{
    char *equals = strchr(text, '=');
    if (!equals)
        return NULL;
    *equals = '\0';
    const char *value = trimmed(arena, equals + 1, strlen(equals + 1));
    size_t len = strlen(value);
    if (len >= 2 && *value == '"' && value[len - 1] == '"')
        return arena_strndup(arena, value + 1, len - 2);
    return value;
}

/* Up to the next `end` that stands in no quotes. */
static size_t length_until(const char *text, char end)
{
    bool is_quoted = false;
    size_t len = 0;
    for (; text[len] && (is_quoted || text[len] != end); len++)
        is_quoted ^= text[len] == '"';
    return len;
}

/* `kind[=VALUE][;name=value]...` */
static int read_item(struct fault_plan *plan, const char *text, struct error *err)
{
    struct fault *fault = &plan->faults[plan->count++];
    struct fault_value *values = NULL;
    fault->probability = 1;
    while (text) {
        size_t len = length_until(text, ';');
        char *part = (char *)(uintptr_t)trimmed(plan->arena, text, len);
        const char *value = cut_value(plan->arena, part);
        const char *name = trimmed(plan->arena, part, strlen(part));
        text = text[len] ? text + len + 1 : NULL;
        if (!fault->kind) {
            const char *near = nearest_fault_kind(name);
            fault->kind = find_fault_kind(name);
            if (!fault->kind)
                return fail(err, ERROR_INVALID, "X-Dryrun-Fault: no fault '%s' (%s%s%s)", name,
                            near ? "did you mean '" : "GET /__admin/faults has all",
                            near ? near : "", near ? "'?" : "");
            fault->values = values = fault_values_new(plan->arena, fault->kind);
            if (!value)
                continue;
            const struct fault_parameter *first = fault->kind->parameters;
            name = first && first->name ? first->name : "=";
        }
        if (fault_value_read(fault->kind, name, value ? value : "true", values, err))
            return -1;
    }
    return 0;
}

static size_t count_commas(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

struct fault_plan *fault_plan_of_header(const char *header, struct error *err)
{
    struct fault_plan *plan = plan_new("X-Dryrun-Fault");
    plan->faults = arena_alloc(plan->arena, (count_commas(header) + 2) * sizeof *plan->faults);
    for (const char *at = header; at;) {
        size_t len = length_until(at, ',');
        const char *item = trimmed(plan->arena, at, len);
        if (*item && read_item(plan, item, err)) {
            fault_plan_unref(plan);
            return NULL;
        }
        at = at[len] ? at + len + 1 : NULL;
    }
    return plan;
}
