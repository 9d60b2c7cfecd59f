/* SPDX-License-Identifier: Apache-2.0 */
/* What the contract says of a place where two sides differ, and which of them it is against. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "runner/drift/parts.h"

#include <stdlib.h>

/* ---- places ---- */

/* The token at `*path` (behind its slash), which is moved on; unescaped, in the arena. */
static const char *next_token(struct arena *arena, const char **path)
{
    size_t len = strcspn(*path + 1, "/");
    char *token = arena_strndup(arena, *path + 1, len), *out = token;
    for (const char *at = token; *at; at++) {
        bool is_escape = at[0] == '~' && (at[1] == '0' || at[1] == '1');
        *out++ = (char)(is_escape ? (at[1] == '0' ? '~' : '/') : *at);
        at += is_escape;
    }
    *out = '\0';
    *path += 1 + len;
    return token;
}

struct nodes {
    VEC(const cJSON *);
};

static void find_nodes(struct arena *arena, const cJSON *value, const char *path,
                       struct nodes *nodes)
{
    if (!value)
        return;
    if (!*path) {
        vec_push_arena(arena, nodes, value);
        return;
    }
    const char *token = next_token(arena, &path);
    if (cJSON_IsArray(value))
        for (const cJSON *item = value->child; item; item = item->next)
            find_nodes(arena, item, path, nodes);
    else
        find_nodes(arena, tree_get(value, token), path, nodes);
}

const char *fold_pointer(struct arena *arena, const cJSON *value, const char *pointer)
{
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    while (*pointer) {
        const char *token = next_token(arena, &pointer);
        pointer_add_token(cJSON_IsArray(value) ? "[]" : token, &out);
        value = cJSON_IsArray(value) ? tree_at(value, strtoul(token, NULL, 10))
                                     : tree_get(value, token);
    }
    const char *text = arena_strndup(arena, out.buf, out.len);
    strbuf_release(&out);
    return text;
}

/* "/a/b" of "/a/b/c"; NULL for the whole. */
static const char *parent_of(struct arena *arena, const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    const char *rest = slash;
    if (!slash)
        return NULL;
    *name = next_token(arena, &rest);
    return arena_strndup(arena, path, (size_t)(slash - path));
}

/* ---- what is described ---- */

struct asking {
    struct nodes at, above;
    const char *name;
    struct contract_says says;
};

static bool is_one_of(const struct nodes *nodes, const cJSON *value)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i] == value)
            return true;
    return false;
}

static void hear(void *data, const char *ignored, const struct schema *schema, const cJSON *value,
                 const char *pointer)
{
    struct asking *asking = data;
    const cJSON *node = schema_node(schema), *members = tree_get(node, "properties");
    (void)ignored, (void)pointer;
    if (is_one_of(&asking->at, value) && (tree_get(node, "enum") || tree_get(node, "const"))) {
        asking->says.is_listed = true;
        asking->says.place = tree_place(node);
    }
    if (!asking->name || !is_one_of(&asking->above, value))
        return;
    const cJSON *member = tree_get(members, asking->name), *item;
    asking->says.is_closed = asking->says.is_closed || (members && members->child);
    if (member && !asking->says.is_listed) {
        asking->says.is_named = true;
        asking->says.place = tree_key_place(member);
    }
    cJSON_ArrayForEach (item, tree_get(node, "required"))
        asking->says.is_required =
            asking->says.is_required || text_is(tree_text(item), asking->name);
}

static struct contract_says ask_sample(struct drifting *drifting, const struct sample *sample,
                                       const char *path)
{
    struct arena *scratch = arena_new();
    struct asking asking = {0};
    const char *above = parent_of(drifting->arena, path, &asking.name);
    find_nodes(scratch, sample->value, path, &asking.at);
    if (above)
        find_nodes(scratch, sample->value, above, &asking.above);
    schema_visit_all(sample->schema, sample->value, scratch, hear, &asking);
    arena_free(scratch);
    return asking.says;
}

static struct contract_says join(struct contract_says a, struct contract_says b)
{
    return (struct contract_says){a.is_named || b.is_named, a.is_closed || b.is_closed,
                                  a.is_required || b.is_required, a.is_listed || b.is_listed,
                                  a.place.file ? a.place : b.place};
}

struct contract_says contract_ask(struct drifting *drifting, const struct samples *samples,
                                  const char *path)
{
    struct contract_says says = {0};
    for (size_t i = 0; i < samples->count && !says.is_named && !says.is_listed; i++) {
        const struct sample *sample = &samples->items[i];
        if (sample->schema && sample->value)
            says = join(says, ask_sample(drifting, sample, path));
    }
    return says;
}

/* ---- what is broken ---- */

static const struct problems *event_problems(struct arena *arena, const struct sample *sample)
{
    struct schema_options options = {.direction = SCHEMA_RESPONSE};
    const struct provider *provider = sample->attempt->seen->provider;
    struct problem_source source = {provider ? provider->contract : NULL, sample->value, NULL};
    struct schema_report report;
    struct problems *problems = arena_alloc(arena, sizeof *problems);
    if (schema_validate(sample->schema, sample->value, &options, arena, &report))
        return NULL;
    source.report = &report;
    problems_add_report(arena, problems, "body", NULL, &source);
    return problems;
}

const struct problems *sample_problems(struct drifting *drifting, struct sample *sample)
{
    if (!sample->is_event)
        return sample->attempt->seen->checked ? &sample->attempt->seen->checked->problems : NULL;
    if (!sample->was_asked && sample->schema && sample->value)
        sample->problems = event_problems(drifting->arena, sample);
    sample->was_asked = true;
    return sample->problems;
}

/* A branch that is not met may be so because of anything below. */
static bool is_of_branches(const char *keyword)
{
    return text_is(keyword, "oneOf") || text_is(keyword, "anyOf");
}

static bool concerns(struct arena *arena, const struct problem *problem, const cJSON *value,
                     const char *path)
{
    const char *name = NULL, *above = parent_of(arena, path, &name);
    const char *at = fold_pointer(arena, value, problem->pointer);
    if (!text_is(problem->in, "body"))
        return false;
    if (text_is(at, path))
        return true;
    if (above && text_is(problem->keyword, "required") && text_is(at, above))
        return strstr(problem->message, arena_printf(arena, "'%s'", name)) != NULL;
    return is_of_branches(problem->keyword) && strncmp(path, at, strlen(at)) == 0;
}

bool contract_breaks(struct drifting *drifting, const struct samples *samples, const char *path,
                     struct drift_shown *shown)
{
    for (size_t i = 0; i < samples->count; i++) {
        struct sample *sample = &samples->items[i];
        const struct problems *problems = sample_problems(drifting, sample);
        const struct problem *problem;
        for (problem = problems ? problems->items : NULL;
             problem && problem < problems->items + problems->count; problem++) {
            if (!concerns(drifting->arena, problem, sample->value, path))
                continue;
            shown->broken = problem->message;
            shown->rule = problem->place;
            shown->seen = sample->attempt->seen;
            return true;
        }
    }
    return false;
}

static bool is_by(const struct verdict *verdict, const char *const *rules)
{
    if (verdict->kind == VERDICT_NOTE)
        return false;
    if (!rules) /* those two are told by the order of states */
        return verdict->kind == VERDICT_VIOLATION && !text_is(verdict->rule, "move") &&
               !text_is(verdict->rule, "state");
    for (size_t i = 0; rules[i]; i++)
        if (text_is(verdict->rule, rules[i]))
            return true;
    return false;
}

const struct verdict *attempt_breaks(const struct drift_side *side, const struct attempt *attempt,
                                     const char *const *rules, struct drift_shown *shown)
{
    for (size_t i = 0; i < attempt->verdict_count; i++) {
        const struct verdict *verdict = &side->result->verdicts.items[attempt->first_verdict + i];
        if (!is_by(verdict, rules))
            continue;
        shown->broken = verdict->text;
        shown->rule = verdict->place;
        return verdict;
    }
    return NULL;
}
