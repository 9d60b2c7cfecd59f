/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "core/data/tree_difference.h"
#include "core/data/utf8.h"
#include "runner/monitor/monitor.h"
#include "runner/reports/reports.h"

enum { BODY_SHOWN = 4000, DIFFERENCES_MAX = 20 };

const char *report_kind_name(enum verdict_kind kind)
{
    static const char *const names[] = {"violation", "deviation", "note"};
    return names[kind];
}

bool report_verdict_breaks(const struct run_result *result, const struct verdict *verdict)
{
    return verdict->kind == VERDICT_VIOLATION ||
           (verdict->kind == VERDICT_DEVIATION && result->is_strict);
}

bool report_step_is_broken(const struct run_result *result, const struct played_step *played)
{
    if (played->result == PLAYED_FAILED && !played->is_handled)
        return true;
    for (size_t i = 0; i < played->attempts.count; i++)
        for (size_t j = 0; j < played->attempts.items[i]->verdict_count; j++)
            if (report_verdict_breaks(
                    result, &result->verdicts.items[played->attempts.items[i]->first_verdict + j]))
                return true;
    return false;
}

bool report_is_broken(const struct run_result *result, const struct played_workflow *played)
{
    if (played->result == PLAYED_FAILED)
        return true;
    for (size_t i = 0; i < played->verdict_count; i++)
        if (report_verdict_breaks(result, &result->verdicts.items[played->first_verdict + i]))
            return true;
    return false;
}

const char *report_first_line(const struct report_context *context, const char *text)
{
    return arena_strndup(context->arena, text, strcspn(text, "\n"));
}

const char *report_why(const struct run_result *result, const struct played_workflow *played)
{
    if (played->reason)
        return played->reason;
    return played->verdict_count ? result->verdicts.items[played->first_verdict].text : "";
}

static void add_masked(const struct report_context *context, const char *text, struct strbuf *out)
{
    strbuf_adds(out, secrets_mask(context->secrets, context->arena, text));
}

static void add_header(const struct report_context *context, const char *indent, const char *name,
                       const char *value, struct strbuf *out)
{
    strbuf_addf(out, "%s%s: ", indent, name);
    add_masked(context, secrets_hides_header(context->secrets, name) ? "***" : value, out);
    strbuf_addch(out, '\n');
}

const char *report_text(const struct report_context *context, struct str text)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    text = secrets_mask_bytes(context->secrets, context->arena, text);
    for (const char *at = text.ptr, *end = text.ptr + text.len; at < end;) {
        size_t size = utf8_length(at, end);
        bool is_control = (unsigned char)*at < ' ' && !strchr("\n\t\r", *at);
        if (size && *at && !is_control && *at != 0x7F)
            strbuf_add(&out, at, size);
        else
            strbuf_adds(&out, "\xEF\xBF\xBD");
        at += size ? size : 1;
    }
    const char *copy = arena_strndup(context->arena, out.buf, out.len);
    strbuf_release(&out);
    return copy;
}

static void add_body(const struct report_context *context, const char *indent, struct str body,
                     struct strbuf *out)
{
    const char *text;
    size_t len;
    if (!body.len)
        return;
    if (memchr(body.ptr, '\0', body.len)) {
        strbuf_addf(out, "%s(%zu bytes)\n", indent, body.len);
        return;
    }
    /* Masked before it is cut: half a secret is a secret, too. */
    text = report_text(context, body);
    len = strlen(text);
    for (size_t from = 0, end; from < len && from < BODY_SHOWN; from = end + 1) {
        end = from + strcspn(text + from, "\n");
        bool is_cut = end > BODY_SHOWN;
        end = is_cut ? BODY_SHOWN : end;
        while (is_cut && ((unsigned char)text[end] & 0xC0) == 0x80)
            end--;
        strbuf_addf(out, "%s%.*s%s\n", indent, (int)(end - from), text + from,
                    is_cut || (end < len - 1 && end + 1 >= BODY_SHOWN) ? " ..." : "");
    }
}

void report_request(const struct sent_request *sent, const struct report_context *context,
                    const char *indent, struct strbuf *out)
{
    const struct http_header *header;
    strbuf_addf(out, "%s%s ", indent, sent->method);
    add_masked(context, sent->url, out);
    strbuf_addch(out, '\n');
    vec_foreach (header, &sent->headers)
        add_header(context, indent, header->name, header->value, out);
    add_body(context, indent, sent->body, out);
}

void report_answer(const struct seen *seen, const struct report_context *context,
                   const char *indent, struct strbuf *out)
{
    const struct raw_response *raw = seen->response;
    strbuf_addf(out, "%s%d\n", indent, raw->status);
    for (size_t i = 0; i < raw->headers.count; i++)
        add_header(context, indent, raw->headers.items[i].name, raw->headers.items[i].value, out);
    add_body(context, indent, raw->body, out);
}

static void add_seen(const struct report_context *context, const char *label,
                     const struct seen *seen, struct strbuf *out)
{
    if (!seen)
        return;
    strbuf_addf(out, "      %s: #%llu %s ", label, (unsigned long long)seen->number, seen->method);
    add_masked(context, seen->url, out);
    strbuf_addf(out, " -> %d", seen->response->status);
    if (seen->step)
        strbuf_addf(out, " (step %s)", seen->step);
    strbuf_addch(out, '\n');
}

/* What became of a body that two answers of one operation show. */
static void add_change(const struct verdict *verdict, const struct report_context *context,
                       struct strbuf *out)
{
    const struct seen *first = verdict->first, *second = verdict->second;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (!first || !second || first->operation != second->operation || !first->answer ||
        !second->answer)
        return;
    if (tree_difference(first->answer, second->answer, "        ", DIFFERENCES_MAX, &text)) {
        strbuf_adds(out, "      difference (- first, + then):\n");
        add_masked(context, text.buf, out);
    }
    strbuf_release(&text);
}

/* What the document expects of the body, beside what came. */
static void add_expected(const struct seen *seen, const struct report_context *context,
                         struct strbuf *out)
{
    const struct problem *problem;
    size_t count = 0;
    if (!seen->checked)
        return;
    vec_foreach (problem, &seen->checked->problems) {
        const char *name = problem->name ? problem->name : problem->pointer;
        if (!problem->expected && !problem->found)
            continue;
        if (!count++)
            strbuf_adds(out, "    difference (- expected, + found):\n");
        strbuf_addf(out, "      - %s%s%s: %s ", problem->in, problem->name ? " " : "",
                    name ? name : "", problem->keyword ? problem->keyword : "");
        add_masked(context, problem->expected ? problem->expected : "", out);
        strbuf_addf(out, "\n      + %s%s%s: ", problem->in, problem->name ? " " : "",
                    name ? name : "");
        add_masked(context, problem->found ? problem->found : "nothing", out);
        strbuf_addch(out, '\n');
    }
}

void report_verdict(const struct verdict *verdict, const struct report_context *context,
                    struct strbuf *out)
{
    strbuf_addf(out, "    %s %s: ", report_kind_name(verdict->kind),
                verdict->rule ? verdict->rule : "");
    add_masked(context, verdict->text, out);
    if (verdict->place.file) {
        strbuf_adds(out, "\n      rule: ");
        place_print(verdict->place, out);
    }
    strbuf_addch(out, '\n');
    add_seen(context, "first", verdict->first, out);
    add_seen(context, verdict->first ? "then" : "in", verdict->second, out);
    add_change(verdict, context, out);
}

static void add_attempt(const struct attempt *attempt, const struct report_context *context,
                        struct strbuf *out)
{
    for (size_t i = 0; i < attempt->criteria.count; i++) {
        const struct criterion_result *result = &attempt->criteria.items[i];
        if (result->holds)
            continue;
        const char *why = *result->why ? result->why : result->criterion->text;
        strbuf_adds(out, "    criterion: ");
        add_masked(context, report_first_line(context, why), out);
        strbuf_adds(out, " (");
        place_print(result->criterion->place, out);
        strbuf_adds(out, ")");
        add_masked(context, why + strcspn(why, "\n"), out); /* where trees differ */
        strbuf_adds(out, "\n");
    }
    strbuf_adds(out, "    request:\n");
    report_request(&attempt->sent, context, "      ", out);
    if (attempt->failure) {
        strbuf_adds(out, "    no answer: ");
        add_masked(context, attempt->failure, out);
        strbuf_addch(out, '\n');
    }
    if (attempt->seen) {
        strbuf_adds(out, "    answer:\n");
        report_answer(attempt->seen, context, "      ", out);
        add_expected(attempt->seen, context, out);
    }
}

static void add_step(const struct played_step *played, const struct report_context *context,
                     struct strbuf *out)
{
    const char *reason = played->reason ? played->reason : "";
    strbuf_addf(out, "  step %s (", played->step->id);
    place_print(played->step->place, out);
    strbuf_addf(out, ") %s", played_names[played->result]);
    if (played->attempts.count > 1)
        strbuf_addf(out, " after %zu requests", played->attempts.count);
    strbuf_adds(out, *reason ? ": " : "");
    add_masked(context, report_first_line(context, reason), out);
    strbuf_addch(out, '\n');
    if (played->attempts.count)
        add_attempt(played->attempts.items[played->attempts.count - 1], context, out);
}

/* A request with verdicts on it is shown once, before them. */
static void add_judged(const struct run_result *result, const struct played_step *played,
                       const struct report_context *context, struct strbuf *out)
{
    bool is_shown = played->result == PLAYED_FAILED && !played->is_handled;
    for (size_t i = 0; i < played->attempts.count; i++) {
        const struct attempt *attempt = played->attempts.items[i];
        bool is_last = i + 1 == played->attempts.count;
        if (attempt->verdict_count && !(is_shown && is_last)) {
            strbuf_addf(out, "  step %s (", played->step->id);
            place_print(played->step->place, out);
            strbuf_adds(out, ")\n    request:\n");
            report_request(&attempt->sent, context, "      ", out);
            if (attempt->seen) {
                strbuf_adds(out, "    answer:\n");
                report_answer(attempt->seen, context, "      ", out);
                add_expected(attempt->seen, context, out);
            }
        }
        for (size_t j = 0; j < attempt->verdict_count; j++)
            report_verdict(&result->verdicts.items[attempt->first_verdict + j], context, out);
    }
}

void report_step(const struct run_result *result, const struct played_step *played,
                 const struct report_context *context, struct strbuf *out)
{
    if (played->result != PLAYED_PASSED && !played->is_handled)
        add_step(played, context, out);
    add_judged(result, played, context, out);
}

static bool is_of_request(const struct played_workflow *workflow, size_t verdict)
{
    for (size_t i = 0; i < workflow->steps.count; i++) {
        const struct played_step *played = workflow->steps.items[i];
        for (size_t j = 0; j < played->attempts.count; j++) {
            const struct attempt *attempt = played->attempts.items[j];
            if (verdict >= attempt->first_verdict &&
                verdict < attempt->first_verdict + attempt->verdict_count)
                return true;
        }
    }
    return false;
}

void report_failures(const struct run_result *result, const struct played_workflow *workflow,
                     const struct report_context *context, struct strbuf *out)
{
    for (size_t i = 0; i < workflow->steps.count; i++)
        report_step(result, workflow->steps.items[i], context, out);
    /* Of what the service sent by itself: webhooks. */
    for (size_t i = 0; i < workflow->verdict_count; i++)
        if (!is_of_request(workflow, workflow->first_verdict + i))
            report_verdict(&result->verdicts.items[workflow->first_verdict + i], context, out);
}

void report_counts(const struct run_result *result, struct strbuf *out)
{
    const struct run_counts *counts = &result->counts;
    strbuf_addf(out,
                "%zu workflow%s (%zu passed, %zu failed, %zu skipped), %zu step%s, %zu exchange%s "
                "judged, %zu violation%s, %zu deviation%s, %zu step%s skipped\n",
                counts->workflows, counts->workflows == 1 ? "" : "s", counts->passed,
                counts->failed, counts->skipped, counts->steps, counts->steps == 1 ? "" : "s",
                counts->exchanges, counts->exchanges == 1 ? "" : "s", counts->violations,
                counts->violations == 1 ? "" : "s", counts->deviations,
                counts->deviations == 1 ? "" : "s", counts->steps_skipped,
                counts->steps_skipped == 1 ? "" : "s");
}

const char **report_skipped(struct arena *arena, const struct run_result *result,
                            const struct run_coverage *coverage)
{
    struct {
        VEC(const char *);
    } names = {0};
    for (size_t i = 0; i < result->workflows.count; i++)
        for (size_t j = 0; j < result->workflows.items[i]->steps.count; j++) {
            const struct played_step *played = result->workflows.items[i]->steps.items[j];
            const struct provider_operation *operation = played->step->operation;
            const struct coverage_count *count;
            bool is_new = played->result == PLAYED_SKIPPED && operation &&
                          played->step->provider == coverage->contract;
            count = is_new ? map_get(coverage->met->counts[COVERAGE_OPERATIONS], operation->name)
                           : NULL;
            for (size_t k = 0; is_new && k < names.count; k++)
                is_new = !text_is(names.items[k], operation->name);
            if (is_new && count && !count->met)
                vec_push_arena(arena, &names, operation->name);
        }
    vec_push_arena(arena, &names, NULL);
    return names.items;
}

static void add_faults(const struct run_result *result, struct strbuf *out)
{
    const struct run_fault *fault;
    strbuf_adds(out, result->faults.count ? "faults met:" : "");
    vec_foreach (fault, &result->faults)
        strbuf_addf(out, "%s %s %zu", fault == result->faults.items ? "" : ",", fault->name,
                    fault->asked > fault->told ? fault->asked : fault->told);
    strbuf_adds(out, result->faults.count ? "\n" : "");
}

void report_summary(const struct run_result *result, struct strbuf *out)
{
    report_counts(result, out);
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage) {
        strbuf_addf(out, "%s met: ", coverage->provider);
        coverage_line(coverage->met, out);
        strbuf_adds(out, "\n");
    }
    add_faults(result, out);
}
