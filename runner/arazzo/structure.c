/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/arazzo/structure.h"

#include "core/base/map.h"
#include "core/base/str.h"

#include <ctype.h>

enum object {
    OBJECT_NONE,
    OBJECT_ROOT,
    OBJECT_INFO,
    OBJECT_SOURCE,
    OBJECT_WORKFLOW,
    OBJECT_STEP,
    OBJECT_PARAMETER, /* or a Reusable Object */
    OBJECT_BODY,
    OBJECT_REPLACEMENT,
    OBJECT_CRITERION,
    OBJECT_SUCCESS, /* or a Reusable Object */
    OBJECT_FAILURE, /* or a Reusable Object */
    OBJECT_COMPONENTS,
    OBJECT_SELECTOR,
    OBJECT_EXPRESSION_TYPE,
    OBJECT_REUSABLE,
    OBJECT_OUTPUT, /* a text or a Selector Object */
};

enum type { TEXT = 1, NUMBER = 2, LIST = 4, MAP = 8, FLAG = 16, NULLS = 32, ANY = 63 };
enum shape { ONE, EACH_ITEM, EACH_MEMBER };
enum { REQUIRED = 1, NOT_EMPTY = 2, UNIQUE = 4, NOT_NEGATIVE = 8, NAMES = 16, WHOLE = 32 };
enum { DEPTH_MAX = 32, ROW_NAMES_MAX = 40 };

struct member_row {
    enum object owner;
    const char *name;
    unsigned types;
    enum object object;
    enum shape shape;
    unsigned flags;
    int since;           /* minor version */
    const char *choices; /* the only texts, blanks between; NULL = any */
};

/* clang-format off */
static const struct member_row rows[] = {
    {OBJECT_ROOT, "arazzo", ANY, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_ROOT, "$self", TEXT, 0, ONE, 0, 1, NULL},
    {OBJECT_ROOT, "info", MAP, OBJECT_INFO, ONE, REQUIRED, 0, NULL},
    {OBJECT_ROOT, "sourceDescriptions", LIST, OBJECT_SOURCE, EACH_ITEM, REQUIRED | NOT_EMPTY | UNIQUE, 0, NULL},
    {OBJECT_ROOT, "workflows", LIST, OBJECT_WORKFLOW, EACH_ITEM, REQUIRED | NOT_EMPTY | UNIQUE, 0, NULL},
    {OBJECT_ROOT, "components", MAP, OBJECT_COMPONENTS, ONE, 0, 0, NULL},

    {OBJECT_INFO, "title", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_INFO, "summary", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_INFO, "description", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_INFO, "version", TEXT, 0, ONE, REQUIRED, 0, NULL},

    {OBJECT_SOURCE, "name", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_SOURCE, "url", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_SOURCE, "type", TEXT, 0, ONE, 0, 0, "openapi arazzo asyncapi"},

    {OBJECT_WORKFLOW, "workflowId", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_WORKFLOW, "summary", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_WORKFLOW, "description", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_WORKFLOW, "inputs", MAP | FLAG, 0, ONE, 0, 0, NULL},
    {OBJECT_WORKFLOW, "dependsOn", LIST, 0, ONE, UNIQUE, 0, NULL},
    {OBJECT_WORKFLOW, "steps", LIST, OBJECT_STEP, EACH_ITEM, REQUIRED | NOT_EMPTY | UNIQUE, 0, NULL},
    {OBJECT_WORKFLOW, "successActions", LIST, OBJECT_SUCCESS, EACH_ITEM, UNIQUE, 0, NULL},
    {OBJECT_WORKFLOW, "failureActions", LIST, OBJECT_FAILURE, EACH_ITEM, UNIQUE, 0, NULL},
    {OBJECT_WORKFLOW, "outputs", MAP, OBJECT_OUTPUT, EACH_MEMBER, NAMES, 0, NULL},
    {OBJECT_WORKFLOW, "parameters", LIST, OBJECT_PARAMETER, EACH_ITEM, UNIQUE, 0, NULL},

    {OBJECT_STEP, "stepId", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_STEP, "description", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_STEP, "operationId", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_STEP, "operationPath", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_STEP, "workflowId", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_STEP, "channelPath", TEXT, 0, ONE, 0, 1, NULL},
    {OBJECT_STEP, "action", TEXT, 0, ONE, 0, 1, "send receive"},
    {OBJECT_STEP, "correlationId", ANY, 0, ONE, 0, 1, NULL},
    {OBJECT_STEP, "timeout", NUMBER, 0, ONE, WHOLE, 0, NULL}, /* 1.1; taken in 1.0 as well */
    {OBJECT_STEP, "dependsOn", LIST, 0, ONE, NOT_EMPTY | UNIQUE, 1, NULL},
    {OBJECT_STEP, "parameters", LIST, OBJECT_PARAMETER, EACH_ITEM, UNIQUE, 0, NULL},
    {OBJECT_STEP, "requestBody", MAP, OBJECT_BODY, ONE, 0, 0, NULL},
    {OBJECT_STEP, "successCriteria", LIST, OBJECT_CRITERION, EACH_ITEM, NOT_EMPTY | UNIQUE, 0, NULL},
    {OBJECT_STEP, "onSuccess", LIST, OBJECT_SUCCESS, EACH_ITEM, UNIQUE, 0, NULL},
    {OBJECT_STEP, "onFailure", LIST, OBJECT_FAILURE, EACH_ITEM, UNIQUE, 0, NULL},
    {OBJECT_STEP, "outputs", MAP, OBJECT_OUTPUT, EACH_MEMBER, NAMES, 0, NULL},

    {OBJECT_PARAMETER, "name", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_PARAMETER, "in", TEXT, 0, ONE, 0, 0, "path query header cookie querystring channel body"},
    {OBJECT_PARAMETER, "value", ANY, OBJECT_NONE, ONE, REQUIRED, 0, NULL},
    {OBJECT_REUSABLE, "reference", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_REUSABLE, "value", ANY, 0, ONE, 0, 0, NULL},

    {OBJECT_BODY, "contentType", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_BODY, "payload", ANY, 0, ONE, 0, 0, NULL},
    {OBJECT_BODY, "replacements", LIST, OBJECT_REPLACEMENT, EACH_ITEM, UNIQUE, 0, NULL},
    {OBJECT_REPLACEMENT, "target", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_REPLACEMENT, "targetSelectorType", TEXT | MAP, OBJECT_EXPRESSION_TYPE, ONE, 0, 1, "jsonpointer jsonpath xpath"},
    {OBJECT_REPLACEMENT, "value", ANY, 0, ONE, REQUIRED, 0, NULL},

    {OBJECT_CRITERION, "context", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_CRITERION, "condition", TEXT | FLAG, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_CRITERION, "type", TEXT | MAP, OBJECT_EXPRESSION_TYPE, ONE, 0, 0, "simple regex jsonpath xpath"},
    {OBJECT_EXPRESSION_TYPE, "type", TEXT, 0, ONE, REQUIRED, 0, "jsonpath xpath jsonpointer"},
    {OBJECT_EXPRESSION_TYPE, "version", TEXT, 0, ONE, REQUIRED, 0, NULL},

    {OBJECT_SELECTOR, "context", TEXT, 0, ONE, REQUIRED, 1, NULL},
    {OBJECT_SELECTOR, "selector", TEXT, 0, ONE, REQUIRED, 1, NULL},
    {OBJECT_SELECTOR, "type", TEXT | MAP, OBJECT_EXPRESSION_TYPE, ONE, REQUIRED, 1, "jsonpointer jsonpath xpath"},

    {OBJECT_SUCCESS, "name", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_SUCCESS, "type", TEXT, 0, ONE, REQUIRED, 0, "end goto"},
    {OBJECT_SUCCESS, "workflowId", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_SUCCESS, "stepId", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_SUCCESS, "parameters", LIST, OBJECT_PARAMETER, EACH_ITEM, UNIQUE, 1, NULL},
    {OBJECT_SUCCESS, "criteria", LIST, OBJECT_CRITERION, EACH_ITEM, NOT_EMPTY | UNIQUE, 0, NULL},
    {OBJECT_FAILURE, "name", TEXT, 0, ONE, REQUIRED, 0, NULL},
    {OBJECT_FAILURE, "type", TEXT, 0, ONE, REQUIRED, 0, "end goto retry"},
    {OBJECT_FAILURE, "workflowId", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_FAILURE, "stepId", TEXT, 0, ONE, 0, 0, NULL},
    {OBJECT_FAILURE, "parameters", LIST, OBJECT_PARAMETER, EACH_ITEM, UNIQUE, 1, NULL},
    {OBJECT_FAILURE, "retryAfter", NUMBER, 0, ONE, NOT_NEGATIVE, 0, NULL},
    {OBJECT_FAILURE, "retryLimit", NUMBER, 0, ONE, NOT_NEGATIVE | WHOLE, 0, NULL},
    {OBJECT_FAILURE, "criteria", LIST, OBJECT_CRITERION, EACH_ITEM, UNIQUE, 0, NULL},

    {OBJECT_COMPONENTS, "inputs", MAP, 0, ONE, NAMES, 0, NULL},
    {OBJECT_COMPONENTS, "parameters", MAP, OBJECT_PARAMETER, EACH_MEMBER, NAMES, 0, NULL},
    {OBJECT_COMPONENTS, "successActions", MAP, OBJECT_SUCCESS, EACH_MEMBER, NAMES, 0, NULL},
    {OBJECT_COMPONENTS, "failureActions", MAP, OBJECT_FAILURE, EACH_MEMBER, NAMES, 0, NULL},
};
/* clang-format on */

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static const char *const object_names[] = {
    [OBJECT_ROOT] = "an Arazzo document",
    [OBJECT_INFO] = "'info'",
    [OBJECT_SOURCE] = "a source description",
    [OBJECT_WORKFLOW] = "a workflow",
    [OBJECT_STEP] = "a step",
    [OBJECT_PARAMETER] = "a parameter",
    [OBJECT_BODY] = "a request body",
    [OBJECT_REPLACEMENT] = "a replacement",
    [OBJECT_CRITERION] = "a criterion",
    [OBJECT_SUCCESS] = "a success action",
    [OBJECT_FAILURE] = "a failure action",
    [OBJECT_COMPONENTS] = "'components'",
    [OBJECT_SELECTOR] = "a selector",
    [OBJECT_EXPRESSION_TYPE] = "the type of an expression",
    [OBJECT_REUSABLE] = "a reference",
};

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
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].owner == object && count < ROW_NAMES_MAX)
            names[count++] = rows[i].name;
    const char *near = text_nearest_of(member->string, names, count);
    if (object == OBJECT_REUSABLE) { /* "any properties added MUST be ignored" */
        findings_warn(checking->findings, tree_key_place(member),
                      "%s has no member '%s': it is ignored", object_names[object], member->string);
        return;
    }
    findings_add(checking->findings, tree_key_place(member), "%s has no member '%s'%s%s%s",
                 object_names[object], member->string, near ? " (did you mean '" : "",
                 near ? near : "", near ? "'?)" : "");
}

static void check_members(struct checking *checking, const cJSON *node, enum object object)
{
    for (const cJSON *member = node->child; member; member = member->next) {
        const struct member_row *row = NULL;
        for (size_t i = 0; i < ROW_COUNT && !row; i++)
            if (rows[i].owner == object && text_is(rows[i].name, member->string))
                row = &rows[i];
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
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].owner == object && rows[i].flags & REQUIRED && !tree_get(node, rows[i].name))
            findings_add(checking->findings, tree_place(node), "%s needs '%s'",
                         object_names[object], rows[i].name);
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
                     object_names[object], tree_type_name(node));
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
