/* SPDX-License-Identifier: Apache-2.0 */
/* What is promised to who asks: what was sent is shown, waits, deadlines, what became of each. */
#include "core/base/instant.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/lifecycle/loader.h"

/* ---- takes ---- */

/* Names are members of the body as it was sent; a map says which value each pointer shows. */
static void load_members(struct loader *loader, const cJSON *node, struct take_rule *take)
{
    struct taken *members = arena_alloc(loader->arena, (tree_count(node) + 1) * sizeof *members);
    const cJSON *item;

    cJSON_ArrayForEach (item, node) {
        struct taken taken = {.at = loader_pointer(loader, item->string      ? item->string
                                                           : tree_text(item) ? tree_text(item)
                                                                             : "")};
        cJSON *sent;

        if (item->string) {
            taken.value = loader_template(loader, item);
        } else {
            sent = tree_string(loader->arena,
                               arena_printf(loader->arena, "$request.sent#%s", taken.at));
            tree_set_place(sent, tree_place(item));
            taken.value = loader_template(loader, sent);
        }
        if (taken.value)
            members[take->member_count++] = taken;
    }
    take->members = members;
}

void load_takes(struct loader *loader, struct machine *machine, const cJSON *node)
{
    const cJSON *list = tree_get(node, "takes"), *item;
    struct take_rule *takes = arena_alloc(loader->arena, (tree_count(list) + 1) * sizeof *takes);

    machine->is_told = tree_is_true(tree_get(node, "told"));
    cJSON_ArrayForEach (item, list) {
        struct texts_list names = loader_texts(loader, tree_get(item, "operations"));
        struct take_rule take = {.operations = names.items,
                                 .operation_count = names.count,
                                 .keeps = tree_is_true(tree_get(item, "keeps")),
                                 .birth = tree_is_true(tree_get(item, "birth")),
                                 .clears = tree_is_true(tree_get(item, "clears")),
                                 .merges = tree_is_true(tree_get(item, "merges")),
                                 .is_whole = tree_is_true(tree_get(item, "whole")),
                                 .source = loader_source(loader, item),
                                 .place = tree_place(item)};

        load_members(loader, tree_get(item, "members"), &take);
        if (loader_variant(loader, item))
            takes[machine->take_count++] = take;
    }
    machine->takes = takes;
}

/* ---- waits, deadlines, outcomes ---- */

static int64_t load_duration(struct loader *loader, const cJSON *item, const char *key)
{
    const char *text = tree_get_text(item, key);
    nanos time = 0;

    if (text && duration_parse(text, &time))
        findings_add(loader->findings, tree_place(tree_get(item, key)), "'%s' is no duration",
                     text);
    return time;
}

static const struct schema **load_shows(struct loader *loader, const struct machine *machine,
                                        const cJSON *map)
{
    const struct schema **shows = arena_alloc(loader->arena, STATES_MAX * sizeof *shows);
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        cJSON *name = tree_string(loader->arena, item->string);
        state_set states;

        tree_set_place(name, tree_key_place(item));
        states = loader_states(loader, machine, name);
        for (int i = 0; i < STATES_MAX; i++)
            if (states & STATE_BIT(i))
                shows[i] = loader_schema(loader, item);
    }
    return shows;
}

static void load_waits(struct loader *loader, const cJSON *map)
{
    struct wait_rule *waits = arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *waits);
    size_t count = 0;
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        struct texts_list names = loader_texts(loader, tree_get(item, "operations"));
        struct wait_rule wait = {.name = item->string,
                                 .operations = names.items,
                                 .operation_count = names.count,
                                 .of = loader_machine(loader, tree_get(item, "of")),
                                 .lasts = load_duration(loader, item, "lasts"),
                                 .source = loader_source(loader, item),
                                 .place = tree_key_place(item)};

        if (wait.of < 0)
            continue;
        wait.until = loader_states(loader, &loader->machines[wait.of], tree_get(item, "until"));
        wait.shows = load_shows(loader, &loader->machines[wait.of], tree_get(item, "shows"));
        waits[count++] = wait;
    }
    loader->lifecycle->waits = waits;
    loader->lifecycle->wait_count = count;
}

static void load_deadlines(struct loader *loader, const cJSON *map)
{
    struct deadline_rule *list = arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *list);
    size_t count = 0;
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        struct deadline_rule rule = {.name = item->string,
                                     .of = loader_machine(loader, tree_get(item, "of")),
                                     .source = loader_source(loader, item),
                                     .place = tree_key_place(item)};
        const char *at = tree_get_text(item, "at");

        if (rule.of < 0 || !at)
            continue;
        rule.at = loader_pointer(loader, at);
        rule.in = loader_states(loader, &loader->machines[rule.of], tree_get(item, "in"));
        if (tree_get(item, "to"))
            rule.to = loader_states(loader, &loader->machines[rule.of], tree_get(item, "to"));
        list[count++] = rule;
    }
    loader->lifecycle->deadlines = list;
    loader->lifecycle->deadline_count = count;
}

static void load_outcomes(struct loader *loader, const cJSON *map)
{
    struct outcome_rule *list = arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *list);
    size_t count = 0;
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        struct texts_list names = loader_texts(loader, tree_get(item, "operations"));
        struct outcome_rule rule = {.name = item->string,
                                    .operations = names.items,
                                    .operation_count = names.count,
                                    .of = loader_machine(loader, tree_get(item, "of")),
                                    .at = tree_get_text(item, "at"),
                                    .source = loader_source(loader, item),
                                    .place = tree_key_place(item)};

        rule.at = rule.at ? loader_pointer(loader, rule.at) : "";
        if (rule.of >= 0)
            list[count++] = rule;
    }
    loader->lifecycle->outcomes = list;
    loader->lifecycle->outcome_count = count;
}

static void load_answers(struct loader *loader, const cJSON *map)
{
    struct answer_rule *list = arena_alloc(loader->arena, (tree_count(map) + 1) * sizeof *list);
    size_t count = 0;
    const cJSON *item;

    cJSON_ArrayForEach (item, map) {
        struct texts_list names = loader_texts(loader, tree_get(item, "operations"));
        struct answer_rule rule = {.name = item->string,
                                   .operations = names.items,
                                   .operation_count = names.count,
                                   .when =
                                       criterion_compile(&loader->compiler, tree_get(item, "if")),
                                   .schema = loader_schema(loader, tree_get(item, "schema")),
                                   .source = loader_source(loader, item),
                                   .place = tree_key_place(item)};
        int64_t status = 0;

        if (tree_get(item, "status") && tree_as_int64(tree_get(item, "status"), &status))
            rule.status = (int)status;
        for (int i = 0; i < 2 && tree_get(item, "equal"); i++)
            rule.equal[i] = loader_template(loader, tree_at(tree_get(item, "equal"), i));
        list[count++] = rule;
    }
    loader->lifecycle->answers = list;
    loader->lifecycle->answer_count = count;
}

void load_promises(struct loader *loader, const cJSON *document)
{
    const cJSON *credentials = tree_get(document, "credentials");

    loader->lifecycle->credentials =
        (struct credentials_rule){tree_is_true(tree_get(credentials, "required")),
                                  tree_is_true(tree_get(credentials, "first")),
                                  loader_source(loader, credentials), loader_place(credentials)};
    load_waits(loader, tree_get(document, "waits"));
    load_deadlines(loader, tree_get(document, "deadlines"));
    load_outcomes(loader, tree_get(document, "outcomes"));
    load_answers(loader, tree_get(document, "answers"));
}
