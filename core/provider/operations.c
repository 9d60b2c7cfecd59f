/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the contract, joined with all that the lifecycle says of them. */
#include "core/provider/build.h"

#include "core/base/str.h"

#include <string.h>

/* ---- names ---- */

static const char *operation_name(const struct contract *contract,
                                  const struct operation *operation)
{
    struct error err = {0};

    if (operation->id && contract_find_operation(contract, operation->id, &err))
        return operation->id;
    return operation->key;
}

static void say_unknown(struct builder *builder, const char *name, struct place place)
{
    size_t groups = builder->lifecycle->group_count, count = builder->provider->operation_count, i;
    const char **names = arena_alloc(builder->arena, (groups + 2 * count + 1) * sizeof *names);
    const char *near;
    size_t total = 0;

    for (i = 0; i < groups; i++)
        names[total++] = builder->lifecycle->groups[i].name;
    for (i = 0; i < count; i++) {
        names[total++] = builder->operations[i].name;
        names[total++] = builder->operations[i].operation->key;
    }
    near = text_nearest_of(name, names, total);
    if (near)
        findings_add(builder->findings, place,
                     "unknown operation or group '%s' (did you mean '%s'?)", name, near);
    else
        findings_add(builder->findings, place, "unknown operation or group '%s'", name);
}

struct operation_list builder_operations_named(struct builder *builder, const char *name,
                                               struct place place)
{
    const struct group *group = lifecycle_group(builder->lifecycle, name);
    const char *const *names = group ? group->operations : &name;
    size_t i, count = group ? group->operation_count : 1;
    struct operation_list list = {arena_alloc(builder->arena, (count + 1) * sizeof *list.items), 0};

    for (i = 0; i < count; i++) {
        struct error err = {0};
        const struct operation *operation =
            contract_find_operation(builder->contract, names[i], &err);

        if (operation)
            list.items[list.count++] = &builder->operations[operation->index];
        else if (err.kind == ERROR_CONFLICT)
            findings_add(builder->findings, group ? group->place : place, "%s", err.text);
        else
            say_unknown(builder, names[i], group ? group->place : place);
    }
    return list;
}

/* ---- what the lifecycle says ---- */

static void push_rule(struct builder *builder, struct provider_operation *operation,
                      const struct rule *rule)
{
    const struct rule **rules =
        arena_alloc(builder->arena, (operation->rule_count + 1) * sizeof *rules);

    if (operation->rule_count)
        memcpy(rules, operation->rules, operation->rule_count * sizeof *rules);
    rules[operation->rule_count++] = rule;
    operation->rules = rules;
}

static void build_timeouts(struct builder *builder)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    size_t i, j;

    for (i = 0; i < lifecycle->timeout_count; i++) {
        const struct timeout_rule *timeout = &lifecycle->timeouts[i];
        struct operation_list list =
            builder_operations_named(builder, timeout->operation, timeout->place);

        for (j = 0; j < list.count; j++)
            list.items[j]->timeout_status = timeout->status;
    }
}

static void build_lists(struct builder *builder)
{
    const struct lifecycle *lifecycle = builder->lifecycle;

    for (size_t i = 0; i < lifecycle->list_count; i++)
        for (size_t j = 0; j < lifecycle->lists[i].operation_count; j++) {
            struct operation_list list = builder_operations_named(
                builder, lifecycle->lists[i].operations[j], lifecycle->lists[i].place);

            for (size_t k = 0; k < list.count; k++)
                list.items[k]->list = &lifecycle->lists[i];
        }
}

static void push_take(struct builder *builder, struct provider_operation *operation, int machine,
                      const struct take_rule *rule)
{
    struct take_part *takes =
        arena_alloc(builder->arena, (operation->take_count + 1) * sizeof *takes);

    if (operation->take_count)
        memcpy(takes, operation->takes, operation->take_count * sizeof *takes);
    takes[operation->take_count++] = (struct take_part){machine, rule};
    operation->takes = takes;
}

static void build_takes(struct builder *builder, const struct machine *machine)
{
    for (size_t i = 0; i < machine->take_count; i++)
        for (size_t j = 0; j < machine->takes[i].operation_count; j++) {
            struct operation_list list = builder_operations_named(
                builder, machine->takes[i].operations[j], machine->takes[i].place);

            for (size_t k = 0; k < list.count; k++)
                push_take(builder, list.items[k], machine->index, &machine->takes[i]);
        }
}

static void push_answer(struct builder *builder, struct provider_operation *operation,
                        const struct answer_rule *rule)
{
    const struct answer_rule **answers =
        arena_alloc(builder->arena, (operation->answer_count + 1) * sizeof *answers);

    if (operation->answer_count)
        memcpy(answers, operation->answers, operation->answer_count * sizeof *answers);
    answers[operation->answer_count++] = rule;
    operation->answers = answers;
}

static void build_answers(struct builder *builder, const struct answer_rule *rule)
{
    for (size_t i = 0; i < rule->operation_count; i++) {
        struct operation_list list =
            builder_operations_named(builder, rule->operations[i], rule->place);

        for (size_t j = 0; j < list.count; j++)
            push_answer(builder, list.items[j], rule);
    }
}

/* What is promised to who asks: waits, what became of each, what was sent is shown. */
static void build_promises(struct builder *builder)
{
    const struct lifecycle *lifecycle = builder->lifecycle;

    for (size_t i = 0; i < lifecycle->wait_count; i++)
        for (size_t j = 0; j < lifecycle->waits[i].operation_count; j++) {
            struct operation_list list = builder_operations_named(
                builder, lifecycle->waits[i].operations[j], lifecycle->waits[i].place);

            for (size_t k = 0; k < list.count; k++)
                list.items[k]->wait = &lifecycle->waits[i];
        }
    for (size_t i = 0; i < lifecycle->outcome_count; i++)
        for (size_t j = 0; j < lifecycle->outcomes[i].operation_count; j++) {
            struct operation_list list = builder_operations_named(
                builder, lifecycle->outcomes[i].operations[j], lifecycle->outcomes[i].place);

            for (size_t k = 0; k < list.count; k++)
                list.items[k]->outcome = &lifecycle->outcomes[i];
        }
    for (size_t i = 0; i < lifecycle->answer_count; i++)
        build_answers(builder, &lifecycle->answers[i]);
    for (size_t i = 0; i < lifecycle->machine_count; i++)
        build_takes(builder, &lifecycle->machines[i]);
}

void build_operations(struct builder *builder)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    size_t i, j, k;

    for (i = 0; i < builder->provider->operation_count; i++) {
        struct provider_operation *operation = &builder->operations[i];

        operation->operation = &builder->contract->operations.items[i];
        operation->index = (int)i;
        operation->name = operation_name(builder->contract, operation->operation);
        operation->success_status = operation_success_status(operation->operation);
    }
    for (i = 0; i < builder->provider->operation_count; i++)
        build_participants(builder, &builder->operations[i]);
    for (i = 0; i < lifecycle->rule_count; i++)
        for (j = 0; j < lifecycle->rules[i].operation_count; j++) {
            struct operation_list list = builder_operations_named(
                builder, lifecycle->rules[i].operations[j], lifecycle->rules[i].row.place);

            for (k = 0; k < list.count; k++)
                push_rule(builder, list.items[k], &lifecycle->rules[i]);
        }
    build_timeouts(builder);
    for (i = 0; i < lifecycle->stream_count; i++)
        for (j = 0; j < lifecycle->streams[i].operation_count; j++) {
            struct operation_list list = builder_operations_named(
                builder, lifecycle->streams[i].operations[j], lifecycle->streams[i].place);

            for (k = 0; k < list.count; k++)
                list.items[k]->stream = &lifecycle->streams[i];
        }
    build_lists(builder);
    build_promises(builder);
}

const struct provider_operation *provider_operation_named(const struct provider *provider,
                                                          const char *name)
{
    const struct operation *operation = contract_find_operation(provider->contract, name, NULL);

    return operation ? &provider->operations[operation->index] : NULL;
}
