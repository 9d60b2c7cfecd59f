/* SPDX-License-Identifier: Apache-2.0 */
/* Small readers for fixtures: values, names, delays, changes. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"

#include <string.h>

const char **builder_kind_names(struct builder *builder, size_t *count)
{
    const char **names =
        arena_alloc(builder->arena, (builder->provider->kind_count + 1) * sizeof *names);
    size_t i;

    for (i = 0; i < builder->provider->kind_count; i++)
        names[i] = builder->kinds[i].name;
    *count = i;
    return names;
}

const struct kind *builder_kind(struct builder *builder, const cJSON *node)
{
    const char *name = tree_text(node), **names;
    size_t i, count;

    if (!name)
        return NULL;
    for (i = 0; i < builder->provider->kind_count; i++)
        if (text_is(builder->kinds[i].name, name))
            return &builder->kinds[i];
    names = builder_kind_names(builder, &count);
    loader_unknown(&builder->loader, node, "kind", name, names, count);
    return NULL;
}

const struct template *builder_template(struct builder *builder, const cJSON *node)
{
    return node ? template_compile(&builder->loader.compiler, node) : NULL;
}

const struct refusal *builder_refusal(struct builder *builder, const cJSON *node)
{
    return loader_refusal(&builder->loader, node);
}

bool builder_is_call(const cJSON *node)
{
    if (tree_text(node))
        return text_is_expression(tree_text(node));
    return cJSON_IsObject(node) && node->child && !node->child->next && node->child->string &&
           node->child->string[0] == '$';
}

static bool are_distinct(const struct assignment *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!items[i].member)
            return false;
        for (size_t j = 0; j < i; j++)
            if (text_is(items[i].member, items[j].member))
                return false;
    }
    return true;
}

struct assignments builder_assignments(struct builder *builder, const cJSON *node)
{
    struct {
        VEC(struct assignment);
    } list = {0};
    const cJSON *item;

    if (!cJSON_IsObject(node))
        return (struct assignments){0};
    cJSON_ArrayForEach (item, node) {
        const char *at = loader_pointer(&builder->loader, item->string);
        struct assignment assignment = {.at = at,
                                        .name = item->string,
                                        .member = path_member(path_compile(builder->arena, at)),
                                        .value = builder_template(builder, item),
                                        .place = tree_key_place(item)};

        vec_push_arena(builder->arena, &list, assignment);
    }
    return (struct assignments){list.items, list.count, are_distinct(list.items, list.count)};
}

nanos builder_duration(const cJSON *node)
{
    nanos duration = 0;

    if (!node || duration_read(node, &duration))
        return 0;
    return duration;
}

static struct delay fixed_delay(struct builder *builder, const cJSON *node)
{
    struct delay delay = {.kind = DELAY_FIXED};

    if (duration_read(node, &delay.least) || delay.least < 0)
        findings_add(builder->findings, tree_place(node), "'%s' is no duration",
                     tree_text(node) ? tree_text(node) : "this");
    delay.most = delay.least;
    return delay;
}

struct delay builder_delay(struct builder *builder, const cJSON *node)
{
    const cJSON *between = tree_get(node, "between");

    if (!node)
        return (struct delay){.kind = DELAY_NONE};
    if (tree_get_text(node, "signal"))
        return (struct delay){.kind = DELAY_SIGNAL, .signal = tree_get_text(node, "signal")};
    if (between) {
        struct delay delay = {.kind = DELAY_BETWEEN};

        delay.least = fixed_delay(builder, tree_at(between, 0)).least;
        delay.most = fixed_delay(builder, tree_at(between, 1)).most;
        if (tree_count(between) != 2 || delay.most < delay.least)
            findings_add(builder->findings, tree_place(between),
                         "'between' has two durations, the shorter one first");
        return delay;
    }
    if (builder_is_call(node))
        return (struct delay){.kind = DELAY_TEMPLATE, .value = builder_template(builder, node)};
    return fixed_delay(builder, node);
}

/* ---- which machine a thing is of ---- */

static const struct machine *machine_of_name(struct builder *builder, const char *name)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    const struct machine *found = NULL;
    size_t i, j;

    for (i = 0; i < builder->bound_count; i++)
        if (text_is(builder->bound[i].name, name))
            return builder->bound[i].machine;
    for (i = 0; i < builder->provider->kind_count; i++)
        if (text_is(builder->kinds[i].name, name))
            return builder->kinds[i].machine;
    found = lifecycle_machine(lifecycle, name);
    for (i = 0; i < lifecycle->machine_count && !found; i++)
        for (j = 0; j < lifecycle->machines[i].link_count; j++)
            if (text_is(lifecycle->machines[i].links[j].name, name))
                return &lifecycle->machines[lifecycle->machines[i].links[j].machine];
    return found;
}

const struct machine *builder_machine_of(struct builder *builder, const cJSON *node)
{
    const char *text = tree_text(node);
    const cJSON *find = tree_get(node, "$find");
    size_t i;

    if (text && *text == '$' && !text[strcspn(text, ".[#")])
        return machine_of_name(builder, text + 1);
    for (i = 0; find && i < builder->provider->kind_count; i++)
        if (text_is(builder->kinds[i].name, tree_get_text(find, "kind")))
            return builder->kinds[i].machine;
    return NULL;
}

/* ---- changes ---- */

struct target_state builder_target(struct builder *builder, const struct machine *machine,
                                   const cJSON *node)
{
    const char *name = tree_text(node);
    size_t i;

    if (!node)
        return (struct target_state){NULL, NULL};
    if (!name || builder_is_call(node))
        return (struct target_state){NULL, builder_template(builder, node)};
    if (machine && machine_state(machine, name) == STATE_NONE) {
        if (!machine_states_named(machine, name))
            loader_no_state(&builder->loader, machine, node);
        else
            findings_add(builder->findings, tree_place(node), "'%s' is a set of states, not one",
                         name);
    }
    for (i = 0; !machine && i < builder->lifecycle->machine_count; i++)
        if (machine_state(&builder->lifecycle->machines[i], name) != STATE_NONE)
            machine = &builder->lifecycle->machines[i];
    if (!machine)
        findings_add(builder->findings, tree_place(node), "no machine has a state '%s'", name);
    return (struct target_state){name, NULL};
}

static const char *const change_keys[] = {"to", "set", "unset", "merge", "replace"};

bool builder_has_change(const cJSON *node)
{
    size_t i;

    for (i = 0; i < sizeof change_keys / sizeof *change_keys; i++)
        if (tree_get(node, change_keys[i]))
            return true;
    return false;
}

struct change builder_change(struct builder *builder, const struct machine *machine,
                             const cJSON *node)
{
    struct texts_list unset = loader_pointers(&builder->loader, tree_get(node, "unset")),
                      keep = loader_pointers(&builder->loader, tree_get(node, "keep"));
    struct change change = {.unset = unset.items,
                            .unset_count = unset.count,
                            .keep = keep.items,
                            .keep_count = keep.count,
                            .quiet = tree_is_true(tree_get(node, "quiet"))};
    const cJSON *set = tree_get(node, "set");

    change.to = builder_target(builder, machine, tree_get(node, "to"));
    if (builder_is_call(set))
        change.set_all = builder_template(builder, set);
    else
        change.set = builder_assignments(builder, set);
    change.merge = builder_template(builder, tree_get(node, "merge"));
    change.replace = builder_template(builder, tree_get(node, "replace"));
    return change;
}
