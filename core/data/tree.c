/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/tree.h"

#include "core/data/node.h"

#include <limits.h>

enum { TYPE_MASK = 0xFF };

/* Most names differ in their first two bytes. */
static inline bool is_same_key(const char *a, const char *b)
{
    return a == b || (a[0] == b[0] && (!a[0] || (a[1] == b[1] && strcmp(a, b) == 0)));
}

cJSON *node_new(struct arena *arena, int type, bool placed)
{
    cJSON *node = arena_alloc(arena, placed ? sizeof(struct node) : sizeof(cJSON));
    node->type = type | (placed ? NODE_PLACED : 0);
    return node;
}

/* cJSON's third form of a number. */
static void set_whole(cJSON *node)
{
    if (node->valuedouble >= INT_MAX)
        node->valueint = INT_MAX;
    else if (node->valuedouble <= INT_MIN)
        node->valueint = INT_MIN;
    else
        node->valueint = (int)node->valuedouble;
}

void node_set_number(cJSON *node, char *text, size_t len)
{
    node->valuestring = text;
    node->valuedouble = number_double(text, len);
    set_whole(node);
}

cJSON *tree_null(struct arena *arena)
{
    return node_new(arena, cJSON_NULL, true);
}

cJSON *tree_bool(struct arena *arena, bool value)
{
    cJSON *node = node_new(arena, value ? cJSON_True : cJSON_False, true);
    node->valueint = value;
    return node;
}

cJSON *tree_number(struct arena *arena, const char *text)
{
    cJSON *node = node_new(arena, cJSON_Number, true);
    size_t len = strlen(text);
    node_set_number(node, arena_strndup(arena, text, len), len);
    return node;
}

cJSON *tree_integer(struct arena *arena, int64_t value)
{
    char digits[TEXT_DIGITS + 1]; /* and the sign */
    char *at = text_of_number(value < 0 ? -(uint64_t)value : (uint64_t)value, digits + 1);
    if (value < 0)
        *--at = '-';
    cJSON *node = node_new(arena, cJSON_Number, true);
    node->valuestring = arena_strdup(arena, at);
    node->valuedouble = (double)value;
    set_whole(node);
    return node;
}

cJSON *tree_double(struct arena *arena, double value)
{
    char text[NUMBER_TEXT];
    return number_print(value, text) ? tree_number(arena, text) : tree_null(arena);
}

cJSON *tree_string(struct arena *arena, const char *text)
{
    if (!text)
        return tree_null(arena);
    cJSON *node = node_new(arena, cJSON_String, true);
    node->valuestring = arena_strdup(arena, text);
    return node;
}

cJSON *tree_string_n(struct arena *arena, const char *bytes, size_t len)
{
    cJSON *node = node_new(arena, cJSON_String, true);
    size_t nuls = 0;
    for (size_t i = 0; i < len; i++)
        nuls += bytes[i] == '\0';
    char *out = node->valuestring = arena_alloc(arena, len + nuls + 1);
    for (size_t i = 0; i < len; i++) {
        if (bytes[i]) {
            *out++ = bytes[i];
        } else {
            *out++ = (char)0xC0;
            *out++ = (char)0x80;
        }
    }
    return node;
}

cJSON *tree_array(struct arena *arena)
{
    return node_new(arena, cJSON_Array, true);
}

cJSON *tree_object(struct arena *arena)
{
    return node_new(arena, cJSON_Object, true);
}

/* As in cJSON, the first child's `prev` is the last one; the last one's `next` is NULL. */
void tree_append(cJSON *array, cJSON *item)
{
    cJSON *first = array->child;
    item->next = NULL;
    if (!first) {
        array->child = item;
        item->prev = item;
        return;
    }
    item->prev = first->prev;
    first->prev->next = item;
    first->prev = item;
}

static cJSON *find_member(const cJSON *object, const char *key)
{
    cJSON *member = cJSON_IsObject(object) && key ? object->child : NULL;
    while (member && !is_same_key(member->string, key))
        member = member->next;
    return member;
}

void node_replace(cJSON *object, cJSON *old, cJSON *value)
{
    value->string = old->string;
    value->next = old->next;
    value->prev = old->prev == old ? value : old->prev;
    if (object->child == old)
        object->child = value;
    else
        old->prev->next = value;
    if (old->next)
        old->next->prev = value;
    else
        object->child->prev = value;
    old->next = old->prev = NULL;
}

/* Puts the value where the key's old one stands; false when there is none. */
static bool replace_member(cJSON *object, const char *key, cJSON *value)
{
    cJSON *old = find_member(object, key);
    if (old && old != value)
        node_replace(object, old, value);
    return old;
}

void tree_set(struct arena *arena, cJSON *object, const char *key, cJSON *value)
{
    if (replace_member(object, key, value))
        return;
    value->string = arena_strdup(arena, key);
    tree_append(object, value);
}

void tree_put(cJSON *object, const char *key, cJSON *value)
{
    if (!replace_member(object, key, value))
        tree_add(object, key, value);
}

void tree_add(cJSON *object, const char *key, cJSON *value)
{
    value->string = (char *)(uintptr_t)key;
    tree_append(object, value);
}

void tree_set_string(struct arena *arena, cJSON *object, const char *key, const char *text)
{
    tree_set(arena, object, key, tree_string(arena, text));
}

void node_detach(cJSON *parent, cJSON *child)
{
    if (parent->child == child) {
        parent->child = child->next;
        if (child->next)
            child->next->prev = child->prev;
    } else {
        child->prev->next = child->next;
        if (child->next)
            child->next->prev = child->prev;
        else
            parent->child->prev = child->prev;
    }
    child->next = child->prev = NULL;
}

void tree_remove(cJSON *object, const char *key)
{
    cJSON *member = find_member(object, key);
    if (member)
        node_detach(object, member);
}

cJSON *tree_move_last(cJSON *object, const char *key)
{
    cJSON *member = find_member(object, key);
    if (member && member->next) {
        node_detach(object, member);
        tree_append(object, member);
    }
    return member;
}

/* The copy's file name is in its own arena too; neighbours mostly share theirs. */
struct copier {
    struct arena *arena;
    const char *file, *file_copy;
};

static cJSON *copy_node(struct copier *copier, const cJSON *node)
{
    struct node *placed = node_placed(node);
    cJSON *copy = arena_copy(copier->arena, node, placed ? sizeof *placed : sizeof *node);
    copy->next = copy->prev = copy->child = NULL;
    copy->string = NULL;
    copy->valuestring = arena_strdup(copier->arena, node->valuestring);
    if (placed && placed->place.file) {
        if (copier->file != placed->place.file)
            copier->file_copy = arena_strdup(copier->arena, placed->place.file);
        copier->file = placed->place.file;
        node_placed(copy)->place.file = copier->file_copy;
    }
    return copy;
}

static cJSON *copy_below(struct copier *copier, const cJSON *node, int depth)
{
    if (depth > TREE_WALK_MAX)
        return tree_null(copier->arena);
    cJSON *copy = copy_node(copier, node);
    const cJSON *child;
    cJSON_ArrayForEach (child, node) {
        cJSON *below = copy_below(copier, child, depth + 1);
        below->string = arena_strdup(copier->arena, child->string);
        tree_append(copy, below);
    }
    return copy;
}

cJSON *tree_copy(struct arena *arena, const cJSON *node)
{
    struct copier copier = {.arena = arena};
    return node ? copy_below(&copier, node, 0) : NULL;
}

static cJSON *share_below(struct arena *arena, const cJSON *node, int depth)
{
    if (depth > TREE_WALK_MAX)
        return tree_null(arena);
    cJSON *copy = arena_copy(arena, node, sizeof *node);
    copy->type &= ~NODE_PLACED;
    copy->next = copy->prev = copy->child = NULL;
    for (const cJSON *child = node->child; child; child = child->next)
        tree_append(copy, share_below(arena, child, depth + 1));
    return copy;
}

cJSON *tree_share(struct arena *arena, const cJSON *node)
{
    if (!node)
        return NULL;
    cJSON *copy = share_below(arena, node, 0);
    copy->string = NULL;
    return copy;
}

const cJSON *tree_get(const cJSON *object, const char *key)
{
    return find_member(object, key);
}

const cJSON *tree_at(const cJSON *array, size_t index)
{
    const cJSON *item = cJSON_IsArray(array) ? array->child : NULL;
    while (item && index-- > 0)
        item = item->next;
    return item;
}

size_t tree_count(const cJSON *node)
{
    size_t count = 0;
    const cJSON *child;
    cJSON_ArrayForEach (child, node)
        count++;
    return count;
}

const char *tree_text(const cJSON *node)
{
    return cJSON_IsString(node) ? node->valuestring : NULL;
}

const char *tree_get_text(const cJSON *object, const char *key)
{
    return tree_text(find_member(object, key));
}

bool tree_is_true(const cJSON *node)
{
    return cJSON_IsTrue(node);
}

const char *tree_type_name(const cJSON *node)
{
    static const struct {
        int type;
        const char *name;
    } names[] = {
        {cJSON_NULL, "null"},     {cJSON_True, "boolean"},  {cJSON_False, "boolean"},
        {cJSON_Number, "number"}, {cJSON_String, "string"}, {cJSON_Array, "array"},
        {cJSON_Object, "object"},
    };
    for (size_t i = 0; node && i < sizeof names / sizeof *names; i++)
        if ((node->type & TYPE_MASK) == names[i].type)
            return names[i].name;
    return "nothing";
}

struct place tree_place(const cJSON *node)
{
    const struct node *placed = node_placed(node);
    return placed ? placed->place : (struct place){0};
}

struct place tree_key_place(const cJSON *member)
{
    const struct node *placed = node_placed(member);
    if (!placed || !placed->key_line)
        return tree_place(member);
    return (struct place){placed->place.file, placed->key_line, placed->key_column};
}

void tree_set_place(cJSON *node, struct place place)
{
    struct node *placed = node_placed(node);
    if (placed)
        placed->place = place;
}
