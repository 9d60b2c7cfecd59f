/* SPDX-License-Identifier: Apache-2.0 */
/* The faults of a session: what is set, what it did so far; setting and removing. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "mock/admin/handlers.h"
#include "mock/faults/defaults.h"
#include "mock/faults/shipped.h"
#include "mock/state.h"

#include <stdlib.h>

/* ---- looking ---- */

static cJSON *parameter_json(struct arena *arena, const struct fault_parameter *parameter)
{
    struct strbuf takes = STRBUF_INIT(LIMIT_MESSAGE);
    cJSON *json = tree_object(arena);
    fault_parameter_print(parameter, &takes);
    tree_set_string(arena, json, "takes", takes.buf);
    admin_set_text(arena, json, "default", parameter->fallback);
    tree_set_string(arena, json, "summary", parameter->help);
    strbuf_release(&takes);
    return json;
}

static cJSON *kinds_json(struct arena *arena)
{
    cJSON *all = tree_object(arena);
    const struct fault_kind *kind = NULL;
    while ((kind = next_fault_kind(kind))) {
        cJSON *json = tree_object(arena), *with = tree_object(arena);
        tree_set_string(arena, json, "group", fault_group_name(kind->group));
        tree_set_string(arena, json, "effect", fault_effect_name(kind->effect));
        tree_set_string(arena, json, "summary", kind->summary);
        for (size_t i = 0; kind->parameters && kind->parameters[i].name; i++)
            tree_set(arena, with, kind->parameters[i].name,
                     parameter_json(arena, &kind->parameters[i]));
        tree_set(arena, json, "with", with);
        tree_set(arena, all, kind->name, json);
    }
    return all;
}

static cJSON *rule_json(struct arena *arena, const struct fault_rule *rule)
{
    cJSON *json = tree_object(arena);
    cJSON *text = json_parse(arena, rule->fault->text, strlen(rule->fault->text), NULL, NULL);
    const cJSON *member;
    admin_set_integer(arena, json, "id", (int64_t)rule->id);
    if (*rule->plan->name)
        tree_set_string(arena, json, "plan", rule->plan->name);
    cJSON_ArrayForEach (member, text)
        tree_set(arena, json, member->string, tree_copy(arena, member));
    admin_set_integer(arena, json, "matched", (int64_t)rule->matched);
    admin_set_integer(arena, json, "applied", (int64_t)rule->applied);
    return json;
}

static struct fault_set *set_of(const struct world *world)
{
    return &state_of(world)->faults;
}

static cJSON *rules_json(struct admin_call *call)
{
    struct fault_set *set = set_of(call->world);
    cJSON *rules = tree_array(call->arena);
    pthread_mutex_lock(&set->lock);
    for (size_t i = 0; i < set->rules.size; i++)
        tree_append(rules, rule_json(call->arena, set->rules.items[i]));
    pthread_mutex_unlock(&set->lock);
    return rules;
}

void admin_faults(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena), *plans = tree_array(call->arena);
    for (size_t i = 0; shipped_plans[i].name; i++)
        tree_append(plans, tree_string(call->arena, shipped_plans[i].name));
    tree_set(call->arena, body, "rules", rules_json(call));
    tree_set(call->arena, body, "plans", plans);
    tree_set(call->arena, body, "kinds", kinds_json(call->arena));
    admin_reply(call, 200, body);
}

/* ---- setting ---- */

/* What was sent: a rule, a plan, or the name of a shipped one. */
static struct fault_plan *read_plan(struct admin_call *call)
{
    struct findings findings = {0};
    struct fault_providers providers = fault_providers_of(call->mock);
    const char *name = admin_member_text(call, "plan");
    struct fault_plan *plan = NULL;
    if (name) {
        admin_check_members(call);
        plan = shipped_plan(name, call->arena, &findings);
    } else {
        plan = fault_plan_read(call->body, "", &findings);
    }
    if (plan)
        fault_plan_check(plan, &providers, &findings);
    for (size_t i = 0; i < findings.count; i++)
        admin_problem(call, "%s", findings.items[i].text);
    findings_release(&findings);
    return plan;
}

static void add_here(struct admin_call *call, struct fault_plan *plan)
{
    fault_set_add(set_of(call->world), plan, world_ask_now(call->world));
}

static size_t clear(struct admin_call *call, bool all)
{
    return all ? fault_defaults_clear(call->mock) : fault_set_remove(set_of(call->world), 0);
}

static void set_faults(struct admin_call *call, bool is_replacing)
{
    bool all = admin_query_flag(call, "all");
    struct fault_plan *plan = read_plan(call);
    if (!admin_refuse_problems(call)) {
        cJSON *body = tree_object(call->arena);
        if (is_replacing)
            clear(call, all);
        if (all)
            fault_defaults_add(call->mock, plan);
        else
            add_here(call, plan);
        tree_set(call->arena, body, "rules", rules_json(call));
        admin_reply(call, 200, body);
    }
    fault_plan_unref(plan);
}

void admin_add_faults(struct admin_call *call)
{
    set_faults(call, false);
}

void admin_replace_faults(struct admin_call *call)
{
    set_faults(call, true);
}

/* ---- removing ---- */

void admin_clear_faults(struct admin_call *call)
{
    cJSON *body = tree_object(call->arena);
    bool all = admin_query_flag(call, "all");
    if (admin_refuse_problems(call))
        return;
    admin_set_integer(call->arena, body, "removed", (int64_t)clear(call, all));
    admin_reply(call, 200, body);
}

void admin_remove_fault(struct admin_call *call)
{
    char *end;
    cJSON *body = tree_object(call->arena);
    uint64_t id = strtoull(call->values[0], &end, 10);
    if (*end || !id || !fault_set_remove(set_of(call->world), id)) {
        admin_refuse(call, 404, "the session has no fault of this id", NULL);
        return;
    }
    admin_set_integer(call->arena, body, "removed", 1);
    admin_reply(call, 200, body);
}
