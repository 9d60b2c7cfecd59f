/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a scenario: templates, Selector Objects, and payloads with Selector Objects in them. */
#include "core/data/jsonpath.h"
#include "core/data/pointer.h"
#include "runner/arazzo/parts.h"
#include "runner/arazzo/structure.h"

/* The kind of selector, with its version held against what is done here; NULL after a finding. */
const char *arazzo_selector_type(struct arazzo_loader *loader, const cJSON *node)
{
    const char *name = tree_text(cJSON_IsObject(node) ? tree_get(node, "type") : node);
    const char *version = tree_get_text(node, "version");
    if (text_is(name, "xpath")) {
        findings_add(loader->findings, tree_place(node),
                     "XPath is not done here: use jsonpath or jsonpointer");
        return NULL;
    }
    if (!text_is(name, "jsonpath") && !text_is(name, "jsonpointer")) {
        findings_add(loader->findings, tree_place(node),
                     "selectors of type '%s' are not done here: use jsonpath or jsonpointer",
                     name ? name : "?");
        return NULL;
    }
    if (text_is(version, "draft-goessner-dispatch-jsonpath-00")) {
        findings_add(loader->findings, tree_place(tree_get(node, "version")),
                     "only JSONPath of RFC 9535 is known: version 'rfc9535'");
        return NULL;
    }
    return name;
}

static struct arazzo_value read_selector(struct arazzo_loader *loader, const cJSON *node)
{
    struct arazzo_value value = {0};
    const cJSON *selector = tree_get(node, "selector");
    const char *text = tree_text(selector), *context = tree_get_text(node, "context");
    const char *name = arazzo_selector_type(loader, tree_get(node, "type"));
    struct uses *outer = loader->compiler.uses, uses = {0};
    struct error err;
    loader->compiler.uses = &uses;
    value.context = expr_compile(&loader->compiler, context ? context : "",
                                 tree_place(tree_get(node, "context")));
    loader->compiler.uses = outer;
    arazzo_check_uses(loader, &uses);
    if (text_is(name, "jsonpath")) {
        value.path = jsonpath_compile(loader->arena, text, &err);
        if (!value.path)
            findings_add(loader->findings, tree_place(selector), "bad jsonpath: %s", err.text);
    } else if (name) {
        value.pointer = text;
        if (!pointer_is_valid(text))
            findings_add(loader->findings, tree_place(selector), "'%s' is no JSON Pointer", text);
    }
    return value;
}

/* In 1.0 such an object is plain data. */
static bool is_selector(const struct arazzo_loader *loader, const cJSON *node)
{
    return loader->document->minor >= 1 && arazzo_is_selector(node);
}

struct arazzo_value arazzo_read_value(struct arazzo_loader *loader, const cJSON *node)
{
    struct arazzo_value value = {0};
    if (is_selector(loader, node))
        return read_selector(loader, node);
    value.template = template_compile(&loader->compiler, node);
    arazzo_check_uses(loader, template_uses(value.template));
    return value;
}

/* ---- payloads ---- */

/* Puts `$selected#/N` where a Selector Object stands. */
static cJSON *take_out(struct arazzo_loader *loader, const cJSON *node, struct arazzo_body *body)
{
    struct arena *arena = loader->arena;
    if (is_selector(loader, node)) {
        struct arazzo_value value = read_selector(loader, node);
        cJSON *text =
            tree_string(arena, arena_printf(arena, "$selected#/%zu", body->selected.count));
        tree_set_place(text, tree_place(node));
        vec_push_arena(arena, &body->selected, value);
        return text;
    }
    if (!cJSON_IsObject(node) && !cJSON_IsArray(node))
        return tree_copy(arena, node);
    cJSON *copy = cJSON_IsObject(node) ? tree_object(arena) : tree_array(arena);
    tree_set_place(copy, tree_place(node));
    for (const cJSON *item = node->child; item; item = item->next) {
        if (cJSON_IsObject(node))
            tree_set(arena, copy, item->string, take_out(loader, item, body));
        else
            tree_append(copy, take_out(loader, item, body));
    }
    return copy;
}

static bool has_selector(const struct arazzo_loader *loader, const cJSON *node)
{
    if (is_selector(loader, node))
        return true;
    for (const cJSON *item = cJSON_IsObject(node) || cJSON_IsArray(node) ? node->child : NULL; item;
         item = item->next)
        if (has_selector(loader, item))
            return true;
    return false;
}

void arazzo_read_payload(struct arazzo_loader *loader, const cJSON *node, struct arazzo_body *body)
{
    static const char *const names[] = {"selected"};
    const struct root_names *outer = loader->compiler.roots;
    struct root_names roots = {names, 1, outer};
    if (!node)
        return;
    if (has_selector(loader, node)) {
        node = take_out(loader, node, body);
        loader->compiler.roots = &roots;
    }
    body->payload = template_compile(&loader->compiler, node);
    loader->compiler.roots = outer;
    arazzo_check_uses(loader, template_uses(body->payload));
}
