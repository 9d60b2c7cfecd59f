/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/arazzo/structure.h"

#include "core/base/map.h"
#include "core/base/str.h"
#include "runner/arazzo/structure_rows.h"

#include <ctype.h>

enum { DEPTH_MAX = 32, ROW_NAMES_MAX = 40 };

struct checking {
    struct findings *findings;
    int minor, depth;
};

static void check_object(struct checking *checking, const cJSON *node, enum object object);

static unsigned type_of(const cJSON *node)
{
    if (cJSON_IsString(node))
        return TEXT;
    if (cJSON_IsNumber(node))
        return NUMBER;
    if (cJSON_IsArray(node))
        return LIST;
    if (cJSON_IsObject(node))
        return MAP;
    return cJSON_IsBool(node) ? FLAG : NULLS;
}

static const char *types_text(unsigned types)
{
    static const struct {
        unsigned types;
        const char *text;
    } names[] = {{TEXT, "a text"},
                 {NUMBER, "a number"},
                 {LIST, "a list"},
                 {MAP, "an object"},
                 {MAP | FLAG, "a schema"},
                 {TEXT | MAP, "a text or an object"},
                 {TEXT | FLAG, "a condition"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].types == types)
            return names[i].text;
    return "another value";
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += len)
        if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return len > 0;
    return false;
}

static bool is_name(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
            return false;
    return true;
}

bool arazzo_is_selector(const cJSON *node)
{
    return cJSON_IsObject(node) && tree_get(node, "context") && tree_get(node, "selector");
}

static void check_unique(struct checking *checking, const cJSON *list)
{
    struct map *known = map_new();
    for (const cJSON *item = list->child; item; item = item->next) {
        uint64_t hash = tree_hash(item);
        const cJSON *other = map_get_n(known, (const char *)&hash, sizeof hash);
        if (tree_equal(item, other))
            findings_add(checking->findings, tree_place(item), "the same item twice");
        else
            map_put_n(known, (const char *)&hash, sizeof hash, (cJSON *)(uintptr_t)item);
    }
    map_free(known);
}

static void check_flags(struct checking *checking, const cJSON *member,
                        const struct member_row *row)
{
    struct findings *findings = checking->findings;
    if (row->flags & NOT_EMPTY && !member->child)
        findings_add(findings, tree_key_place(member), "'%s' must not be empty", row->name);
    if (row->flags & UNIQUE)
        check_unique(checking, member);
    if (row->flags & WHOLE && !tree_is_integer(member))
        findings_add(findings, tree_place(member), "'%s' must be a whole number", row->name);
    if (row->flags & NOT_NEGATIVE && member->valuedouble < 0)
        findings_add(findings, tree_place(member), "'%s' must not be negative", row->name);
    if (row->flags & NAMES)
        for (const cJSON *item = member->child; item; item = item->next)
            if (!is_name(item->string))
                findings_add(findings, tree_key_place(item),
                             "name '%s' may have letters, digits, '.', '-' and '_' only",
                             item->string);
}

static void check_member(struct checking *checking, const cJSON *member,
                         const struct member_row *row)
{
    if (!(row->types & type_of(member))) {
        findings_add(checking->findings, tree_place(member), "'%s' must be %s but is %s", row->name,
                     types_text(row->types), tree_type_name(member));
        return;
    }
    if (row->choices && cJSON_IsString(member) && !has_word(row->choices, member->valuestring))
        findings_add(checking->findings, tree_place(member), "'%s' is '%s', expected one of: %s",
                     row->name, member->valuestring, row->choices);
    check_flags(checking, member, row);
    if (row->shape == ONE && row->object && cJSON_IsObject(member))
        check_object(checking, member, row->object);
    if (row->shape != ONE)
        for (const cJSON *item = member->child; item; item = item->next)
            check_object(checking, item, row->object);
}

static void complain_unknown(struct checking *checking, const cJSON *member, enum object object)
{
    const char *names[ROW_NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < arazzo_row_count; i++)
        if (arazzo_rows[i].owner == object && count < ROW_NAMES_MAX)
            names[count++] = arazzo_rows[i].name;
    const char *near = text_nearest_of(member->string, names, count);
    if (object == OBJECT_REUSABLE) { /* "any properties added MUST be ignored" */
        findings_warn(checking->findings, tree_key_place(member),
                      "%s has no member '%s': it is ignored", arazzo_object_names[object],
                      member->string);
        return;
    }
    findings_add(checking->findings, tree_key_place(member), "%s has no member '%s'%s%s%s",
                 arazzo_object_names[object], member->string, near ? " (did you mean '" : "",
                 near ? near : "", near ? "'?)" : "");
}

static void check_members(struct checking *checking, const cJSON *node, enum object object)
{
    for (const cJSON *member = node->child; member; member = member->next) {
        const struct member_row *row = NULL;
        for (size_t i = 0; i < arazzo_row_count && !row; i++)
            if (arazzo_rows[i].owner == object && text_is(arazzo_rows[i].name, member->string))
                row = &arazzo_rows[i];
        if (text_starts_with(member->string, "x-") && object != OBJECT_REUSABLE)
            continue;
        if (!row)
            complain_unknown(checking, member, object);
        else if (row->since > checking->minor)
            findings_add(checking->findings, tree_key_place(member),
                         "'%s' needs Arazzo 1.%d or later", row->name, row->since);
        else
            check_member(checking, member, row);
    }
    for (size_t i = 0; i < arazzo_row_count; i++)
        if (arazzo_rows[i].owner == object && arazzo_rows[i].flags & REQUIRED &&
            !tree_get(node, arazzo_rows[i].name))
            findings_add(checking->findings, tree_place(node), "%s needs '%s'",
                         arazzo_object_names[object], arazzo_rows[i].name);
}

/* ---- rules that concern more than one member ---- */

static void check_step(struct checking *checking, const cJSON *step)
{
    static const char *const targets[] = {"operationId", "operationPath", "workflowId",
                                          "channelPath"};
    struct findings *findings = checking->findings;
    bool is_workflow = tree_get(step, "workflowId") != NULL;
    const char *action = tree_get_text(step, "action");
    size_t count = 0;
    for (size_t i = 0; i < 4; i++)
        count += tree_get(step, targets[i]) != NULL;
    if (count != 1)
        findings_add(findings, tree_place(step),
                     "a step needs exactly one of operationId, operationPath, workflowId%s",
                     checking->minor ? " and channelPath" : "");
    if (action && is_workflow)
        findings_add(findings, tree_key_place(tree_get(step, "action")),
                     "a step that plays a workflow has no 'action'");
    if (tree_get(step, "channelPath") && !action)
        findings_add(findings, tree_place(step), "a step with 'channelPath' needs an 'action'");
    if (tree_get(step, "correlationId") && !text_is(action, "receive"))
        findings_add(findings, tree_key_place(tree_get(step, "correlationId")),
                     "'correlationId' goes with action 'receive' only");
    for (const cJSON *item = tree_get(step, "parameters") ? tree_get(step, "parameters")->child
                                                          : NULL;
         item; item = item->next)
        if (!is_workflow && tree_get(item, "name") && !tree_get(item, "in"))
            findings_add(findings, tree_place(item), "a parameter of an operation needs 'in'");
    for (const cJSON *item = tree_get(step, "dependsOn") ? tree_get(step, "dependsOn")->child
                                                         : NULL;
         item; item = item->next)
        if (!tree_text(item) || (text_starts_with(tree_text(item), "$") &&
                                 !text_starts_with(tree_text(item), "$workflows.") &&
                                 !text_starts_with(tree_text(item), "$sourceDescriptions.")))
            findings_add(findings, tree_place(item),
                         "expected the stepId, $workflows.ID.steps.ID or "
                         "$sourceDescriptions.NAME.ID.steps.ID");
}

static void check_parameter(struct checking *checking, const cJSON *parameter)
{
    const char *in = tree_get_text(parameter, "in");
    if (!checking->minor && in && (text_is(in, "querystring") || text_is(in, "channel")))
        findings_add(checking->findings, tree_place(tree_get(parameter, "in")),
                     "'in' is '%s', which needs Arazzo 1.1 or later", in);
}

static void check_action(struct checking *checking, const cJSON *action)
{
    bool has_step = tree_get(action, "stepId"), has_workflow = tree_get(action, "workflowId");
    if (text_is(tree_get_text(action, "type"), "goto") && has_step == has_workflow)
        findings_add(checking->findings, tree_place(action),
                     "an action of type 'goto' needs either stepId or workflowId");
    else if (has_step && has_workflow)
        findings_add(checking->findings, tree_place(action),
                     "an action has either stepId or workflowId, not both");
    if (tree_get(action, "parameters") && !has_workflow)
        findings_add(checking->findings, tree_key_place(tree_get(action, "parameters")),
                     "'parameters' of an action go with workflowId only");
}

static void check_expression_type(struct checking *checking, const cJSON *node)
{
    static const struct {
        const char *type, *versions;
    } known[] = {{"jsonpath", "rfc9535 draft-goessner-dispatch-jsonpath-00"},
                 {"xpath", "xpath-10 xpath-20 xpath-30 xpath-31"},
                 {"jsonpointer", "rfc6901"}};
    const char *version = tree_get_text(node, "version");
    for (size_t i = 0; version && i < 3; i++)
        if (text_is(tree_get_text(node, "type"), known[i].type) &&
            !has_word(known[i].versions, version))
            findings_add(checking->findings, tree_place(tree_get(node, "version")),
                         "'%s' has no version '%s', expected one of: %s", known[i].type, version,
                         known[i].versions);
}

static void check_criterion(struct checking *checking, const cJSON *criterion)
{
    if (tree_get(criterion, "type") && !tree_get(criterion, "context"))
        findings_add(checking->findings, tree_place(criterion),
                     "a criterion with 'type' needs a 'context'");
}

static const struct {
    enum object object;
    void (*check)(struct checking *checking, const cJSON *node);
} further_checks[] = {
    {OBJECT_STEP, check_step},           {OBJECT_PARAMETER, check_parameter},
    {OBJECT_SUCCESS, check_action},      {OBJECT_FAILURE, check_action},
    {OBJECT_CRITERION, check_criterion}, {OBJECT_EXPRESSION_TYPE, check_expression_type}};

static void check_object(struct checking *checking, const cJSON *node, enum object object)
{
    bool may_refer =
        object == OBJECT_PARAMETER || object == OBJECT_SUCCESS || object == OBJECT_FAILURE;
    if (object == OBJECT_OUTPUT) {
        if (cJSON_IsString(node))
            return;
        object = OBJECT_SELECTOR;
    }
    if (!cJSON_IsObject(node)) {
        findings_add(checking->findings, tree_place(node), "%s must be an object but is %s",
                     arazzo_object_names[object], tree_type_name(node));
        return;
    }
    if (++checking->depth < DEPTH_MAX) {
        if (may_refer && tree_get(node, "reference")) {
            if (object != OBJECT_PARAMETER && tree_get(node, "value"))
                findings_warn(checking->findings, tree_key_place(tree_get(node, "value")),
                              "'value' goes with references to parameters only: it is ignored");
            object = OBJECT_REUSABLE;
        }
        check_members(checking, node, object);
        for (size_t i = 0; i < sizeof further_checks / sizeof *further_checks; i++)
            if (further_checks[i].object == object)
                further_checks[i].check(checking, node);
    }
    checking->depth--;
}

static int read_minor(const cJSON *document, struct findings *findings)
{
    const cJSON *node = tree_get(document, "arazzo");
    const char *version = tree_text(node);
    if (!node)
        return 0; /* said as a missing member */
    if (version && (text_starts_with(version, "1.0.") || text_starts_with(version, "1.1.")))
        return version[2] - '0';
    findings_add(findings, tree_place(node), "Arazzo 1.0.x and 1.1.x are read here, not '%s'",
                 version ? version : "this");
    return -1;
}

int arazzo_structure_check(const cJSON *document, const char *file, struct findings *findings)
{
    size_t errors = findings->errors;
    struct checking checking = {.findings = findings};
    const char *self = tree_get_text(document, "$self");
    if (!cJSON_IsObject(document)) {
        findings_add(findings, (struct place){file, 1, 1}, "an Arazzo document is an object");
        return -1;
    }
    checking.minor = read_minor(document, findings);
    if (checking.minor < 0)
        return -1;
    if (self && strchr(self, '#'))
        findings_add(findings, tree_place(tree_get(document, "$self")),
                     "'$self' must not have a fragment");
    check_object(&checking, document, OBJECT_ROOT);
    return findings->errors == errors ? checking.minor : -1;
}
