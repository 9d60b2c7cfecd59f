/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells: every operation that names a resource of a machine, or has rows for it, by every state. A
 * cell that no row decides, and a row that no cell comes to, are findings.
 */
#include "core/provider/build.h"

static bool is_unconditional(const struct row *row)
{
    const struct tests *tests = &row->tests;

    return !tests->where && !tests->when && !tests->unless && !tests->exists && !tests->none &&
           !tests->last;
}

static struct place place_of_rows(const struct participant *part)
{
    const struct machine *machine = part->machine;
    size_t i;

    for (i = 0; i < machine->block_count && part->rows.count; i++) {
        const struct rows *rows = &machine->blocks[i].rows;

        if (part->rows.items[0] >= rows->items && part->rows.items[0] < rows->items + rows->count)
            return machine->blocks[i].place;
    }
    return machine->place;
}

/* The states that a request of the operation may find the resource in. */
static state_set cells_of(const struct participant *part)
{
    const struct machine *machine = part->machine;
    state_set cells = 0;
    size_t i;

    if (part->named_by_count) {
        cells = machine->present;
        if (!part->by_path || !machine->missing || part->has_absent_row)
            cells |= STATE_BIT(STATE_ABSENT);
        return cells;
    }
    for (i = 0; i < part->rows.count; i++)
        if (!part->rows.items[i]->each)
            cells |= part->rows.items[i]->tests.in & STATE_BIT(STATE_ABSENT);
    return cells;
}

/* `decided`: by rows before it that always fit. */
static void check_row(struct builder *builder, const struct provider_operation *operation,
                      const struct participant *part, const struct row *row, state_set cells,
                      state_set decided)
{
    state_set mine = row->tests.in & cells;
    const struct machine *machine = part->machine;

    if (!row->tests.in || (mine & ~decided))
        return;
    if (!mine)
        findings_add(builder->findings, row->place,
                     "this row is never reached: '%s' names no '%s' that is in %s", operation->name,
                     machine->name, state_set_text(builder->arena, machine, row->tests.in));
    else
        findings_add(builder->findings, row->place,
                     "this row is never reached: rows before it decide '%s' in %s", operation->name,
                     state_set_text(builder->arena, machine, mine));
}

static void check_rows(struct builder *builder, const struct provider_operation *operation,
                       const struct participant *part)
{
    state_set cells = cells_of(part);
    state_set decided = 0, firmly = 0; /* firmly: under every variant */
    size_t i;

    for (i = 0; i < part->rows.count; i++) {
        const struct row *row = part->rows.items[i];

        if (row->each)
            continue;
        check_row(builder, operation, part, row, cells, row->has_variant ? decided : firmly);
        if (!is_unconditional(row))
            continue;
        decided |= row->tests.in;
        firmly |= row->has_variant ? 0 : row->tests.in;
    }
    if (cells & STATE_BIT(STATE_ABSENT) && part->by_path && part->machine->missing)
        decided |= STATE_BIT(STATE_ABSENT);
    if (cells & ~decided)
        findings_add(builder->findings, place_of_rows(part), "no row of '%s' decides '%s' in %s",
                     part->machine->name, operation->name,
                     state_set_text(builder->arena, part->machine, cells & ~decided));
}

void check_cells(struct builder *builder)
{
    size_t i, j, k;

    for (i = 0; i < builder->provider->operation_count; i++) {
        const struct provider_operation *operation = &builder->operations[i];

        for (j = 0; j < operation->participant_count; j++) {
            const struct participant *part = &operation->participants[j];
            bool has_rows = part->named_by_count > 0;

            for (k = 0; k < part->rows.count; k++)
                has_rows = has_rows || !part->rows.items[k]->each;
            if (has_rows)
                check_rows(builder, operation, part);
        }
    }
}
