/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/drift/shape.h"

#include "core/base/instant.h"
#include "core/base/strbuf.h"
#include "core/data/json.h"
#include "core/data/pointer.h"

#include <ctype.h>

struct shape *shape_new(struct arena *arena, const char *name)
{
    struct shape *shape = arena_alloc(arena, sizeof *shape);
    shape->name = name;
    return shape;
}

/* ---- one value ---- */

static unsigned type_of(const cJSON *value)
{
    static const struct {
        int tree;
        unsigned type;
    } rows[] = {{cJSON_NULL, SHAPE_NULL},     {cJSON_True | cJSON_False, SHAPE_BOOLEAN},
                {cJSON_Number, SHAPE_NUMBER}, {cJSON_String, SHAPE_STRING},
                {cJSON_Array, SHAPE_ARRAY},   {cJSON_Object, SHAPE_OBJECT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (tree_is(value, rows[i].tree))
            return rows[i].type;
    return 0;
}

/* "2026-01-31" */
static bool is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    return !text[sizeof form - 1];
}

static unsigned form_of_text(const char *text)
{
    nanos ignored;
    if (!isdigit((unsigned char)*text)) /* most are none of these */
        return FORM_OTHER_TEXT;
    if (!text[strspn(text, "0123456789")])
        return FORM_DIGITS;
    if (is_date(text))
        return FORM_DATE;
    return instant_parse(text, true, &ignored) == 0 ? FORM_DATE_TIME : FORM_OTHER_TEXT;
}

/* Instants from 2001 to 2286, when they are. */
static unsigned form_of_number(double number)
{
    if (number >= 1e9 && number < 1e10)
        return FORM_SECONDS;
    return number >= 1e12 && number < 1e13 ? FORM_MILLISECONDS : FORM_OTHER_NUMBER;
}

static void keep_value(struct shape *shape, const cJSON *value)
{
    const char *text = tree_text(value);
    if (text && strlen(text) > SHAPE_TEXT_MAX) {
        shape->has_more = true;
        return;
    }
    for (size_t i = 0; i < shape->value_count; i++)
        if (tree_equal(shape->values[i], value))
            return;
    if (shape->value_count == SHAPE_VALUES_MAX)
        shape->has_more = true;
    else
        shape->values[shape->value_count++] = value;
}

static struct shape *find_member(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->members.count; i++)
        if (text_is(shape->members.items[i]->name, name))
            return shape->members.items[i];
    return NULL;
}

static void add_children(struct arena *arena, struct shape *shape, const cJSON *value)
{
    const cJSON *child;
    if (cJSON_IsArray(value)) {
        if (value->child && !shape->items)
            shape->items = shape_new(arena, "[]");
        for (child = value->child; child; child = child->next)
            shape_add(arena, shape->items, child);
        return;
    }
    shape->objects++;
    for (child = value->child; child; child = child->next) {
        struct shape *member = find_member(shape, child->string);
        if (!member) {
            member = shape_new(arena, child->string);
            vec_push_arena(arena, &shape->members, member);
        }
        shape_add(arena, member, child);
    }
}

void shape_add(struct arena *arena, struct shape *shape, const cJSON *value)
{
    unsigned type = type_of(value);
    shape->seen++;
    shape->types |= type;
    if (!shape->like || (cJSON_IsNull(shape->like) && type != SHAPE_NULL))
        shape->like = value;
    if (type == SHAPE_STRING)
        shape->forms |= form_of_text(tree_text(value));
    if (type == SHAPE_NUMBER)
        shape->forms |= form_of_number(value->valuedouble);
    if (type & (SHAPE_STRING | SHAPE_NUMBER | SHAPE_BOOLEAN))
        keep_value(shape, value);
    if (type & (SHAPE_ARRAY | SHAPE_OBJECT))
        add_children(arena, shape, value);
}

/* ---- two shapes ---- */

struct comparing {
    struct arena *arena;
    void (*found)(void *data, const struct shape_difference *difference);
    void *data;
    struct strbuf path;
};

static void tell(struct comparing *comparing, enum shape_aspect aspect, const struct shape *left,
                 const struct shape *right)
{
    struct shape_difference difference = {
        aspect, arena_strdup(comparing->arena, comparing->path.buf), {left, right}};
    comparing->found(comparing->data, &difference);
}

static void compare(struct comparing *comparing, const struct shape *left,
                    const struct shape *right);

/* NULL: that side has none of this name. */
static void compare_below(struct comparing *comparing, const char *name, const struct shape *left,
                          const struct shape *right)
{
    size_t len = comparing->path.len;
    pointer_add_token(name, &comparing->path);
    if (left && right)
        compare(comparing, left, right);
    else
        tell(comparing, SHAPE_MEMBER_ASPECT, left, right);
    comparing->path.buf[len] = '\0';
    comparing->path.len = len;
}

/* What is sometimes there proves nothing: items and polls differ among themselves. */
static void compare_members(struct comparing *comparing, const struct shape *left,
                            const struct shape *right)
{
    for (size_t i = 0; i < left->members.count; i++) {
        const struct shape *member = left->members.items[i];
        const struct shape *other = find_member(right, member->name);
        if (other || (member->seen == left->objects && right->objects))
            compare_below(comparing, member->name, member, other);
    }
    for (size_t i = 0; i < right->members.count; i++) {
        const struct shape *member = right->members.items[i];
        if (!find_member(left, member->name) && member->seen == right->objects && left->objects)
            compare_below(comparing, member->name, NULL, member);
    }
}

static bool is_within(unsigned a, unsigned b)
{
    return !(a & ~b) || !(b & ~a);
}

/* Times in another spelling or unit; other texts and numbers have no form of their own. */
static bool has_other_form(const struct shape *left, const struct shape *right)
{
    static const unsigned times = FORM_DATE_TIME | FORM_DATE;
    static const unsigned units = FORM_SECONDS | FORM_MILLISECONDS;
    unsigned both = left->forms | right->forms;
    if (!left->forms || !right->forms || left->forms & right->forms)
        return false;
    return both & times || (both & units) == units;
}

static bool is_among(const struct shape *shape, const cJSON *value)
{
    for (size_t i = 0; i < shape->value_count; i++)
        if (tree_equal(shape->values[i], value))
            return true;
    return false;
}

static bool has_all_of(const struct shape *shape, const struct shape *other)
{
    for (size_t i = 0; i < other->value_count; i++)
        if (!is_among(shape, other->values[i]))
            return false;
    return true;
}

/* Where several were seen, one side may have met what the other did not: both must have their own.
 */
static bool has_other_values(const struct shape *left, const struct shape *right)
{
    if (!left->value_count || !right->value_count || left->has_more || right->has_more)
        return false;
    return !has_all_of(left, right) && !has_all_of(right, left);
}

static void compare(struct comparing *comparing, const struct shape *left,
                    const struct shape *right)
{
    unsigned a = left->types & ~(unsigned)SHAPE_NULL, b = right->types & ~(unsigned)SHAPE_NULL;
    if (!a || !b) {
        if (a != b)
            tell(comparing, SHAPE_NULL_ASPECT, left, right);
        return;
    }
    if (!is_within(a, b)) {
        tell(comparing, SHAPE_TYPE_ASPECT, left, right);
        return;
    }
    if (a & b & SHAPE_OBJECT)
        compare_members(comparing, left, right);
    if (left->items && right->items)
        compare_below(comparing, left->items->name, left->items, right->items);
    if (has_other_form(left, right))
        tell(comparing, SHAPE_FORM_ASPECT, left, right);
    else if (has_other_values(left, right))
        tell(comparing, SHAPE_VALUE_ASPECT, left, right);
}

void shape_compare(struct arena *arena, const struct shape *left, const struct shape *right,
                   void (*found)(void *data, const struct shape_difference *difference), void *data)
{
    struct comparing comparing = {arena, found, data, STRBUF_INIT(LIMIT_MESSAGE)};
    if (left->seen && right->seen)
        compare(&comparing, left, right);
    else if (left->seen || right->seen)
        tell(&comparing, SHAPE_MEMBER_ASPECT, left->seen ? left : NULL, right->seen ? right : NULL);
    strbuf_release(&comparing.path);
}

/* ---- texts ---- */

struct named_bit {
    unsigned bit;
    const char *name;
};

static const char *add_name(struct arena *arena, const char *text, const char *name)
{
    return *text ? arena_printf(arena, "%s or %s", text, name) : name;
}

/* The form where all have the same, and it says more than the type. */
static const char *with_form(struct arena *arena, const char *type, unsigned forms)
{
    static const struct named_bit rows[] = {{FORM_DATE_TIME, "date-time"},
                                            {FORM_DATE, "date"},
                                            {FORM_DIGITS, "digits"},
                                            {FORM_SECONDS, "epoch seconds"},
                                            {FORM_MILLISECONDS, "epoch milliseconds"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (forms == rows[i].bit)
            return arena_printf(arena, "%s (%s)", type, rows[i].name);
    return type;
}

const char *shape_text(struct arena *arena, const struct shape *shape)
{
    static const struct named_bit rows[] = {{SHAPE_STRING, "string"},   {SHAPE_NUMBER, "number"},
                                            {SHAPE_BOOLEAN, "boolean"}, {SHAPE_OBJECT, "object"},
                                            {SHAPE_ARRAY, "array"},     {SHAPE_NULL, "null"}};
    static const unsigned of_numbers = FORM_SECONDS | FORM_MILLISECONDS | FORM_OTHER_NUMBER;
    const char *text = "";
    if (!shape)
        return "absent";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned forms = rows[i].bit == SHAPE_STRING   ? shape->forms & ~of_numbers
                         : rows[i].bit == SHAPE_NUMBER ? shape->forms & of_numbers
                                                       : 0;
        if (shape->types & rows[i].bit)
            text = add_name(arena, text, with_form(arena, rows[i].name, forms));
    }
    return text;
}

const char *shape_values_text(struct arena *arena, const struct shape *shape)
{
    const char *text = "";
    for (size_t i = 0; i < shape->value_count; i++) {
        const char *value = json_text(arena, shape->values[i]);
        text = *text ? arena_printf(arena, "%s, %s", text, value) : value;
    }
    return text;
}
