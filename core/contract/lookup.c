/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to a contract that is loaded. */
#include "core/contract/document.h"
#include "core/contract/media.h"
#include "core/contract/template.h"
#include "core/data/pointer.h"
#include "core/schema/uri.h"

/* ---- operations ---- */

/* Two templates of the same shape, whatever their parameters are called. */
static bool same_shape(struct arena *arena, const char *left, const char *right)
{
    struct template a, b;
    struct error err;
    if (template_parse(arena, left, &a, &err) || template_parse(arena, right, &b, &err) ||
        a.segments.count != b.segments.count)
        return false;
    for (size_t i = 0; i < a.segments.count; i++)
        if (!text_is(a.segments.items[i].shape, b.segments.items[i].shape))
            return false;
    return true;
}

static const struct operation *find_by_path(const struct contract *contract, const char *name)
{
    const char *path = strstr(name, " /");
    const struct operation *operation, *found = NULL;
    if (!path)
        return NULL;
    path++;
    struct arena *arena = arena_new();
    vec_foreach (operation, &contract->operations) {
        struct str method = str_from(operation->method);
        if (name + method.len + 1 == path && !memcmp(method.ptr, name, method.len) &&
            same_shape(arena, operation->path, path)) {
            found = operation;
            break;
        }
    }
    arena_free(arena);
    return found;
}

const struct operation *contract_operation_like(const struct contract *contract, const char *key)
{
    const struct operation *operation;
    vec_foreach (operation, &contract->operations)
        if (text_is(operation->key, key))
            return operation;
    return find_by_path(contract, key);
}

struct names {
    const struct contract *contract;
    size_t at;
    bool keys;
};

static const char *next_name(void *state)
{
    struct names *names = state;
    while (names->at < names->contract->operations.count) {
        const struct operation *operation = &names->contract->operations.items[names->at++];
        if (names->keys || operation->id)
            return names->keys ? operation->key : operation->id;
    }
    return NULL;
}

static const struct operation *miss_operation(const struct contract *contract, const char *name,
                                              struct error *err)
{
    struct names names = {contract, 0, strchr(name, ' ') != NULL};
    const char *nearest = text_nearest(name, next_name, &names);
    if (nearest)
        fail(err, ERROR_NOT_FOUND, "there is no operation '%s' (did you mean '%s'?)", name,
             nearest);
    else
        fail(err, ERROR_NOT_FOUND, "there is no operation '%s'", name);
    return NULL;
}

const struct operation *contract_find_operation(const struct contract *contract, const char *name,
                                                struct error *err)
{
    if (!name) {
        fail(err, ERROR_NOT_FOUND, "no operation is named");
        return NULL;
    }
    const struct operation *operation, *found = map_get(contract->names, name);
    if (found)
        return found;
    vec_foreach (operation, &contract->operations) {
        if (!text_is(operation->id, name))
            continue;
        if (found) {
            fail(err, ERROR_CONFLICT, "operation '%s' is not one: say '%s' or '%s'", name,
                 found->key, operation->key);
            return NULL;
        }
        found = operation;
    }
    if (!found)
        found = find_by_path(contract, name);
    return found ? found : miss_operation(contract, name, err);
}

const struct parameter *operation_parameter(const struct operation *operation, enum parameter_in in,
                                            const char *name)
{
    const struct parameter *parameter;
    vec_foreach (parameter, &operation->parameters)
        if (parameter->in == in && (in == IN_HEADER ? text_is_any_case(parameter->name, name)
                                                    : text_is(parameter->name, name)))
            return parameter;
    return NULL;
}

/* ---- components ---- */

const struct schema *contract_component_schema(const struct contract *contract, const char *name)
{
    return map_get(contract->loaded->components, name);
}

const char *const *contract_component_names(const struct contract *contract)
{
    return contract->loaded->component_names;
}

size_t contract_component_count(const struct contract *contract)
{
    return contract->loaded->component_count;
}

const struct security_scheme *contract_security_scheme(const struct contract *contract,
                                                       const char *name)
{
    const struct security_scheme *scheme;
    vec_foreach (scheme, &contract->security_schemes)
        if (text_is(scheme->name, name))
            return scheme;
    return NULL;
}

const cJSON *contract_node(const struct contract *contract, const char *location)
{
    const char *hash = location ? strchr(location, '#') : NULL;
    if (!hash)
        return NULL;
    const cJSON *document =
        map_get_n(contract->loaded->documents, location, (size_t)(hash - location));
    return document ? pointer_get(document, hash + 1) : NULL;
}

/* ---- responses ---- */

const struct response *operation_response(const struct operation *operation, int status)
{
    const struct response *response, *best = NULL;
    vec_foreach (response, &operation->responses) {
        bool is_exact = response->low == status && response->high == status;
        bool is_range = response->low <= status && status <= response->high;
        if (is_exact)
            return response;
        if ((is_range || (!response->low && !best)))
            best = response;
    }
    return best;
}

int operation_success_status(const struct operation *operation)
{
    for (int class = 2; class <= 3; class ++) {
        const struct response *response;
        vec_foreach (response, &operation->responses)
            if (response->low / 100 == class)
                return response->low;
    }
    return 200;
}

const struct media_type *media_types_find(const struct media_types *types, const char *value)
{
    const struct media_type *media, *best = NULL;
    int fit = 0;
    if (!value)
        return NULL;
    vec_foreach (media, types) {
        int here = media_fit(media->name, value);
        if (here > fit) {
            fit = here;
            best = media;
        }
    }
    return best;
}

const struct schema *response_schema(const struct response *response, const char *media_type)
{
    const struct media_type *media = media_types_find(&response->content, media_type);
    return media ? media->schema : NULL;
}

const struct media_type *media_types_preferred(const struct media_types *types)
{
    const struct media_type *media;
    vec_foreach (media, types)
        if (media_is_json(media->name))
            return media;
    return types->items;
}
