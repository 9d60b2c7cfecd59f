/* SPDX-License-Identifier: Apache-2.0 */
/* Machines: names and states first, so that rows of one may speak of another; then the rest. */
#include "core/lifecycle/loader.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/lifecycle/machine.h"

enum { LINKS_SHOWN_MAX = 16 };

/* ---- first pass: states and their marks ---- */

static void mark_states(struct machine *machine)
{
    size_t i;

    machine->first_initial = STATE_NONE;
    for (i = 1; i < machine->state_count; i++) {
        const struct state *state = &machine->states[i];

        machine->present |= STATE_BIT(i);
        if (state->terminal)
            machine->terminal |= STATE_BIT(i);
        if (state->waits)
            machine->waits |= STATE_BIT(i);
        if (state->initial)
            machine->initial |= STATE_BIT(i);
        if (state->initial && machine->first_initial == STATE_NONE)
            machine->first_initial = (int)i;
    }
    machine->open = machine->present & ~machine->terminal;
}

static void load_state_names(struct loader *loader, struct machine *machine, const cJSON *states)
{
    struct state *list = arena_alloc(loader->arena, STATES_MAX * sizeof *list);
    const cJSON *item;

    list[machine->state_count++] = (struct state){.name = "absent", .place = machine->place};
    cJSON_ArrayForEach (item, states) {
        if (machine->state_count == STATES_MAX) {
            findings_add(loader->findings, tree_key_place(item), "a machine has at most %d states",
                         STATES_MAX - 1);
            break;
        }
        list[machine->state_count++] = (struct state){
            .name = item->string,
            .value = tree_get(item, "value"),
            .initial = tree_is_true(tree_get(item, "initial")),
            .terminal = tree_is_true(tree_get(item, "terminal")),
            .waits = tree_is_true(tree_get(item, "waits")),
            .place = tree_key_place(item),
        };
        if (!list[machine->state_count - 1].value)
            list[machine->state_count - 1].value = tree_string(loader->arena, item->string);
    }
    if (machine->state_count == 1) {
        machine->is_stateless = true;
        list[machine->state_count++] =
            (struct state){.name = "present", .initial = true, .place = machine->place};
    }
    for (size_t i = 0; i < machine->state_count; i++)
        list[i].label = arena_printf(loader->arena, "%s=%s", machine->name, list[i].name);
    machine->states = list;
    mark_states(machine);
}

/* ---- second pass ---- */

static void load_links(struct loader *loader, struct machine *machine, const cJSON *links)
{
    struct {
        VEC(struct link);
    } list = {0};
    const cJSON *item, *name;

    cJSON_ArrayForEach (item, links) {
        struct link link = {.name = item->string, .place = tree_key_place(item)};
        cJSON *own_name = tree_string(loader->arena, item->string);

        tree_set_place(own_name, tree_key_place(item));
        name = tree_get(item, "machine");
        link.machine = loader_machine(loader, name ? name : own_name);
        link.at = tree_text(item) ? tree_text(item) : tree_get_text(item, "at");
        if (link.machine >= 0 && link.at)
            vec_push_arena(loader->arena, &list, link);
    }
    machine->links = list.items;
    machine->link_count = list.count;
}

static void load_within(struct loader *loader, struct machine *machine, const cJSON *within)
{
    const char *names[LINKS_SHOWN_MAX];
    size_t i;

    machine->within = -1;
    for (i = 0; tree_text(within) && i < machine->link_count; i++) {
        if (text_is(machine->links[i].name, tree_text(within)))
            machine->within = (int)i;
        if (i < LINKS_SHOWN_MAX)
            names[i] = machine->links[i].name;
    }
    if (tree_text(within) && machine->within < 0)
        loader_unknown(loader, within, "link", tree_text(within), names,
                       i < LINKS_SHOWN_MAX ? i : LINKS_SHOWN_MAX);
}

/* The first state before this one that shows the same value and is refined by the same test. */
static int twin_of(const struct machine *machine, const cJSON *states, const cJSON *item, size_t at)
{
    const cJSON *other = states->child, *where = tree_get(item, "where");
    size_t i;

    for (i = 1; where && i < at; i++, other = other->next)
        if (tree_get(other, "where") && tree_equal(tree_get(other, "where"), where) &&
            tree_equal(machine->states[i].value, machine->states[at].value))
            return (int)i;
    return 0;
}

static void load_state_tests(struct loader *loader, struct machine *machine, const cJSON *states)
{
    struct state *list = (struct state *)machine->states;
    const cJSON *item;
    size_t i = 1;

    if (machine->is_stateless)
        return;
    cJSON_ArrayForEach (item, states) {
        struct texts_list has = loader_pointers(loader, tree_get(item, "has")),
                          lacks = loader_pointers(loader, tree_get(item, "lacks"));

        if (i >= machine->state_count)
            return;
        list[i].where = match_compile(&loader->compiler, tree_get(item, "where"));
        list[i].twin = twin_of(machine, states, item, i);
        list[i].schema = loader_schema(loader, tree_get(item, "schema"));
        list[i].has = has.items;
        list[i].has_count = has.count;
        list[i].lacks = lacks.items;
        list[i].lacks_count = lacks.count;
        i++;
    }
}

static void load_moves(struct loader *loader, struct machine *machine, const cJSON *moves)
{
    struct {
        VEC(struct move);
    } list = {0};
    state_set *reach = arena_alloc(loader->arena, STATES_MAX * sizeof *reach);
    const cJSON *from, *item;
    size_t i, j;

    cJSON_ArrayForEach (from, moves) {
        cJSON *key = tree_string(loader->arena, from->string);
        state_set starts;

        tree_set_place(key, tree_key_place(from));
        starts = loader_states(loader, machine, key);
        cJSON_ArrayForEach (item, from) {
            const cJSON *to = cJSON_IsObject(item) ? tree_get(item, "to") : item;
            state_set ends = loader_states(loader, machine, to);

            if (!loader_variant(loader, item))
                continue;
            for (i = 0; i < machine->state_count; i++)
                for (j = 0; j < machine->state_count; j++) {
                    struct move move = {(int)i, (int)j, loader_source(loader, item),
                                        tree_get_text(item, "note"), tree_place(item)};

                    if (!(starts & STATE_BIT(i)) || !(ends & STATE_BIT(j)))
                        continue;
                    reach[i] |= STATE_BIT(j);
                    vec_push_arena(loader->arena, &list, move);
                }
        }
    }
    machine->moves = list.items;
    machine->move_count = list.count;
    machine->reach_one = reach;
}

static void load_observe(struct loader *loader, struct machine *machine, const cJSON *observe)
{
    struct {
        VEC(struct observation);
    } list = {0};
    const cJSON *item;
    size_t i, j;

    cJSON_ArrayForEach (item, observe) {
        struct texts_list schemas = loader_texts(loader, tree_get(item, "schema"));
        const cJSON *state = tree_get(item, "state");
        struct observation row = {.operation = tree_get_text(item, "operation"),
                                  .id = tree_get_text(item, "id"),
                                  .state_at = tree_text(state),
                                  .is = STATE_NONE,
                                  .partial = tree_is_true(tree_get(item, "partial")),
                                  .place = tree_place(item)};
        int64_t status = 0;

        if (tree_get(item, "status") && tree_as_int64(tree_get(item, "status"), &status))
            row.status = (int)status;
        if (tree_get(state, "is"))
            row.is = state_set_first(loader_states(loader, machine, tree_get(state, "is")));
        for (j = 0; j < schemas.count; j++) {
            row.schema = schemas.items[j];
            vec_push_arena(loader->arena, &list, row);
        }
        if (!schemas.count)
            vec_push_arena(loader->arena, &list, row);
    }
    machine->observe = list.items;
    machine->observe_count = list.count;
    for (i = 0; i < list.count && !machine->id_at; i++)
        if (list.items[i].schema && list.items[i].is == STATE_NONE) {
            machine->id_at = list.items[i].id;
            machine->state_at = list.items[i].state_at;
        }
}

static void load_names(struct loader *loader, struct machine *machine, const cJSON *node)
{
    struct {
        VEC(const struct template *);
    } named = {0};
    struct {
        VEC(const char *);
    } texts = {0};
    struct {
        VEC(struct member);
    } members = {0};
    static const char *const rules[] = {"constant", "once",   "grows", "per_view",
                                        "asked",    "stamps", "birth"};
    const cJSON *item;
    size_t i;

    cJSON_ArrayForEach (item, tree_get(node, "named_by")) {
        vec_push_arena(loader->arena, &named, loader_template(loader, item));
        vec_push_arena(loader->arena, &texts, tree_text(item) ? tree_text(item) : "");
    }
    machine->named_by = named.items;
    machine->named_by_text = texts.items;
    machine->named_by_count = named.count;
    cJSON_ArrayForEach (item, tree_get(node, "members")) {
        struct member member = {loader_pointer(loader, item->string), MEMBER_CONSTANT,
                                tree_key_place(item)};

        for (i = 0; i < sizeof rules / sizeof *rules; i++)
            if (text_is(tree_text(item), rules[i]))
                member.rule = (enum member_rule)i;
        vec_push_arena(loader->arena, &members, member);
    }
    machine->members = members.items;
    machine->member_count = members.count;
    machine->missing = loader_refusal(loader, tree_get(node, "missing"));
    if (!machine->missing)
        machine->missing = loader->lifecycle->missing;
}

void load_machines(struct loader *loader, const cJSON *document)
{
    const cJSON *machines = tree_get(document, "machines"), *item;
    size_t count = tree_count(machines), i = 0;

    loader->machines = arena_alloc(loader->arena, (count + 1) * sizeof *loader->machines);
    loader->lifecycle->machines = loader->machines;
    loader->lifecycle->machine_count = loader->machine_count = count;
    cJSON_ArrayForEach (item, machines) {
        struct machine *machine = &loader->machines[i];

        machine->name = item->string ? item->string : "";
        machine->index = (int)i++;
        machine->place = tree_key_place(item);
        if (machine->place.file)
            machine->where =
                arena_printf(loader->arena, "%s:%u", machine->place.file, machine->place.line);
        load_state_names(loader, machine, tree_get(item, "states"));
    }
    i = 0;
    cJSON_ArrayForEach (item, machines) {
        load_links(loader, &loader->machines[i], tree_get(item, "links"));
        load_within(loader, &loader->machines[i++], tree_get(item, "within"));
    }
    i = 0;
    cJSON_ArrayForEach (item, machines) {
        struct machine *machine = &loader->machines[i++];

        load_state_tests(loader, machine, tree_get(item, "states"));
        load_moves(loader, machine, tree_get(item, "moves"));
        load_observe(loader, machine, tree_get(item, "observe"));
        load_names(loader, machine, item);
        load_takes(loader, machine, item);
    }
    i = 0;
    cJSON_ArrayForEach (item, machines)
        load_machine_rows(loader, &loader->machines[i++], item);
}
