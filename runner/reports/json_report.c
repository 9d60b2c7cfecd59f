/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: docs/REPORTS.md says what each member is. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "runner/monitor/monitor.h"
#include "runner/reports/causes.h"

struct writing {
    const struct run_result *result;
    const struct report_context *context;
    struct arena *arena;
};

static void set_text(const struct writing *writing, cJSON *object, const char *name,
                     const char *text)
{
    if (text)
        tree_set_string(writing->arena, object, name,
                        secrets_mask(writing->context->secrets, writing->arena, text));
}

static void set_count(const struct writing *writing, cJSON *object, const char *name, size_t count)
{
    tree_set(writing->arena, object, name, tree_integer(writing->arena, (int64_t)count));
}

static void set_place(const struct writing *writing, cJSON *object, const char *name,
                      struct place place)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (place.file) {
        place_print(place, &text);
        set_text(writing, object, name, text.buf);
    }
    strbuf_release(&text);
}

static void set_header(const struct writing *writing, cJSON *headers, const char *name,
                       const char *value)
{
    set_text(writing, headers, name,
             secrets_hides_header(writing->context->secrets, name) ? "***" : value);
}

static void set_body(const struct writing *writing, cJSON *object, struct str body)
{
    if (body.len && memchr(body.ptr, '\0', body.len))
        tree_set_string(writing->arena, object, "body", report_text(writing->context, body));
    else if (body.len)
        tree_set_string(writing->arena, object, "body",
                        secrets_mask(writing->context->secrets, writing->arena,
                                     arena_strndup(writing->arena, body.ptr, body.len)));
}

static cJSON *request_json(const struct writing *writing, const struct sent_request *sent)
{
    cJSON *object = tree_object(writing->arena), *headers = tree_object(writing->arena);
    const struct http_header *header;
    set_text(writing, object, "method", sent->method);
    set_text(writing, object, "url", sent->url);
    vec_foreach (header, &sent->headers)
        set_header(writing, headers, header->name, header->value);
    tree_set(writing->arena, object, "headers", headers);
    set_body(writing, object, sent->body);
    return object;
}

static cJSON *answer_json(const struct writing *writing, const struct raw_response *raw)
{
    cJSON *object = tree_object(writing->arena), *headers = tree_object(writing->arena);
    set_count(writing, object, "status", (size_t)raw->status);
    for (size_t i = 0; i < raw->headers.count; i++)
        set_header(writing, headers, raw->headers.items[i].name, raw->headers.items[i].value);
    tree_set(writing->arena, object, "headers", headers);
    set_body(writing, object, raw->body);
    return object;
}

static cJSON *verdict_json(const struct writing *writing, const struct verdict *verdict)
{
    cJSON *object = tree_object(writing->arena);
    set_text(writing, object, "kind", report_kind_name(verdict->kind));
    set_text(writing, object, "rule", verdict->rule);
    set_text(writing, object, "text", verdict->text);
    set_place(writing, object, "place", verdict->place);
    set_text(writing, object, "machine", verdict->machine);
    set_text(writing, object, "id", verdict->id);
    if (verdict->first)
        set_count(writing, object, "first", (size_t)verdict->first->number);
    if (verdict->second)
        set_count(writing, object, "second", (size_t)verdict->second->number);
    return object;
}

static cJSON *attempt_json(const struct writing *writing, const struct attempt *attempt)
{
    struct arena *arena = writing->arena;
    cJSON *object = tree_object(arena), *criteria = tree_array(arena),
          *verdicts = tree_array(arena);
    if (attempt->seen)
        set_count(writing, object, "number", (size_t)attempt->seen->number);
    tree_set(arena, object, "passed", tree_bool(arena, attempt->passed));
    tree_set(arena, object, "request", request_json(writing, &attempt->sent));
    if (attempt->seen)
        tree_set(arena, object, "answer", answer_json(writing, attempt->seen->response));
    if (attempt->part)
        tree_set(arena, object, "part", answer_json(writing, attempt->part));
    set_text(writing, object, "failure", attempt->failure);
    for (size_t i = 0; i < attempt->criteria.count; i++) {
        const struct criterion_result *result = &attempt->criteria.items[i];
        cJSON *item = tree_object(arena);
        set_text(writing, item, "condition", result->criterion->text);
        tree_set(arena, item, "holds", tree_bool(arena, result->holds));
        if (!result->holds)
            set_text(writing, item, "why", result->why);
        set_place(writing, item, "place", result->criterion->place);
        tree_append(criteria, item);
    }
    tree_set(arena, object, "criteria", criteria);
    for (size_t i = 0; i < attempt->verdict_count; i++)
        tree_append(
            verdicts,
            verdict_json(writing, &writing->result->verdicts.items[attempt->first_verdict + i]));
    tree_set(arena, object, "verdicts", verdicts);
    return object;
}

static cJSON *step_json(const struct writing *writing, const struct played_step *played)
{
    cJSON *object = tree_object(writing->arena), *attempts = tree_array(writing->arena);
    set_text(writing, object, "step", played->step->id);
    set_text(writing, object, "workflow", played->workflow->id);
    set_text(writing, object, "result", played_names[played->result]);
    set_text(writing, object, "reason", played->reason);
    set_place(writing, object, "place", played->step->place);
    for (size_t i = 0; i < played->attempts.count; i++)
        tree_append(attempts, attempt_json(writing, played->attempts.items[i]));
    tree_set(writing->arena, object, "attempts", attempts);
    return object;
}

/* What is broken, each cause once, worst first. */
static cJSON *causes_json(const struct writing *writing)
{
    struct arena *arena = writing->arena;
    const struct broken_causes *causes = writing->context->causes;
    cJSON *list = tree_array(arena);
    for (size_t i = 0; i < causes->count; i++) {
        const struct broken_cause *cause = causes->items[i];
        cJSON *item = tree_object(arena), *operations = tree_array(arena),
              *first = tree_object(arena);
        set_text(writing, item, "kind", cause->kind);
        set_text(writing, item, "rule", *cause->rule ? cause->rule : NULL);
        set_text(writing, item, "text", cause->text);
        set_place(writing, item, "place", cause->place);
        tree_set(arena, item, "breaks", tree_bool(arena, cause->breaks));
        set_count(writing, item, "count", cause->count);
        set_count(writing, item, "workflows", cause->workflows);
        for (size_t j = 0; j < cause->operations.count; j++)
            tree_append(operations, tree_string(arena, cause->operations.items[j]));
        tree_set(arena, item, "operations", operations);
        set_text(writing, first, "workflow", cause->workflow->workflow->id);
        set_text(writing, first, "step", cause->step ? cause->step->step->id : NULL);
        if (cause->exchange)
            set_count(writing, first, "exchange", (size_t)cause->exchange);
        tree_set(arena, item, "first", first);
        tree_append(list, item);
    }
    return list;
}

/* Outputs may hold secrets at any depth: masked as text, and read again. */
static cJSON *masked_tree(const struct writing *writing, const cJSON *node)
{
    const char *text =
        secrets_mask(writing->context->secrets, writing->arena, json_text(writing->arena, node));
    struct error err;
    cJSON *tree = json_parse(writing->arena, text, strlen(text), NULL, &err);
    return tree ? tree : tree_null(writing->arena);
}

static cJSON *workflow_json(const struct writing *writing, const struct played_workflow *played)
{
    struct arena *arena = writing->arena;
    cJSON *object = tree_object(arena), *steps = tree_array(arena), *trace = tree_array(arena),
          *verdicts = tree_array(arena);
    set_text(writing, object, "workflow", played->workflow->id);
    set_text(writing, object, "file", played->workflow->document->file);
    set_text(writing, object, "session", played->session);
    set_text(writing, object, "result", played_names[played->result]);
    set_text(writing, object, "reason", played->reason);
    set_count(writing, object, "took_ms", (size_t)(played->took / NANOS_PER_MS));
    tree_set(arena, object, "outputs", masked_tree(writing, played->outputs));
    for (size_t i = 0; i < played->trace.count; i++)
        tree_append(trace, tree_string(arena, secrets_mask(writing->context->secrets, arena,
                                                           played->trace.items[i])));
    tree_set(arena, object, "trace", trace);
    for (size_t i = 0; i < played->steps.count; i++)
        tree_append(steps, step_json(writing, played->steps.items[i]));
    tree_set(arena, object, "steps", steps);
    for (size_t i = 0; i < played->verdict_count; i++) /* of what the service sent by itself */
        if (!report_verdict_is_of_request(played, played->first_verdict + i))
            tree_append(
                verdicts,
                verdict_json(writing, &writing->result->verdicts.items[played->first_verdict + i]));
    if (verdicts->child)
        tree_set(arena, object, "verdicts", verdicts);
    return object;
}

static cJSON *counts_json(const struct writing *writing, const struct run_counts *counts)
{
    const struct {
        const char *name;
        size_t count;
    } rows[] = {{"workflows", counts->workflows},   {"passed", counts->passed},
                {"failed", counts->failed},         {"skipped", counts->skipped},
                {"steps", counts->steps},           {"steps_skipped", counts->steps_skipped},
                {"exchanges", counts->exchanges},   {"violations", counts->violations},
                {"deviations", counts->deviations}, {"notes", counts->notes}};
    cJSON *object = tree_object(writing->arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        set_count(writing, object, rows[i].name, rows[i].count);
    return object;
}

/* What was met so often, and what need not be, with its reason. */
static void set_names(const struct writing *writing, cJSON *row, const struct coverage_name *names)
{
    cJSON *played = tree_object(writing->arena), *excused = tree_object(writing->arena);
    for (; names->name; names++)
        if (names->count->excuse)
            set_text(writing, excused, names->name, names->count->excuse);
        else if (names->count->met)
            set_count(writing, played, names->name, (size_t)names->count->met);
    tree_set(writing->arena, row, "played", played);
    tree_set(writing->arena, row, "excused", excused);
}

static cJSON *faults_json(const struct writing *writing)
{
    cJSON *list = tree_array(writing->arena);
    const struct run_fault *fault;
    vec_foreach (fault, &writing->result->faults) {
        cJSON *item = tree_object(writing->arena);
        set_text(writing, item, "fault", fault->name);
        set_count(writing, item, "asked", fault->asked);
        set_count(writing, item, "told", fault->told);
        tree_append(list, item);
    }
    return list;
}

/* Operations of the provider whose steps were skipped, and that nothing else met. */
static cJSON *skipped_json(const struct writing *writing, const struct run_coverage *coverage)
{
    cJSON *list = tree_array(writing->arena);
    const char **names = report_skipped(writing->context->arena, writing->result, coverage);
    for (; *names; names++)
        tree_append(list, tree_string(writing->arena, *names));
    return list;
}

/* What the contract has, and what of it nobody met. */
static cJSON *coverage_json(const struct writing *writing, const struct run_coverage *coverage)
{
    struct arena *arena = writing->arena;
    cJSON *object = tree_object(arena);
    tree_set_string(arena, object, "provider", coverage->provider);
    for (int kind = 0; kind < COVERAGE_KINDS; kind++) {
        cJSON *row = tree_object(arena), *unmet = tree_array(arena);
        set_count(writing, row, "met", coverage_met(coverage->met, (enum coverage_kind)kind));
        set_count(writing, row, "of", coverage_declared(coverage->met, (enum coverage_kind)kind));
        for (const char **name = coverage_unmet(coverage->met, (enum coverage_kind)kind); *name;
             name++)
            tree_append(unmet, tree_string(arena, *name));
        tree_set(arena, row, "unmet", unmet);
        set_names(writing, row, coverage_all(coverage->met, (enum coverage_kind)kind));
        tree_set(arena, object, coverage_names[kind], row);
    }
    tree_set(arena, object, "skipped", skipped_json(writing, coverage));
    return object;
}

void report_json(const struct run_result *result, const struct report_context *context,
                 struct strbuf *out)
{
    struct writing writing = {result, context, context->arena};
    cJSON *object = tree_object(context->arena), *workflows = tree_array(context->arena);
    tree_set_string(context->arena, object, "report", "dryrun-check/1");
    tree_set(context->arena, object, "exit", tree_integer(context->arena, run_exit_code(result)));
    set_text(&writing, object, "unreachable", result->unreachable);
    tree_set(context->arena, object, "counts", counts_json(&writing, &result->counts));
    tree_set(context->arena, object, "causes", causes_json(&writing));
    cJSON *met = tree_array(context->arena);
    const struct run_coverage *coverage;
    vec_foreach (coverage, &result->coverage)
        tree_append(met, coverage_json(&writing, coverage));
    tree_set(context->arena, object, "coverage", met);
    tree_set(context->arena, object, "faults", faults_json(&writing));
    for (size_t i = 0; i < result->workflows.count; i++)
        tree_append(workflows, workflow_json(&writing, result->workflows.items[i]));
    tree_set(context->arena, object, "workflows", workflows);
    json_print(object, JSON_PRETTY, out);
    strbuf_addch(out, '\n');
}
