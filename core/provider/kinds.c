/* SPDX-License-Identifier: Apache-2.0 */
/* resources.yaml: kinds and the seed. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"

#include <string.h>

enum { LIKE_DEPTH_MAX = 8 };

/* A kind's object with what it is `like` underneath. */
static const cJSON *flatten_kind(struct builder *builder, const cJSON *kinds, const cJSON *kind,
                                 unsigned depth)
{
    const cJSON *like = tree_get(kind, "like"), *base, *member;
    cJSON *flat;

    if (!tree_text(like))
        return kind;
    base = tree_get(kinds, tree_text(like));
    if (!base || depth == LIKE_DEPTH_MAX) {
        size_t count;
        const char **names = builder_kind_names(builder, &count);

        loader_unknown(&builder->loader, like, "kind", tree_text(like), names, count);
        return kind;
    }
    flat = tree_copy(builder->arena, flatten_kind(builder, kinds, base, depth + 1));
    cJSON_ArrayForEach (member, kind) {
        if (text_is(member->string, "like"))
            continue;
        if (cJSON_IsNull(member))
            tree_remove(flat, member->string);
        else
            tree_set(builder->arena, flat, member->string, tree_copy(builder->arena, member));
    }
    return flat;
}

void build_kind_names(struct builder *builder)
{
    const cJSON *kinds = tree_get(builder->resources, "kinds"), *item;
    size_t count = tree_count(kinds), i = 0;

    builder->kinds = arena_alloc(builder->arena, (count + 1) * sizeof *builder->kinds);
    builder->provider->kinds = builder->kinds;
    builder->provider->kind_count = count;
    cJSON_ArrayForEach (item, kinds) {
        struct kind *kind = &builder->kinds[i];
        const cJSON *named = tree_get(item, "machine");
        cJSON *own = tree_string(builder->arena, item->string);
        int machine;

        tree_set_place(own, tree_key_place(item));
        kind->name = item->string;
        kind->index = (int)i++;
        kind->place = tree_key_place(item);
        if (!named &&
            tree_get_text(item, "like")) /* plays what it is like, unless there is its own */
            named = lifecycle_machine(builder->lifecycle, item->string)
                        ? own
                        : (tree_get(tree_get(kinds, tree_get_text(item, "like")), "machine")
                               ? tree_get(tree_get(kinds, tree_get_text(item, "like")), "machine")
                               : tree_get(item, "like"));
        machine = loader_machine(&builder->loader, named ? named : own);
        kind->machine = machine >= 0 ? &builder->lifecycle->machines[machine] : NULL;
    }
}

static void build_owner(struct builder *builder, struct kind *kind, const cJSON *owner)
{
    size_t i;

    kind->owner_link = -1;
    kind->owner = tree_text(owner) ? builder_kind(builder, owner) : NULL;
    if (!kind->owner || !kind->machine || !kind->owner->machine)
        return;
    for (i = 0; i < kind->machine->link_count && kind->owner_link < 0; i++)
        if (kind->machine->links[i].machine == kind->owner->machine->index)
            kind->owner_link = (int)i;
    if (kind->owner_link < 0)
        findings_add(builder->findings, tree_place(owner), "'%s' has no link to its owner '%s'",
                     kind->machine->name, kind->owner->machine->name);
}

/* Only an owner makes the mock's ids unique within something. */
static void check_within(struct builder *builder, const struct kind *kind)
{
    const struct machine *machine = kind->machine;

    if (machine && machine->within >= 0 && kind->owner_link != machine->within)
        findings_add(builder->findings, kind->place,
                     "ids of '%s' are unique only within its '%s': '%s' must name it as `owner`",
                     machine->name, machine->links[machine->within].name, kind->name);
}

static void build_views(struct builder *builder, struct kind *kind, const cJSON *views)
{
    struct {
        VEC(struct view);
    } list = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, views) {
        struct texts_list omit = loader_pointers(&builder->loader, tree_get(item, "omit"));
        struct view view = {item->string, omit.items, omit.count,
                            builder_assignments(builder, tree_get(item, "set")),
                            tree_key_place(item)};

        vec_push_arena(builder->arena, &list, view);
    }
    kind->views = list.items;
    kind->view_count = list.count;
}

static void build_hooks(struct builder *builder, struct kind *kind, const cJSON *hooks)
{
    struct {
        VEC(struct hook);
    } list = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, hooks) {
        struct hook hook = {.created = tree_is_true(tree_get(item, "created")),
                            .place = tree_place(item)};

        if (kind->machine && tree_get(item, "leaves"))
            hook.leaves = loader_states(&builder->loader, kind->machine, tree_get(item, "leaves"));
        if (kind->machine && tree_get(item, "enters"))
            hook.enters = loader_states(&builder->loader, kind->machine, tree_get(item, "enters"));
        hook.when = criterion_compile(&builder->loader.compiler, tree_get(item, "if"));
        hook.unless = criterion_compile(&builder->loader.compiler, tree_get(item, "unless"));
        hook.has_change = builder_has_change(item);
        hook.change = builder_change(builder, kind->machine, item);
        hook.steps = builder_steps(builder, kind->machine, tree_get(item, "do"));
        if (!hook.created && !tree_get(item, "leaves") && !tree_get(item, "enters"))
            findings_add(builder->findings, hook.place,
                         "a hook has 'created', 'leaves' or 'enters'");
        vec_push_arena(builder->arena, &list, hook);
    }
    kind->hooks = list.items;
    kind->hook_count = list.count;
}

static void build_timers(struct builder *builder, struct kind *kind, const cJSON *timers)
{
    struct {
        VEC(struct timer);
    } list = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, timers) {
        struct timer timer = {
            .name = item->string, .in = STATES_ANY, .place = tree_key_place(item)};

        if (kind->machine && tree_get(item, "in"))
            timer.in = loader_states(&builder->loader, kind->machine, tree_get(item, "in"));
        timer.cron = builder_template(builder, tree_get(item, "cron"));
        timer.zone = builder_template(builder, tree_get(item, "zone"));
        timer.at = builder_template(builder, tree_get(item, "at"));
        timer.after = builder_template(builder, tree_get(item, "after"));
        timer.signal = tree_get_text(item, "signal");
        timer.when = criterion_compile(&builder->loader.compiler, tree_get(item, "if"));
        timer.unless = criterion_compile(&builder->loader.compiler, tree_get(item, "unless"));
        timer.each = builder_template(builder, tree_get(item, "each"));
        timer.as = tree_get_text(item, "as") ? tree_get_text(item, "as") : "item";
        timer.to = builder_target(builder, kind->machine, tree_get(item, "to"));
        timer.set = builder_assignments(builder, tree_get(item, "set"));
        timer.steps = builder_steps(builder, kind->machine, tree_get(item, "do"));
        if (!timer.cron + !timer.at + !timer.after + !timer.signal != 3)
            findings_add(builder->findings, timer.place,
                         "a timer has one of 'cron', 'at', 'after' and 'signal'");
        vec_push_arena(builder->arena, &list, timer);
    }
    kind->timers = list.items;
    kind->timer_count = list.count;
}

static void build_computed(struct builder *builder, struct kind *kind, const cJSON *computed)
{
    const char *own[] = {kind->name, kind->machine ? kind->machine->name : kind->name, "variant",
                         "tables", NULL};
    struct assignments members = builder_assignments(builder, computed);
    struct computed *list = arena_alloc(builder->arena, (members.count + 1) * sizeof *list);
    size_t i;

    for (i = 0; i < members.count; i++)
        list[i] = (struct computed){
            members.items[i].at, members.items[i].member, members.items[i].value,
            uses_only(template_uses(members.items[i].value), own), members.items[i].place};
    kind->computed = list;
    kind->computed_count = members.count;
}

static void build_kind(struct builder *builder, struct kind *kind, const cJSON *node)
{
    const cJSON *id = tree_get(node, "id"), *make = tree_get(id, "make");
    struct texts_list hidden = loader_pointers(&builder->loader, tree_get(node, "hidden"));
    struct machine *machine = (struct machine *)kind->machine;

    kind->label = tree_get_text(node, "label") ? tree_get_text(node, "label") : kind->name;
    kind->id_at = tree_get_text(id, "at") ? tree_get_text(id, "at") : "/id";
    if (make) { /* a pattern of $generate */
        cJSON *call = tree_object(builder->arena);

        tree_set(builder->arena, call, "$generate", tree_copy(builder->arena, make));
        tree_set_place(call, tree_place(make));
        kind->id_make = builder_template(builder, call);
    }
    if (machine && !machine->id_at) /* a machine that no answer shows */
        machine->id_at = kind->id_at;
    kind->has_new = tree_get(node, "new") != NULL;
    if (builder_is_call(tree_get(node, "new")))
        kind->fresh_all = builder_template(builder, tree_get(node, "new"));
    else
        kind->fresh = builder_assignments(builder, tree_get(node, "new"));
    kind->state_at = tree_get_text(node, "state_at");
    if (!kind->state_at && machine && !machine->is_stateless)
        kind->state_at = machine->state_at;
    kind->change = builder_assignments(builder, tree_get(node, "change"));
    kind->hidden = hidden.items;
    kind->hidden_count = hidden.count;
    if (machine && machine->observe_count && machine->observe[0].schema)
        kind->schema = contract_component_schema(builder->contract, machine->observe[0].schema);
    build_computed(builder, kind, tree_get(node, "computed"));
    build_views(builder, kind, tree_get(node, "views"));
    build_hooks(builder, kind, tree_get(node, "when"));
    build_timers(builder, kind, tree_get(node, "timers"));
}

void build_kinds(struct builder *builder)
{
    const cJSON *kinds = tree_get(builder->resources, "kinds"), *item;
    const struct kind **of_machine =
        arena_alloc(builder->arena, (builder->lifecycle->machine_count + 1) * sizeof *of_machine);
    size_t i = 0;

    cJSON_ArrayForEach (item, kinds) {
        struct kind *kind = &builder->kinds[i++];
        const cJSON *flat = flatten_kind(builder, kinds, item, 0);

        build_owner(builder, kind, tree_get(flat, "owner"));
        check_within(builder, kind);
        build_kind(builder, kind, flat);
        if (kind->machine && !of_machine[kind->machine->index])
            of_machine[kind->machine->index] = kind;
    }
    builder->provider->kind_of_machine = of_machine;
    for (i = 0; i < builder->lifecycle->machine_count && builder->resources; i++)
        if (!of_machine[i])
            findings_warn(builder->findings, builder->lifecycle->machines[i].place,
                          "no kind plays the machine '%s'", builder->lifecycle->machines[i].name);
}

/* ---- seed ---- */

/* Whether `new` reads that member of $given, or all of them. */
static bool is_read(const struct uses *uses, const char *name)
{
    size_t i;

    for (i = 0; uses && i < uses->count; i++) {
        const char *pointer;
        size_t len;

        if (!uses->items[i].expr || !text_is(expr_root(uses->items[i].expr), "given"))
            continue;
        pointer = expr_pointer(uses->items[i].expr);
        len = *pointer ? strcspn(pointer + 1, "/") : 0;
        if (!*pointer || str_is((struct str){pointer + 1, len}, name))
            return true;
    }
    return false;
}

static bool new_reads(const struct kind *kind, const char *name)
{
    size_t i;

    if (kind->fresh_all && is_read(template_uses(kind->fresh_all), name))
        return true;
    for (i = 0; i < kind->fresh.count; i++)
        if (is_read(template_uses(kind->fresh.items[i].value), name))
            return true;
    return false;
}

/* What is stored as it is, since `new` does not ask for it. */
static struct assignments stored_members(struct builder *builder, const struct kind *kind,
                                         const cJSON *members)
{
    cJSON *rest = tree_object(builder->arena);
    const cJSON *item;

    cJSON_ArrayForEach (item, members)
        if (!new_reads(kind, item->string))
            tree_set(builder->arena, rest, item->string, tree_copy(builder->arena, item));
    return builder_assignments(builder, rest);
}

static struct seed build_seed(struct builder *builder, const struct kind *kind, const cJSON *node)
{
    static const char *const columns[] = {"state", "at", "outcome"};
    struct seed seed = {.kind = kind, .state = STATE_NONE, .place = tree_place(node)};
    const cJSON *id = pointer_get(node, kind->id_at), *state = tree_get(node, "state");
    cJSON *members = tree_copy(builder->arena, node);
    size_t i;

    if (id)
        seed.id = value_text(builder->arena, id);
    else if (!kind->id_make)
        findings_add(builder->findings, seed.place, "a seeded '%s' needs its id at '%s'",
                     kind->name, kind->id_at);
    if (tree_text(state) && kind->machine) {
        builder_target(builder, kind->machine, state);
        seed.state = machine_state(kind->machine, tree_text(state));
    }
    if (!state && kind->machine && kind->state_at && pointer_get(node, kind->state_at))
        findings_add(builder->findings, tree_place(pointer_get(node, kind->state_at)),
                     "a seeded '%s' is born in its initial state: say 'state: NAME' for another, "
                     "not '%s', which only shows it",
                     kind->name, kind->state_at);
    if (tree_get(node, "at") && (duration_read(tree_get(node, "at"), &seed.at) || seed.at > 0))
        findings_add(builder->findings, tree_place(tree_get(node, "at")),
                     "'at' is how long before the epoch it was born, such as -2h");
    if (tree_get(node, "outcome")) {
        const char **names =
            arena_alloc(builder->arena, (kind->outcomes.count + 1) * sizeof *names);

        seed.outcome = kind_outcome(kind, tree_get_text(node, "outcome"));
        for (i = 0; i < kind->outcomes.count; i++)
            names[i] = kind->outcomes.items[i].name;
        if (!seed.outcome && tree_get_text(node, "outcome"))
            loader_unknown(&builder->loader, tree_get(node, "outcome"), "outcome",
                           tree_get_text(node, "outcome"), names, kind->outcomes.count);
    }
    for (i = 0; i < sizeof columns / sizeof *columns; i++)
        tree_remove(members, columns[i]);
    seed.members = builder_template(builder, members);
    seed.stored = stored_members(builder, kind, members);
    return seed;
}

void build_seeds(struct builder *builder)
{
    struct {
        VEC(struct seed);
    } seeds = {0};
    const cJSON *list, *item;

    cJSON_ArrayForEach (list, tree_get(builder->resources, "seed")) {
        cJSON *name = tree_string(builder->arena, list->string);
        const struct kind *kind;

        tree_set_place(name, tree_key_place(list));
        kind = builder_kind(builder, name);
        cJSON_ArrayForEach (item, list)
            if (kind && cJSON_IsObject(item)) {
                struct seed seed = build_seed(builder, kind, item);

                vec_push_arena(builder->arena, &seeds, seed);
            }
    }
    builder->provider->seeds = seeds.items;
    builder->provider->seed_count = seeds.count;
}

const struct view *kind_view(const struct kind *kind, const char *name)
{
    size_t i;

    for (i = 0; i < kind->view_count; i++)
        if (text_is(kind->views[i].name, name))
            return &kind->views[i];
    return NULL;
}

const struct outcome *kind_outcome(const struct kind *kind, const char *name)
{
    size_t i;

    for (i = 0; i < kind->outcomes.count; i++)
        if (text_is(kind->outcomes.items[i].name, name))
            return &kind->outcomes.items[i];
    return NULL;
}
