/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "core/data/utf8.h"
#include "runner/monitor/monitor.h"
#include "runner/reports/reports.h"

enum { BODY_SHOWN = 4000 };

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

void report_masked(const struct report_context *context, const char *text, struct strbuf *out)
{
    strbuf_adds(out, report_text(context, str_from(text)));
}

const char *report_colour(const struct report_context *context, const char *what)
{
    static const struct {
        const char *what, *code;
    } colours[] = {
        {"", "\033[0m"},           {"passed", "\033[32m"},    {"failed", "\033[1;31m"},
        {"failure", "\033[1;31m"}, {"broken", "\033[1;31m"},  {"violation", "\033[1;31m"},
        {"skipped", "\033[33m"},   {"deviation", "\033[33m"}, {"title", "\033[1m"}};
    for (size_t i = 0; context->is_coloured && i < sizeof colours / sizeof *colours; i++)
        if (text_is(colours[i].what, what))
            return colours[i].code;
    return "";
}

static void add_header(const struct report_context *context, const char *indent, const char *name,
                       const char *value, struct strbuf *out)
{
    strbuf_addf(out, "%s%s: ", indent, name);
    report_masked(context, secrets_hides_header(context->secrets, name) ? "***" : value, out);
    strbuf_addch(out, '\n');
}

const char *report_text(const struct report_context *context, struct str text)
{
    struct strbuf out = STRBUF_INIT(LIMIT_REPORT);
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

void report_body(const struct report_context *context, const char *indent, struct str body,
                 struct strbuf *out)
{
    const size_t most = context->body_shown ? context->body_shown : BODY_SHOWN;
    const char *text;
    size_t len, end = 0;
    if (!body.len)
        return;
    if (memchr(body.ptr, '\0', body.len)) {
        strbuf_addf(out, "%s(%zu bytes)\n", indent, body.len);
        return;
    }
    /* Masked before it is cut: half a secret is a secret, too. */
    text = report_text(context, body);
    len = strlen(text);
    for (size_t from = 0; from < len && from < most; from = end + 1) {
        end = from + strcspn(text + from, "\n");
        bool is_cut = end > most;
        end = is_cut ? most : end;
        while (is_cut && ((unsigned char)text[end] & 0xC0) == 0x80)
            end--;
        strbuf_addf(out, "%s%.*s\n", indent, (int)(end - from), text + from);
    }
    if (end + 1 < len)
        strbuf_addf(out, "%s... (%zu of %zu bytes; --har FILE keeps all)\n", indent, end, len);
}

void report_request(const struct sent_request *sent, const struct report_context *context,
                    const char *indent, struct strbuf *out)
{
    const struct http_header *header;
    strbuf_addf(out, "%s%s ", indent, sent->method);
    report_masked(context, sent->url, out);
    strbuf_addch(out, '\n');
    vec_foreach (header, &sent->headers)
        add_header(context, indent, header->name, header->value, out);
    report_body(context, indent, sent->body, out);
}

void report_answer(const struct raw_response *raw, const struct report_context *context,
                   const char *indent, struct strbuf *out)
{
    strbuf_addf(out, "%s%d\n", indent, raw->status);
    for (size_t i = 0; i < raw->headers.count; i++)
        add_header(context, indent, raw->headers.items[i].name, raw->headers.items[i].value, out);
    report_body(context, indent, raw->body, out);
}

void report_counts(const struct run_result *result, struct strbuf *out)
{
    const struct run_counts *counts = &result->counts;
    size_t broken = 0; /* all steps passed, and an answer breaks the contract */
    for (size_t i = 0; i < result->workflows.count; i++)
        broken += result->workflows.items[i]->result == PLAYED_PASSED &&
                  report_is_broken(result, result->workflows.items[i]);
    strbuf_addf(out, "%zu workflow%s (%zu passed, ", counts->workflows,
                counts->workflows == 1 ? "" : "s", counts->passed - broken);
    if (broken)
        strbuf_addf(out, "%zu broken, ", broken);
    strbuf_addf(out,
                "%zu failed, %zu skipped), %zu step%s, %zu exchange%s judged, %zu violation%s, "
                "%zu deviation%s, %zu step%s skipped\n",
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
    if (!result->counts.workflows) {
        strbuf_adds(out, "nothing was played, and nothing judged\n");
        return;
    }
    report_counts(result, out);
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage) {
        strbuf_addf(out, "%s met: ", coverage->provider);
        coverage_line(coverage->met, out);
        strbuf_adds(out, "\n");
    }
    add_faults(result, out);
}
