/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/document.h"

#include "core/base/file.h"
#include "core/contract/structure.h"
#include "core/data/load.h"
#include "core/data/pointer.h"
#include "core/schema/uri.h"

#include <stdio.h>

enum { REFERENCES_MAX = 32, WALK_MAX = TREE_DEPTH_MAX };

struct spot spot_root(const struct loaded *loaded, const char *uri)
{
    return (struct spot){map_get(loaded->documents, uri), uri, ""};
}

static const char *pointer_below(struct arena *arena, const char *pointer, const char *token)
{
    const char *const plain[] = {pointer, "/", token};
    if (!strpbrk(token, "~/"))
        return arena_join(arena, plain, 3);
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_adds(&text, pointer);
    pointer_add_token(token, &text);
    const char *below = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return below;
}

struct spot spot_child(const struct loaded *loaded, const struct spot *spot, const char *key)
{
    const cJSON *node = tree_get(spot->node, key);
    if (!node)
        return (struct spot){NULL, spot->uri, ""};
    return (struct spot){node, spot->uri, pointer_below(loaded->arena, spot->pointer, key)};
}

struct spot spot_member(const struct loaded *loaded, const struct spot *spot, const cJSON *member)
{
    return (struct spot){member, spot->uri,
                         pointer_below(loaded->arena, spot->pointer, member->string)};
}

struct spot spot_item(const struct loaded *loaded, const struct spot *spot, const cJSON *item,
                      size_t index)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", index);
    return (struct spot){item, spot->uri, pointer_below(loaded->arena, spot->pointer, number)};
}

struct spot spot_follow(const struct loaded *loaded, struct spot spot)
{
    const struct spot start = spot;
    for (int step = 0; step < REFERENCES_MAX; step++) {
        const cJSON *reference = tree_get(spot.node, "$ref");
        if (!cJSON_IsString(reference))
            return spot;
        const char *text = reference->valuestring;
        const char *uri = *text == '#' ? spot.uri : uri_resolve(loaded->arena, spot.uri, text);
        const char *pointer = uri_fragment(loaded->arena, text);
        const cJSON *document = map_get(loaded->documents, uri);
        const cJSON *node = pointer_get(document, pointer);
        if (!node) {
            (loaded->is_foreign && !document ? findings_warn : findings_add)(
                loaded->findings, tree_place(reference),
                document ? "'%s' leads nowhere" : "the document of '%s' is not at hand", text);
            return (struct spot){NULL, uri, ""};
        }
        spot = (struct spot){node, uri, pointer};
    }
    findings_add(loaded->findings, tree_place(start.node), "references lead in a circle");
    return (struct spot){NULL, start.uri, ""};
}

struct spot spot_follow_to(const struct loaded *loaded, struct spot spot, enum object object)
{
    struct spot end = spot_follow(loaded, spot);
    if (end.node && end.node != spot.node &&
        (loaded->is_foreign ? structure_check_foreign
                            : structure_check)(end.node, object, loaded->minor, loaded->findings))
        end.node = NULL;
    return end;
}

const struct schema *spot_schema(const struct loaded *loaded, const struct spot *spot)
{
    if (!spot->node)
        return NULL;
    return schema_compile_node(loaded->schemas, spot->uri, spot->pointer, spot->node,
                               loaded->findings);
}

/* ---- neighbours ---- */

struct gathering {
    struct loaded *loaded;
    enum schema_dialect dialect;
    struct {
        VEC(const char *);
    } uris; /* found, in order; each is walked once */
    int result;
};

static void note_document(struct gathering *gathering, const char *uri, const cJSON *document)
{
    struct loaded *loaded = gathering->loaded;
    map_put(loaded->documents, uri, (void *)document);
    if (schema_set_add(loaded->schemas, uri, document, gathering->dialect, loaded->findings))
        gathering->result = -1;
    vec_push_arena(loaded->arena, &gathering->uris, uri);
}

/* Only files that are there: a URI may also be some schema's $id, and what is missing in the end is
 * reported where it is asked for. */
static void note_reference(struct gathering *gathering, const char *base, const char *reference)
{
    struct loaded *loaded = gathering->loaded;
    const char *uri = uri_resolve(loaded->arena, base, reference);
    if (!*uri || map_get(loaded->documents, uri) || !file_exists(uri))
        return;
    const cJSON *document =
        (loaded->is_foreign ? load_foreign : load_document)(loaded->arena, uri, loaded->findings);
    if (document)
        note_document(gathering, uri, document);
    else
        gathering->result = -1;
}

/* Values are walked as well: a "$ref" in them that names a file by chance does no harm. */
static void walk_references(struct gathering *gathering, const char *uri, const cJSON *node,
                            int depth)
{
    const cJSON *child;
    if (depth < WALK_MAX && (cJSON_IsObject(node) || cJSON_IsArray(node)))
        cJSON_ArrayForEach (child, node) {
            if (cJSON_IsString(child) && text_is(child->string, "$ref") &&
                *child->valuestring != '#')
                note_reference(gathering, uri, child->valuestring);
            else if (child->child)
                walk_references(gathering, uri, child, depth + 1);
        }
}

/* Members that hold somebody's data: a "$ref" in it leads nowhere and need not. */
static bool is_data(const char *key)
{
    static const char *const keys[] = {"example", "examples", "default", "enum", "const", "value"};
    for (size_t i = 0; key && i < sizeof keys / sizeof *keys; i++)
        if (text_is(keys[i], key))
            return true;
    return false;
}

/* Schemas that are compiled late would tell of it only when they are used. */
static void check_references(const struct loaded *loaded, const char *uri, const cJSON *node,
                             int depth)
{
    struct error err = {0};
    const cJSON *child;
    if (depth >= WALK_MAX)
        return;
    cJSON_ArrayForEach (child, node) {
        if (child->child && !is_data(child->string))
            check_references(loaded, uri, child, depth + 1);
        else if (cJSON_IsString(child) && text_is(child->string, "$ref") &&
                 schema_set_resolves(loaded->schemas, uri, child->valuestring, &err))
            (loaded->is_foreign && *child->valuestring != '#' ? findings_warn : findings_add)(
                loaded->findings, tree_place(child), "%s", err.text);
    }
}

int documents_gather(struct loaded *loaded, const char *uri, const cJSON *document,
                     enum schema_dialect dialect)
{
    struct gathering gathering = {.loaded = loaded, .dialect = dialect};
    note_document(&gathering, uri, document);
    for (size_t i = 0; i < gathering.uris.count; i++) {
        const char *next = gathering.uris.items[i];
        walk_references(&gathering, next, map_get(loaded->documents, next), 0);
    }
    for (size_t i = 0; loaded->is_lazy && i < gathering.uris.count; i++)
        check_references(loaded, gathering.uris.items[i],
                         map_get(loaded->documents, gathering.uris.items[i]), 0);
    return gathering.result;
}
