/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/only_failed.h"

#include "core/base/file.h"
#include "core/data/json.h"

struct only_failed {
    struct {
        VEC(const cJSON *);
    } workflows; /* of the report */
};

/* A note breaks nothing; a deviation may. */
static bool has_breach(const cJSON *workflow)
{
    const cJSON *step, *attempt, *verdict;
    cJSON_ArrayForEach (step, tree_get(workflow, "steps"))
        cJSON_ArrayForEach (attempt, tree_get(step, "attempts"))
            cJSON_ArrayForEach (verdict, tree_get(attempt, "verdicts"))
                if (!text_is(tree_get_text(verdict, "kind"), "note"))
                    return true;
    return false;
}

struct only_failed *only_failed_read(struct arena *arena, const char *file, struct error *err)
{
    struct only_failed *only = arena_alloc(arena, sizeof *only);
    const cJSON *report, *workflow;
    size_t len = 0;
    const char *text = file_read(arena, file, LIMIT_REPORT, &len, err);
    if (!text)
        return NULL;
    report = json_parse(arena, text, len, NULL, err);
    if (!report || !text_is(tree_get_text(report, "report"), "dryrun-check/1")) {
        fail(err, ERROR_INVALID,
             "option '--only-failed': '%s' is no report of 'dryrun check "
             "--report json=FILE'",
             file);
        return NULL;
    }
    cJSON_ArrayForEach (workflow, tree_get(report, "workflows"))
        if (text_is(tree_get_text(workflow, "result"), "failed") || has_breach(workflow))
            vec_push_arena(arena, &only->workflows, workflow);
    return only;
}

size_t only_failed_count(const struct only_failed *only)
{
    return only->workflows.count;
}

bool only_failed_wants(void *data, const struct arazzo_workflow *workflow)
{
    const struct only_failed *only = data;
    for (size_t i = 0; i < only->workflows.count; i++)
        if (text_is(tree_get_text(only->workflows.items[i], "workflow"), workflow->id) &&
            text_is(tree_get_text(only->workflows.items[i], "file"), workflow->document->file))
            return true;
    return false;
}
