/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the contract says what a scenario wanted and did not get: the rows that may answer so, and
 * those that lead to a state. An outsider could not tell that they decide (else there were a
 * verdict); whoever reads the failure should not have to look for them.
 */
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/contract/openapi.h"
#include "runner/monitor/parts.h"

enum { PLACES_MAX = 4 };

struct places {
    struct looking *looking; /* NULL: of a machine alone */
    struct strbuf text;
    size_t count;
};

static void add_place(struct places *places, struct place place, const char *name)
{
    if (!place.file || places->count++ >= PLACES_MAX)
        return;
    strbuf_addf(&places->text, "%s%s:%u%s%s%s", places->text.len ? ", " : "", place.file,
                place.line, name ? " (" : "", name ? name : "", name ? ")" : "");
}

static const char *places_end(struct places *places, struct arena *arena, const char *what)
{
    const char *text = NULL;

    if (places->text.len)
        text = arena_printf(arena, "%s %s%s", what, places->text.buf,
                            places->count > PLACES_MAX ? ", ..." : "");
    strbuf_release(&places->text);
    return text;
}

/* ---- a status ---- */

static bool answers(const struct looking *looking, const struct row *row, int status)
{
    int own = row->error ? row->error->status : looking->answer.success_status;

    return !row->each && (row->status ? row->status : own) == status;
}

static void add_row(struct places *places, const struct row *row, const struct subject *subject,
                    int status)
{
    struct looking *looking = places->looking;

    if (answers(looking, row, status) &&
        row_fits(row, subject, &looking->eval, &looking->world) != TRUTH_FALSE)
        add_place(places, row->place, row->error ? row->error->name : NULL);
}

static void add_rows(struct places *places, const struct participant *part, int status)
{
    const struct lifecycle *lifecycle = places->looking->monitor->provider->lifecycle;
    const struct refusal *missing =
        part->machine->missing ? part->machine->missing : lifecycle->missing;
    struct subject subject = {
        .machine = part->machine, .states = STATES_ANY, .value = expr_unknown()};

    for (size_t i = 0; i < part->rows.count; i++)
        add_row(places, part->rows.items[i], &subject, status);
    if (part->by_path && missing && missing->status == status)
        add_place(places, missing->place, missing->name);
}

/* No row speaks of it: the places of lists, what a document refuses by itself. */
static void add_documented(struct places *places, const struct operation *operation, int status)
{
    const struct response *response = operation_response(operation, status);

    if (response)
        add_place(places, tree_place(response->node), NULL);
}

const char *monitor_wanted(struct monitor *monitor, const struct seen *seen, int status,
                           struct arena *arena)
{
    const struct provider_operation *operation = seen->operation;
    struct verdicts none = {.arena = arena};
    struct subject nobody = {0};
    struct looking looking;
    struct places places = {.looking = &looking, .text = STRBUF_INIT(LIMIT_MESSAGE)};
    const char *text;

    if (!operation)
        return NULL;
    looking_init(&looking, monitor, seen, &none);
    if (status >= 400 && !request_is_valid(&looking))
        add_place(&places, tree_place(operation->operation->node), "which the request breaks");
    for (size_t i = 0; i < operation->rule_count; i++)
        if (operation->rules[i]->row.error)
            add_row(&places, &operation->rules[i]->row, &nobody, status);
    for (size_t i = 0; i < operation->participant_count; i++)
        add_rows(&places, &operation->participants[i], status);
    if (!places.count)
        add_documented(&places, operation->operation, status);
    text = places_end(&places, arena, arena_printf(arena, "%d is said by", status));
    arena_reset(looking.arena);
    return text;
}

/* ---- a state ---- */

static void add_ways(struct places *places, const struct machine *machine, state_set to)
{
    for (size_t i = 0; i < machine->always_count; i++)
        if (machine->always[i].to_any & to)
            add_place(places, machine->always[i].place, "always");
    for (size_t i = 0; i < machine->move_count; i++)
        if (STATE_BIT(machine->moves[i].to) & to)
            add_place(places, machine->moves[i].place,
                      machine->states[machine->moves[i].from].name);
    for (size_t i = 0; i < machine->block_count; i++)
        for (size_t j = 0; j < machine->blocks[i].rows.count; j++) {
            const struct row *row = &machine->blocks[i].rows.items[j];

            if (!row->each && row->to_any & to)
                add_place(places, row->place, machine->blocks[i].name);
        }
}

const char *monitor_ways(const struct machine *machine, state_set to, struct arena *arena)
{
    struct places places = {.text = STRBUF_INIT(LIMIT_MESSAGE)};

    add_ways(&places, machine, to);
    return places_end(&places, arena,
                      arena_printf(arena, "%s is reached by", state_set_text(arena, machine, to)));
}
