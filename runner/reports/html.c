/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page that stands by itself: no script, nothing fetched (its policy forbids both), light or
 * dark as the reader likes it. What is broken is open, the rest folds.
 */
#include "runner/reports/html.h"

#include "core/base/markup.h"
#include "core/base/str.h"
#include "core/graph/graph.h"
#include "runner/reports/causes.h"

#include <inttypes.h>

enum { BODY_SHOWN = 64 * 1024 }; /* bytes: there is room, and it folds */

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
    "style-src 'unsafe-inline'\">\n<title>dryrun check</title>\n<style>\n";

static const char page_style[] =
    ":root{color-scheme:light dark;--ink:#1c2733;--soft:#5d6b78;--line:#d3dae0;--back:#fff;"
    "--box:#f4f6f8;--good:#1a7f4b;--bad:#b3432b;--warn:#8a6a00}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9fb0bf;--line:#3a4853;"
    "--back:#161d24;--box:#202a33;--good:#58c98c;--bad:#ef8f78;--warn:#e0bb55}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--back);"
    "max-width:75rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid "
    "var(--line)}h3{font-size:1rem}\n"
    "pre{background:var(--box);padding:.7rem;overflow-x:auto;font-size:12.5px;white-space:"
    "pre-wrap;overflow-wrap:anywhere}\n"
    "details{border-left:3px solid var(--line);margin:.3rem 0;padding:.1rem 0 .1rem .7rem}"
    "summary{cursor:pointer}\n"
    ".passed{color:var(--good)}.failed,.broken,.unmet{color:var(--bad)}.skipped,.excused"
    "{color:var(--warn)}.soft{color:var(--soft)}\n"
    "table{border-collapse:collapse;font-size:13px;margin:.6rem 0}td,th{border:1px solid "
    "var(--line);padding:.15rem .5rem;text-align:left}\n"
    "td.met{color:var(--good)}td.none{background:var(--box)}.wide{overflow-x:auto}"
    "svg{max-width:100%;height:auto}ol li{margin:.35rem 0}a{color:inherit}\n";

void html_begin(struct strbuf *out)
{
    strbuf_addf(out, "%s%s%s\n</style>\n</head>\n<body>\n", page_head, page_style, graph_style);
}

void html_text(const struct report_context *context, const char *text, struct strbuf *out)
{
    markup_text(report_text(context, str_from(text)), out);
}

static void add_pre(const struct report_context *context, const struct strbuf *text,
                    struct strbuf *out)
{
    strbuf_adds(out, "<pre>");
    html_text(context, text->buf, out);
    strbuf_adds(out, "</pre>\n");
}

/* All that a step sent and got. */
static void add_attempts(const struct played_step *played, const struct report_context *context,
                         struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    for (size_t i = 0; i < played->attempts.count; i++) {
        const struct attempt *attempt = played->attempts.items[i];
        report_request(&attempt->sent, context, "", &text);
        strbuf_addch(&text, '\n');
        if (!attempt->seen)
            strbuf_addf(&text, "no answer: %s\n", attempt->failure ? attempt->failure : "");
        if (attempt->seen || attempt->part)
            report_answer(attempt->seen ? attempt->seen->response : attempt->part, context, "",
                          &text);
        if (i + 1 < played->attempts.count)
            strbuf_adds(&text, "\n--------\n\n");
    }
    if (text.len)
        add_pre(context, &text, out);
    strbuf_release(&text);
}

/* "w3s2": the second step of the third workflow. */
static const char *anchor_of(const struct run_result *result, const struct played_step *played,
                             const struct report_context *context)
{
    for (size_t i = 0; i < result->workflows.count; i++)
        for (size_t j = 0; j < result->workflows.items[i]->steps.count; j++)
            if (result->workflows.items[i]->steps.items[j] == played)
                return arena_printf(context->arena, "w%zus%zu", i + 1, j + 1);
    return "";
}

/* Each cause once, with the way to where it was met first. */
static void add_causes(const struct run_result *result, const struct report_context *context,
                       struct strbuf *out)
{
    const struct broken_causes *causes = context->causes;
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const struct skipping *skipping;
    strbuf_adds(out, causes->count ? "<h2>What is broken, worst first</h2>\n<ol>\n" : "");
    for (size_t i = 0; i < causes->count; i++) {
        const struct broken_cause *cause = causes->items[i];
        strbuf_clear(&text);
        strbuf_addf(out, "<li><span class=\"%s\">%s</span> <b>%s</b> ",
                    cause->breaks ? "broken" : "skipped", cause->kind, cause->rule);
        html_text(context, cause->text, out);
        strbuf_adds(out, "<br><span class=\"soft\">");
        if (cause->place.file) {
            place_print(cause->place, &text);
            strbuf_adds(&text, "; ");
        }
        cause_where(cause, &text);
        html_text(context, text.buf, out);
        strbuf_adds(out, "</span>");
        if (cause->step)
            strbuf_addf(out, " <a href=\"#%s\">show</a>", anchor_of(result, cause->step, context));
        strbuf_adds(out, "</li>\n");
    }
    strbuf_adds(out, causes->count ? "</ol>\n" : "");
    vec_foreach (skipping, &causes->skipped) {
        strbuf_addf(out,
                    "<p><span class=\"skipped\">skipped</span> %zu workflow%s: ", skipping->count,
                    skipping->count == 1 ? "" : "s");
        html_text(context, report_first_line(context, skipping->reason), out);
        strbuf_adds(out, "</p>\n");
    }
    strbuf_release(&text);
}

static void add_step(const struct run_result *result, const struct played_step *played,
                     const struct report_context *context, struct strbuf *out)
{
    bool is_broken = report_step_is_broken(result, played);
    const struct attempt *last =
        played->attempts.count ? played->attempts.items[played->attempts.count - 1] : NULL;
    const char *word = is_broken ? "broken" : played_names[played->result];
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    strbuf_addf(out, "<details%s id=\"%s\"><summary><span class=\"%s\">%s</span> ",
                is_broken ? " open" : "", anchor_of(result, played, context), word, word);
    html_text(context, played->step->id, out);
    if (last) {
        strbuf_addf(out, " <span class=\"soft\">%s ", last->sent.method);
        html_text(context, last->sent.path, out);
        if (last->seen)
            strbuf_addf(out, " %d", last->seen->response->status);
        if (played->attempts.count > 1)
            strbuf_addf(out, " (%zu requests)", played->attempts.count);
        strbuf_adds(out, "</span>");
    }
    if (played->reason) {
        strbuf_adds(out, ": ");
        html_text(context, report_first_line(context, played->reason), out);
    }
    strbuf_adds(out, "</summary>\n");
    report_step(result, played, context, &text);
    if (text.len)
        add_pre(context, &text, out);
    if (text.len && played->attempts.count > 1)
        strbuf_addf(out, "<details><summary>all %zu requests</summary>\n", played->attempts.count);
    if (!text.len || played->attempts.count > 1)
        add_attempts(played, context, out);
    if (text.len && played->attempts.count > 1)
        strbuf_adds(out, "</details>\n");
    strbuf_adds(out, "</details>\n");
    strbuf_release(&text);
}

static void add_workflow(const struct run_result *result, const struct played_workflow *played,
                         const struct report_context *context, struct strbuf *out)
{
    bool is_broken = report_is_broken(result, played);
    const char *word = is_broken ? "broken" : played_names[played->result];
    strbuf_addf(out, "<details%s><summary><span class=\"%s\">%s</span> <b>",
                is_broken ? " open" : "", word, word);
    html_text(context, played->workflow->id, out);
    strbuf_adds(out, "</b> <span class=\"soft\">");
    html_text(context, played->workflow->document->file, out);
    strbuf_addf(out, ", %zu step%s, %" PRId64 " ms</span>", played->steps.count,
                played->steps.count == 1 ? "" : "s", played->took / NANOS_PER_MS);
    if (played->reason) {
        strbuf_adds(out, ": ");
        html_text(context, report_first_line(context, played->reason), out);
    }
    strbuf_adds(out, "</summary>\n");
    for (size_t i = 0; i < played->steps.count; i++)
        add_step(result, played->steps.items[i], context, out);
    strbuf_adds(out, "</details>\n");
}

/* What is broken comes first, then what went well, then what was not played. */
static int group_of(const struct run_result *result, const struct played_workflow *played)
{
    return report_is_broken(result, played) ? 0 : played->result == PLAYED_SKIPPED ? 2 : 1;
}

void report_html(const struct run_result *result, const struct report_context *given,
                 struct strbuf *out)
{
    static const char *const words[] = {"the contract is kept",   "the contract is broken",
                                        "it could not be played", "the target is unreachable",
                                        "internal error",         "nothing was judged"};
    const int code = run_exit_code(result);
    struct report_context context = *given;
    struct strbuf summary = STRBUF_INIT(LIMIT_MESSAGE);
    context.body_shown = BODY_SHOWN;
    report_counts(result, &summary);
    html_begin(out);
    strbuf_addf(out, "<h1>dryrun check: <span class=\"%s\">%s", code ? "broken" : "passed",
                words[code]);
    strbuf_adds(out, "</span></h1>\n<p>");
    html_text(&context, summary.buf, out);
    strbuf_adds(out, "</p>\n");
    if (result->unreachable) {
        strbuf_adds(out, "<p class=\"failed\">");
        html_text(&context, result->unreachable, out);
        strbuf_adds(out, "</p>\n");
    }
    add_causes(result, &context, out);
    strbuf_adds(out, "<h2>Workflows</h2>\n");
    for (int group = 0; group < 3; group++)
        for (size_t i = 0; i < result->workflows.count; i++)
            if (group_of(result, result->workflows.items[i]) == group)
                add_workflow(result, result->workflows.items[i], &context, out);
    html_coverage(result, &context, out);
    strbuf_adds(out, "</body>\n</html>\n");
    strbuf_release(&summary);
}
