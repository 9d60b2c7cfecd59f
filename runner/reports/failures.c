/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, in full: request, answer, criteria with the values they saw, verdicts with the
 * rule and the exchanges. For the console and for the forms that hold its text. */
#include "core/base/str.h"
#include "core/data/tree_difference.h"
#include "runner/reports/causes.h"
#include "runner/reports/reports.h"

#include <inttypes.h>

enum { DIFFERENCES_MAX = 20, EARLIER_SHOWN = 800 };

const char *report_verdict_words(const struct verdict *verdict)
{
    size_t len = verdict->rule ? strlen(verdict->rule) : 0;
    bool is_twice = len && strncmp(verdict->text, verdict->rule, len) == 0 &&
                    strncmp(verdict->text + len, ": ", 2) == 0;
    return is_twice ? verdict->text + len + 2 : verdict->text;
}

bool report_verdict_is_of_request(const struct played_workflow *workflow, size_t verdict)
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

/* ---- verdicts ---- */

/* What became of a body that two answers of one operation show. */
static bool add_change(const struct verdict *verdict, const struct report_context *context,
                       struct strbuf *out)
{
    const struct seen *first = verdict->first, *second = verdict->second;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    bool differs =
        first && second && first->operation == second->operation && first->answer &&
        second->answer &&
        tree_difference(first->answer, second->answer, "        ", DIFFERENCES_MAX, &text);
    if (differs) {
        strbuf_adds(out, "      difference (- first, + then):\n");
        report_masked(context, text.buf, out);
    }
    strbuf_release(&text);
    return differs;
}

static void add_seen(const struct report_context *context, const char *label,
                     const struct seen *seen, struct strbuf *out)
{
    if (!seen)
        return;
    strbuf_addf(out, "      %s: exchange %" PRIu64 ", %s ", label, seen->number, seen->method);
    report_masked(context, seen->url, out);
    if (seen->is_silent)
        strbuf_adds(out, " -> no answer");
    else
        strbuf_addf(out, " -> %d", seen->response->status);
    if (seen->step)
        strbuf_addf(out, " (step %s)", seen->step);
    strbuf_addch(out, '\n');
}

/* `is_below`: the exchange that breaks it stands above. */
static void add_verdict(const struct verdict *verdict, const struct report_context *context,
                        bool is_below, struct strbuf *out)
{
    const char *kind = report_kind_name(verdict->kind);
    struct report_context earlier = *context;
    strbuf_addf(out, "    %s%s%s%s%s: ", report_colour(context, kind), kind,
                verdict->rule ? " " : "", verdict->rule ? verdict->rule : "",
                report_colour(context, ""));
    report_masked(context, report_verdict_words(verdict), out);
    if (verdict->place.file) {
        strbuf_adds(out, "\n      rule: ");
        place_print(verdict->place, out);
    }
    strbuf_addch(out, '\n');
    add_seen(context, "first", verdict->first, out);
    if (verdict->first || !is_below)
        add_seen(context, verdict->first ? "then" : "in", verdict->second, out);
    if (add_change(verdict, context, out) || !verdict->first || verdict->first->is_silent)
        return;
    earlier.body_shown = EARLIER_SHOWN;
    if (verdict->first->response->body.len)
        strbuf_adds(out, "      the first showed:\n");
    report_body(&earlier, "        ", verdict->first->response->body, out);
}

void report_verdict(const struct verdict *verdict, const struct report_context *context,
                    struct strbuf *out)
{
    add_verdict(verdict, context, false, out);
}

/* ---- a request ---- */

/* What the document expects, beside what came, where the verdict's words do not show both. */
static void add_expected(const struct seen *seen, const struct report_context *context,
                         struct strbuf *out)
{
    const struct problem *problem;
    size_t count = 0;
    if (!seen->checked)
        return;
    vec_foreach (problem, &seen->checked->problems) {
        const char *name = problem->name ? problem->name : problem->pointer;
        bool is_status = text_is(problem->in, "status");
        if (!problem->expected || text_is(problem->keyword, "required"))
            continue;
        if (!count++)
            strbuf_adds(out, "    difference (- expected, + found):\n");
        strbuf_addf(out, "      - %s%s%s: %s%s", problem->in, problem->name ? " " : "",
                    name ? name : "", problem->keyword && !is_status ? problem->keyword : "",
                    problem->keyword && !is_status ? " " : "");
        report_masked(context, problem->expected, out);
        strbuf_addf(out, "\n      + %s%s%s: ", problem->in, problem->name ? " " : "",
                    name ? name : "");
        report_masked(context, problem->found ? problem->found : "nothing", out);
        strbuf_addch(out, '\n');
    }
}

static void add_criteria(const struct attempt *attempt, const struct report_context *context,
                         struct strbuf *out)
{
    for (size_t i = 0; attempt->seen && i < attempt->criteria.count; i++) {
        const struct criterion_result *result = &attempt->criteria.items[i];
        if (result->holds)
            continue;
        const char *why = *result->why ? result->why : result->criterion->text;
        strbuf_adds(out, "    criterion: ");
        report_masked(context, report_first_line(context, why), out);
        strbuf_adds(out, " (");
        place_print(result->criterion->place, out);
        strbuf_adds(out, ")");
        report_masked(context, why + strcspn(why, "\n"), out); /* where trees differ */
        strbuf_adds(out, "\n");
    }
}

/* Is told by a verdict, too. */
static bool has_http_verdict(const struct run_result *result, const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->verdict_count; i++)
        if (text_is(result->verdicts.items[attempt->first_verdict + i].rule, "http"))
            return true;
    return false;
}

static void add_exchange(const struct run_result *result, const struct attempt *attempt,
                         const struct report_context *context, struct strbuf *out)
{
    strbuf_adds(out, "    request");
    if (attempt->seen)
        strbuf_addf(out, " (exchange %" PRIu64 ")", attempt->seen->number);
    strbuf_adds(out, ":\n");
    report_request(&attempt->sent, context, "      ", out);
    if (attempt->failure && !has_http_verdict(result, attempt)) {
        strbuf_adds(out, "    no answer: ");
        report_masked(context, attempt->failure, out);
        strbuf_addch(out, '\n');
    }
    if (attempt->part) {
        strbuf_adds(out, "    what came of the answer:\n");
        report_answer(attempt->part, context, "      ", out);
    }
    if (!attempt->seen)
        return;
    strbuf_adds(out, "    answer:\n");
    report_answer(attempt->seen->response, context, "      ", out);
    add_expected(attempt->seen, context, out);
}

/* In a line. */
static void add_exchange_again(const struct attempt *attempt, const struct report_context *context,
                               struct strbuf *out)
{
    strbuf_addf(out, "    %s ", attempt->sent.method);
    report_masked(context, attempt->sent.url, out);
    if (attempt->seen)
        strbuf_addf(out, " -> %d (exchange %" PRIu64 ")\n", attempt->seen->response->status,
                    attempt->seen->number);
    else
        strbuf_adds(out, " -> no answer\n");
}

/* All that is wrong with it was told in full before. From now on it is told. */
static bool was_told(const struct attempt *attempt, const struct report_context *context)
{
    size_t causes = 0, told = 0;
    for (size_t i = 0; context->is_brief && i < attempt->verdict_count; i++) {
        struct broken_cause *cause = context->causes->of_verdict[attempt->first_verdict + i];
        if (!cause)
            continue;
        causes++;
        told += cause->is_told;
        cause->is_told = true;
    }
    return causes && told == causes;
}

static void add_verdicts(const struct run_result *result, const struct attempt *attempt,
                         const struct report_context *context, bool is_told, struct strbuf *out)
{
    for (size_t i = 0; i < attempt->verdict_count; i++) {
        const struct verdict *verdict = &result->verdicts.items[attempt->first_verdict + i];
        const char *kind = report_kind_name(verdict->kind);
        if (!is_told) {
            add_verdict(verdict, context, true, out);
            continue;
        }
        strbuf_addf(out, "    %s %s (again): ", kind, verdict->rule ? verdict->rule : "");
        report_masked(context, report_verdict_words(verdict), out);
        strbuf_addch(out, '\n');
    }
}

static void add_attempt(const struct run_result *result, const struct attempt *attempt,
                        const struct report_context *context, struct strbuf *out)
{
    bool is_told = was_told(attempt, context);
    if (is_told)
        add_exchange_again(attempt, context, out);
    else
        add_exchange(result, attempt, context, out);
    add_verdicts(result, attempt, context, is_told, out);
}

/* ---- a step ---- */

/* What the reason says behind what another line says anyway; NULL: that line does not begin it. */
static const char *behind(const char *reason, const char *said)
{
    size_t len = said ? strcspn(said, "\n") : 0;
    if (!said || strncmp(reason, said, len) != 0)
        return NULL;
    reason += len;
    return text_starts_with(reason, "; ") ? reason + 2 : *reason && *reason != '\n' ? NULL : "";
}

/* The reason, but for what the line of a criterion or of the answer says. */
static const char *what_else(const struct played_step *played)
{
    const struct attempt *last =
        played->attempts.count ? played->attempts.items[played->attempts.count - 1] : NULL;
    const char *reason = played->reason ? played->reason : "";
    const char *rest = last ? behind(reason, last->failure) : NULL;
    for (size_t i = 0; last && last->seen && !rest && i < last->criteria.count; i++)
        if (!last->criteria.items[i].holds)
            rest = behind(reason, last->criteria.items[i].why);
    return rest ? rest : reason;
}

static void add_step_line(const struct played_step *played, const struct report_context *context,
                          struct strbuf *out)
{
    bool is_failed = played->result != PLAYED_PASSED && !played->is_handled;
    strbuf_addf(out, "  step %s (", played->step->id);
    place_print(played->step->place, out);
    strbuf_addch(out, ')');
    if (is_failed)
        strbuf_addf(out, " %s", played_names[played->result]);
    if (is_failed && played_step_requests(played) > 1)
        strbuf_addf(out, " after %zu requests", played_step_requests(played));
    const char *more = is_failed ? what_else(played) : "";
    if (*more) {
        strbuf_adds(out, ": ");
        report_masked(context, report_first_line(context, more), out);
    }
    strbuf_addch(out, '\n');
}

void report_step(const struct run_result *result, const struct played_step *played,
                 const struct report_context *context, struct strbuf *out)
{
    bool is_failed = played->result != PLAYED_PASSED && !played->is_handled;
    bool is_begun = false;
    for (size_t i = 0; i < played->attempts.count; i++) {
        const struct attempt *attempt = played->attempts.items[i];
        bool is_last = i + 1 == played->attempts.count;
        if (!attempt->verdict_count && !(is_failed && is_last))
            continue;
        if (!is_begun)
            add_step_line(played, context, out);
        is_begun = true;
        if (is_failed && is_last)
            add_criteria(attempt, context, out);
        add_attempt(result, attempt, context, out);
    }
    if (is_failed && !is_begun)
        add_step_line(played, context, out);
}

void report_failures(const struct run_result *result, const struct played_workflow *workflow,
                     const struct report_context *context, struct strbuf *out)
{
    for (size_t i = 0; i < workflow->steps.count; i++)
        report_step(result, workflow->steps.items[i], context, out);
    /* Of what the service sent by itself: webhooks. */
    for (size_t i = 0; i < workflow->verdict_count; i++)
        if (!report_verdict_is_of_request(workflow, workflow->first_verdict + i))
            report_verdict(&result->verdicts.items[workflow->first_verdict + i], context, out);
}
