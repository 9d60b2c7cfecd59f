/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the contract joined with the machines that take part and with service.yaml. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"

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

/* ---- who takes part ---- */

/* The parameter that "$request.path.NAME" names, when the text is one of `root` and no more. */
static const char *name_after(struct builder *builder, const char *text, const char *root)
{
    size_t len = strlen(root);

    if (strncmp(text, root, len) != 0)
        return NULL;
    return arena_strndup(builder->arena, text + len, strcspn(text + len, "#"));
}

static bool body_has(struct builder *builder, const struct operation *operation, const char *text)
{
    const struct media_type *media;
    const char *member = name_after(builder, text, "$request.body#/");

    if (!member)
        member = name_after(builder, text, "$request.body.");
    if (!member || !operation->body)
        return false;
    member = arena_strndup(builder->arena, member, strcspn(member, "/."));
    media = media_types_preferred(&operation->body->content);
    return !media || !media->schema || schema_property(media->schema, member);
}

/* Whether this operation's requests can give what a `named_by` asks for. */
static bool can_name(struct builder *builder, const struct operation *operation, const char *text,
                     bool *by_path)
{
    const char *name = name_after(builder, text, "$request.path.");

    if (name) {
        *by_path = operation_parameter(operation, IN_PATH, name) != NULL;
        return *by_path;
    }
    if ((name = name_after(builder, text, "$request.query.")))
        return operation_parameter(operation, IN_QUERY, name) != NULL;
    if ((name = name_after(builder, text, "$request.header.")))
        return operation_parameter(operation, IN_HEADER, name) != NULL;
    if (strncmp(text, "$request.body", 13) == 0)
        return body_has(builder, operation, text);
    if ((name = name_after(builder, text, "{$request.path.")))
        return operation_parameter(operation, IN_PATH,
                                   arena_strndup(builder->arena, name, strcspn(name, "}")));
    return true;
}

/* The contract is only searched where the name may mean it: by a path, or by an id that is said
 * twice. */
static bool is_named(struct builder *builder, const char *name, const struct operation *operation)
{
    struct error err = {0};

    if (text_is(operation->key, name))
        return true;
    if (!strchr(name, ' ') && !text_is(operation->id, name))
        return false;
    return contract_find_operation(builder->contract, name, &err) == operation;
}

/* Whether the block's name means this operation. */
static bool block_is_for(struct builder *builder, const struct row_block *block,
                         const struct operation *operation)
{
    const struct group *group = lifecycle_group(builder->lifecycle, block->name);
    size_t i;

    if (!group)
        return is_named(builder, block->name, operation);
    for (i = 0; i < group->operation_count; i++)
        if (is_named(builder, group->operations[i], operation))
            return true;
    return false;
}

static struct row_list rows_for(struct builder *builder, const struct machine *machine,
                                const struct operation *operation)
{
    struct {
        VEC(const struct row *);
    } rows = {0};
    size_t i, j;

    for (i = 0; i < machine->block_count; i++) {
        const struct row_block *block = &machine->blocks[i];

        if (!block_is_for(builder, block, operation))
            continue;
        for (j = 0; j < block->rows.count; j++) {
            const struct row *row = &block->rows.items[j];

            vec_push_arena(builder->arena, &rows, row);
        }
    }
    return (struct row_list){rows.items, rows.count};
}

static struct participant build_participant(struct builder *builder, const struct machine *machine,
                                            const struct operation *operation)
{
    struct participant part = {.machine = machine, .rows = rows_for(builder, machine, operation)};
    struct {
        VEC(const struct template *);
    } named = {0};
    size_t i;

    for (i = 0; i < machine->named_by_count; i++) {
        const char *text = machine->named_by_text[i];
        bool by_path = false;

        if (!can_name(builder, operation, text, &by_path))
            continue;
        part.by_path = part.by_path || by_path;
        vec_push_arena(builder->arena, &named, machine->named_by[i]);
    }
    part.named_by = named.items;
    part.named_by_count = named.count;
    for (i = 0; i < part.rows.count; i++) {
        const struct row *row = part.rows.items[i];

        if (row->each || !(row->tests.in & STATE_BIT(STATE_ABSENT)))
            continue;
        part.has_absent_row = true;
        if (row->to_any & ~STATE_BIT(STATE_ABSENT))
            part.creates = true;
    }
    return part;
}

static void build_participants(struct builder *builder, struct provider_operation *operation)
{
    struct {
        VEC(struct participant);
    } parts = {0};
    size_t i;

    for (i = 0; i < builder->lifecycle->machine_count; i++) {
        struct participant part =
            build_participant(builder, &builder->lifecycle->machines[i], operation->operation);

        if (part.rows.count || part.by_path)
            vec_push_arena(builder->arena, &parts, part);
    }
    operation->participants = parts.items;
    operation->participant_count = parts.count;
    if (parts.count)
        operation->is_played = true;
}

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

/* ---- service.yaml's part ---- */

static struct service_entry compile_entry(struct builder *builder, const cJSON *node)
{
    struct service_entry entry = {.place = tree_key_place(node)};
    struct {
        VEC(struct service_case);
    } cases = {0};
    const cJSON *item;

    entry.steps = builder_steps(builder, NULL, tree_get(node, "do"));
    entry.answers = builder_answers(builder, node);
    cJSON_ArrayForEach (item, tree_get(node, "cases")) {
        struct service_case one = {item->string, builder_steps(builder, NULL, tree_get(item, "do")),
                                   builder_answers(builder, item), tree_key_place(item)};

        vec_push_arena(builder->arena, &cases, one);
    }
    entry.cases = cases.items;
    entry.case_count = cases.count;
    return entry;
}

static void *join(struct builder *builder, const void *a, size_t a_size, const void *b,
                  size_t b_size)
{
    char *both = arena_alloc(builder->arena, a_size + b_size + 1);

    if (a_size)
        memcpy(both, a, a_size);
    if (b_size)
        memcpy(both + a_size, b, b_size);
    return both;
}

/* A group's steps follow the operation's own; the first answer stands. */
static void merge_entry(struct builder *builder, struct service_entry *entry,
                        const struct service_entry *more)
{
    entry->steps.items =
        join(builder, entry->steps.items, entry->steps.count * sizeof *entry->steps.items,
             more->steps.items, more->steps.count * sizeof *more->steps.items);
    entry->steps.count += more->steps.count;
    entry->cases = join(builder, entry->cases, entry->case_count * sizeof *entry->cases,
                        more->cases, more->case_count * sizeof *more->cases);
    entry->case_count += more->case_count;
    if (!entry->answers.count)
        entry->answers = more->answers;
    if (!entry->place.file)
        entry->place = more->place;
}

static void place_entries(struct builder *builder, bool of_groups)
{
    const cJSON *item;
    size_t i;

    cJSON_ArrayForEach (item, tree_get(builder->service, "operations")) {
        struct operation_list list;
        struct service_entry entry;

        if ((lifecycle_group(builder->lifecycle, item->string) != NULL) != of_groups)
            continue;
        list = builder_operations_named(builder, item->string, tree_key_place(item));
        entry = compile_entry(builder, item);
        for (i = 0; i < list.count; i++) {
            merge_entry(builder, &list.items[i]->service, &entry);
            list.items[i]->is_played = true;
        }
    }
}

void build_service_operations(struct builder *builder)
{
    place_entries(builder, false);
    place_entries(builder, true);
}

const struct provider_operation *provider_operation_named(const struct provider *provider,
                                                          const char *name)
{
    const struct operation *operation = contract_find_operation(provider->contract, name, NULL);

    return operation ? &provider->operations[operation->index] : NULL;
}
