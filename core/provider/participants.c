/* SPDX-License-Identifier: Apache-2.0 */
/* Which machines take part in an operation: by its rows, or because its requests name a resource.
 */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <string.h>

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

void build_participants(struct builder *builder, struct provider_operation *operation)
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
