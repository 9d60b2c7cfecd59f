/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: docs/DRIFT.md and contracts/schemas/drift.schema.json say what each member is. */
#include "core/data/json.h"
#include "runner/drift/text.h"

struct writing {
    const struct drift *drift;
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

static cJSON *side_json(const struct writing *writing, int number)
{
    const struct drift_side *side = &writing->drift->side[number];
    cJSON *object = tree_object(writing->arena);
    set_text(writing, object, "name", side->name);
    set_text(writing, object, "where", side->where);
    set_text(writing, object, "unreachable", side->result->unreachable);
    set_count(writing, object, "violations", side->result->counts.violations);
    set_count(writing, object, "deviations", side->result->counts.deviations);
    set_count(writing, object, "exchanges", writing->drift->counts.exchanges[number]);
    return object;
}

static void set_kinds(const struct writing *writing, cJSON *object,
                      const size_t counts[DRIFT_KINDS])
{
    static const char *const names[DRIFT_KINDS] = {"breaches", "differences", "variations",
                                                   "notes"};
    for (int kind = 0; kind < DRIFT_KINDS; kind++)
        set_count(writing, object, names[kind], counts[kind]);
}

static cJSON *operation_json(const struct writing *writing, const struct drift_operation *row)
{
    cJSON *object = tree_object(writing->arena);
    set_text(writing, object, "provider", row->provider);
    set_text(writing, object, "operation", row->name);
    set_text(writing, object, "result", drift_operation_result(row));
    set_count(writing, object, "steps", row->compared);
    set_count(writing, object, "examples", row->made);
    set_count(writing, object, "only_left", row->only[DRIFT_LEFT]);
    set_count(writing, object, "only_right", row->only[DRIFT_RIGHT]);
    set_count(writing, object, "not_compared", row->hanging);
    set_kinds(writing, object, row->told);
    return object;
}

static cJSON *shown_json(const struct writing *writing, const struct drift_shown *shown)
{
    cJSON *object = tree_object(writing->arena);
    set_text(writing, object, "text", shown->text);
    set_text(writing, object, "like", shown->like);
    set_text(writing, object, "broken", shown->broken);
    set_place(writing, object, "rule", shown->rule);
    if (shown->seen) {
        set_text(writing, object, "method", shown->seen->method);
        set_text(writing, object, "url", shown->seen->url);
        set_count(writing, object, "status", (size_t)shown->seen->response->status);
    }
    return object;
}

static cJSON *finding_json(const struct writing *writing, const struct drift_finding *finding)
{
    struct arena *arena = writing->arena;
    cJSON *object = tree_object(arena);
    set_text(writing, object, "kind", drift_kind_names[finding->kind]);
    set_text(writing, object, "aspect", drift_aspect_names[finding->aspect]);
    set_text(writing, object, "provider", finding->provider);
    set_text(writing, object, "operation", finding->operation);
    set_text(writing, object, "path", finding->path);
    set_text(writing, object, "allows", drift_allows(finding));
    tree_set(arena, object, "left", shown_json(writing, &finding->side[DRIFT_LEFT]));
    tree_set(arena, object, "right", shown_json(writing, &finding->side[DRIFT_RIGHT]));
    set_place(writing, object, "contract", finding->contract);
    set_place(writing, object, "place", finding->place);
    set_text(writing, object, "workflow", finding->workflow);
    set_text(writing, object, "step", finding->step);
    set_count(writing, object, "count", finding->count);
    set_count(writing, object, "not_compared", finding->hanging);
    return object;
}

void drift_json(const struct drift *drift, const struct report_context *context, struct strbuf *out)
{
    struct writing writing = {drift, context, context->arena};
    struct arena *arena = context->arena;
    cJSON *object = tree_object(arena), *counts = tree_object(arena);
    cJSON *operations = tree_array(arena), *findings = tree_array(arena);
    const struct drift_operation *row;
    const struct drift_finding *finding;
    set_text(&writing, object, "report", "dryrun-drift/1");
    tree_set(arena, object, "exit", tree_integer(arena, drift_exit_code(drift)));
    tree_set(arena, object, "left", side_json(&writing, DRIFT_LEFT));
    tree_set(arena, object, "right", side_json(&writing, DRIFT_RIGHT));
    set_count(&writing, counts, "workflows", drift->counts.workflows);
    set_count(&writing, counts, "steps", drift->counts.steps);
    set_kinds(&writing, counts, drift->counts.kinds);
    set_count(&writing, counts, "ignored", drift->counts.ignored);
    tree_set(arena, object, "counts", counts);
    vec_foreach (row, &drift->operations)
        tree_append(operations, operation_json(&writing, row));
    tree_set(arena, object, "operations", operations);
    vec_foreach (finding, &drift->findings)
        tree_append(findings, finding_json(&writing, finding));
    tree_set(arena, object, "findings", findings);
    json_print(object, JSON_PRETTY, out);
    strbuf_addch(out, '\n');
}
