/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts in words: which resource, what was believed and why, what was seen, the row or move that
 * is broken with its file and line, and what would have been legal. */
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "runner/monitor/parts.h"

void say(struct looking *looking, struct verdict verdict, const struct belief *belief)
{
    if (belief) {
        verdict.machine = belief->machine->name;
        verdict.id = arena_strdup(looking->out->arena, belief->id);
        verdict.first = belief->last != looking->seen ? belief->last : NULL;
    }
    verdict.second = looking->seen;
    verdict.text = arena_strdup(looking->out->arena, verdict.text);
    verdict_add(looking->out, verdict);
}

void say_breach(struct looking *looking, const struct breach *breach, const char *format, ...)
{
    struct verdict verdict = {.kind = breach->source == SOURCE_INFERRED ? VERDICT_DEVIATION
                                                                        : VERDICT_VIOLATION,
                              .rule = breach->rule,
                              .place = breach->place};
    va_list args;

    va_start(args, format);
    verdict.text = arena_vprintf(looking->arena, format, args);
    va_end(args);
    say(looking, verdict, breach->belief);
    if (breach->first && looking->out->count)
        looking->out->items[looking->out->count - 1].first = breach->first;
}

const char *place_text(struct arena *arena, struct place place)
{
    return place.file ? arena_printf(arena, "%s:%u", place.file, place.line) : "the contract";
}

static const char *operation_name(const struct seen *seen)
{
    return seen->operation ? seen->operation->name : seen->method;
}

/* "409 (too_early)": with the errors that the body fits. */
static const char *answer_text(struct looking *looking)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    const char *text = arena_printf(looking->arena, "%d", looking->answer.status);
    const char *names = NULL;

    if (looking->answer.status < 400)
        return text;
    for (size_t i = 0; i < lifecycle->refusal_count; i++)
        if (looking->seen->refusals >> i & 1)
            names =
                names ? arena_printf(looking->arena, "%s or %s", names, lifecycle->refusals[i].name)
                      : lifecycle->refusals[i].name;
    return names ? arena_printf(looking->arena, "%s (%s)", text, names)
                 : arena_printf(looking->arena, "%s (no error of the catalogue)", text);
}

/* "refuses with over (400)", "accepts with 200 and leads to CANCELLED" */
static const char *row_text(struct looking *looking, const struct machine *machine,
                            const struct row *row)
{
    int status = row->status ? row->status : looking->answer.success_status;

    if (row->error)
        return arena_printf(looking->arena, "refuses with %s (%d)", row->error->name,
                            row->status ? row->status : row->error->status);
    if (!machine || (row->to == STATE_NONE && !row->to_template))
        return arena_printf(looking->arena, "accepts with %d", status);
    return arena_printf(looking->arena, "accepts with %d and leads to %s", status,
                        state_set_text(looking->arena, machine, row->to_any));
}

/* ---- rows ---- */

struct reasons {
    struct looking *looking;
    const struct taking *taking;
    struct strbuf text;
    struct place place;
    bool is_inferred;
};

__attribute__((format(printf, 2, 3))) static void add_reason(struct reasons *reasons,
                                                             const char *format, ...)
{
    va_list args;

    strbuf_adds(&reasons->text, reasons->text.len ? "; " : "");
    va_start(args, format);
    strbuf_vaddf(&reasons->text, format, args);
    va_end(args);
}

static void note_source(struct reasons *reasons, struct place place, enum source source)
{
    if (!reasons->place.file)
        reasons->place = place;
    reasons->is_inferred |= source == SOURCE_INFERRED;
}

/* The row after which it can only be gone. */
static void add_end(struct reasons *reasons, const struct belief *belief)
{
    struct looking *looking = reasons->looking;

    if (!belief || !belief->row || !belief->last || belief->states != STATE_BIT(STATE_ABSENT))
        return;
    add_reason(reasons, "row %s (%s, exchange %llu) leads to absent",
               place_text(looking->arena, belief->row->place), operation_name(belief->last),
               (unsigned long long)belief->last->number);
}

/* The states in which nothing decided. */
static void add_undecided(struct reasons *reasons)
{
    struct looking *looking = reasons->looking;
    const struct taking *taking = reasons->taking;
    const struct machine *machine = taking->participant->machine;
    const struct refusal *missing =
        machine->missing ? machine->missing : looking->monitor->provider->lifecycle->missing;
    state_set none = 0;

    for (size_t i = 0; i < machine->state_count; i++)
        if (taking->states & STATE_BIT(i) && !taking->expected[i])
            none |= STATE_BIT(i);
    if (none & STATE_BIT(STATE_ABSENT) && taking->participant->by_path && missing) {
        none &= ~STATE_BIT(STATE_ABSENT);
        add_reason(reasons, "what is absent is refused with %s (%d), %s", missing->name,
                   missing->status, place_text(looking->arena, missing->place));
        note_source(reasons, missing->place, SOURCE_SPEC);
        add_end(reasons, taking->belief);
    }
    if (!none)
        return;
    add_reason(reasons, "in %s no row %s", state_set_text(looking->arena, machine, none),
               looking->answer.status < 400 ? "accepts that" : "refuses so");
    note_source(reasons, machine->place, SOURCE_SPEC);
}

static void add_expected(struct reasons *reasons, const struct row *row, state_set states)
{
    struct looking *looking = reasons->looking;
    const struct machine *machine = reasons->taking->participant->machine;

    add_reason(reasons, "in %s row %s %s", state_set_text(looking->arena, machine, states),
               place_text(looking->arena, row->place), row_text(looking, machine, row));
    note_source(reasons, row->place, row->source);
}

/* Each row once, with all states in which it should have decided. */
static void add_all_expected(struct reasons *reasons)
{
    const struct taking *taking = reasons->taking;
    size_t count = taking->participant->machine->state_count;

    for (size_t i = 0; i < count; i++) {
        const struct row *row = taking->expected[i];
        state_set states = 0;
        size_t first = count;

        for (size_t j = 0; row && j < count; j++)
            if (taking->expected[j] == row) {
                states |= STATE_BIT(j);
                first = first < j ? first : j;
            }
        if (row && first == i)
            add_expected(reasons, row, states);
    }
}

void say_rows(struct looking *looking, const struct taking *taking)
{
    struct reasons reasons = {
        .looking = looking, .taking = taking, .text = STRBUF_INIT(LIMIT_MESSAGE)};
    const struct machine *machine = taking->participant->machine;

    add_all_expected(&reasons);
    add_undecided(&reasons);
    say(looking,
        (struct verdict){.kind = reasons.is_inferred ? VERDICT_DEVIATION : VERDICT_VIOLATION,
                         .rule = "row",
                         .machine = machine->name,
                         .place = reasons.place,
                         .text = arena_printf(looking->arena, "%s %s: %s answered %s, but %s",
                                              machine->name,
                                              taking->belief ? taking->belief->id : "(to be made)",
                                              operation_name(looking->seen), answer_text(looking),
                                              reasons.text.buf)},
        taking->belief);
    strbuf_release(&reasons.text);
}

void say_rule(struct looking *looking, const struct row *rule)
{
    say(looking,
        (struct verdict){.kind = rule->source == SOURCE_INFERRED ? VERDICT_DEVIATION
                                                                 : VERDICT_VIOLATION,
                         .rule = "rule",
                         .place = rule->place,
                         .text = arena_printf(looking->arena, "%s answered %s, but rule %s %s",
                                              operation_name(looking->seen), answer_text(looking),
                                              place_text(looking->arena, rule->place),
                                              row_text(looking, NULL, rule))},
        NULL);
}

void say_unexplained(struct looking *looking)
{
    struct place place = looking->monitor->provider->lifecycle->machine_count
                             ? looking->monitor->provider->lifecycle->machines[0].place
                             : (struct place){0};

    say(looking,
        (struct verdict){.kind = VERDICT_VIOLATION,
                         .rule = "row",
                         .place = place,
                         .text = arena_printf(looking->arena,
                                              "%s answered %s, but no row and no rule refuses so",
                                              operation_name(looking->seen), answer_text(looking))},
        NULL);
}

/* ---- states ---- */

/* "but row F:L (cancelRun, exchange 3) led to CANCELLED", "but it was SUCCEEDED (...)" */
static const char *belief_text(struct looking *looking, const struct belief *belief)
{
    const char *states = state_set_text(looking->arena, belief->machine, belief->states);
    const char *who;

    if (!belief->last)
        return arena_printf(looking->arena, "but it can only be %s", states);
    who = arena_printf(looking->arena, "%s, exchange %llu", operation_name(belief->last),
                       (unsigned long long)belief->last->number);
    if (belief->states == STATE_BIT(STATE_ABSENT) && !belief->row)
        return arena_printf(looking->arena, "but it was absent (%s)", who);
    if (belief->row)
        return arena_printf(looking->arena, "but row %s (%s) leads to %s",
                            place_text(looking->arena, belief->row->place), who, states);
    return arena_printf(looking->arena, "but it was %s (%s)", states, who);
}

/* What is legal: the way there that takes more than happened, or where moves lead. */
static const char *legal_text(struct looking *looking, const struct belief *belief, int shown,
                              bool is_single)
{
    const struct machine *machine = belief->machine;
    int from = state_set_first(belief->states);
    const char *path = NULL;
    state_set next;

    if (shown != STATE_NONE && from != STATE_NONE)
        path = machine_path(looking->arena, machine, from, shown);
    if (path && is_single)
        return arena_printf(looking->arena, "a complete stream shows each move: %s", path);
    if (path)
        return arena_printf(looking->arena, "the clock stood still, and %s takes time", path);
    next = machine_step(machine, belief->states) & ~belief->states;
    return next ? arena_printf(looking->arena, "legal: %s -> %s",
                               state_set_text(looking->arena, machine, belief->states),
                               state_set_text(looking->arena, machine, next))
                : arena_printf(looking->arena, "no move leads from %s",
                               state_set_text(looking->arena, machine, belief->states));
}

/* Inferred when the row is, or a move that leaves where it was or leads to what was shown. */
static bool is_inferred(const struct belief *belief, state_set shown)
{
    const struct machine *machine = belief->machine;

    if (belief->row)
        return belief->row->source == SOURCE_INFERRED;
    for (size_t i = 0; i < machine->move_count; i++) {
        const struct move *move = &machine->moves[i];

        if (move->source == SOURCE_INFERRED &&
            (STATE_BIT(move->from) & belief->states || STATE_BIT(move->to) & shown))
            return true;
    }
    return false;
}

void say_state(struct looking *looking, const struct belief *belief, state_set shown,
               bool is_single)
{
    const struct machine *machine = belief->machine;
    int from = state_set_first(belief->states);
    int to = state_set_count(shown) == 1 ? state_set_first(shown) : STATE_NONE;
    struct place place = belief->row                ? belief->row->place
                         : from > (int)STATE_ABSENT ? machine->states[from].place
                                                    : machine->place;

    say(looking,
        (struct verdict){
            .kind = is_inferred(belief, shown) ? VERDICT_DEVIATION : VERDICT_VIOLATION,
            .rule = belief->states == STATE_BIT(STATE_ABSENT) ? "deleted" : "move",
            .place = place,
            .text = arena_printf(
                looking->arena, "%s %s: %s shows %s, %s; %s", machine->name, belief->id,
                operation_name(looking->seen), state_set_text(looking->arena, machine, shown),
                belief_text(looking, belief), legal_text(looking, belief, to, is_single))},
        belief);
}
