/* SPDX-License-Identifier: Apache-2.0 */
/* Every keyword that is known, sorted by name; several rows of a name differ in dialect. */
#include "core/schema/keywords.h"

#include <stdlib.h>

#define OLD   DIALECTS_4
#define NEW   DIALECTS_2020
#define ALL   DIALECTS_ALL
#define D4    SCHEMA_DRAFT4
#define PLAIN (ALL & ~SCHEMA_OAS30)
#define OAS   (SCHEMA_OAS31 | SCHEMA_OAS30)
#define NOT4  (ALL & ~SCHEMA_DRAFT4)

#define CORE        VOCABULARY_CORE
#define APPLICATOR  VOCABULARY_APPLICATOR
#define UNEVALUATED VOCABULARY_UNEVALUATED
#define VALIDATION  VOCABULARY_VALIDATION
#define METADATA    VOCABULARY_METADATA
#define FORMAT      VOCABULARY_FORMAT
#define CONTENT     VOCABULARY_CONTENT
#define IN_OAS      VOCABULARY_OAS
#define NO          CHILDREN_NONE
#define ONE         CHILDREN_ONE
#define LIST        CHILDREN_LIST
#define MAP         CHILDREN_MAP
#define MAYBE       CHILDREN_MAYBE
#define ONE_OR_LIST CHILDREN_ONE_OR_LIST
#define BOTH(name)  compile_##name, validate_##name
#define CHECK(name) compile_##name, NULL
#define ALSO(c, v)  compile_##c, validate_##v

static const struct keyword keywords[] = {
    {"$anchor", NEW, CORE, NO, false, CHECK(text)},
    {"$comment", NEW, CORE, NO, false, CHECK(text)},
    {"$defs", NEW, CORE, MAP, false, CHECK(subschemas)},
    {"$dynamicAnchor", NEW, CORE, NO, false, CHECK(text)},
    {"$dynamicRef", NEW, CORE, NO, false, BOTH(dynamic_ref)},
    {"$id", NEW, CORE, NO, false, CHECK(uri)},
    {"$ref", ALL, CORE, NO, false, BOTH(ref)},
    {"$schema", PLAIN, CORE, NO, false, CHECK(uri)},
    {"$vocabulary", NEW, CORE, NO, false, CHECK(anything)},
    {"additionalItems", D4, APPLICATOR, MAYBE, false, BOTH(additional_items)},
    {"additionalProperties", OLD, APPLICATOR, MAYBE, false, BOTH(additional_properties)},
    {"additionalProperties", NEW, APPLICATOR, ONE, false, BOTH(additional_properties)},
    {"allOf", ALL, APPLICATOR, LIST, false, BOTH(all_of)},
    {"anyOf", ALL, APPLICATOR, LIST, false, BOTH(any_of)},
    {"const", NEW, VALIDATION, NO, false, BOTH(const)},
    {"contains", NEW, APPLICATOR, ONE, false, BOTH(contains)},
    {"contentEncoding", NEW, CONTENT, NO, false, CHECK(text)},
    {"contentMediaType", NEW, CONTENT, NO, false, CHECK(text)},
    {"contentSchema", NEW, CONTENT, ONE, false, CHECK(anything)},
    {"default", ALL, METADATA, NO, false, CHECK(anything)},
    {"definitions", PLAIN, CORE, MAP, false, CHECK(subschemas)},
    {"dependencies", PLAIN, APPLICATOR, CHILDREN_MAP_MAYBE, false, BOTH(dependencies)},
    {"dependentRequired", NEW, VALIDATION, NO, false, BOTH(dependent_required)},
    {"dependentSchemas", NEW, APPLICATOR, MAP, false, BOTH(dependent_schemas)},
    {"deprecated", NOT4, METADATA, NO, false, CHECK(flag)},
    {"description", ALL, METADATA, NO, false, CHECK(text)},
    {"discriminator", OAS, IN_OAS, NO, false, CHECK(discriminator)},
    {"else", NEW, APPLICATOR, ONE, false, CHECK(subschemas)},
    {"enum", ALL, VALIDATION, NO, false, BOTH(enum)},
    {"example", OAS, IN_OAS, NO, false, CHECK(anything)},
    {"examples", NEW, METADATA, NO, false, CHECK(anything)},
    {"exclusiveMaximum", NEW, VALIDATION, NO, false, ALSO(limit, exclusive_maximum)},
    {"exclusiveMaximum", OLD, VALIDATION, NO, false, CHECK(exclusive_flag)},
    {"exclusiveMinimum", NEW, VALIDATION, NO, false, ALSO(limit, exclusive_minimum)},
    {"exclusiveMinimum", OLD, VALIDATION, NO, false, CHECK(exclusive_flag)},
    {"externalDocs", OAS, IN_OAS, NO, false, CHECK(anything)},
    {"format", ALL, FORMAT, NO, false, BOTH(format)},
    {"id", D4, CORE, NO, false, CHECK(uri)},
    {"if", NEW, APPLICATOR, ONE, false, BOTH(if)},
    {"items", SCHEMA_OAS30, APPLICATOR, ONE, false, BOTH(items)},
    {"items", D4, APPLICATOR, ONE_OR_LIST, false, BOTH(old_items)},
    {"items", NEW, APPLICATOR, ONE, false, BOTH(items)},
    {"maxContains", NEW, VALIDATION, NO, false, CHECK(count)},
    {"maxItems", ALL, VALIDATION, NO, false, ALSO(count, max_items)},
    {"maxLength", ALL, VALIDATION, NO, false, ALSO(count, max_length)},
    {"maxProperties", ALL, VALIDATION, NO, false, ALSO(count, max_properties)},
    {"maximum", OLD, VALIDATION, NO, false, BOTH(old_maximum)},
    {"maximum", NEW, VALIDATION, NO, false, ALSO(limit, maximum)},
    {"minContains", NEW, VALIDATION, NO, false, CHECK(count)},
    {"minItems", ALL, VALIDATION, NO, false, ALSO(count, min_items)},
    {"minLength", ALL, VALIDATION, NO, false, ALSO(count, min_length)},
    {"minProperties", ALL, VALIDATION, NO, false, ALSO(count, min_properties)},
    {"minimum", OLD, VALIDATION, NO, false, BOTH(old_minimum)},
    {"minimum", NEW, VALIDATION, NO, false, ALSO(limit, minimum)},
    {"multipleOf", ALL, VALIDATION, NO, false, BOTH(multiple_of)},
    {"not", ALL, APPLICATOR, ONE, false, BOTH(not )},
    {"nullable", SCHEMA_OAS30, VALIDATION, NO, false, CHECK(nullable)},
    {"oneOf", ALL, APPLICATOR, LIST, false, BOTH(one_of)},
    {"pattern", ALL, VALIDATION, NO, false, BOTH(pattern)},
    {"patternProperties", PLAIN, APPLICATOR, MAP, false, BOTH(pattern_properties)},
    {"prefixItems", NEW, APPLICATOR, LIST, false, BOTH(prefix_items)},
    {"properties", ALL, APPLICATOR, MAP, false, BOTH(properties)},
    {"propertyNames", NEW, APPLICATOR, ONE, false, BOTH(property_names)},
    {"readOnly", NOT4, METADATA, NO, false, CHECK(flag)},
    {"required", ALL, VALIDATION, NO, false, BOTH(required)},
    {"then", NEW, APPLICATOR, ONE, false, CHECK(subschemas)},
    {"title", ALL, METADATA, NO, false, CHECK(text)},
    {"type", ALL, VALIDATION, NO, false, BOTH(type)},
    {"unevaluatedItems", NEW, UNEVALUATED, ONE, true, BOTH(unevaluated_items)},
    {"unevaluatedProperties", NEW, UNEVALUATED, ONE, true, BOTH(unevaluated_properties)},
    {"uniqueItems", ALL, VALIDATION, NO, false, BOTH(unique_items)},
    {"writeOnly", NOT4, METADATA, NO, false, CHECK(flag)},
    {"xml", OAS, IN_OAS, NO, false, CHECK(anything)},
};

enum { KEYWORDS = sizeof keywords / sizeof *keywords };

static int compare_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct keyword *)row)->name);
}

const struct keyword *keyword_find(const char *name, enum schema_dialect dialect)
{
    const struct keyword *row = bsearch(name, keywords, KEYWORDS, sizeof *keywords, compare_name);

    if (!row)
        return NULL;
    while (row > keywords && text_is(row[-1].name, name))
        row--;
    for (; row < keywords + KEYWORDS && text_is(row->name, name); row++)
        if (row->dialects & dialect)
            return row;
    return NULL;
}

const char *keyword_nearest(const char *name, enum schema_dialect dialect)
{
    const char *names[KEYWORDS];
    size_t count = 0;

    for (size_t i = 0; i < KEYWORDS; i++)
        if (keywords[i].dialects & dialect)
            names[count++] = keywords[i].name;
    return text_nearest_of(name, names, count);
}
