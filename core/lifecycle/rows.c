/* SPDX-License-Identifier: Apache-2.0 */
/* Rows: of operations, of `always`, of `rules`; and moves that are written like them. */
#include "core/lifecycle/loader.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/lifecycle/machine.h"

static void load_tests(struct loader *loader, const struct machine *machine, const cJSON *node,
                       struct tests *tests)
{
    tests->in = machine ? machine->present : STATES_ANY;
    if (machine && tree_get(node, "in"))
        tests->in = loader_states(loader, machine, tree_get(node, "in"));
    tests->where = match_compile(&loader->compiler, tree_get(node, "where"));
    tests->when = criterion_compile(&loader->compiler, tree_get(node, "if"));
    tests->unless = criterion_compile(&loader->compiler, tree_get(node, "unless"));
    tests->exists = loader_query(loader, machine, tree_get(node, "exists"));
    tests->none = loader_query(loader, machine, tree_get(node, "none"));
    tests->last = loader_query(loader, machine, tree_get(node, "last"));
}

/* All texts inside a constant, for `to: { $get: [ table, .. ] }`: the states it may give. */
static state_set states_in(const struct machine *machine, const cJSON *node, unsigned depth)
{
    const cJSON *item;
    state_set set = 0;

    if (tree_text(node)) {
        int state = machine_state(machine, tree_text(node));

        return state == STATE_NONE ? 0 : STATE_BIT(state);
    }
    if (depth > 8)
        return 0;
    cJSON_ArrayForEach (item, node)
        set |= states_in(machine, item, depth + 1);
    return set;
}

static void load_target(struct loader *loader, const struct machine *machine, const cJSON *to,
                        struct row *row)
{
    const char *text = tree_text(to);

    row->to = STATE_NONE;
    if (!to || !machine)
        return;
    if (!text || *text == '$') {
        row->to_template = loader_template(loader, to);
        row->to_any = states_in(machine, to, 0) | states_in(machine, loader->lifecycle->tables, 0) |
                      states_in(machine, loader->lifecycle->variant_values, 0);
        return;
    }
    row->to = machine_state(machine, text);
    if (row->to == STATE_NONE)
        loader_no_state(loader, machine, to);
    else
        row->to_any = STATE_BIT(row->to);
}

struct row load_row(struct loader *loader, const struct machine *machine, const cJSON *node)
{
    struct row row = {.place = tree_place(node), .to = STATE_NONE};
    const cJSON *status = tree_get(node, "status");
    int64_t number = 0;

    load_tests(loader, machine, node, &row.tests);
    row.error = loader_refusal(loader, tree_get(node, "error"));
    if (status && tree_as_int64(status, &number))
        row.status = (int)number;
    if (row.error && row.status && row.status != row.error->status)
        findings_add(loader->findings, tree_place(status),
                     "status %d is not that of the error '%s', which is %d", row.status,
                     row.error->name, row.error->status);
    if (row.error)
        row.status = row.error->status;
    row.each = loader_query(loader, machine, tree_get(node, "each"));
    if (row.each && !tree_get(node, "in"))
        row.tests.in = STATES_ANY; /* it is not about the participant */
    row.says = loader_template(loader, tree_get(node, "says"));
    load_target(loader, row.each ? &loader->machines[row.each->machine] : machine,
                tree_get(node, "to"), &row);
    if (row.error && tree_get(node, "to"))
        findings_add(loader->findings, tree_key_place(tree_get(node, "to")),
                     "a row that refuses moves nothing, yet it has 'to'");
    row.case_name = tree_get_text(node, "case");
    row.source = loader_source(loader, node);
    row.note = tree_get_text(node, "note");
    row.has_variant = tree_get(node, "variant") != NULL;
    if (row.place.file)
        row.where = arena_printf(loader->arena, "%s:%u", row.place.file, row.place.line);
    return row;
}

struct row_list_builder {
    VEC(struct row);
};

static struct row_list_builder load_row_list(struct loader *loader, const struct machine *machine,
                                             const cJSON *list)
{
    struct row_list_builder rows = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        struct row row;

        if (!cJSON_IsObject(item))
            continue;
        row = load_row(loader, machine, item); /* compiled even if pruned: its mistakes are shown */
        if (loader_variant(loader, item))
            vec_push_arena(loader->arena, &rows, row);
    }
    return rows;
}

void load_machine_rows(struct loader *loader, struct machine *machine, const cJSON *node)
{
    struct {
        VEC(struct row_block);
    } blocks = {0};
    struct row_list_builder always = load_row_list(loader, machine, tree_get(node, "always"));
    const cJSON *list;
    size_t i;

    machine->always = always.items;
    machine->always_count = always.count;
    for (i = 0; i < always.count; i++)
        if (always.items[i].error || always.items[i].each || always.items[i].case_name)
            findings_add(loader->findings, always.items[i].place,
                         "a row of 'always' has tests and 'to', nothing else");
    cJSON_ArrayForEach (list, tree_get(node, "operations")) {
        struct row_list_builder rows = load_row_list(loader, machine, list);
        struct row_block block = {list->string, tree_key_place(list), {rows.items, rows.count}};

        vec_push_arena(loader->arena, &blocks, block);
        if (cJSON_IsArray(list) && list->child && !rows.count)
            findings_warn(loader->findings, block.place,
                          "no row is left for '%s': the chosen variants drop all of them",
                          block.name);
    }
    machine->blocks = blocks.items;
    machine->block_count = blocks.count;
}

void load_rules(struct loader *loader, const cJSON *document)
{
    struct {
        VEC(struct rule);
    } rules = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(document, "rules")) {
        struct texts_list names = loader_texts(loader, tree_get(item, "operations"));
        struct rule rule = {names.items, names.count, load_row(loader, NULL, item)};

        if (loader_variant(loader, item))
            vec_push_arena(loader->arena, &rules, rule);
    }
    loader->lifecycle->rules = rules.items;
    loader->lifecycle->rule_count = rules.count;
}

static void load_invariants(struct loader *loader, const cJSON *list)
{
    struct {
        VEC(struct invariant);
    } invariants = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        struct invariant invariant = {.name = tree_get_text(item, "name"),
                                      .machine = loader_machine(loader, tree_get(item, "machine")),
                                      .source = loader_source(loader, item),
                                      .place = tree_place(item)};
        const struct machine *machine;

        if (invariant.machine < 0 || !loader_variant(loader, item))
            continue;
        machine = &loader->machines[invariant.machine];
        invariant.in = tree_get(item, "in") ? loader_states(loader, machine, tree_get(item, "in"))
                                            : machine->present;
        invariant.where = match_compile(&loader->compiler, tree_get(item, "where"));
        invariant.when = criterion_compile(&loader->compiler, tree_get(item, "if"));
        invariant.unless = criterion_compile(&loader->compiler, tree_get(item, "unless"));
        invariant.schema = loader_schema(loader, tree_get(item, "schema"));
        for (int i = 0; i < 2 && tree_get(item, "equal"); i++)
            invariant.equal[i] = loader_template(loader, tree_at(tree_get(item, "equal"), i));
        vec_push_arena(loader->arena, &invariants, invariant);
    }
    loader->lifecycle->invariants = invariants.items;
    loader->lifecycle->invariant_count = invariants.count;
}

static void load_streams(struct loader *loader, const cJSON *list)
{
    struct {
        VEC(struct stream_rule);
    } streams = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        struct texts_list names = loader_texts(loader, tree_get(item, "operations"));
        struct stream_rule stream = {.name = item->string,
                                     .operations = names.items,
                                     .operation_count = names.count,
                                     .of = loader_machine(loader, tree_get(item, "of")),
                                     .complete = tree_is_true(tree_get(item, "complete")),
                                     .place = tree_key_place(item)};
        const struct machine *machine;

        if (stream.of < 0)
            continue;
        machine = &loader->machines[stream.of];
        stream.ends = tree_get(item, "ends")
                          ? loader_states(loader, machine, tree_get(item, "ends"))
                          : machine->terminal;
        load_stream_rules(loader, item, &stream);
        vec_push_arena(loader->arena, &streams, stream);
    }
    loader->lifecycle->streams = streams.items;
    loader->lifecycle->stream_count = streams.count;
}

static void load_timeouts(struct loader *loader, const cJSON *list)
{
    struct {
        VEC(struct timeout_rule);
    } timeouts = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        struct timeout_rule timeout = {.operation = item->string, .place = tree_key_place(item)};
        int64_t status = 0;

        tree_as_int64(item, &status);
        timeout.status = (int)status;
        vec_push_arena(loader->arena, &timeouts, timeout);
    }
    loader->lifecycle->timeouts = timeouts.items;
    loader->lifecycle->timeout_count = timeouts.count;
}

static void load_callbacks(struct loader *loader, const cJSON *list)
{
    struct {
        VEC(struct callback_rule);
    } callbacks = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        struct callback_rule callback = {item->string, loader_machine(loader, tree_get(item, "of")),
                                         tree_get_text(item, "schema"), 0, tree_key_place(item)};

        if (callback.of < 0)
            continue;
        callback.states =
            loader_states(loader, &loader->machines[callback.of], tree_get(item, "states"));
        vec_push_arena(loader->arena, &callbacks, callback);
    }
    loader->lifecycle->callbacks = callbacks.items;
    loader->lifecycle->callback_count = callbacks.count;
}

void load_announcements(struct loader *loader, const cJSON *document)
{
    load_invariants(loader, tree_get(document, "invariants"));
    load_streams(loader, tree_get(document, "streams"));
    load_timeouts(loader, tree_get(document, "timeouts"));
    load_callbacks(loader, tree_get(document, "callbacks"));
    load_views(loader, document);
    load_promises(loader, document);
}
