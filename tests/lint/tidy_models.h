/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before every file that clang-tidy looks at: what the analyzer cannot know of functions
 * whose bodies it does not see. cJSON's questions about a type are false for NULL.
 */
#pragma once

#include <cjson/cJSON.h>

#define cJSON_IsArray(node)  ((node) && (cJSON_IsArray)(node))
#define cJSON_IsBool(node)   ((node) && (cJSON_IsBool)(node))
#define cJSON_IsFalse(node)  ((node) && (cJSON_IsFalse)(node))
#define cJSON_IsNull(node)   ((node) && (cJSON_IsNull)(node))
#define cJSON_IsNumber(node) ((node) && (cJSON_IsNumber)(node))
#define cJSON_IsObject(node) ((node) && (cJSON_IsObject)(node))
#define cJSON_IsString(node) ((node) && (cJSON_IsString)(node))
#define cJSON_IsTrue(node)   ((node) && (cJSON_IsTrue)(node))
