/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/tape/scenario.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/json.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

enum {
    THREADED_MIN = 6, /* shorter texts are words, not ids */
    RETRIES = 60,
};

/* A text that some answer gave. */
struct given {
    const char *text, *pointer;
    size_t step;
    const char *output; /* its name there; NULL: nobody needed it yet */
};

struct composing {
    struct arena *arena;
    cJSON *steps;
    struct {
        VEC(cJSON *);
    } outputs; /* by step */
    struct {
        VEC(const char *);
    } ids; /* by step */
    struct {
        VEC(struct given);
    } given;
};

static void set_text(struct composing *composing, cJSON *object, const char *name, const char *text)
{
    tree_set(composing->arena, object, name, tree_string(composing->arena, text));
}

/* ---- values ---- */

/* Arazzo reads what looks like a time or a flag no other way, but nobody threads them. */
static bool is_threadable(const char *text)
{
    nanos value;
    return strlen(text) >= THREADED_MIN && instant_parse(text, true, &value) != 0;
}

static void note_given(struct composing *composing, const cJSON *node, const char *pointer,
                       int depth)
{
    struct given given = {.pointer = pointer, .step = composing->ids.count - 1};
    size_t index = 0;
    if (cJSON_IsString(node) && is_threadable(node->valuestring)) {
        given.text = node->valuestring;
        vec_push_arena(composing->arena, &composing->given, given);
    }
    for (const cJSON *item = tree_is(node, cJSON_Object | cJSON_Array) ? node->child : NULL;
         item && depth < TREE_DEPTH_MAX; item = item->next, index++) {
        const char *below = item->string
                                ? arena_printf(composing->arena, "%s/%s", pointer, item->string)
                                : arena_printf(composing->arena, "%s/%zu", pointer, index);
        if (!item->string || !strpbrk(item->string, "~/"))
            note_given(composing, item, below, depth + 1);
    }
}

/* The name of an output: letters of the pointer's last part, and a number when it is taken. */
static const char *name_output(struct composing *composing, const struct given *given)
{
    const cJSON *outputs = composing->outputs.items[given->step];
    const char *last = strrchr(given->pointer, '/');
    char *name = arena_strdup(composing->arena,
                              last && isalpha((unsigned char)last[1]) ? last + 1 : "value");
    for (char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_')
            *at = '_';
    const char *free = name;
    for (int number = 2; tree_get(outputs, free); number++)
        free = arena_printf(composing->arena, "%s_%d", name, number);
    return free;
}

/* The first answer that gave this text; NULL: none did. */
static const char *threaded(struct composing *composing, const char *text)
{
    struct given *given;
    vec_foreach (given, &composing->given) {
        if (!text_is(given->text, text))
            continue;
        if (!given->output) {
            given->output = name_output(composing, given);
            set_text(composing, composing->outputs.items[given->step], given->output,
                     arena_printf(composing->arena, "$response.body%s%s",
                                  *given->pointer ? "#" : "", given->pointer));
        }
        return arena_printf(composing->arena, "$steps.%s.outputs.%s",
                            composing->ids.items[given->step], given->output);
    }
    return NULL;
}

static cJSON *value_of(struct composing *composing, const cJSON *node)
{
    const char *expression = cJSON_IsString(node) ? threaded(composing, node->valuestring) : NULL;
    cJSON *copy;
    if (expression)
        return tree_string(composing->arena, expression);
    if (!tree_is(node, cJSON_Object | cJSON_Array))
        return tree_copy(composing->arena, node);
    copy = cJSON_IsObject(node) ? tree_object(composing->arena) : tree_array(composing->arena);
    for (const cJSON *item = node->child; item; item = item->next)
        if (item->string)
            tree_set(composing->arena, copy, item->string, value_of(composing, item));
        else
            tree_append(copy, value_of(composing, item));
    return copy;
}

/* ---- one step ---- */

static void add_parameters(struct composing *composing, cJSON *list, const char *in,
                           const cJSON *values)
{
    for (const cJSON *item = values ? values->child : NULL; item; item = item->next) {
        cJSON *parameter = tree_object(composing->arena);
        set_text(composing, parameter, "name", item->string);
        set_text(composing, parameter, "in", in);
        tree_set(composing->arena, parameter, "value", value_of(composing, item));
        tree_append(list, parameter);
    }
}

/* Only what was sent: defaults are the service's business. */
static const cJSON *sent_query(struct arena *arena, const struct attempt *attempt)
{
    cJSON *sent = tree_object(arena);
    const cJSON *query = attempt->seen->query;
    for (const cJSON *item = query ? query->child : NULL; item; item = item->next)
        if (strstr(attempt->sent.query, item->string))
            tree_set(arena, sent, item->string, tree_copy(arena, item));
    return sent;
}

static void add_condition(struct composing *composing, cJSON *criteria, const char *condition)
{
    cJSON *criterion = tree_object(composing->arena);
    set_text(composing, criterion, "condition", condition);
    tree_append(criteria, criterion);
}

/* What changed from the first look to the last, where it is a word: a state. */
static void add_changes(struct composing *composing, cJSON *criteria, const cJSON *first,
                        const cJSON *last)
{
    for (const cJSON *item = cJSON_IsObject(last) ? last->child : NULL; item; item = item->next) {
        const char *before = tree_get_text(first, item->string), *text = tree_text(item);
        bool is_word = text && *text && !strpbrk(text, "'\" \n") && strlen(text) < 40;
        nanos value;
        if (before && is_word && !text_is(before, text) && !strpbrk(item->string, "~/") &&
            instant_parse(text, true, &value) && duration_parse(text, &value))
            add_condition(
                composing, criteria,
                arena_printf(composing->arena, "$response.body#/%s == '%s'", item->string, text));
    }
}

static void add_retry(struct composing *composing, cJSON *step)
{
    struct arena *arena = composing->arena;
    cJSON *actions = tree_array(arena), *again = tree_object(arena);
    set_text(composing, again, "name", "again");
    set_text(composing, again, "type", "retry");
    tree_set(arena, again, "retryAfter", tree_integer(arena, 1));
    tree_set(arena, again, "retryLimit", tree_integer(arena, RETRIES));
    tree_append(actions, again);
    tree_set(arena, step, "onFailure", actions);
}

static void add_operation(struct composing *composing, cJSON *step, const struct seen *seen)
{
    const struct operation *operation = seen->operation->operation;
    struct strbuf path = STRBUF_INIT(LIMIT_MESSAGE);
    if (operation->id && text_is(operation->id, seen->operation->name)) {
        set_text(composing, step, "operationId",
                 arena_printf(composing->arena, "$sourceDescriptions.%s.%s", seen->provider->name,
                              operation->id));
        return;
    }
    for (const char *at = operation->path; *at; at++)
        *at == '/' ? strbuf_adds(&path, "~1") : strbuf_addch(&path, *at);
    char *method = arena_strdup(composing->arena, operation->method);
    for (char *at = method; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    set_text(composing, step, "operationPath",
             arena_printf(composing->arena, "{$sourceDescriptions.%s.url}#/paths/%s/%s",
                          seen->provider->name, path.buf, method));
    strbuf_release(&path);
}

static const char *step_id(struct composing *composing, const struct seen *seen)
{
    char *id =
        arena_printf(composing->arena, "%zu-%s", composing->ids.count + 1, seen->operation->name);
    for (char *at = id; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
            *at = '-';
    return id;
}

/* `first` is where a row of looks began; the same as `attempt` when it is one alone. */
static void add_step(struct composing *composing, const struct attempt *first,
                     const struct attempt *attempt)
{
    struct arena *arena = composing->arena;
    const struct seen *seen = attempt->seen;
    cJSON *step = tree_object(arena), *parameters = tree_array(arena),
          *criteria = tree_array(arena);
    cJSON *outputs = tree_object(arena);
    const char *id = step_id(composing, seen);
    set_text(composing, step, "stepId", id);
    add_operation(composing, step, seen);
    add_parameters(composing, parameters, "path", seen->path);
    add_parameters(composing, parameters, "query", sent_query(arena, attempt));
    if (parameters->child)
        tree_set(arena, step, "parameters", parameters);
    if (seen->sent && attempt->sent.body.len) {
        cJSON *body = tree_object(arena);
        tree_set(arena, body, "payload", value_of(composing, seen->sent));
        tree_set(arena, step, "requestBody", body);
    }
    add_condition(composing, criteria,
                  arena_printf(arena, "$statusCode == %d", seen->response->status));
    if (first != attempt)
        add_changes(composing, criteria, first->seen->answer, seen->answer);
    tree_set(arena, step, "successCriteria", criteria);
    if (first != attempt)
        add_retry(composing, step);
    tree_set(arena, step, "outputs", outputs);
    tree_append(composing->steps, step);
    vec_push_arena(arena, &composing->ids, id);
    vec_push_arena(arena, &composing->outputs, outputs);
    if (seen->answer)
        note_given(composing, seen->answer, "", 0);
}

/* ---- one workflow ---- */

static const struct attempt *attempt_of(const struct played_workflow *played, size_t index)
{
    const struct attempt *attempt =
        index < played->steps.count ? played->steps.items[index]->attempts.items[0] : NULL;
    bool is_whole = attempt && attempt->seen && attempt->seen->operation;
    return is_whole ? attempt : NULL;
}

static bool is_same_look(const struct attempt *a, const struct attempt *b)
{
    return a && b && text_is(a->sent.method, "GET") && text_is(b->sent.method, "GET") &&
           text_is(a->sent.url, b->sent.url) &&
           a->seen->response->status == b->seen->response->status && !a->seen->response->is_stream;
}

static cJSON *workflow_of(struct arena *arena, const struct played_workflow *played, size_t number,
                          size_t *steps)
{
    struct composing composing = {.arena = arena, .steps = tree_array(arena)};
    cJSON *workflow = tree_object(arena);
    for (size_t i = 0; i < played->steps.count; i++) {
        const struct attempt *first = attempt_of(played, i);
        if (!first)
            continue; /* no answer: nothing to hold a criterion against */
        while (is_same_look(first, attempt_of(played, i + 1)))
            i++;
        add_step(&composing, first, attempt_of(played, i));
    }
    for (cJSON *step = composing.steps->child; step; step = step->next)
        if (!tree_count(tree_get(step, "outputs")))
            tree_remove(step, "outputs");
    *steps += composing.ids.count;
    tree_set_string(arena, workflow, "workflowId", arena_printf(arena, "recorded-%zu", number));
    tree_set_string(arena, workflow, "summary", played->workflow->id);
    tree_set(arena, workflow, "steps", composing.steps);
    return composing.ids.count ? workflow : NULL;
}

static void add_source(struct arena *arena, cJSON *sources, const struct provider *provider)
{
    for (const cJSON *known = sources->child; known; known = known->next)
        if (text_is(tree_get_text(known, "name"), provider->name))
            return;
    cJSON *source = tree_object(arena);
    char whole[PATH_MAX];
    const char *path = realpath(provider->contract->file, whole);
    tree_set_string(arena, source, "name", provider->name);
    tree_set_string(arena, source, "url", path ? path : provider->contract->file);
    tree_set_string(arena, source, "type", "openapi");
    tree_append(sources, source);
}

size_t tape_scenario(struct arena *arena, const struct run_result *result, struct strbuf *out)
{
    cJSON *document = tree_object(arena), *info = tree_object(arena);
    cJSON *sources = tree_array(arena), *workflows = tree_array(arena);
    size_t steps = 0;
    for (size_t i = 0; i < result->workflows.count; i++) {
        const struct played_workflow *played = result->workflows.items[i];
        cJSON *workflow = workflow_of(arena, played, i + 1, &steps);
        if (!workflow)
            continue;
        add_source(arena, sources, played->steps.items[0]->step->provider);
        tree_append(workflows, workflow);
    }
    tree_set_string(arena, document, "arazzo", "1.0.1");
    tree_set_string(arena, info, "title", "What was recorded, done again");
    tree_set_string(arena, info, "version", "1");
    tree_set(arena, document, "info", info);
    tree_set(arena, document, "sourceDescriptions", sources);
    tree_set(arena, document, "workflows", workflows);
    json_print(document, JSON_PRETTY, out);
    return steps;
}
