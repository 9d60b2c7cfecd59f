/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page that stands by itself: no script, nothing fetched (its policy forbids both), light or
 * dark as the reader likes it. What is broken is open, the rest folds.
 */
#include "runner/reports/html.h"

#include "core/base/str.h"
#include "core/graph/graph.h"

#include <inttypes.h>

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
    "svg{max-width:100%;height:auto}\n";

void html_text(const struct report_context *context, const char *text, struct strbuf *out)
{
    for (text = report_text(context, str_from(text)); *text; text++)
        if (*text == '<')
            strbuf_adds(out, "&lt;");
        else if (*text == '>')
            strbuf_adds(out, "&gt;");
        else if (*text == '&')
            strbuf_adds(out, "&amp;");
        else if (*text == '"')
            strbuf_adds(out, "&quot;");
        else
            strbuf_addch(out, *text);
}

static void add_pre(const struct report_context *context, const struct strbuf *text,
                    struct strbuf *out)
{
    strbuf_adds(out, "<pre>");
    html_text(context, text->buf, out);
    strbuf_adds(out, "</pre>\n");
}

/* All that a step sent and got; the failures' own text says more where it went wrong. */
static void add_attempts(const struct played_step *played, const struct report_context *context,
                         struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    for (size_t i = 0; i < played->attempts.count; i++) {
        const struct attempt *attempt = played->attempts.items[i];
        report_request(&attempt->sent, context, "", &text);
        strbuf_addch(&text, '\n');
        if (attempt->seen)
            report_answer(attempt->seen, context, "", &text);
        else
            strbuf_addf(&text, "no answer: %s\n", attempt->failure ? attempt->failure : "");
        if (i + 1 < played->attempts.count)
            strbuf_adds(&text, "\n--------\n\n");
    }
    if (text.len)
        add_pre(context, &text, out);
    strbuf_release(&text);
}

static void add_step(const struct run_result *result, const struct played_step *played,
                     const struct report_context *context, struct strbuf *out)
{
    bool is_broken = report_step_is_broken(result, played);
    const struct attempt *last =
        played->attempts.count ? played->attempts.items[played->attempts.count - 1] : NULL;
    const char *word = is_broken ? "broken" : played_names[played->result];
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    strbuf_addf(out, "<details%s><summary><span class=\"%s\">%s</span> ", is_broken ? " open" : "",
                word, word);
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
    else
        add_attempts(played, context, out);
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
    strbuf_addf(out, ", %zu steps, %" PRId64 " ms</span>", played->steps.count,
                played->took / NANOS_PER_MS);
    if (played->reason) {
        strbuf_adds(out, ": ");
        html_text(context, report_first_line(context, played->reason), out);
    }
    strbuf_adds(out, "</summary>\n");
    for (size_t i = 0; i < played->steps.count; i++)
        add_step(result, played->steps.items[i], context, out);
    strbuf_adds(out, "</details>\n");
}

void report_html(const struct run_result *result, const struct report_context *context,
                 struct strbuf *out)
{
    static const char *const words[] = {"the contract is kept",   "the contract is broken",
                                        "it could not be played", "the target is unreachable",
                                        "internal error",         "nothing was judged"};
    const int code = run_exit_code(result);
    struct strbuf summary = STRBUF_INIT(LIMIT_MESSAGE);
    report_counts(result, &summary);
    strbuf_addf(out, "%s%s%s\n</style>\n</head>\n<body>\n<h1>dryrun check: <span class=\"%s\">%s",
                page_head, page_style, graph_style, code ? "broken" : "passed", words[code]);
    strbuf_adds(out, "</span></h1>\n<p>");
    html_text(context, summary.buf, out);
    strbuf_adds(out, "</p>\n");
    if (result->unreachable) {
        strbuf_adds(out, "<p class=\"failed\">");
        html_text(context, result->unreachable, out);
        strbuf_adds(out, "</p>\n");
    }
    strbuf_adds(out, "<h2>Workflows</h2>\n");
    for (size_t i = 0; i < result->workflows.count; i++)
        add_workflow(result, result->workflows.items[i], context, out);
    html_coverage(result, context, out);
    strbuf_adds(out, "</body>\n</html>\n");
    strbuf_release(&summary);
}
