/* SPDX-License-Identifier: Apache-2.0 */
/* outcomes.yaml: scripts, outcomes by kind, and which one is chosen. */
#include "core/provider/build.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"

#include <stdio.h>

void build_script_names(struct builder *builder)
{
    const cJSON *scripts = tree_get(builder->outcomes, "scripts"), *item;
    size_t i = 0;

    builder->provider->script_count = tree_count(scripts);
    builder->scripts = arena_alloc(builder->arena, (builder->provider->script_count + 1) *
                                                       sizeof *builder->scripts);
    builder->provider->scripts = builder->scripts;
    cJSON_ArrayForEach (item, scripts) {
        builder->scripts[i].name = item->string;
        builder->scripts[i++].place = tree_key_place(item);
    }
}

/* Outcomes are resolved by name, once all kinds have theirs. */
static void build_choices(struct builder *builder, struct kind *kind, const cJSON *rows)
{
    const char **names = arena_alloc(builder->arena, (kind->outcomes.count + 1) * sizeof *names);
    struct {
        VEC(struct choice);
    } choices = {0};
    const cJSON *item;
    size_t i;

    for (i = 0; i < kind->outcomes.count; i++)
        names[i] = kind->outcomes.items[i].name;
    cJSON_ArrayForEach (item, rows) {
        const cJSON *name = tree_get(item, "outcome");
        struct choice choice = {.place = tree_place(item)};

        choice.when = criterion_compile(&builder->loader.compiler, tree_get(item, "if"));
        choice.unless = criterion_compile(&builder->loader.compiler, tree_get(item, "unless"));
        if (builder_is_call(name)) {
            choice.value = builder_template(builder, name);
        } else if (tree_text(name)) {
            choice.outcome = kind_outcome(kind, tree_text(name));
            if (!choice.outcome)
                loader_unknown(&builder->loader, name, "outcome", tree_text(name), names,
                               kind->outcomes.count);
        }
        vec_push_arena(builder->arena, &choices, choice);
    }
    kind->outcomes.choices = choices.items;
    kind->outcomes.choice_count = choices.count;
}

static struct kind *kind_of_key(struct builder *builder, const cJSON *member)
{
    cJSON *name = tree_string(builder->arena, member->string);

    tree_set_place(name, tree_key_place(member));
    return (struct kind *)builder_kind(builder, name);
}

/* The same text in another file, or with other spaces, is the same. */
static uint64_t fingerprint_of(const cJSON *steps)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);

    json_print(steps, JSON_COMPACT, &text);
    uint64_t hash = draw_hash(0, text.buf, text.len);
    strbuf_release(&text);
    return hash;
}

void build_outcomes(struct builder *builder)
{
    const cJSON *list, *item;
    size_t i = 0;

    cJSON_ArrayForEach (item, tree_get(builder->outcomes, "scripts")) {
        builder->scripts[i].fingerprint = fingerprint_of(item);
        builder->scripts[i++].steps = builder_steps(builder, NULL, item);
    }
    cJSON_ArrayForEach (list, tree_get(builder->outcomes, "kinds")) {
        struct kind *kind = kind_of_key(builder, list);
        struct outcome *outcomes =
            arena_alloc(builder->arena, (tree_count(list) + 1) * sizeof *outcomes);

        i = 0;
        if (!kind)
            continue;
        cJSON_ArrayForEach (item, list) {
            const cJSON *steps = cJSON_IsObject(item) ? tree_get(item, "steps") : item;

            outcomes[i++] = (struct outcome){item->string,
                                             tree_get_text(item, "summary"),
                                             kind,
                                             builder_steps(builder, kind->machine, steps),
                                             tree_key_place(item),
                                             fingerprint_of(steps)};
        }
        kind->outcomes.items = outcomes;
        kind->outcomes.count = i;
    }
    cJSON_ArrayForEach (list, tree_get(builder->outcomes, "choose")) {
        struct kind *kind = kind_of_key(builder, list);

        if (kind)
            build_choices(builder, kind, list);
    }
}

int provider_outcome_named(const struct provider *provider, const char *text,
                           const struct outcome **outcome, struct error *err)
{
    const char *equals = strchr(text, '='), *name = equals ? equals + 1 : text;
    const char *names[256], *owners[64], *near;
    size_t i, j, count = 0, owner_count = 0;

    for (i = 0; i < provider->kind_count; i++) {
        const struct kind *kind = &provider->kinds[i];

        if (kind->outcomes.count && owner_count < sizeof owners / sizeof *owners)
            owners[owner_count++] = kind->machine ? kind->machine->name : kind->name;
        if (equals && !str_is((struct str){text, (size_t)(equals - text)}, kind->name) &&
            !(kind->machine &&
              str_is((struct str){text, (size_t)(equals - text)}, kind->machine->name)))
            continue;
        for (j = 0; j < kind->outcomes.count; j++) {
            if (count < sizeof names / sizeof *names)
                names[count++] = kind->outcomes.items[j].name;
            if (text_is(kind->outcomes.items[j].name, name)) {
                *outcome = &kind->outcomes.items[j];
                return 0;
            }
        }
    }
    if (equals && !count) {
        const int len = (int)(equals - text);
        char owner[128];

        snprintf(owner, sizeof owner, "%.*s", len, text);
        near = text_nearest_of(owner, owners, owner_count);
        return near ? fail(err, ERROR_NOT_FOUND,
                           "unknown outcome '%s': nothing called '%s' has outcomes (did you mean "
                           "'%s'?)",
                           text, owner, near)
                    : fail(err, ERROR_NOT_FOUND,
                           "unknown outcome '%s': nothing called '%s' has outcomes", text, owner);
    }
    near = text_nearest_of(name, names, count);
    if (near)
        return fail(err, ERROR_NOT_FOUND, "unknown outcome '%s' (did you mean '%s'?)", text, near);
    return fail(err, ERROR_NOT_FOUND, "unknown outcome '%s'", text);
}
