/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows libyaml: its events become nodes at once, no document of its is kept. */
#include "core/data/yaml.h"

#include "core/base/map.h"
#include "core/data/node.h"
#include "core/data/yaml_scalar.h"

#include <yaml.h>

struct loader {
    yaml_parser_t parser;
    struct arena *arena;
    struct findings *findings;
    const char *bytes, *file;
    size_t len;
    struct map *anchors; /* complete nodes only, so that none can hold itself */
    size_t nodes;
    bool stopped; /* nothing that follows can be read */
    bool foreign; /* not written for us: old booleans are texts, merge keys merge */
};

static struct place place_at(const struct loader *loader, yaml_mark_t mark)
{
    return (struct place){loader->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* For bytes that are no text, of which libyaml says the offset only. */
static struct place place_of_offset(const struct loader *loader, size_t offset)
{
    struct place place = {loader->file, 1, 1};
    for (size_t i = 0; i < offset && i < loader->len; i++) {
        place.column += ((unsigned char)loader->bytes[i] & 0xC0) != 0x80;
        if (loader->bytes[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

static bool next_event(struct loader *loader, yaml_event_t *event)
{
    if (!loader->stopped && yaml_parser_parse(&loader->parser, event))
        return true;
    if (!loader->stopped) {
        const yaml_parser_t *parser = &loader->parser;
        struct place place = parser->error == YAML_READER_ERROR
                                 ? place_of_offset(loader, parser->problem_offset)
                                 : place_at(loader, parser->problem_mark);
        const char *context = parser->context ? parser->context : "";
        findings_add(loader->findings, place, "no YAML: %s%s%s", context, *context ? ", " : "",
                     parser->problem ? parser->problem : "unreadable");
    }
    loader->stopped = true;
    return false;
}

static void stop(struct loader *loader, struct place place, const char *what)
{
    if (!loader->stopped)
        findings_add(loader->findings, place, "%s", what);
    loader->stopped = true;
}

static bool count_node(struct loader *loader, struct place place)
{
    if (++loader->nodes > YAML_NODES_MAX)
        stop(loader, place, "too many nodes, aliases included");
    return !loader->stopped;
}

static cJSON *placed(cJSON *node, struct place place)
{
    tree_set_place(node, place);
    return node;
}

static void remember_anchor(struct loader *loader, const char *anchor, cJSON *node)
{
    if (anchor && node)
        map_put(loader->anchors, anchor, node);
}

/* Counts the nodes of an alias before they are copied, and sees that they fit here. */
static void measure(struct loader *loader, const cJSON *node, struct place place, int depth)
{
    if (depth > TREE_DEPTH_MAX) {
        stop(loader, place, "nested too deeply, more than 128 levels");
        return;
    }
    if (!count_node(loader, place))
        return;
    const cJSON *child;
    cJSON_ArrayForEach (child, node) {
        measure(loader, child, place, depth + (child->child != NULL));
        if (loader->stopped)
            return;
    }
}

static cJSON *build_alias(struct loader *loader, const yaml_event_t *event, int depth)
{
    struct place place = place_at(loader, event->start_mark);
    const char *anchor = (const char *)event->data.alias.anchor;
    const cJSON *node = map_get(loader->anchors, anchor);
    if (!node) {
        findings_add(loader->findings, place, "no anchor '%s' before this alias", anchor);
        return placed(tree_null(loader->arena), place);
    }
    measure(loader, node, place, depth + (node->child != NULL));
    return loader->stopped ? NULL : tree_copy(loader->arena, node);
}

static cJSON *build_scalar(struct loader *loader, const yaml_event_t *event)
{
    struct yaml_scalar scalar = {
        .text = (const char *)event->data.scalar.value,
        .len = event->data.scalar.length,
        .tag = (const char *)event->data.scalar.tag,
        .plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
        .place = place_at(loader, event->start_mark),
        .foreign = loader->foreign,
    };
    cJSON *node = yaml_scalar_node(loader->arena, &scalar, loader->findings);
    return placed(node, scalar.place);
}

static void check_tag(struct loader *loader, const yaml_char_t *tag, const char *wanted,
                      struct place place)
{
    if (tag && strcmp((const char *)tag, wanted) != 0 && strcmp((const char *)tag, "!") != 0)
        findings_add(loader->findings, place, "tag '%s' is not one of the core schema here",
                     (const char *)tag);
}

static cJSON *build(struct loader *loader, const yaml_event_t *event, int depth);

static cJSON *build_next(struct loader *loader, int depth)
{
    yaml_event_t event;
    if (!next_event(loader, &event))
        return NULL;
    cJSON *node = build(loader, &event, depth);
    yaml_event_delete(&event);
    return node;
}

static cJSON *build_sequence(struct loader *loader, const yaml_event_t *start, int depth)
{
    struct place place = place_at(loader, start->start_mark);
    cJSON *array = placed(tree_array(loader->arena), place);
    check_tag(loader, start->data.sequence_start.tag, YAML_SEQ_TAG, place);
    yaml_event_t event;
    while (next_event(loader, &event)) {
        bool ended = event.type == YAML_SEQUENCE_END_EVENT;
        cJSON *item = ended ? NULL : build(loader, &event, depth);
        yaml_event_delete(&event);
        if (ended)
            return array;
        if (!item)
            return NULL;
        tree_append(array, item);
    }
    return NULL;
}

/* The key's text, or NULL with a finding when it is none. */
static const char *read_key(struct loader *loader, const yaml_event_t *event)
{
    struct place place = place_at(loader, event->start_mark);
    if (event->type != YAML_SCALAR_EVENT) {
        findings_add(loader->findings, place, "a key must be a scalar");
        return NULL;
    }
    const char *text = (const char *)event->data.scalar.value;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !loader->foreign) {
        const char *wrong = yaml_key_fault(text);
        if (wrong) {
            findings_add(loader->findings, place, "key '%s' %s", text, wrong);
            return NULL;
        }
    }
    check_tag(loader, event->data.scalar.tag, YAML_STR_TAG, place);
    cJSON *node = tree_string_n(loader->arena, text, event->data.scalar.length);
    remember_anchor(loader, (const char *)event->data.scalar.anchor, placed(node, place));
    return node->valuestring;
}

/* A node that is read only to get behind it, when its key was refused. */
static bool skip_key(struct loader *loader, const yaml_event_t *event, int depth)
{
    return event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT ||
           build(loader, event, depth) != NULL;
}

/* False when reading cannot go on. */
static bool build_member(struct loader *loader, struct members *members, const yaml_event_t *event,
                         int depth)
{
    struct place place = place_at(loader, event->start_mark);
    const char *key = read_key(loader, event);
    if (!key && !skip_key(loader, event, depth))
        return false;
    cJSON *value = build_next(loader, depth);
    if (!value || !key)
        return value != NULL;
    const cJSON *first = members_find(members, key);
    if (first) {
        struct place there = tree_key_place(first);
        findings_add(loader->findings, place, "duplicate key '%s' (first at %u:%u)", key,
                     there.line, there.column);
        return true;
    }
    value->string = (char *)key;
    node_placed(value)->key_line = place.line;
    node_placed(value)->key_column = place.column;
    members_add(loader->arena, members, value);
    return true;
}

static void merge_from(struct loader *loader, cJSON *object, const cJSON *source)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, source)
        if (!tree_get(object, member->string))
            tree_set(loader->arena, object, member->string, tree_copy(loader->arena, member));
}

/* YAML 1.1's merge key, which documents still use: what stands beside it comes first. */
static void merge_keys(struct loader *loader, cJSON *object)
{
    const cJSON *merge = loader->foreign ? tree_get(object, "<<") : NULL, *item;
    if (!cJSON_IsObject(merge) && !cJSON_IsArray(merge))
        return;
    tree_remove(object, "<<");
    if (cJSON_IsObject(merge))
        merge_from(loader, object, merge);
    else
        cJSON_ArrayForEach (item, merge)
            if (cJSON_IsObject(item))
                merge_from(loader, object, item);
}

static cJSON *build_mapping(struct loader *loader, const yaml_event_t *start, int depth)
{
    struct place place = place_at(loader, start->start_mark);
    cJSON *object = placed(tree_object(loader->arena), place);
    struct members members = {.object = object};
    check_tag(loader, start->data.mapping_start.tag, YAML_MAP_TAG, place);
    yaml_event_t event;
    while (next_event(loader, &event)) {
        bool ended = event.type == YAML_MAPPING_END_EVENT;
        bool going = !ended && build_member(loader, &members, &event, depth);
        yaml_event_delete(&event);
        if (ended) {
            merge_keys(loader, object);
            return object;
        }
        if (!going)
            return NULL;
    }
    return NULL;
}

static cJSON *build(struct loader *loader, const yaml_event_t *event, int depth)
{
    struct place place = place_at(loader, event->start_mark);
    bool nests =
        event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
    if (nests && depth >= TREE_DEPTH_MAX)
        stop(loader, place, "nested too deeply, more than 128 levels");
    if (event->type == YAML_ALIAS_EVENT)
        return build_alias(loader, event, depth);
    if (!count_node(loader, place))
        return NULL;
    cJSON *node = NULL;
    const yaml_char_t *anchor = NULL;
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        node = build_sequence(loader, event, depth + 1);
        anchor = event->data.sequence_start.anchor;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        node = build_mapping(loader, event, depth + 1);
        anchor = event->data.mapping_start.anchor;
    } else if (event->type == YAML_SCALAR_EVENT) {
        node = build_scalar(loader, event);
        anchor = event->data.scalar.anchor;
    }
    remember_anchor(loader, (const char *)anchor, node);
    return node;
}

/* Passes the events around the document's node. */
static enum yaml_event_type_e pass_event(struct loader *loader, struct place *place)
{
    yaml_event_t event;
    if (!next_event(loader, &event))
        return YAML_NO_EVENT;
    enum yaml_event_type_e type = event.type;
    *place = place_at(loader, event.start_mark);
    yaml_event_delete(&event);
    return type;
}

static cJSON *build_stream(struct loader *loader)
{
    struct place place = {loader->file, 1, 1};
    pass_event(loader, &place); /* the stream starts */
    if (pass_event(loader, &place) != YAML_DOCUMENT_START_EVENT) {
        stop(loader, (struct place){loader->file, 1, 1}, "nothing here, a document is expected");
        return NULL;
    }
    cJSON *root = build_next(loader, 0);
    if (root && pass_event(loader, &place) == YAML_DOCUMENT_END_EVENT &&
        pass_event(loader, &place) == YAML_DOCUMENT_START_EVENT)
        stop(loader, place, "more than one document");
    return root;
}

static cJSON *parse(struct arena *arena, const char *bytes, size_t len, const char *file,
                    bool foreign, struct findings *findings)
{
    struct loader loader = {
        .arena = arena, .findings = findings, .bytes = bytes, .len = len, .foreign = foreign};
    size_t errors = findings->errors;
    loader.file = arena_strdup(arena, file ? file : "-");
    loader.anchors = map_new();
    if (!yaml_parser_initialize(&loader.parser))
        abort(); /* out of memory, as in core/base/mem.c */
    yaml_parser_set_input_string(&loader.parser, (const unsigned char *)bytes, len);
    cJSON *root = build_stream(&loader);
    yaml_parser_delete(&loader.parser);
    map_free(loader.anchors);
    return findings->errors == errors && !loader.stopped ? root : NULL;
}

cJSON *yaml_parse(struct arena *arena, const char *bytes, size_t len, const char *file,
                  struct findings *findings)
{
    return parse(arena, bytes, len, file, false, findings);
}

cJSON *yaml_parse_foreign(struct arena *arena, const char *bytes, size_t len, const char *file,
                          struct findings *findings)
{
    return parse(arena, bytes, len, file, true, findings);
}
