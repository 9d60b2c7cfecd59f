/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates filled with examples and held against the document: error bodies, seeded resources,
 * replies. What depends on things that only a running world has is left alone.
 */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/data/pointer.h"

#include <string.h>

struct sample {
    struct builder *builder;
    struct arena *arena;     /* of one template */
    const struct kind *kind; /* of a seed */
};

/* Resources are examples of their schemas; everything else cannot be seen. */
static bool resolve(void *data, struct str name, struct eval *eval, const cJSON **value)
{
    struct sample *sample = data;
    struct builder *builder = sample->builder;
    size_t i;

    *value = expr_unknown();
    if (str_is(name, "tables"))
        *value = builder->provider->tables;
    else if (str_is(name, "variant"))
        *value = builder->lifecycle->variant_values;
    else if (str_is(name, "now"))
        return false;
    for (i = 0; i < builder->provider->kind_count; i++) {
        const struct kind *kind = &builder->kinds[i];
        cJSON *example;

        if (!str_is(name, kind->name) || !kind->schema)
            continue;
        example = schema_example(kind->schema, eval->arena, 1, SCHEMA_EXAMPLE_RESPONSE, NULL);
        if (example) {
            unknown_mark_partial(example); /* hidden members are there, too */
            *value = example;
        }
    }
    return true;
}

static const cJSON *http_unknown(void *data, enum http_part part, struct str name,
                                 struct eval *eval)
{
    (void)data;
    (void)part;
    (void)name;
    (void)eval;
    return expr_unknown();
}

static struct eval sample_eval(struct sample *sample, const struct scope *scope)
{
    return (struct eval){.arena = sample->arena,
                         .scope = scope,
                         .now = (nanos)1767225600 * NANOS_PER_SECOND, /* 2026-01-01 */
                         .time_form = sample->builder->provider->service.time,
                         .hooks = sample->builder->provider->hooks,
                         .draw_key = 1};
}

/* Whether the error says that something is missing which `unset` will put there. */
static bool is_filled_later(const struct builder *builder, const struct schema_error *error)
{
    return builder->provider->service.unset != UNSET_OMIT &&
           strcmp(error->keyword, "required") == 0;
}

/* Whether it is about a member that is worked out when shown. */
static bool is_computed(const struct kind *kind, const struct schema_error *error)
{
    size_t i, len;

    for (i = 0; kind && i < kind->computed_count; i++) {
        len = strlen(kind->computed[i].at);
        if (strncmp(error->instance, kind->computed[i].at, len) == 0)
            return true;
    }
    return false;
}

static void validate(struct sample *sample, const struct schema *schema, const cJSON *value,
                     const char *what, struct place place)
{
    struct builder *builder = sample->builder;
    struct schema_options options = {.direction = SCHEMA_RESPONSE, .max_errors = 5};
    struct schema_report report = {0};
    const struct schema_error *error;

    if (!schema || !value || expr_is_unknown(value) || unknown_is_inside(value) ||
        schema_validate(schema, value, &options, sample->arena, &report))
        return;
    for (error = report.first; error; error = error->next) {
        const struct schema_error *cause = error;

        while (cause->causes)
            cause = cause->causes;
        if (!is_filled_later(builder, cause) && !is_computed(sample->kind, cause))
            findings_add(builder->findings, place, "%s does not fit the document: %s%s%s", what,
                         cause->instance, *cause->instance ? ": " : "", cause->text);
    }
}

static const struct schema *body_schema(const struct provider_operation *operation, int status,
                                        const char *media_type)
{
    const struct response *response = operation_response(operation->operation, status);

    return response ? response_schema(response, media_type) : NULL;
}

/* ---- errors ---- */

static cJSON *error_members(struct sample *sample, const struct wording *wording, struct eval *eval,
                            bool *guessed)
{
    cJSON *error = tree_object(sample->arena);
    size_t i;

    for (i = 0; i < wording->members.count; i++) {
        cJSON *value = template_eval(wording->members.items[i].value, eval);

        if (value && expr_is_unknown(value)) { /* a text from the request: $problem.message */
            value = tree_string(sample->arena, "text");
            *guessed = true;
        }
        if (value)
            tree_set(sample->arena, error, wording->members.items[i].name, value);
    }
    tree_set_string(sample->arena, error, "name", wording->refusal->name);
    tree_set(sample->arena, error, "status", tree_integer(sample->arena, wording->refusal->status));
    return error;
}

static void check_error(struct builder *builder, const struct provider_operation *operation,
                        const struct refusal *refusal)
{
    const struct service *service = &builder->provider->service;
    const struct wording *wording = &service->wordings[refusal - builder->lifecycle->refusals];
    struct sample sample = {builder, arena_new(), NULL};
    struct scope world = {.resolve = resolve, .http = http_unknown, .data = &sample};
    struct eval outer = sample_eval(&sample, &world);
    bool guessed = false;
    struct binding names[] = {{"error", error_members(&sample, wording, &outer, &guessed)}};
    struct scope scope = {.outer = &world, .bindings = names, .count = 1};
    struct eval eval = sample_eval(&sample, &scope);
    const char *what = arena_printf(sample.arena, "the error '%s' as answered by '%s'",
                                    refusal->name, operation->name);
    cJSON *body = template_eval(wording->body ? wording->body : service->error_body, &eval);

    validate(&sample, body_schema(operation, refusal->status, service->error_media_type), body,
             what, wording->place);
    if (refusal->schema && !guessed && body && !expr_is_unknown(body) && !unknown_is_inside(body) &&
        !schema_valid(refusal->schema, body, NULL, sample.arena))
        findings_add(builder->findings, wording->place,
                     "a reader would not recognise this as '%s': the schema in the lifecycle "
                     "refuses it",
                     refusal->name);
    arena_free(sample.arena);
}

static void check_errors(struct builder *builder, const struct provider_operation *operation)
{
    size_t i, j;

    for (i = 0; i < operation->rule_count; i++)
        if (operation->rules[i]->row.error)
            check_error(builder, operation, operation->rules[i]->row.error);
    for (i = 0; i < operation->participant_count; i++) {
        const struct participant *part = &operation->participants[i];

        if (part->by_path && part->machine->missing)
            check_error(builder, operation, part->machine->missing);
        for (j = 0; j < part->rows.count; j++)
            if (part->rows.items[j]->error)
                check_error(builder, operation, part->rows.items[j]->error);
    }
}

/* ---- replies ---- */

static void check_reply(struct builder *builder, const struct provider_operation *operation,
                        const struct answer *answer)
{
    struct sample sample = {builder, arena_new(), NULL};
    struct scope world = {.resolve = resolve, .http = http_unknown, .data = &sample};
    struct eval eval = sample_eval(&sample, &world);
    const char *what = arena_printf(sample.arena, "the reply of '%s'", operation->name);
    const cJSON *status = answer->status ? template_constant(answer->status) : NULL;
    int64_t code = operation->success_status;
    cJSON *body = template_eval(answer->reply, &eval);

    if (status)
        tree_as_int64(status, &code);
    if (!eval.problem && !(answer->status && !status))
        validate(&sample, body_schema(operation, (int)code, "application/json"), body, what,
                 answer->place);
    arena_free(sample.arena);
}

/* ---- seed ---- */

/* What `new` makes of the seeded members, seen as an answer shows it; NULL when it needs a world.
 */
static cJSON *render_seed(struct sample *sample, const struct seed *seed, const struct eval *outer,
                          const struct scope *scope)
{
    const struct kind *kind = seed->kind;
    cJSON *self = tree_object(sample->arena);
    struct eval eval = *outer;
    const cJSON *given = template_value(seed->members, &eval);
    struct binding names[] = {{"given", given}, {"self", self}};
    struct scope inner = {.outer = scope, .bindings = names, .count = 2};
    size_t i;

    eval.scope = &inner;
    for (i = 0; i < kind->fresh.count; i++) {
        cJSON *value = template_eval(kind->fresh.items[i].value, &eval);

        if (eval.problem || (value && expr_is_unknown(value)))
            return NULL;
        if (value)
            pointer_set(sample->arena, self, kind->fresh.items[i].at, value, NULL);
    }
    for (i = 0; i < seed->stored.count; i++) {
        cJSON *value = template_eval(seed->stored.items[i].value, &eval);

        if (value && expr_is_unknown(value))
            return NULL;
        if (value)
            pointer_set(sample->arena, self, seed->stored.items[i].at, value, NULL);
    }
    return self;
}

/* Whether some operation refuses to show such a resource: then it need not fit. */
static bool is_refused(const struct machine *machine, const cJSON *self, struct eval *eval)
{
    size_t i, j;

    for (i = 0; machine && i < machine->block_count; i++)
        for (j = 0; j < machine->blocks[i].rows.count; j++) {
            const struct row *row = &machine->blocks[i].rows.items[j];

            if (row->error && row->tests.where &&
                match_eval(row->tests.where, self, eval) == TRUTH_TRUE)
                return true;
        }
    return false;
}

static void check_seed(struct builder *builder, const struct seed *seed)
{
    const struct kind *kind = seed->kind;
    const struct machine *machine = kind->machine;
    struct sample sample = {builder, arena_new(), kind};
    int state = seed->state != STATE_NONE ? seed->state : machine ? machine->first_initial : 0;
    const cJSON *wire = machine && state > 0 ? machine->states[state].value : NULL;
    cJSON *self;
    struct binding names[] = {{"id", tree_string(sample.arena, seed->id ? seed->id : "id")},
                              {"state", wire}};
    struct scope world = {.resolve = resolve, .http = http_unknown, .data = &sample};
    struct scope scope = {.outer = &world, .bindings = names, .count = 2};
    struct eval eval = sample_eval(&sample, &scope);
    size_t i;

    self = kind->schema && !kind->fresh_all ? render_seed(&sample, seed, &eval, &scope) : NULL;
    if (self && !is_refused(machine, self, &eval)) {
        for (i = 0; i < kind->hidden_count; i++)
            pointer_remove(self, kind->hidden[i]);
        for (i = 0; i < kind->computed_count; i++) { /* shown, but not known here */
            const struct schema *whole = kind->schema;
            const struct schema *member = schema_property(whole, kind->computed[i].at + 1);
            cJSON *example =
                member ? schema_example(member, sample.arena, 1, SCHEMA_EXAMPLE_RESPONSE, NULL)
                       : NULL;

            if (example)
                pointer_set(sample.arena, self, kind->computed[i].at, example, NULL);
        }
        validate(&sample, kind->schema, self,
                 arena_printf(sample.arena, "the seeded '%s'", kind->name), seed->place);
    }
    arena_free(sample.arena);
}

void check_bodies(struct builder *builder)
{
    const struct provider *provider = builder->provider;
    size_t i, j;

    for (i = 0; i < provider->operation_count; i++) {
        const struct provider_operation *operation = &provider->operations[i];

        check_errors(builder, operation);
        for (j = 0; j < operation->service.answers.count; j++)
            if (operation->service.answers.items[j].kind == ANSWER_REPLY)
                check_reply(builder, operation, &operation->service.answers.items[j]);
        if (!operation->is_played && !provider->service.examples_meant)
            findings_warn(builder->findings, tree_key_place(operation->operation->node),
                          "nothing plays '%s': it answers an example of its schema",
                          operation->name);
    }
    for (i = 0; i < provider->seed_count; i++)
        check_seed(builder, &provider->seeds[i]);
}
