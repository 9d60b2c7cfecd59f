/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Source descriptions: which document a URL means (Arazzo 1.1, "Identity-Based Referencing" and
 * "Establishing the Base URI"), and the Arazzo documents among them, each loaded once.
 */
#include "core/base/file.h"
#include "core/base/map.h"
#include "core/data/load.h"
#include "runner/arazzo/parts.h"
#include "runner/arazzo/structure.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

const struct arazzo_source *arazzo_find_source(const struct arazzo *document, const char *name,
                                               size_t len)
{
    const struct arazzo_source *source;
    vec_foreach (source, &document->sources)
        if (strlen(source->name) == len && memcmp(source->name, name, len) == 0)
            return source;
    return NULL;
}

static bool is_same_file(const char *a, const char *b)
{
    char real_a[PATH_MAX], real_b[PATH_MAX];
    if (text_is(a, b))
        return true;
    return realpath(a, real_a) && realpath(b, real_b) && text_is(real_a, real_b);
}

/* ---- URIs ---- */

/* RFC 3986 section 3.1: it begins with a scheme. */
static bool is_absolute(const char *url)
{
    const char *at = url;
    while (isalnum((unsigned char)*at) || (*at && strchr("+-.", *at)))
        at++;
    return at > url && *at == ':' && isalpha((unsigned char)*url);
}

/* Takes "." and ".." out of a path that begins with '/' (section 5.2.4). */
static void remove_dots(char *path)
{
    char *to = path;
    for (char *from = path; *from;) {
        size_t len = strcspn(from + 1, "/") + 1;
        bool is_last = !from[len];
        if (len == 3 && memcmp(from, "/..", 3) == 0) {
            while (to > path && *--to != '/')
                continue;
        } else if (!(len == 2 && from[1] == '.')) {
            memmove(to, from, len);
            to += len;
            from += len;
            continue;
        }
        if (is_last)
            *to++ = '/';
        from += len;
    }
    *to = '\0';
}

/* A relative reference against an absolute base (section 5.2.2; of paths, which is all we meet). */
static const char *merge_url(struct arena *arena, const char *base, const char *reference)
{
    const char *authority = strstr(base, "://");
    const char *path = authority ? strchr(authority + 3, '/') : NULL;
    size_t root = path ? (size_t)(path - base) : strlen(base);
    const char *slash = path ? strrchr(path, '/') : NULL;
    size_t folder = slash ? (size_t)(slash - base) : root;
    if (text_starts_with(reference, "//"))
        return arena_printf(arena, "%.*s:%s", (int)strcspn(base, ":"), base, reference);
    size_t keep = *reference == '/' ? root : folder;
    char *url =
        arena_printf(arena, "%.*s%s%s", (int)keep, base, *reference == '/' ? "" : "/", reference);
    remove_dots(url + root);
    return url;
}

/* Where relative references of the document lead from: its own file, or what a relative $self says
 * of it. */
static const char *base_file(struct arazzo_loader *loader, const struct arazzo *document)
{
    const char *self = tree_get_text(document->root, "$self");
    if (!self || !*self || is_absolute(self))
        return document->file;
    return file_join(loader->arena, file_directory(loader->arena, document->file), self);
}

/* The URL's absolute form; NULL when nothing gives it one. */
static const char *identity_of(struct arazzo_loader *loader, const char *url)
{
    if (is_absolute(url))
        return url;
    return loader->document->self ? merge_url(loader->arena, loader->document->self, url) : NULL;
}

/* ---- finding what a URL means ---- */

static const struct provider *find_provider(struct arazzo_loader *loader, const char *path,
                                            const char *identity)
{
    for (size_t i = 0; i < loader->provider_count; i++) {
        const struct contract *contract = loader->providers[i]->contract;
        const char *self = tree_get_text(contract->root, "$self");
        if (identity && self && text_is(self, identity))
            return loader->providers[i];
        if (path && is_same_file(path, contract->file))
            return loader->providers[i];
    }
    return NULL;
}

/* The provider of the source's own name: for documents that name a description on the web. */
static const struct provider *named_provider(struct arazzo_loader *loader, const char *name)
{
    for (size_t i = 0; i < loader->provider_count; i++)
        if (text_is(loader->providers[i]->name, name))
            return loader->providers[i];
    return NULL;
}

/* The file beside the document that calls itself so. */
static const char *find_self(struct arazzo_loader *loader, const char *identity)
{
    struct arena *arena = loader->arena;
    const char *folder = file_directory(arena, loader->document->file);
    struct error err = {0};
    const char **files = file_list(arena, folder, &err), *found = NULL;
    for (size_t i = 0; files && files[i] && !found; i++) {
        struct findings ignored = {0};
        const char *path = file_join(arena, folder, files[i]);
        if (!text_ends_with(path, ".yaml") && !text_ends_with(path, ".json"))
            continue;
        const cJSON *root = load_document(arena, path, &ignored);
        const char *self = tree_get_text(root, "$self");
        if (self && tree_get(root, "arazzo") && text_is(self, identity))
            found = path;
        findings_release(&ignored);
    }
    return found;
}

static struct arazzo *open_source(struct arazzo_loader *loader, const struct arazzo_source *source,
                                  const char *path, const char *identity, struct place place)
{
    struct arazzo **known;
    if (identity)
        vec_foreach (known, loader->documents)
            if ((*known)->self && text_is((*known)->self, identity))
                return *known;
    const char *found = identity ? find_self(loader, identity) : NULL;
    path = found ? found : path;
    if (!path || !file_exists(path)) {
        findings_add(loader->findings, place, "there is no Arazzo document '%s' here", source->url);
        return NULL;
    }
    struct arazzo_loader inner = *loader;
    return arazzo_open(&inner, path);
}

/* Where the documents are that it could have been. */
static void complain_of_url(struct arazzo_loader *loader, struct place place, const char *url)
{
    const char *name = loader->provider_count ? loader->providers[0]->name : "NAME";
    findings_add(loader->findings, place,
                 "'%s' is the document of no provider that was loaded: that of '%s' is "
                 "%s/openapi.yaml where --contracts says, named from here",
                 url, name, name);
}

static void read_source(struct arazzo_loader *loader, const cJSON *node)
{
    struct arazzo_source source = {.name = tree_get_text(node, "name"),
                                   .url = tree_get_text(node, "url")};
    const char *type = tree_get_text(node, "type"), *url = source.url;
    const char *identity = identity_of(loader, url);
    const char *base = file_directory(loader->arena, base_file(loader, loader->document));
    const char *path = is_absolute(url) ? NULL : file_join(loader->arena, base, url);
    struct place place = tree_place(tree_get(node, "url"));
    if (text_starts_with(url, "file://"))
        path = url + strlen("file://");
    if (arazzo_find_source(loader->document, source.name, strlen(source.name)))
        findings_add(loader->findings, tree_place(tree_get(node, "name")),
                     "source '%s' is there twice", source.name);
    if (!text_is(type, "arazzo"))
        source.provider = find_provider(loader, path, identity);
    if (text_is(type, "asyncapi"))
        findings_add(loader->findings, tree_place(tree_get(node, "type")),
                     "sources of type '%s' are not played here, only 'openapi' and 'arazzo'", type);
    else if (text_is(type, "arazzo"))
        source.document = open_source(loader, &source, path, identity, place);
    else if (!source.provider && is_absolute(url))
        source.provider = named_provider(loader, source.name);
    if (!source.provider && !source.document && !text_is(type, "asyncapi") &&
        !text_is(type, "arazzo"))
        complain_of_url(loader, place, url);
    vec_push_arena(loader->arena, &loader->document->sources, source);
}

/* ---- documents ---- */

static void register_workflows(struct arazzo_loader *loader)
{
    struct arazzo *document = loader->document;
    struct map *known = map_new();
    for (const cJSON *node = tree_get(document->root, "workflows")->child; node;
         node = node->next) {
        struct arazzo_workflow workflow = {.id = tree_get_text(node, "workflowId"),
                                           .document = document,
                                           .node = node,
                                           .place = tree_place(node)};
        if (workflow.id && map_get(known, workflow.id))
            findings_add(loader->findings, tree_place(tree_get(node, "workflowId")),
                         "workflow '%s' is there twice", workflow.id);
        else if (workflow.id)
            map_put(known, workflow.id, document);
        vec_push_arena(loader->arena, &document->workflows, workflow);
    }
    map_free(known);
}

static const cJSON *describe_sources(struct arena *arena, const cJSON *root)
{
    cJSON *all = tree_object(arena);
    for (const cJSON *item = tree_get(root, "sourceDescriptions")->child; item; item = item->next)
        if (tree_get_text(item, "name"))
            tree_set(arena, all, tree_get_text(item, "name"), tree_copy(arena, item));
    return all;
}

struct arazzo *arazzo_open(struct arazzo_loader *loader, const char *path)
{
    struct findings *findings = loader->findings;
    size_t errors = findings->errors;
    struct arazzo **known, *document;
    vec_foreach (known, loader->documents)
        if (is_same_file((*known)->file, path))
            return *known;
    const cJSON *root = load_document(loader->arena, path, findings);
    if (findings->errors > errors)
        return NULL;
    document = arena_alloc(loader->arena, sizeof *document);
    document->file = arena_strdup(loader->arena, path);
    document->root = root;
    document->components = tree_get(root, "components");
    document->self_node = tree_get(root, "$self");
    document->minor = arazzo_structure_check(root, document->file, findings);
    if (document->minor < 0)
        return NULL;
    document->title = tree_get_text(tree_get(root, "info"), "title");
    const char *self = tree_get_text(root, "$self");
    document->self = self && is_absolute(self) ? self : NULL;
    document->descriptions = describe_sources(loader->arena, root);
    vec_push_arena(loader->arena, loader->documents, document);
    loader->document = document;
    register_workflows(loader);
    for (const cJSON *node = tree_get(root, "sourceDescriptions")->child; node; node = node->next)
        read_source(loader, node);
    return document;
}
