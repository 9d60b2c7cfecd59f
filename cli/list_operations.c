/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/list_operations.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/load.h"
#include "core/lifecycle/formats.h"
#include "runner/arazzo/arazzo.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

/* Who comes to an operation: the first one by name, and how many. */
struct reach {
    const char *first;
    size_t count;
};

struct reached {
    struct reach workflows, clients;
    const char *without; /* why no client comes; NULL */
};

/* ---- what it does ---- */

static void add_part(struct strbuf *out, const char *part)
{
    strbuf_addf(out, "%s%s", out->len ? "+" : "", part);
}

static unsigned answer_bits(const struct answers *answers)
{
    unsigned bits = 0;
    for (size_t i = 0; i < answers->count; i++)
        bits |= 1U << answers->items[i].kind;
    return bits;
}

static bool moves_something(const struct provider_operation *operation)
{
    for (size_t i = 0; i < operation->participant_count; i++)
        for (size_t j = 0; j < operation->participants[i].rows.count; j++) {
            const struct row *row = operation->participants[i].rows.items[j];
            if (!row->error && row->to_any)
                return true;
        }
    return false;
}

static bool has_content(const struct provider_operation *operation)
{
    const struct response *response =
        operation_response(operation->operation, operation->success_status);
    return response && response->content.count;
}

/* "steps+move+reply": `do`, rows that move something, then its answers. */
static void add_effect(const struct provider_operation *operation, struct strbuf *out)
{
    static const char *const words[] = {
        [ANSWER_DEFAULT] = "read", [ANSWER_REPLY] = "reply",   [ANSWER_LIST] = "list",
        [ANSWER_BYTES] = "bytes",  [ANSWER_STREAM] = "stream", [ANSWER_WAIT] = "wait",
    };
    const struct service_entry *entry = &operation->service;
    unsigned bits = answer_bits(&entry->answers);
    size_t steps = entry->steps.count;
    if (!operation->is_played) {
        strbuf_adds(out, "example");
        return;
    }
    for (size_t i = 0; i < entry->case_count; i++) {
        bits |= answer_bits(&entry->cases[i].answers);
        steps += entry->cases[i].steps.count;
    }
    if (steps)
        add_part(out, "steps");
    if (moves_something(operation))
        add_part(out, "move");
    if (!bits || bits == 1U << ANSWER_DEFAULT)
        add_part(out, has_content(operation) ? "read" : "empty");
    else
        for (size_t kind = 0; kind < sizeof words / sizeof *words; kind++)
            if (bits & 1U << kind)
                add_part(out, words[kind]);
}

/* ---- who comes to it ---- */

static void note(struct reach *reach, const char *who)
{
    if (!reach->count++)
        reach->first = who;
}

/* A workflow counts once for an operation, however many of its steps ask it. */
static void note_workflow(struct listing *listing, const struct provider *provider,
                          const struct arazzo_workflow *workflow, const char *file, void *data)
{
    struct arena *arena = listing->arena;
    struct reached *reached = data;
    bool *seen = arena_alloc(arena, (provider->operation_count + 1) * sizeof *seen);
    for (size_t i = 0; i < workflow->steps.count; i++) {
        const struct arazzo_step *step = &workflow->steps.items[i];
        if (!step->operation || step->provider != provider || seen[step->operation->index])
            continue;
        seen[step->operation->index] = true;
        note(&reached[step->operation->index].workflows,
             arena_printf(arena, "%s/%s", file, workflow->id));
    }
}

/* Visits every workflow of the provider's scenarios; `file` is a document's name without endings.
 */
static void each_workflow(struct listing *listing, const struct provider *provider,
                          void (*visit)(struct listing *listing, const struct provider *provider,
                                        const struct arazzo_workflow *workflow, const char *file,
                                        void *data),
                          void *data)
{
    struct arena *arena = listing->arena;
    glob_t found;
    if (glob(arena_printf(arena, "%s/%s/scenarios/*.arazzo.yaml", listing->contracts_dir,
                          provider->name),
             0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = arena_strdup(arena, found.gl_pathv[i]);
        const char *base = strrchr(path, '/') + 1;
        const char *file = arena_strndup(arena, base, strlen(base) - strlen(".arazzo.yaml"));
        const struct arazzo *document = arazzo_load(arena, path, &provider, 1, listing->findings);
        for (size_t j = 0; document && j < document->workflows.count; j++)
            visit(listing, provider, &document->workflows.items[j], file, data);
    }
    globfree(&found);
}

static struct reached *find_reached(struct listing *listing, const struct provider *provider,
                                    struct reached *reached, const char *name, struct place place)
{
    const struct provider_operation *operation = provider_operation_named(provider, name);
    if (!operation)
        findings_add(listing->findings, place, "'%s' has no operation '%s'", provider->name, name);
    return operation ? &reached[operation->index] : NULL;
}

static void note_clients(struct listing *listing, const struct provider *provider,
                         struct reached *reached)
{
    struct arena *arena = listing->arena;
    const char *path =
        file_join(arena, file_join(arena, listing->contracts_dir, provider->name), "clients.yaml");
    const cJSON *document, *test, *name;
    struct reached *row;
    if (!file_exists(path))
        return;
    document = load_document(arena, path, listing->findings);
    if (!document || !format_check(arena, "clients", document, listing->findings))
        return;
    cJSON_ArrayForEach (test, tree_get(document, "tests")) {
        cJSON_ArrayForEach (name, tree_get(test, "operations")) {
            row = find_reached(listing, provider, reached, tree_text(name), tree_place(name));
            if (row)
                note(&row->clients, test->string);
        }
    }
    cJSON_ArrayForEach (name, tree_get(document, "without")) {
        row = find_reached(listing, provider, reached, name->string, tree_key_place(name));
        if (row)
            row->without = tree_text(name);
    }
}

/* ---- printing ---- */

static void print_reach(const char *what, const struct reach *reach, const char *without)
{
    if (reach->count > 1)
        printf("  %s=%s (+%zu)", what, reach->first, reach->count - 1);
    else
        printf("  %s=%s%s%s", what, reach->count ? reach->first : "none",
               !reach->count && without ? ": " : "", !reach->count && without ? without : "");
}

void list_operations(struct listing *listing, const struct provider *provider)
{
    struct reached *reached =
        arena_alloc(listing->arena, (provider->operation_count + 1) * sizeof *reached);
    struct strbuf effect = STRBUF_INIT(LIMIT_MESSAGE);
    each_workflow(listing, provider, note_workflow, reached);
    note_clients(listing, provider, reached);
    for (size_t i = 0; i < provider->operation_count; i++) {
        const struct provider_operation *operation = &provider->operations[i];
        const struct reached *row = &reached[i];
        bool is_reached = row->workflows.count && (row->clients.count || row->without);
        listing->unreached += !is_reached;
        if (listing->only_unreached && is_reached)
            continue;
        strbuf_clear(&effect);
        add_effect(operation, &effect);
        printf("%s %-28s %-7s %-48s %-16s", provider->name, operation->name,
               operation->operation->method, operation->operation->path, effect.buf);
        print_reach("workflow", &row->workflows, NULL);
        print_reach("client", &row->clients, row->without);
        putchar('\n');
    }
    strbuf_release(&effect);
}

/* ---- scenarios ---- */

static void print_workflow(struct listing *listing, const struct provider *provider,
                           const struct arazzo_workflow *workflow, const char *file, void *data)
{
    const char *summary = tree_get_text(workflow->node, "summary");
    const char *name = arena_printf(listing->arena, "%s/%s", file, workflow->id);
    (void)data;
    printf("%s %-44s %3zu steps%s%s\n", provider->name, name, workflow->steps.count,
           summary ? "  " : "", summary ? summary : "");
}

void list_scenarios(struct listing *listing, const struct provider *provider)
{
    each_workflow(listing, provider, print_workflow, NULL);
}
