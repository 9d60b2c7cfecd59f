/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "core/data/utf8.h"
#include "runner/monitor.h"
#include "runner/reports/reports.h"

enum { BODY_SHOWN = 4000 };

const char *report_kind_name(enum verdict_kind kind)
{
    static const char *const names[] = {"violation", "deviation", "note"};
    return names[kind];
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

/* A report is UTF-8 whatever was answered; a character that the cut broke goes, too. */
static void add_readable(const char *text, size_t len, struct strbuf *out)
{
    for (const char *at = text, *end = text + len; at < end;) {
        size_t size = utf8_length(at, end);
        if (size)
            strbuf_add(out, at, size);
        else
            strbuf_adds(out, "\xEF\xBF\xBD");
        at += size ? size : 1;
    }
}

static void add_body(const struct report_context *context, const char *indent, struct str body,
                     struct strbuf *out)
{
    size_t len = body.len < BODY_SHOWN ? body.len : BODY_SHOWN;
    const char *text;
    if (!body.len)
        return;
    if (memchr(body.ptr, '\0', body.len)) {
        strbuf_addf(out, "%s(%zu bytes)\n", indent, body.len);
        return;
    }
    /* Masked before it is cut: half a secret is a secret, too. */
    text = secrets_mask(context->secrets, context->arena,
                        arena_strndup(context->arena, body.ptr, body.len));
    strbuf_adds(out, indent);
    add_readable(text, strlen(text) < len ? strlen(text) : len, out);
    strbuf_adds(out, body.len > len ? " ...\n" : "\n");
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
}

static void add_attempt(const struct attempt *attempt, const struct report_context *context,
                        struct strbuf *out)
{
    for (size_t i = 0; i < attempt->criteria.count; i++) {
        const struct criterion_result *result = &attempt->criteria.items[i];
        if (result->holds)
            continue;
        strbuf_adds(out, "    criterion: ");
        add_masked(context, *result->why ? result->why : result->criterion->text, out);
        strbuf_adds(out, " (");
        place_print(result->criterion->place, out);
        strbuf_adds(out, ")\n");
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
    add_masked(context, reason, out);
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
            }
        }
        for (size_t j = 0; j < attempt->verdict_count; j++)
            report_verdict(&result->verdicts.items[attempt->first_verdict + j], context, out);
    }
}

void report_failures(const struct run_result *result, const struct played_workflow *workflow,
                     const struct report_context *context, struct strbuf *out)
{
    for (size_t i = 0; i < workflow->steps.count; i++) {
        const struct played_step *played = workflow->steps.items[i];
        if (played->result != PLAYED_PASSED && !played->is_handled)
            add_step(played, context, out);
        add_judged(result, played, context, out);
    }
}

void report_summary(const struct run_result *result, struct strbuf *out)
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
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage) {
        strbuf_addf(out, "%s met: ", coverage->provider);
        coverage_line(coverage->met, out);
        strbuf_adds(out, "\n");
    }
}
