/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/reports/causes.h"

#include "core/base/map.h"
#include "core/base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

enum { OPERATIONS_SHOWN = 3 };

struct finding_causes {
    struct arena *arena;
    const struct run_result *result;
    struct broken_causes *causes;
    struct map *by_key, *skipped;
    const struct played_workflow *workflow; /* looked at now */
    const struct played_step *step;
    const struct attempt *attempt;
};

/* Without digits: how many bytes were missing is chance. */
static const char *without_digits(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text), *to = copy;
    for (; *text; text++)
        if (!isdigit((unsigned char)*text))
            *to++ = *text;
    *to = '\0';
    return copy;
}

/* Of a rule of the document: what was expected, wherever in the body, whatever came instead. */
static const char *expectation(struct arena *arena, const char *text)
{
    const char *tail = strstr(text, ": "), *found;
    tail = tail ? tail + 2 : text;
    found = strstr(tail, " but found ");
    return found ? arena_strndup(arena, tail, (size_t)(found - tail)) : tail;
}

static const char *place_key(struct arena *arena, struct place place)
{
    return place.file ? arena_printf(arena, "%s:%u:%u", place.file, place.line, place.column) : "";
}

/* Breaches with one key have one cause. */
static const char *verdict_key(struct arena *arena, const struct verdict *verdict,
                               const char *operation)
{
    static const char *const of_document[] = {"body", "header", "event", "callback"};
    const char *kind = report_kind_name(verdict->kind), *place = place_key(arena, verdict->place);
    if (text_is(verdict->rule, "http"))
        return arena_printf(arena, "http %s",
                            without_digits(arena, expectation(arena, verdict->text)));
    if (text_is(verdict->rule, "status"))
        return arena_printf(arena, "status %s", verdict->text);
    for (size_t i = 0; i < sizeof of_document / sizeof *of_document; i++)
        if (text_is(verdict->rule, of_document[i])) {
            const char *expected = expectation(arena, verdict->text);
            bool is_type = text_starts_with(expected, "expected the content type");
            return arena_printf(arena, "%s %s %s", verdict->rule, expected, is_type ? "" : place);
        }
    return arena_printf(arena, "%s %s %s %s %s", kind, verdict->rule ? verdict->rule : "", place,
                        operation, *place ? "" : verdict->text);
}

static const char *operation_of(const struct finding_causes *finding)
{
    const struct attempt *attempt = finding->attempt;
    if (attempt && attempt->seen && attempt->seen->operation)
        return attempt->seen->operation->name;
    if (finding->step && finding->step->step->operation)
        return finding->step->step->operation->name;
    return "";
}

static struct broken_cause *note(struct finding_causes *finding, const char *key,
                                 struct broken_cause found)
{
    struct broken_cause *cause = map_get(finding->by_key, key);
    const char *operation = operation_of(finding);
    if (!cause) {
        cause = arena_copy(finding->arena, &found, sizeof found);
        map_put(finding->by_key, key, cause);
        cause->workflow = finding->workflow;
        cause->step = finding->step;
        cause->attempt = finding->attempt;
        cause->exchange =
            finding->attempt && finding->attempt->seen ? finding->attempt->seen->number : 0;
        vec_push_arena(finding->arena, finding->causes, cause);
    }
    cause->count++;
    cause->workflows += cause->last != finding->workflow;
    cause->last = finding->workflow;
    for (size_t i = 0; i < cause->operations.count; i++)
        if (text_is(cause->operations.items[i], operation))
            return cause;
    if (*operation)
        vec_push_arena(finding->arena, &cause->operations, operation);
    return cause;
}

/* A status that nobody documented is no row's either: that follows. */
static bool follows(const struct finding_causes *finding, const struct verdict *verdict)
{
    const struct attempt *attempt = finding->attempt;
    for (size_t i = 0; attempt && text_is(verdict->rule, "row") && i < attempt->verdict_count; i++)
        if (text_is(finding->result->verdicts.items[attempt->first_verdict + i].rule, "status"))
            return true;
    return false;
}

static void note_verdict(struct finding_causes *finding, size_t index)
{
    const struct verdict *verdict = &finding->result->verdicts.items[index];
    struct broken_cause cause = {.kind = report_kind_name(verdict->kind),
                                 .rule = verdict->rule ? verdict->rule : "",
                                 .text = report_verdict_words(verdict),
                                 .place = verdict->place,
                                 .breaks = report_verdict_breaks(finding->result, verdict)};
    if (verdict->kind == VERDICT_NOTE || follows(finding, verdict))
        return;
    finding->causes->of_verdict[index] =
        note(finding, verdict_key(finding->arena, verdict, operation_of(finding)), cause);
}

/* A step that failed, where no verdict says why. */
static void note_failure(struct finding_causes *finding)
{
    const struct played_step *played = finding->step;
    const char *reason = played->reason ? played->reason : "it failed";
    struct broken_cause cause = {
        .kind = "failure", .rule = "", .place = played->step->place, .breaks = true};
    if (played->result != PLAYED_FAILED || played->is_handled || played->step->workflow)
        return;
    for (size_t i = 0; i < played->attempts.count; i++)
        for (size_t j = 0; j < played->attempts.items[i]->verdict_count; j++)
            if (finding->causes->of_verdict[played->attempts.items[i]->first_verdict + j])
                return;
    finding->attempt =
        played->attempts.count ? played->attempts.items[played->attempts.count - 1] : NULL;
    for (size_t i = 0; finding->attempt && i < finding->attempt->criteria.count; i++)
        if (!finding->attempt->criteria.items[i].holds) {
            cause.place = finding->attempt->criteria.items[i].criterion->place;
            break;
        }
    cause.text = arena_strndup(finding->arena, reason, strcspn(reason, "\n"));
    note(finding, arena_printf(finding->arena, "failure %s", cause.text), cause);
}

/* What only our mock can be asked for is one reason, whatever is asked for. */
static void note_skipped(struct finding_causes *finding)
{
    const char *reason = finding->workflow->reason ? finding->workflow->reason : "";
    const char *colon = text_starts_with(reason, "'x-dryrun-") ? strchr(reason, ':') : NULL;
    const char *quote = colon ? strchr(colon, '\'') : NULL;
    size_t *at;
    if (quote)
        reason = arena_printf(finding->arena, "%.*s%s", (int)(colon - reason), reason, quote);
    at = map_get(finding->skipped, reason);
    if (!at) {
        struct skipping skipping = {reason, 0};
        at = arena_alloc(finding->arena, sizeof *at);
        *at = finding->causes->skipped.count;
        map_put(finding->skipped, reason, at);
        vec_push_arena(finding->arena, &finding->causes->skipped, skipping);
    }
    finding->causes->skipped.items[*at].count++;
}

static void look_at(struct finding_causes *finding, const struct played_workflow *played)
{
    finding->workflow = played;
    for (size_t i = 0; i < played->steps.count; i++) {
        finding->step = played->steps.items[i];
        for (size_t j = 0; j < finding->step->attempts.count; j++) {
            finding->attempt = finding->step->attempts.items[j];
            for (size_t k = 0; k < finding->attempt->verdict_count; k++)
                note_verdict(finding, finding->attempt->first_verdict + k);
        }
        finding->attempt = NULL;
        note_failure(finding);
    }
    finding->step = NULL;
    finding->attempt = NULL;
    for (size_t i = played->first_verdict; i < played->first_verdict + played->verdict_count; i++)
        if (!finding->causes->of_verdict[i] && !report_verdict_is_of_request(played, i))
            note_verdict(finding, i);
    if (played->result == PLAYED_SKIPPED)
        note_skipped(finding);
}

static int rank(const struct broken_cause *cause)
{
    bool is_failure = text_is(cause->kind, "failure");
    return !cause->breaks ? 3 : is_failure ? 2 : text_is(cause->kind, "deviation") ? 1 : 0;
}

static int compare(const void *a, const void *b)
{
    const struct broken_cause *one = *(struct broken_cause *const *)a,
                              *other = *(struct broken_cause *const *)b;
    if (rank(one) != rank(other))
        return rank(one) - rank(other);
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return one->exchange == other->exchange ? 0 : one->exchange > other->exchange ? 1 : -1;
}

struct broken_causes *causes_find(struct arena *arena, const struct run_result *result)
{
    struct broken_causes *causes = arena_alloc(arena, sizeof *causes);
    struct finding_causes finding = {.arena = arena,
                                     .result = result,
                                     .causes = causes,
                                     .by_key = map_new(),
                                     .skipped = map_new()};
    causes->of_verdict =
        arena_alloc(arena, (result->verdicts.count + 1) * sizeof *causes->of_verdict);
    for (size_t i = 0; i < result->workflows.count; i++)
        look_at(&finding, result->workflows.items[i]);
    map_free(finding.by_key);
    map_free(finding.skipped);
    if (causes->count)
        qsort(causes->items, causes->count, sizeof *causes->items, compare);
    return causes;
}

void cause_where(const struct broken_cause *cause, struct strbuf *out)
{
    size_t shown = cause->operations.count;
    shown = shown > OPERATIONS_SHOWN ? OPERATIONS_SHOWN : shown;
    if (cause->count > 1)
        strbuf_addf(out, "%zu times in %zu workflow%s", cause->count, cause->workflows,
                    cause->workflows == 1 ? "" : "s");
    else
        strbuf_adds(out, "once");
    for (size_t i = 0; i < shown; i++)
        strbuf_addf(out, "%s%s", i ? ", " : " (", cause->operations.items[i]);
    if (shown < cause->operations.count)
        strbuf_addf(out, " and %zu more", cause->operations.count - shown);
    strbuf_addf(out, "%s, %sin %s", shown ? ")" : "", cause->count > 1 ? "first " : "",
                cause->workflow->workflow->id);
    if (cause->step)
        strbuf_addf(out, ", step %s", cause->step->step->id);
    if (cause->exchange)
        strbuf_addf(out, ", exchange %" PRIu64, cause->exchange);
}

static void print_cause(const struct broken_cause *cause, const struct report_context *context,
                        const char *indent, struct strbuf *out)
{
    strbuf_addf(out, "%s%s%s%s%s: ", report_colour(context, cause->kind), cause->kind,
                *cause->rule ? " " : "", cause->rule, report_colour(context, ""));
    report_masked(context, cause->text, out);
    strbuf_addf(out, "\n%s", indent);
    if (cause->place.file) {
        strbuf_adds(out, *cause->rule ? "rule: " : "at: ");
        place_print(cause->place, out);
        strbuf_addf(out, "\n%s", indent);
    }
    cause_where(cause, out);
    strbuf_addch(out, '\n');
}

void causes_print(const struct broken_causes *causes, const struct report_context *context,
                  size_t most, const char *indent, struct strbuf *out)
{
    const char *deeper = arena_printf(context->arena, "%s    ", indent);
    for (size_t i = 0; i < causes->count && i < most; i++) {
        strbuf_addf(out, "%s%2zu. ", indent, i + 1);
        print_cause(causes->items[i], context, deeper, out);
    }
    if (causes->count > most)
        strbuf_addf(out, "%sand %zu more\n", indent, causes->count - most);
}
