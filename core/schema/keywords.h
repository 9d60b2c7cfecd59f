/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keywords; private to core/schema. A keyword is a row: how it is compiled and how it
 * validates stand in the keywords_*.c that has its idea.
 */
#pragma once

#include "core/schema/run.h"

struct pattern;

const struct keyword *keyword_find(const char *name, enum schema_dialect dialect);
const char *keyword_nearest(const char *name, enum schema_dialect dialect);

#define KEYWORD(name)                                                                              \
    bool compile_##name(struct compiler *, struct schema *, struct rule *);                        \
    bool validate_##name(struct run *, const struct rule *, const cJSON *, struct marks *)
#define KEYWORD_CHECK(name) bool compile_##name(struct compiler *, struct schema *, struct rule *)
#define KEYWORD_TEST(name)                                                                         \
    bool validate_##name(struct run *, const struct rule *, const cJSON *, struct marks *)

/* keywords_check.c: values that need nothing but a look */
KEYWORD_CHECK(text);
KEYWORD_CHECK(flag);
KEYWORD_CHECK(uri);
KEYWORD_CHECK(anything);
KEYWORD_CHECK(subschemas);

/* keywords_ref.c */
KEYWORD(ref);
KEYWORD(dynamic_ref);

/* keywords_value.c: any type */
KEYWORD(type);
KEYWORD(enum);
KEYWORD(const);
KEYWORD(format);
KEYWORD_CHECK(nullable);

/* keywords_number.c */
KEYWORD_CHECK(limit);
KEYWORD_TEST(minimum);
KEYWORD_TEST(maximum);
KEYWORD_TEST(exclusive_minimum);
KEYWORD_TEST(exclusive_maximum);
KEYWORD(multiple_of);
KEYWORD_CHECK(exclusive_flag);
KEYWORD(old_minimum);
KEYWORD(old_maximum);

/* keywords_string.c */
KEYWORD_CHECK(count);
KEYWORD_TEST(min_length);
KEYWORD_TEST(max_length);
KEYWORD(pattern);

/* keywords_array.c */
KEYWORD_TEST(min_items);
KEYWORD_TEST(max_items);
KEYWORD(unique_items);
KEYWORD(prefix_items);
KEYWORD(items);
KEYWORD(old_items);
KEYWORD(additional_items);
KEYWORD(contains);

/* keywords_object.c */
KEYWORD_TEST(min_properties);
KEYWORD_TEST(max_properties);
KEYWORD(required);
KEYWORD(properties);
KEYWORD(pattern_properties);
KEYWORD(additional_properties);

/* keywords_dependent.c */
KEYWORD(property_names);
KEYWORD(dependent_required);
KEYWORD(dependent_schemas);
KEYWORD(dependencies);

/* keywords_branch.c */
KEYWORD(all_of);
KEYWORD(any_of);
KEYWORD(one_of);
KEYWORD(not );
KEYWORD(if);
KEYWORD_CHECK(discriminator);

/* keywords_unevaluated.c */
KEYWORD(unevaluated_items);
KEYWORD(unevaluated_properties);

/* Helpers of several of them. */
bool compile_list(struct compiler *compiler, struct schema *schema, struct rule *rule);
bool compile_map(struct compiler *compiler, struct schema *schema, struct rule *rule);
bool compile_one(struct compiler *compiler, struct schema *schema, struct rule *rule);
const struct schema *map_find(const struct rule *rule, const char *name);
/* The compiled subschema under a sibling keyword's member, NULL when there is none. */
const struct schema *compile_sibling(struct compiler *compiler, const struct schema *schema,
                                     const char *keyword, const char *member);

/* Names that are asked for, each with what `properties` beside says of it (it may be readOnly). */
struct required_rule {
    VEC(struct named_schema);
};
struct required_rule *compile_names(struct compiler *compiler, const struct schema *schema,
                                    const cJSON *list, const char *keyword);

/* access.c: looking into what was compiled */
const struct rule *schema_rule(const struct schema *schema, const char *keyword);
/* of `items` and `additionalItems`, NULL when it is draft 4's list, or false */
const struct schema *items_schema(const struct rule *rule);
const struct schema *contains_schema(const struct rule *rule);
uint64_t contains_least(const struct rule *rule);
const struct schema *dynamic_ref_schema(const struct rule *rule); /* when nobody overrides it */
const struct schema_format *format_of_rule(const struct rule *rule);
/* of patternProperties: the next schema for `name` from row `*from` on, NULL = no more */
const struct schema *matching_schema(const struct rule *rule, const char *name, size_t *from);
const struct pattern *first_pattern(const struct rule *rule);
/* of additionalProperties */
bool is_additional_to(const struct rule *rule, const char *name);
const struct schema *additional_schema(const struct rule *rule); /* NULL: none are allowed */
/* of dependentRequired: the next name that `object` must have and has not, from `*from` on */
const char *dependent_name(const struct rule *rule, const cJSON *object, size_t *from);

struct condition {
    const struct schema *when, *then, *otherwise; /* the latter two may be NULL */
};
