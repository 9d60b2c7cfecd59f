/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/arazzo/structure_rows.h"

/* clang-format off */
const struct member_row arazzo_rows[] = {
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

const size_t arazzo_row_count = sizeof arazzo_rows / sizeof *arazzo_rows;

const char *const arazzo_object_names[] = {
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
